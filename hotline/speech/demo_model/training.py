"""Trains the network on labelled frames, on one core, the same way each time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from hotline.speech.demo_model.dataset import Example
from hotline.speech.demo_model.lexicon import PDFS
from hotline.speech.demo_model.network import (
    CONTEXT,
    LAYERS,
    SUBSAMPLED_LAYER,
    SUBSAMPLING,
    Affine,
    Network,
)

CHUNK = 40
BATCH = 64
PEAK_LEARNING_RATE = 4e-3
_WARM_UP = 0.15
_DEVELOPMENT_SHARE = 40
_NO_LABEL = -100
_CHUNK_FRAMES = SUBSAMPLING * (CHUNK - 1) + 1 + 2 * CONTEXT
# Added to each output's count, so that a rare one is not taken for impossible.
_PRIOR_COUNT = 20.0


Floats32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive frames with their context, and the labels of every third."""

    frames: Floats32
    labels: NDArray[np.int64]


class _Model:
    """The network in training: with normalised input and batch norm, folded away afterwards."""

    def __init__(self, mean: Floats32, deviation: Floats32, width: int) -> None:
        self.mean, self.deviation = mean, deviation
        inputs = [len(mean), *[width] * (len(LAYERS) - 1)]
        self.layers = [
            nn.Conv1d(
                size, width, layer.kernel, stride=SUBSAMPLING if index == SUBSAMPLED_LAYER else 1
            )
            for index, (size, layer) in enumerate(zip(inputs, LAYERS, strict=True))
        ]
        self.norms = [nn.BatchNorm1d(width) for _ in LAYERS]
        self.output = nn.Conv1d(width, len(PDFS), 1)
        hidden = [(a, nn.ReLU(), n) for a, n in zip(self.layers, self.norms, strict=True)]
        self.body = nn.Sequential(*[part for parts in hidden for part in parts], self.output)

    def scores(self, frames: Floats32) -> torch.Tensor:
        """What the outputs give for a batch of frames: batch × outputs × frames."""
        normal = ((frames - self.mean) / self.deviation).transpose(0, 2, 1)
        scores: torch.Tensor = self.body(torch.from_numpy(np.ascontiguousarray(normal)))
        return scores


