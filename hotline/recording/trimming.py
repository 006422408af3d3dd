"""Spoken reports without their silences: a copy to listen to and to write down from.

What was recorded stays as it is, as evidence. The copy lies in a folder of its own beside the
reports, with a table of which stretch of the original each of its stretches is; it can be made
anew at any time, and is made when it is first asked for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray

from hotline.speech.audio import BadAudio, Samples, read_wav, replacing, write_wav

FOLDER = "trimmed"
# Raise it when copies are to be made anew.
MAKING = 1
# Silence kept before the first and after the last word, and on each side of a cut pause.
LEAD_S = 0.25
TRAIL_S = 0.4
# A longer pause is cut down to what is kept on its sides.
PAUSE_S = 1.2
FRAME_S = 0.02
# Speech is so much louder than the line is; where the line is loud, by so much less.
ABOVE_LINE_DB = 9.0
BELOW_SPEECH_DB = 32.0
# Shorter than this it is a click of the line, unless it stands near speech.
WORD_S = 0.06

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the original, in samples: from ``start`` up to, not including, ``end``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Trimmed:
    """What is left, and where it was."""

    samples: Samples
    spans: tuple[Span, ...]


def trim_silence(samples: Samples, rate: int) -> Trimmed:
    """Cut silence off both ends, and long pauses short. Nothing that may be speech is cut; a
    recording in which none can be told from the line stays whole."""
    speech = _speech(samples, rate)
    if not speech.any():
        return Trimmed(samples, (Span(0, len(samples)),) if len(samples) else ())
    frame = int(FRAME_S * rate)
    spans: list[Span] = []
    for first, last in _runs(speech):
        start = max(0, first * frame - int(LEAD_S * rate))
        end = min(len(samples), (last + 1) * frame + int(TRAIL_S * rate))
        if spans and start - spans[-1].end <= int((PAUSE_S - LEAD_S - TRAIL_S) * rate):
            spans[-1] = Span(spans[-1].start, end)
        else:
            spans.append(Span(start, end))
    return Trimmed(np.concatenate([samples[s.start : s.end] for s in spans]), tuple(spans))


def _speech(samples: Samples, rate: int) -> NDArray[np.bool_]:
    """Which frames may hold speech."""
    frame = int(FRAME_S * rate)
    # The last piece of a frame is one too.
    padded = np.pad(samples.astype(np.float64), (0, -len(samples) % frame))
    power = np.mean(padded.reshape(-1, frame) ** 2, axis=1)
    level = 10 * np.log10(power + 1e-2)
    if not len(level):
        return np.zeros(0, np.bool_)
    line, speech = np.percentile(level, 5), np.percentile(level, 95)
    above = min(line + ABOVE_LINE_DB, speech - 3.0)
    found: NDArray[np.bool_] = level > max(above, speech - BELOW_SPEECH_DB)
    return _without_clicks(found, max(1, round(WORD_S / FRAME_S)), round(LEAD_S / FRAME_S))


def _without_clicks(found: NDArray[np.bool_], shortest: int, near: int) -> NDArray[np.bool_]:
    runs = list(_runs(found))
    kept = found.copy()
    for first, last in runs:
        lonely = not found[max(0, first - near) : first].any()
        lonely = lonely and not found[last + 1 : last + 1 + near].any()
        if last - first + 1 < shortest and lonely:
            kept[first : last + 1] = False
    return kept


def _runs(found: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The first and last frame of each stretch."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], found, [False]]).astype(np.int8)))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def at_original(spans: tuple[Span, ...], sample: int) -> int:
    """Which sample of the original a sample of the copy is."""
    for span in spans:
        if sample < span.end - span.start:
            return span.start + sample
        sample -= span.end - span.start
    return spans[-1].end if spans else sample


def copy_path(recordings: Path, path: str) -> Path:
    """Where the copy of the report at ``path``, below the recordings, is."""
    return recordings / FOLDER / path


def trimmed_copy(recordings: Path, path: str) -> Path:
    """The copy of a report, made when it is not there; the original when none can be made.

    Reads and writes files: not for the loop.
    """
    original, copy = recordings / path, copy_path(recordings, path)
    table = copy.with_suffix(".json")
    if copy.exists() and table.exists() and _is_current(table, original):
        return copy
    try:
        audio = read_wav(original)
        trimmed = trim_silence(audio.samples, audio.rate)
        write_wav(copy, trimmed.samples, audio.rate)
        with replacing(table) as file:
            file.write(json.dumps(_table(original, path, audio.rate, trimmed)).encode())
    except (BadAudio, OSError) as error:
        log.warning("reports.not_trimmed", path=path, why=str(error))
        return original
    return copy


def _table(original: Path, path: str, rate: int, trimmed: Trimmed) -> dict[str, object]:
    return {
        "original": path,
        "bytes": original.stat().st_size,
        "making": MAKING,
        "rate": rate,
        "spans": [[span.start, span.end] for span in trimmed.spans],
    }


def _is_current(table: Path, original: Path) -> bool:
    try:
        made = json.loads(table.read_text(encoding="utf-8"))
        return (made["making"], made["bytes"]) == (MAKING, original.stat().st_size)
    except (OSError, ValueError, KeyError, TypeError):
        return False
