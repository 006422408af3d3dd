"""How progress is told to a caller: as pieces, in the order in which they are heard. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from hotline.clock import local
from hotline.ivr.pieces import Piece, Prompt, Read, Reading, Said
from hotline.registry.lifecycle import State
from hotline.registry.model import Progress

# Where a unit is at work; before, its name would be a promise, and after, of no use.
_AT_A_UNIT = frozenset({State.TO_HANDLE, State.HANDLING, State.TO_CHECK, State.TO_CLOSE})
# Where a citizen waits for something to be done in time.
_STAGES = frozenset(State)
_IN_TIME = frozenset({State.TO_DISPATCH, State.TO_HANDLE, State.HANDLING})


def told(cases: Sequence[Progress], zone: tzinfo) -> tuple[Piece, ...]:
    """What a caller hears of these cases; that there is none, when there is none."""
    if not cases:
        return (Prompt("progress-none"),)
    pieces: list[Piece] = [Prompt(f"progress-count-{len(cases)}")]
    for case in cases:
        pieces += told_of(case, zone)
    return tuple(pieces)


def told_of(case: Progress, zone: tzinfo) -> tuple[Piece, ...]:
    """What a caller hears of one case: its number, stage, unit and deadline.

    A deadline that nobody knows is said to be unknown; a unit that there is none is left out.
    """
    pieces: list[Piece] = [
        Prompt("progress-case"),
        Read(Reading.CASE_NUMBER, case.case_number),
        Prompt(f"progress-stage-{_stage(case.state)}"),
    ]
    if case.unit and case.state in _AT_A_UNIT:
        pieces += [Prompt("progress-unit"), Said(case.unit)]
    if case.state in _IN_TIME:
        pieces += _deadline(case.deadline, zone)
    if case.closed_at is not None:
        pieces += [Prompt("progress-closed-on"), _date(case.closed_at, zone)]
    return tuple(pieces)


def _stage(state: str) -> str:
    # A state of a city's own has no prompt: somebody is at work on it.
    known = state if state in _STAGES else State.HANDLING
    return known.replace("_", "-")


def _deadline(deadline: float | None, zone: tzinfo) -> list[Piece]:
    if deadline is None:
        return [Prompt("progress-deadline-unknown")]
    return [Prompt("progress-deadline"), _date(deadline, zone)]


def _date(at: float, zone: tzinfo) -> Read:
    return Read(Reading.DATE, f"{local(at, zone):%Y-%m-%d}")
