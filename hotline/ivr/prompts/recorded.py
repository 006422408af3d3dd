"""Judges a recording that is to become a prompt, and makes it fit for the telephone.

What can be mended is mended (rate, channels, level, silence around it) and mentioned; what cannot
is a fault, and the recording is refused. Each finding is a key whose words the screens and the
command line take from the catalogue of texts, ``prompts.finding.<key>``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hotline.ivr.prompts.catalogue import Prompt
from hotline.ivr.prompts.making import LOUDNESS_DBFS, telephone
from hotline.speech.audio import (
    FULL_SCALE,
    TELEPHONE_RATE,
    Audio,
    BadAudio,
    Floats,
    Samples,
    normalise,
    rms,
    to_samples,
)
from hotline.speech.foreign import TooLong, read_any

# Loudness is defined over blocks of this length; shorter recordings are levelled by their RMS.
SHORTEST_FOR_LOUDNESS_S = 0.4
# More is not even looked at: it would fill the memory.
LONGEST_S = 300.0
QUIETEST_LUFS = -50.0
# Below this it is raised so far that the room is heard.
QUIET_LUFS = -38.0
LONGEST_SILENCE_S = 0.5
# This many samples in a row at full scale are a clipped wave, not a peak.
CLIPPED_RUN = 4
CLIPPED_SHARE = 0.0005
_FRAME_S = 0.02
_CUT_BELOW_SPEECH_DB = 12.0

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[A-Za-z0-9'-]+")
_PAUSES = re.compile(r"[，。；：！？、,.;:!?]")
_CHARACTER_S, _WORD_S, _PAUSE_S = 0.22, 0.36, 0.25
_TIMES_TOO_SHORT, _TIMES_TOO_LONG, _GRACE_S = 0.55, 3.0, 1.5


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a recording. ``fault``: it cannot be used; otherwise it was mended.
    ``values`` fill the places of its words."""

    key: str
    fault: bool
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found. ``samples`` is the recording as it would be played, None with a fault;
    ``loudness`` is the recording's own in LUFS (decibels below full scale when it is too short
    for that), None when it holds no sound."""

    findings: tuple[Finding, ...]
    seconds: float
    loudness: float | None
    samples: Samples | None

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The findings that stand in the way."""
        return tuple(finding for finding in self.findings if finding.fault)


