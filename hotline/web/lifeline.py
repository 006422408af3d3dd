"""A case's life as a line of stages: which are behind it, where it stands, which lie ahead.

Pure: made of the case's state and of when it came to each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from hotline import events
from hotline.registry.lifecycle import FINAL, State
from hotline.web.ports import Record

LINE = (
    State.TO_VERIFY,
    State.TO_FILE,
    State.TO_DISPATCH,
    State.TO_HANDLE,
    State.HANDLING,
    State.TO_CHECK,
    State.TO_CLOSE,
    State.CLOSED,
)


# Left out of the line of a case that did not come there.
_UNTOLD = frozenset({(State.TO_VERIFY, "skipped"), (State.HANDLING, "skipped")})


@dataclass(frozen=True, slots=True)
class Arrival:
    """The case came to a state at ``at`` (Unix seconds) by somebody's action."""

    state: str
    at: float
    by: str


@dataclass(frozen=True, slots=True)
class Stop:
    """One stage of the line. ``at`` is when the case last came there; None when it has not."""

    state: str
    place: Literal["behind", "skipped", "here", "ahead"]
    at: float | None = None
    by: str = ""


def arrivals(records: Iterable[Record]) -> list[Arrival]:
    """When the case came to each state, oldest first; a state may be there more than once."""
    found = []
    for record in records:
        match record.event:
            case events.CaseOpened(state=state, by=by):
                found.append(Arrival(state, record.at, by))
            case events.CaseMoved(to_state=state, by=by):
                found.append(Arrival(state, record.at, by))
            case _:
                pass
    return found


def line_of(state: str, came: Sequence[Arrival]) -> tuple[Stop, ...]:
    """The line of a case that stands in ``state``.

    A case that left the line for good (不立案, 作废) ends where it left it; one that stands beside
    it for a while (挂账, 待裁决, a city's own state) will go on. Verifying is only on the line of a
    case that had to be verified, and handling on that of one whose unit said that it had begun.
    """
    last = {arrival.state: arrival for arrival in came}
    here = _stop(state, "here", last)
    if state not in LINE:
        left = max((LINE.index(State(seen)) for seen in last if seen in LINE), default=-1)
        stops = [_passed(stage, last) for stage in LINE[: left + 1]] + [here]
        if state not in FINAL:
            stops += [Stop(stage, "ahead") for stage in LINE[left + 1 :]]
    else:
        now = LINE.index(State(state))
        stops = [_passed(stage, last) for stage in LINE[:now]] + [here]
        stops += [Stop(stage, "ahead") for stage in LINE[now + 1 :]]
    return tuple(stop for stop in stops if (stop.state, stop.place) not in _UNTOLD)


def _passed(stage: str, last: dict[str, Arrival]) -> Stop:
    return _stop(stage, "behind" if stage in last else "skipped", last)


def _stop(
    stage: str, place: Literal["behind", "skipped", "here"], last: dict[str, Arrival]
) -> Stop:
    arrival = last.get(stage)
    return Stop(stage, place, arrival.at, arrival.by) if arrival else Stop(stage, place)
