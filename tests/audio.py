"""Tell what a phone heard: tones and silences (prompts: hotline.demo.hearing)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hotline.speech.audio import FULL_SCALE, Floats, Samples
from hotline.speech.audio import TELEPHONE_RATE as RATE

WINDOW = RATE // 10
QUIET_DB = -50.0


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a recording, in seconds from its start."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.end - self.start


def tone(hertz: float, seconds: float, level: float = 0.25) -> Samples:
    """A sine of ``level`` (0 to 1)."""
    at = np.arange(int(RATE * seconds)) / RATE
    return np.round(level * FULL_SCALE * np.sin(2 * np.pi * hertz * at)).astype(np.int16)


def level_db(samples: Samples | Floats) -> float:
    """Loudness in dB below full scale; minus infinity for nothing or pure silence."""
    power = float(np.mean((samples.astype(np.float64) / FULL_SCALE) ** 2)) if len(samples) else 0.0
    return 10 * float(np.log10(power)) if power > 0 else float("-inf")


def tone_seconds(samples: Samples, hertz: float, share: float = 0.6) -> float:
    """For how long a tone of ``hertz`` (within 15 Hz) has this share of all there is to hear.

    A recording that mixes two tones has about half of each.
    """
    loud = _windows(samples)[_loud(samples)]
    power = np.abs(np.fft.rfft(loud * np.hanning(WINDOW), axis=1)) ** 2
    near = np.abs(np.fft.rfftfreq(WINDOW, 1 / RATE) - hertz) <= 15
    of_tone = power[:, near].sum(axis=1) > share * power.sum(axis=1)
    return int(of_tone.sum()) * WINDOW / RATE


def loud_seconds(samples: Samples) -> float:
    """For how long there is anything to hear."""
    return int(_loud(samples).sum()) * WINDOW / RATE


def silent_spans(samples: Samples, at_least: float = 0.5) -> list[Span]:
    """The stretches of ``at_least`` seconds with nothing to hear."""
    spans: list[Span] = []
    since: float | None = None
    at = 0.0
    for loud in _loud(samples):
        if not loud:
            since = at if since is None else since
        elif since is not None:
            spans.append(Span(since, at))
            since = None
        at += WINDOW / RATE
    if since is not None:
        spans.append(Span(since, at))
    return [span for span in spans if span.seconds >= at_least]


def _windows(samples: Samples) -> Floats:
    """Row by row a tenth of a second; all at once, for tests ask twenty times a second."""
    count = len(samples) // WINDOW
    return samples[: count * WINDOW].reshape(count, WINDOW).astype(np.float64)


def _loud(samples: Samples) -> NDArray[np.bool_]:
    power = np.mean((_windows(samples) / FULL_SCALE) ** 2, axis=1)
    heard: NDArray[np.bool_] = power >= 10 ** (QUIET_DB / 10)
    return heard
