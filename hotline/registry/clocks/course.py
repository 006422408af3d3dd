"""The course of one clock: when it ends, what is told of it and when. No I/O.

A clock's trace is the list of what happened to it; its end follows from its start, its limit and
that trace under a calendar, so that another calendar gives another end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from hotline.registry.clocks import engine
from hotline.registry.clocks.calendar import Micros, WorkCalendar, from_seconds
from hotline.registry.clocks.limits import Limit, Unit
from hotline.registry.clocks.model import LEVELS, Alarm, AlarmRules

Entry = Mapping[str, Any]
"""One thing that happened: ``what`` and ``at`` (Unix seconds), and what else belongs to it."""


def due_of(started: Micros, limit: Limit, trace: Iterable[Entry], calendar: WorkCalendar) -> Micros:
    """When the clock ends. While it stands still: when it was to end before that."""
    due = engine.deadline(started, limit, calendar)
    stopped: Micros | None = None
    for entry in trace:
        at = from_seconds(entry["at"])
        if entry["what"] == "paused":
            stopped = at
        elif entry["what"] == "resumed" and stopped is not None:
            due = engine.resumed(due, stopped, at, limit.unit, calendar)
            stopped = None
        elif entry["what"] == "extended":
            due = max(due, from_seconds(entry["until"]))
    return due


def alarms(
    started: Micros, due: Micros, limit: Limit, rules: AlarmRules, calendar: WorkCalendar
) -> list[tuple[Micros, Alarm]]:
    """What is told and when, in order."""
    by_calendar = limit.unit.by_calendar
    plan = [(_warning(started, due, limit, rules, calendar), Alarm.WARN), (due, Alarm.BREACH)]
    for after, level in zip(rules.levels, LEVELS, strict=False):
        at = engine.after_work(due, after, calendar) if by_calendar and after else due + after
        plan.append((at, level))
    return plan


def left(due: Micros, at: Micros, unit: Unit, calendar: WorkCalendar) -> int:
    """How long a clock has to go, in microseconds of working time where the calendar decides,
    else of the wall clock; negative when it is over."""
    return engine.elapsed(at, due, _dial(unit), calendar)


def pauses(trace: Iterable[Entry]) -> list[tuple[float, float]]:
    """The spans for which the clock stood still and runs again, in Unix seconds."""
    marks = [entry for entry in trace if entry["what"] in ("paused", "resumed")]
    return [(a["at"], b["at"]) for a, b in pairwise(marks) if a["what"] == "paused"]


def _warning(
    started: Micros, due: Micros, limit: Limit, rules: AlarmRules, calendar: WorkCalendar
) -> Micros:
    """When to warn: when its share is used up, or so long before the end if that is earlier. A
    limit so short that the latter would be most of it is warned of by its share alone."""
    unit = _dial(limit.unit)
    whole = engine.elapsed(started, engine.deadline(started, limit, calendar), unit, calendar)
    rest = round(whole * (1 - rules.share))
    if 2 * rules.ahead <= whole:
        rest = max(rest, rules.ahead)
    before = engine.before_work(due, rest, calendar) if limit.unit.by_calendar else due - rest
    return max(started, before)


def _dial(unit: Unit) -> Unit:
    return Unit.WORKING_HOUR if unit.by_calendar else Unit.URGENT_HOUR
