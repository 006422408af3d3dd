"""What the clocks of a case are told in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from hotline.config import Config
from hotline.registry.clocks.limits import HOUR


class ClockKind(StrEnum):
    """What a clock of a case measures.

    ``verify``, ``file``, ``dispatch`` and ``check`` a stage each; ``arrive`` (到场) until somebody
    is there, ``handle`` (处置) until it is done, ``feedback`` (反馈) until that is reported,
    ``close`` (结案) the whole from filing on, ``publish`` (公示) from closing until the result is
    made public.
    """

    VERIFY = "verify"
    FILE = "file"
    DISPATCH = "dispatch"
    ARRIVE = "arrive"
    HANDLE = "handle"
    FEEDBACK = "feedback"
    CHECK = "check"
    CLOSE = "close"
    PUBLISH = "publish"


KINDS = tuple(kind.value for kind in ClockKind)

Runs = Callable[[str], frozenset[str]]
"""Which clocks run in a state; none in one where time stands still."""

STAGES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "to_verify": frozenset({ClockKind.VERIFY}),
        "to_file": frozenset({ClockKind.FILE}),
        "to_dispatch": frozenset({ClockKind.DISPATCH}),
        "to_check": frozenset({ClockKind.CHECK}),
        "closed": frozenset({ClockKind.PUBLISH}),
    }
)
"""The clocks that a state has whatever a city's life of a case says."""

_AT_WORK = frozenset({ClockKind.HANDLE, ClockKind.FEEDBACK, ClockKind.CLOSE})
USUAL: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "to_dispatch": frozenset({ClockKind.CLOSE}),
        "to_handle": _AT_WORK | {ClockKind.ARRIVE},
        "handling": _AT_WORK,
        "to_check": frozenset({ClockKind.CLOSE}),
        "to_close": frozenset({ClockKind.CLOSE}),
        "to_rule": frozenset({ClockKind.CLOSE}),
    }
)
"""The clocks of the shipped life of a case."""


def usual_runs(state: str) -> frozenset[str]:
    """The clocks that run in a state of the shipped life of a case."""
    return USUAL.get(state, frozenset()) | STAGES.get(state, frozenset())


class Outcome(StrEnum):
    """How a clock ended: in time, too late, or without result since the case went another way."""

    MET = "met"
    LATE = "late"
    WITHDRAWN = "withdrawn"


class Alarm(StrEnum):
    """What is told of a clock, in this order: it is soon over, it is over, and then who hears of
    it."""

    WARN = "warn"
    BREACH = "breach"
    UNIT = "unit"
    DISPATCHER = "dispatcher"
    SUPERVISOR = "supervisor"


LEVELS = (Alarm.UNIT, Alarm.DISPATCHER, Alarm.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class AlarmRules:
    """When clocks speak up; see :class:`hotline.config.ClocksSection`. Times are microseconds of
    working time for limits that the calendar decides, else of the wall clock."""

    share: float
    ahead: int
    levels: tuple[int, ...]

    @classmethod
    def of(cls, config: Config) -> AlarmRules:
        """As they are configured."""
        section = config.clocks
        levels = tuple(round(hours * HOUR) for hours in section.escalate_hours)
        return cls(section.warn_share, round(section.warn_hours * HOUR), levels)