def train(
    examples: Sequence[Example],
    *,
    seed: int,
    width: int,
    epochs: int,
    progress: Callable[[str], None],
) -> Network:
    """A network of ``width`` units a layer; a share of the examples only measures progress."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    shuffled = [examples[index] for index in random.permutation(len(examples))]
    kept_out = max(20, len(shuffled) // _DEVELOPMENT_SHARE)
    measured, learned = shuffled[:kept_out], shuffled[kept_out:]
    frames = np.concatenate([example.features for example in learned])
    model = _Model(frames.mean(0), frames.std(0) + np.float32(1e-3), width)
    _fit(model, learned, measured, random=random, epochs=epochs, progress=progress)
    network = _fold(model, learned)
    _check_fold(model, network, measured[0])
    return network


def _fit(
    model: _Model,
    learned: Sequence[Example],
    measured: Sequence[Example],
    *,
    random: np.random.Generator,
    epochs: int,
    progress: Callable[[str], None],
) -> None:
    optimiser = torch.optim.AdamW(model.body.parameters(), weight_decay=1e-3)
    for epoch in range(epochs):
        model.body.train()
        batches = list(_batches(_chunks(learned, random), random))
        losses: list[float] = []
        for number, batch in enumerate(batches):
            frames, labels = _stacked(batch)
            rate = learning_rate((epoch + number / len(batches)) / epochs)
            for group in optimiser.param_groups:
                group["lr"] = rate
            loss = functional.cross_entropy(model.scores(frames), labels, ignore_index=_NO_LABEL)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(float(loss.detach()))
        right = _accuracy(model, measured)
        progress(
            f"epoch {epoch + 1}/{epochs}: loss {np.mean(losses):.3f}, frames right {right:.2%}"
        )


def learning_rate(done: float) -> float:
    """The rate when this share of the training is done: up for a seventh, then down to nothing."""
    if done < _WARM_UP:
        return PEAK_LEARNING_RATE * (0.04 + 0.96 * done / _WARM_UP)
    return PEAK_LEARNING_RATE * (1 + math.cos(math.pi * (done - _WARM_UP) / (1 - _WARM_UP))) / 2


def _chunks(examples: Sequence[Example], random: np.random.Generator | None) -> list[Chunk]:
    """The examples cut into chunks; by chance where, unless ``random`` is None."""
    cut: list[Chunk] = []
    for features, labels in ((one.features, one.labels) for one in examples):
        last = len(features) - 1
        first = 0
        if random is not None:
            first = int(random.integers(SUBSAMPLING)) - SUBSAMPLING * int(random.integers(CHUNK))
        for start in range(first, last + 1, SUBSAMPLING * CHUNK):
            at = start + SUBSAMPLING * np.arange(CHUNK)
            known = np.where((at >= 0) & (at <= last), labels[np.clip(at, 0, last)], _NO_LABEL)
            if np.count_nonzero(known != _NO_LABEL) < 3:
                continue
            seen = np.clip(np.arange(start - CONTEXT, start - CONTEXT + _CHUNK_FRAMES), 0, last)
            cut.append(Chunk(features[seen], known.astype(np.int64)))
    return cut


def _batches(chunks: Sequence[Chunk], random: np.random.Generator) -> Iterator[list[Chunk]]:
    order = random.permutation(len(chunks))
    for start in range(0, len(order), BATCH):
        yield [chunks[index] for index in order[start : start + BATCH]]


def _stacked(chunks: Sequence[Chunk]) -> tuple[Floats32, torch.Tensor]:
    labels = torch.from_numpy(np.stack([chunk.labels for chunk in chunks]))
    return np.stack([chunk.frames for chunk in chunks]), labels


def _accuracy(model: _Model, examples: Sequence[Example]) -> float:
    """The share of frames whose most likely output is theirs."""
    model.body.eval()
    frames, labels = _stacked(_chunks(examples, None))
    with torch.no_grad():
        best = model.scores(frames).argmax(1)
    known = labels != _NO_LABEL
    return float((best[known] == labels[known]).float().mean())


def _fold(model: _Model, learned: Sequence[Example]) -> Network:
    """The same function without normalisations: each is folded into the affine behind it."""
    model.body.eval()
    scale, shift = 1 / model.deviation, -model.mean / model.deviation
    hidden: list[Affine] = []
    for layer, norm in zip(model.layers, model.norms, strict=True):
        hidden.append(_affine(layer, scale, shift))
        weight, bias = (_values(parameter) for parameter in norm.parameters())
        scale = weight / np.sqrt(_values(norm.running_var) + norm.eps)
        shift = bias - _values(norm.running_mean) * scale
    labels = np.concatenate([example.labels for example in learned])
    counts = np.bincount(labels, minlength=len(PDFS)) + _PRIOR_COUNT
    priors = (counts / counts.sum()).astype(np.float32)
    return Network(tuple(hidden), _affine(model.output, scale, shift), priors)


def _affine(
    convolution: nn.Conv1d, scale: NDArray[np.floating], shift: NDArray[np.floating]
) -> Affine:
    weights, bias = (_values(parameter) for parameter in convolution.parameters())
    scaled = weights * scale[None, :, None]
    matrix = scaled.transpose(0, 2, 1).reshape(len(weights), -1)
    shifted = bias + np.einsum("oik,i->o", weights, shift)
    return Affine(np.ascontiguousarray(matrix, np.float32), shifted.astype(np.float32))


def _values(tensor: torch.Tensor) -> Floats32:
    return np.asarray(tensor.detach().numpy(), np.float32)


class FoldFault(AssertionError):
    """The folded network computes something else than the trained one."""


def _check_fold(model: _Model, network: Network, example: Example) -> None:
    """Raises :class:`FoldFault`."""
    padded = np.pad(example.features, ((CONTEXT, CONTEXT), (0, 0)), mode="edge")
    trained = _values(functional.log_softmax(model.scores(padded[None]), 1))[0].T
    folded = network.log_posteriors(example.features)
    if trained.shape != folded.shape or np.abs(trained - folded).max() > 1e-3:
        raise FoldFault(f"{trained.shape} and {folded.shape} outputs differ")