class Refused(ValueError):
    """A recording cannot be used; ``verdict`` says why."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(", ".join(finding.key for finding in verdict.faults))
        self.verdict = verdict


def judge(file: Path, prompt: Prompt) -> Verdict:
    """Whether the WAV file can be the prompt, and how it would sound. Blocks; only reads.

    Raises OSError when the file cannot be opened.
    """
    try:
        audio = read_any(file, LONGEST_S)
    except TooLong as error:
        return Verdict((_too_long(error.seconds, prompt),), error.seconds, None, None)
    except BadAudio as error:
        return Verdict((_fault("not_audio", why=str(error)),), 0.0, None, None)
    if not audio.samples.any():
        return Verdict((_fault("no_sound"),), audio.seconds, None, None)
    loudness = _loudness(audio)
    findings = [*_about_format(audio), *_about_level(audio, loudness)]
    speech = telephone(audio, piece=prompt.is_piece)
    findings += [*_about_ends(audio), *_about_length(len(speech) / TELEPHONE_RATE, prompt)]
    usable = not any(finding.fault for finding in findings)
    samples = levelled(speech) if usable else None
    return Verdict(tuple(findings), audio.seconds, loudness, samples)


def levelled(speech: Samples) -> Samples:
    """Telephone speech as loud as all prompts are."""
    loudness = _loudness(Audio(speech, TELEPHONE_RATE))
    if loudness is None or len(speech) < SHORTEST_FOR_LOUDNESS_S * TELEPHONE_RATE:
        return normalise(speech, LOUDNESS_DBFS)
    return to_samples(speech.astype(np.float64) * 10 ** ((LOUDNESS_DBFS - loudness) / 20))


def expected_seconds(text: str) -> float:
    """About how long somebody speaks who reads this text aloud."""
    words = len(_CHINESE.findall(text)) * _CHARACTER_S + len(_WORD.findall(text)) * _WORD_S
    return words + len(_PAUSES.findall(text)) * _PAUSE_S


def _about_format(audio: Audio) -> list[Finding]:
    if audio.rate < TELEPHONE_RATE:
        return [_fault("low_rate", rate=audio.rate)]
    if audio.rate > TELEPHONE_RATE:
        return [_mended("resampled", rate=audio.rate)]
    return []


def _about_level(audio: Audio, loudness: float | None) -> list[Finding]:
    findings = []
    clipped = _clipped(audio.samples)
    if clipped > CLIPPED_SHARE:
        findings.append(_fault("clipped", percent=f"{100 * clipped:.1f}"))
    if loudness is None or loudness < QUIETEST_LUFS:
        findings.append(_fault("too_quiet", loudness=_decibels(loudness)))
    elif loudness < QUIET_LUFS:
        findings.append(_mended("quiet", loudness=_decibels(loudness)))
    return findings


def _about_ends(audio: Audio) -> list[Finding]:
    levels = _frame_levels(audio)
    loud = np.flatnonzero(levels > levels.max() / 100)
    lead_s, trail_s = loud[0] * _FRAME_S, (len(levels) - 1 - loud[-1]) * _FRAME_S
    speech = float(np.median(levels[loud]))
    near = speech * 10 ** (-_CUT_BELOW_SPEECH_DB / 20)
    findings = []
    if max(lead_s, trail_s) > LONGEST_SILENCE_S:
        findings.append(_mended("trimmed", before=f"{lead_s:.1f}", after=f"{trail_s:.1f}"))
    if levels[0] > near:
        findings.append(_mended("begins_abruptly"))
    if levels[-1] > near:
        findings.append(_mended("ends_abruptly"))
    return findings


def _about_length(seconds: float, prompt: Prompt) -> list[Finding]:
    expected = expected_seconds(prompt.text)
    if seconds > expected * _TIMES_TOO_LONG + _GRACE_S:
        return [_too_long(seconds, prompt)]
    if seconds < expected * _TIMES_TOO_SHORT:
        return [_fault("too_short", seconds=f"{seconds:.1f}", expected=f"{expected:.1f}")]
    return []


def _too_long(seconds: float, prompt: Prompt) -> Finding:
    expected = f"{expected_seconds(prompt.text):.1f}"
    return _fault("too_long", seconds=f"{seconds:.1f}", expected=expected)


def _loudness(audio: Audio) -> float | None:
    """Integrated loudness in LUFS, the RMS where that is not defined; None for silence."""
    level = rms(audio.samples)
    if level == 0.0:
        return None
    if audio.seconds < SHORTEST_FOR_LOUDNESS_S:
        return float(20 * np.log10(level / FULL_SCALE))
    # Imported here because it brings scipy, and a start with no recordings needs neither.
    from pyloudnorm import Meter  # noqa: PLC0415

    loudness = float(Meter(audio.rate).integrated_loudness(audio.samples / (FULL_SCALE + 1)))
    return loudness if np.isfinite(loudness) else None


def _clipped(samples: Samples) -> float:
    """The share of samples that lie in runs at full scale."""
    full = np.abs(samples.astype(np.int32)) >= FULL_SCALE * 0.998
    edges = np.flatnonzero(np.diff(np.concatenate(([False], full, [False]))))
    runs = edges[1::2] - edges[::2]
    return float(runs[runs >= CLIPPED_RUN].sum() / len(samples))


def _frame_levels(audio: Audio) -> Floats:
    size = max(1, round(_FRAME_S * audio.rate))
    whole = audio.samples[: max(size, len(audio.samples) // size * size)].astype(np.float64)
    frames = whole.reshape(-1, size) if len(whole) >= size else whole.reshape(1, -1)
    return np.asarray(np.sqrt(np.mean(frames**2, axis=1)))


def _decibels(value: float | None) -> str:
    return "−∞" if value is None else f"{value:.0f}".replace("-", "−")


def _fault(key: str, **values: object) -> Finding:
    return Finding(key, True, tuple((name, str(value)) for name, value in values.items()))


def _mended(key: str, **values: object) -> Finding:
    return Finding(key, False, tuple((name, str(value)) for name, value in values.items()))
