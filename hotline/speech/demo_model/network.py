"""The acoustic network: its shape, and its weights as Kaldi will compute with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hotline.speech.demo_model.frames import Features

Weights = NDArray[np.float32]

# Vosk takes a decoded frame for 0.03 s, so the network answers for every third one.
SUBSAMPLING = 3


@dataclass(frozen=True, slots=True)
class Layer:
    """Looks at ``kernel`` frames of the layer below, ``dilation`` (of 10 ms) apart."""

    kernel: int
    dilation: int

    @property
    def offsets(self) -> range:
        """The frames it looks at, relative to its own."""
        half = self.kernel // 2 * self.dilation
        return range(-half, half + 1, self.dilation)


LAYERS = (Layer(5, 1), Layer(3, 1), Layer(3, 3), Layer(3, 3), Layer(3, 3), Layer(3, 3))
# From this layer on only every third frame is computed while training.
SUBSAMPLED_LAYER = 1
CONTEXT = sum(layer.offsets[-1] for layer in LAYERS)


@dataclass(frozen=True, slots=True)
class Affine:
    """``matrix @ input + bias``; the input is the frames at a layer's offsets, one by one."""

    matrix: Weights
    bias: Weights


@dataclass(frozen=True, slots=True)
class Network:
    """Affine and ReLU for each of :data:`LAYERS`, then an affine and a log-softmax.

    ``priors`` is how frequent each output is in training.
    """

    hidden: tuple[Affine, ...]
    output: Affine
    priors: Weights

    @property
    def inputs(self) -> int:
        """How many features a frame has."""
        return int(self.hidden[0].matrix.shape[1]) // LAYERS[0].kernel

    @property
    def parameters(self) -> int:
        """How many weights there are."""
        return sum(int(a.matrix.size + a.bias.size) for a in (*self.hidden, self.output))

    def log_posteriors(self, features: Features) -> NDArray[np.float64]:
        """What the recogniser computes: a row for every third frame, edges repeated."""
        values = np.pad(features.astype(np.float64), ((CONTEXT, CONTEXT), (0, 0)), mode="edge")
        for layer, affine in zip(LAYERS, self.hidden, strict=True):
            reach = layer.offsets[-1]
            count = len(values) - 2 * reach
            seen = [values[reach + offset :][:count] for offset in layer.offsets]
            values = np.maximum(np.hstack(seen) @ affine.matrix.T + affine.bias, 0)
        scores = values[::SUBSAMPLING] @ self.output.matrix.T + self.output.bias
        return np.asarray(scores - np.logaddexp.reduce(scores, axis=1, keepdims=True))
