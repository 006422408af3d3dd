"""Writes ``final.mdl``, Kaldi's binary form of a transition model and an nnet3 network."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from hotline.speech.demo_model.lexicon import (
    PHONES,
    SILENCE,
    STATES,
    base_of,
    self_loop_probability,
    states_of,
)
from hotline.speech.demo_model.network import CONTEXT, LAYERS, Affine, Layer, Network

# Kaldi writes a number with its size in bytes before it; a negative size marks unsigned ones.
_FOUR_BYTES = b"\x04"

_TOPOLOGY_OF_SILENCE = 0


def model_bytes(network: Network) -> bytes:
    """The whole of ``final.mdl``."""
    return b"".join(
        [
            b"\0B",
            _transition_model(),
            _network(network),
            _token("<LeftContext>") + _integer(CONTEXT),
            _token("<RightContext>") + _integer(CONTEXT),
            _token("<Priors>") + _vector(network.priors),
        ]
    )


def _token(text: str) -> bytes:
    return text.encode() + b" "


def _integer(value: int) -> bytes:
    return _FOUR_BYTES + struct.pack("<i", value)


def _float(value: float) -> bytes:
    return _FOUR_BYTES + struct.pack("<f", value)


def _integers(values: Sequence[int]) -> bytes:
    return _integer(len(values)) + struct.pack(f"<{len(values)}i", *values)


def _vector(values: NDArray[np.float32] | Sequence[float]) -> bytes:
    return _token("FV") + _integer(len(values)) + np.asarray(values, "<f4").tobytes()


def _matrix(values: NDArray[np.float32]) -> bytes:
    rows, columns = values.shape
    data = np.ascontiguousarray(values, "<f4").tobytes()
    return _token("FM") + _integer(rows) + _integer(columns) + data


def _transition_model() -> bytes:
    phone_ids = list(range(1, len(PHONES) + 1))
    # The other topologies are numbered by their states.
    kinds = [_TOPOLOGY_OF_SILENCE if p == SILENCE else states_of(base_of(p)) for p in PHONES]
    topologies = [_topology(1, 0.75), _topology(1, 0.5), _topology(2, 0.5)]
    triples = [number for one in STATES for number in (one.phone_id, one.state, one.pdf)]
    # Kaldi counts transitions from 1.
    log_probabilities = [0.0]
    for state in STATES:
        stay = self_loop_probability(PHONES[state.phone_id - 1])
        log_probabilities += [float(np.log(stay)), float(np.log(1 - stay))]
    return b"".join(
        [
            _token("<TransitionModel>"),
            _token("<Topology>"),
            _integers(phone_ids),
            # -1: there is no phone 0, and outputs are not told apart for self-loops.
            _integers([-1, *kinds]),
            _integer(len(topologies)),
            *topologies,
            _token("</Topology>"),
            _token("<Triples>") + _integer(len(STATES)),
            b"".join(_integer(number) for number in triples),
            _token("</Triples>"),
            _token("<LogProbs>") + _vector(log_probabilities) + _token("</LogProbs>"),
            _token("</TransitionModel>"),
        ]
    )


def _topology(states: int, stay: float) -> bytes:
    """States that repeat or go on to the next, then the end, which emits nothing."""
    entry = _integer(states + 1)
    for state in range(states):
        ways = _integer(state) + _float(stay) + _integer(state + 1) + _float(1 - stay)
        entry += _integer(state) + _integer(2) + ways
    return entry + _integer(-1) + _integer(0)


def _network(network: Network) -> bytes:
    components = [*_components(network)]
    lines = "".join(f"{line}\n" for line in _config(network))
    return b"".join(
        [
            _token("<Nnet3>") + b"\n" + lines.encode() + b"\n",
            _token("<NumComponents>") + _integer(len(components)),
            *(_token("<ComponentName>") + _token(name) + data for name, data in components),
            _token("</Nnet3>"),
        ]
    )


def _config(network: Network) -> Iterable[str]:
    yield f"input-node name=input dim={network.inputs}"
    below = "input"
    for number, layer in enumerate(LAYERS):
        yield from _node(f"tdnn{number}.affine", f"Append({', '.join(_frames(below, layer))})")
        yield from _node(f"tdnn{number}.relu", f"tdnn{number}.affine")
        below = f"tdnn{number}.relu"
    yield from _node("output.affine", below)
    yield from _node("output.log-softmax", "output.affine")
    yield "output-node name=output input=output.log-softmax objective=linear"


def _node(name: str, source: str) -> Iterable[str]:
    yield f"component-node name={name} component={name} input={source}"


def _frames(below: str, layer: Layer) -> Iterable[str]:
    for offset in layer.offsets:
        yield f"Offset({below}, {offset})" if offset else below


def _components(network: Network) -> Iterable[tuple[str, bytes]]:
    for number, affine in enumerate(network.hidden):
        yield f"tdnn{number}.affine", _affine(affine)
        yield (
            f"tdnn{number}.relu",
            _nonlinearity("RectifiedLinearComponent", len(affine.bias)),
        )
    yield "output.affine", _affine(network.output)
    yield "output.log-softmax", _nonlinearity("LogSoftmaxComponent", len(network.output.bias))


def _affine(affine: Affine) -> bytes:
    return b"".join(
        [
            _token("<AffineComponent>"),
            _token("<LearningRate>") + _float(0.001),
            _token("<LinearParams>") + _matrix(affine.matrix),
            _token("<BiasParams>") + _vector(affine.bias),
            _token("</AffineComponent>"),
        ]
    )


def _nonlinearity(kind: str, size: int) -> bytes:
    """A component without weights; its statistics of training are left empty."""
    nothing = _vector([])
    return b"".join(
        [
            _token(f"<{kind}>"),
            _token("<Dim>") + _integer(size),
            _token("<ValueAvg>") + nothing,
            _token("<DerivAvg>") + nothing,
            _token("<Count>") + _float(0.0),
            _token("<OderivRms>") + nothing,
            _token("<OderivCount>") + _float(0.0),
            _token("<NumDimsSelfRepaired>") + _float(0.0),
            _token("<NumDimsProcessed>") + _float(0.0),
            _token(f"</{kind}>"),
        ]
    )
