"""When a time limit ends, and how much of one is used up. No I/O, whole numbers only.

Each unit has a dial of its own, which moves while that unit counts: in working hours, on working
days, or always. A limit ends when its dial has moved on by the limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from hotline.calendar.holidays import DayFacts
from hotline.registry.clocks.calendar import Micros, WorkCalendar, micros_of
from hotline.registry.clocks.limits import DAY, Limit, Unit

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Counted:
    """What one day adds to a limit: ``micros`` of hours, or ``days`` (0 or 1)."""

    day: date
    facts: DayFacts
    micros: int
    days: int


def deadline(start: Micros, limit: Limit, calendar: WorkCalendar) -> Micros:
    """When a limit that begins at ``start`` ends.

    Working hours: a start outside of them counts from the next of them, and a limit used up at
    the end of a span ends there. Working days: at the same time of the day on the Nth working day
    after the day of the start, whatever that day and time are. Calendar days: at the same time of
    the day, N days on.
    """
    return _moved(start, limit.micros, limit.unit, calendar)


def elapsed(start: Micros, end: Micros, unit: Unit, calendar: WorkCalendar) -> int:
    """How far the dial of ``unit`` moves from ``start`` to ``end``, in microseconds; a day counts
    as 24 hours.

    A working day moves its dial from midnight to midnight; on a day off it stands still. Negative
    when ``end`` is before ``start``.
    """
    if end < start:
        return -elapsed(end, start, unit, calendar)
    if unit is Unit.WORKING_HOUR:
        return sum(end - begin for begin, end in _worked_between(start, end, calendar))
    if unit is Unit.WORKING_DAY:
        return _workdays_between(start, end, calendar)
    return end - start


def resumed(
    due: Micros, stopped: Micros, resumed_at: Micros, unit: Unit, calendar: WorkCalendar
) -> Micros:
    """When a limit ends that was to end at ``due`` and stood still from ``stopped`` until
    ``resumed_at``: what was left of it then is left of it now.

    One that was used up already stays overdue by as much.
    """
    left = elapsed(stopped, due, unit, calendar)
    if left <= 0:
        return due
    if unit is not Unit.WORKING_DAY:
        return _moved(resumed_at, left, unit, calendar)
    return _on_workdays(resumed_at, left, calendar)


def after_work(start: Micros, amount: int, calendar: WorkCalendar) -> Micros:
    """When so much working time, which is more than none, has passed since ``start``."""
    day, left = calendar.local(start).date(), amount
    while True:
        for span_begin, end in calendar.spans(day):
            begin = max(span_begin, start)
            if end - begin >= left:
                return begin + left
            left -= max(0, end - begin)
        day += _ONE_DAY


def before_work(end: Micros, amount: int, calendar: WorkCalendar) -> Micros:
    """The last instant from which so much working time passes until ``end``."""
    day, left = calendar.local(end).date(), amount
    while left > 0:
        for begin, span_end in reversed(calendar.spans(day)):
            until = min(span_end, end)
            if until - begin >= left:
                return until - left
            left -= max(0, until - begin)
        day -= _ONE_DAY
    return end


def trace(start: Micros, due: Micros, unit: Unit, calendar: WorkCalendar) -> Iterator[Counted]:
    """Each day from ``start`` to ``due`` with what it added, days off included."""
    day, last = calendar.local(start).date(), calendar.local(due).date()
    first = day
    while day <= last:
        begin = max(start, calendar.instant(day, 0))
        end = min(due, calendar.instant(day + _ONE_DAY, 0))
        counts = day > first and (unit is Unit.NATURAL_DAY or calendar.worked(day))
        used = 0 if unit.in_days else elapsed(begin, end, unit, calendar)
        yield Counted(day, calendar.facts(day), used, int(unit.in_days and counts))
        day += _ONE_DAY


def _moved(start: Micros, amount: int, unit: Unit, calendar: WorkCalendar) -> Micros:
    if unit is Unit.WORKING_HOUR:
        return after_work(start, amount, calendar)
    if unit is Unit.URGENT_HOUR:
        return start + amount
    days, rest = divmod(amount, DAY)
    begin = calendar.local(start)
    day = begin.date()
    if unit is Unit.WORKING_DAY:
        for _ in range(days):
            day = calendar.next_workday(day)
    else:
        day += days * _ONE_DAY
    return micros_of(datetime.combine(day, begin.time(), calendar.zone)) + rest


def _worked_between(
    start: Micros, end: Micros, calendar: WorkCalendar
) -> Iterator[tuple[Micros, Micros]]:
    day, last = calendar.local(start).date(), calendar.local(end).date()
    while day <= last:
        for begin, until in calendar.spans(day):
            if begin < end and until > start:
                yield max(begin, start), min(until, end)
        day += _ONE_DAY


def _workdays_between(start: Micros, end: Micros, calendar: WorkCalendar) -> int:
    first, last = calendar.local(start), calendar.local(end)
    between, day = 0, first.date()
    while day < last.date():
        between += DAY if calendar.worked(day) else 0
        day += _ONE_DAY
    return between + _of_day(last, calendar) - _of_day(first, calendar)


def _of_day(at: datetime, calendar: WorkCalendar) -> int:
    """How far into its working day ``at`` is; nothing on a day off."""
    if not calendar.worked(at.date()):
        return 0
    return (
        at.replace(tzinfo=None) - datetime.combine(at.date(), datetime.min.time())
    ) // timedelta(microseconds=1)


def _on_workdays(start: Micros, amount: int, calendar: WorkCalendar) -> Micros:
    """When the dial of working days has moved on by ``amount``."""
    begin = calendar.local(start)
    day = begin.date()
    into = _of_day(begin, calendar)
    if not calendar.worked(day):
        day = calendar.next_workday(day)
    days, rest = divmod(into + amount, DAY)
    for _ in range(days):
        day = calendar.next_workday(day)
    midnight = datetime.combine(day, datetime.min.time())
    return micros_of((midnight + timedelta(microseconds=rest)).replace(tzinfo=calendar.zone))
