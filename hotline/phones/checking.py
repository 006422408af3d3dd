"""What the self-test before a shift found, judged. Pure: measures in, a verdict out.

Levels are of the loudest tenth of a second, in dB below full scale. Speech on a telephone network
lies at about -26 (ITU-T P.56 and G.100.1, nominal active level); 16 dB below that is what our own
reports call too quiet (:mod:`hotline.recording.level`), and below -60 there is only the device.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from hotline.phones.limits import ROUND_TRIP_MS, Light, Line
from hotline.recording.level import LINE_DBFS, QUIET_DBFS

# So many samples at full scale are more than a cough.
CLIPPED_SHARE = 0.01
# Fewer tones than this share came back: something swallows speech although packets arrive.
ECHOES_SHARE = 0.75


class Verdict(StrEnum):
    """``good``: work; ``usable``: work, and have it looked at; ``unfit``: do not take calls."""

    GOOD = "good"
    USABLE = "usable"
    UNFIT = "unfit"


@dataclass(frozen=True, slots=True)
class Measures:
    """What a page measured. ``microphone_db`` None: no microphone could be opened; ``heard``
    None: the agent did not say whether they heard the tone; ``call`` is empty when the echo call
    was made, else why not; ``echo_ms`` is how long a tone took to the PBX and back, None when
    none came back."""

    microphone_db: float | None
    clipped: float
    heard: bool | None
    call: str
    tones: int
    echoes: int
    echo_ms: float | None
    line: Line


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, and the faults it rests on, the worst first."""

    verdict: Verdict
    faults: tuple[str, ...]


def judge(found: Measures) -> Judgement:
    """What the measures mean. Faults are keys of words that say what to do."""
    faults = [*_microphone(found), *_speaker(found), *_echo(found)]
    faults.sort(key=lambda fault: fault[0], reverse=True)
    worst = max((grade for grade, _ in faults), default=0)
    verdict = (Verdict.GOOD, Verdict.USABLE, Verdict.UNFIT)[worst]
    return Judgement(verdict, tuple(key for _, key in faults))


def _microphone(found: Measures) -> Iterator[tuple[int, str]]:
    if found.microphone_db is None:
        yield 2, "microphone_none"
    elif found.microphone_db < LINE_DBFS:
        yield 2, "microphone_dead"
    elif found.microphone_db < QUIET_DBFS:
        yield 1, "microphone_quiet"
    elif found.clipped > CLIPPED_SHARE:
        yield 1, "microphone_loud"


def _speaker(found: Measures) -> Iterator[tuple[int, str]]:
    if found.heard is False:
        yield 2, "speaker_unheard"
    elif found.heard is None:
        yield 1, "speaker_unsaid"


def _echo(found: Measures) -> Iterator[tuple[int, str]]:
    if found.call:
        yield 2, "call_failed"
        return
    if not found.echoes:
        yield 2, "echo_none"
        return
    if found.echoes < found.tones * ECHOES_SHARE:
        yield 1, "echo_gaps"
    light = found.line.light
    if light is Light.POOR:
        yield 2, "line_poor"
    elif light is Light.FAIR:
        yield 1, "line_fair"
    # Of a talk's way to the citizen, half of ours is what the tone took.
    if ROUND_TRIP_MS.light(found.echo_ms) is Light.POOR:
        yield 1, "echo_late"
