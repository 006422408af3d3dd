"""What a telephone sends while keys are pressed: RTP packets of 20 ms, for each way of telling."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import numpy as np

from hotline.speech.audio import FULL_SCALE, Samples
from hotline.speech.audio import TELEPHONE_RATE as RATE

TICK_S = 0.02
SAMPLES = int(RATE * TICK_S)
PCMU = 0
EVENTS = 101
KEYS = "0123456789*#"
_LOW = dict(zip(KEYS, (941, 697, 697, 697, 770, 770, 770, 852, 852, 852, 941, 941), strict=True))
_HIGH = dict(
    zip(KEYS, (1336, 1209, 1336, 1477, 1209, 1336, 1477, 1209, 1336, 1477, 1209, 1477), strict=True)
)
_SILENCE = b"\xff" * SAMPLES


class Way(StrEnum):
    """How a telephone tells which key is pressed."""

    RFC4733 = "rfc4733"
    INFO = "info"
    IN_BAND = "in-band"


@dataclass(frozen=True, slots=True)
class Keying:
    """``keys`` pressed from ``after_s`` after the answer on; times of a quick typist."""

    keys: str
    after_s: float = 0.5
    pressed_s: float = 0.1
    pause_s: float = 0.1

    def presses(self) -> list[tuple[float, str]]:
        """When each key goes down, in seconds after the answer."""
        step = self.pressed_s + self.pause_s
        return [(self.after_s + n * step, key) for n, key in enumerate(self.keys)]


@dataclass(frozen=True, slots=True)
class Frame:
    """An RTP packet but for what numbers it; ``at`` is the tick that its timestamp tells."""

    kind: int
    marked: bool
    at: int
    payload: bytes

    def packet(self, number: int, source: int) -> bytes:
        """The packet as the ``number``-th of its stream."""
        kind = self.kind | (0x80 if self.marked else 0)
        head = struct.pack(">BBHII", 0x80, kind, number & 0xFFFF, self.at * SAMPLES, source)
        return head + self.payload


def frames(keying: Keying, ways: frozenset[Way]) -> dict[int, Frame]:
    """What is not silence, by the tick after the answer at which it is sent."""
    found: dict[int, Frame] = {}
    for at_s, key in keying.presses():
        start, ticks = round(at_s / TICK_S), round(keying.pressed_s / TICK_S)
        if Way.RFC4733 in ways:
            found |= _event(key, start, ticks)
        elif Way.IN_BAND in ways:
            audio = _tone(key, ticks)
            found |= {
                start + n: Frame(PCMU, False, start + n, audio[n * SAMPLES : (n + 1) * SAMPLES])
                for n in range(ticks)
            }
    return found


def silence(tick: int) -> Frame:
    """Nothing to hear."""
    return Frame(PCMU, False, tick, _SILENCE)


def _event(key: str, start: int, ticks: int) -> dict[int, Frame]:
    # RFC 4733: one timestamp a press; its end is told three times, lest it be lost.
    told: dict[int, Frame] = {}
    for n in range(ticks + 3):
        ended = n >= ticks
        length = min(n + 1, ticks) * SAMPLES
        payload = struct.pack(">BBH", KEYS.index(key), 0x80 * ended | 10, length)
        told[start + n] = Frame(EVENTS, n == 0, start, payload)
    return told


@cache
def _tone(key: str, ticks: int) -> bytes:
    at = np.arange(ticks * SAMPLES) / RATE
    both = np.sin(2 * np.pi * _LOW[key] * at) + np.sin(2 * np.pi * _HIGH[key] * at)
    return _ulaw((both * 0.2 * FULL_SCALE).astype(np.int16))


def _ulaw(samples: Samples) -> bytes:
    size = np.minimum(np.abs(samples.astype(np.int32)), 32_635) + 132
    exponent = np.floor(np.log2(size)).astype(np.int32) - 7
    mantissa = (size >> (exponent + 3)) & 15
    sign = np.where(samples < 0, 0x80, 0)
    return bytes((~(sign | exponent << 4 | mantissa) & 0xFF).astype(np.uint8))
