"""When limits end: the worked values, and 10,000 against a count minute by minute."""

from __future__ import annotations

import json
import time
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.calendar.hours import Span
from hotline.registry.clocks import engine
from hotline.registry.clocks.calendar import Micros, WorkCalendar, micros_of, read_hours
from hotline.registry.clocks.limits import DAY, HOUR, SECOND, Limit, Unit, read_limit

ZONE = ZoneInfo("Asia/Shanghai")
RULES = json.loads((Path(__file__).parents[3] / "data" / "deadlines.json").read_text("utf-8"))
USUAL = read_hours("08:00-12:00 14:00-18:00")
WORKED = WorkCalendar(
    ZONE,
    USUAL,
    frozenset(date(2026, 10, day) for day in range(1, 8)),
    frozenset({date(2026, 9, 20), date(2026, 10, 10)}),
)
FIRST = date(2026, 9, 1)
WINDOW_DAYS = 60
A_DAY = 24 * 60


def at(written: str) -> Micros:
    return micros_of(datetime.fromisoformat(written).replace(tzinfo=ZONE))


def shown(moment: Micros, calendar: WorkCalendar = WORKED) -> str:
    return calendar.local(moment).strftime("%Y-%m-%d %H:%M")


def ends(start: str, limit: str, calendar: WorkCalendar = WORKED) -> str:
    return shown(engine.deadline(at(start), read_limit(limit), calendar), calendar)


# --- the worked values --------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES["work_hours"], ids=lambda rule: rule["start"])
def test_hours_end_as_worked_out(rule: dict[str, Any]) -> None:
    hours = rule["工作时"]
    assert ends(rule["start"], f"{hours}工作时") == rule["deadline"]
    assert ends(rule["start"], f"{hours}紧急工作时") == rule["紧急工作时_deadline"]


@pytest.mark.parametrize("rule", RULES["work_days"], ids=lambda rule: rule["start"])
def test_working_days_end_at_the_same_time_of_the_nth(rule: dict[str, Any]) -> None:
    expected = rule["deadline_same_clock_time_nth_workday"]
    assert ends(rule["start"], f"{rule['工作日']}工作日") == expected


def test_days_begun_on_a_day_off_count_from_the_next_working_day() -> None:
    assert ends("2026-11-21 10:00", "1工作日") == "2026-11-23 10:00"
    assert ends("2026-11-20 20:30", "1工作日") == "2026-11-23 20:30"
    assert ends("2026-10-01 09:15", "2工作日") == "2026-10-09 09:15"


def test_calendar_days_know_no_holidays() -> None:
    assert ends("2026-09-30 17:00", "3自然日") == "2026-10-03 17:00"
    assert ends("2026-09-30 17:00", "0.5自然日") == "2026-10-01 05:00"


def test_seconds_and_less_are_kept() -> None:
    start = at("2026-11-20 17:59:59.999999")
    due = engine.deadline(start, read_limit("1工作时"), WORKED)
    assert WORKED.local(due).isoformat() == "2026-11-23T08:59:59.999999+08:00"


# --- 10,000 of them -----------------------------------------------------------------------


def some_calendar(random: Random) -> WorkCalendar:
    """Odd spans, runs of holidays, worked weekends, days worked in the midst of a holiday."""
    marks = sorted(random.sample(range(A_DAY + 1), 2 * random.randint(1, 4)))
    hours = tuple(Span(*pair) for pair in zip(marks[::2], marks[1::2], strict=True))
    holidays: set[date] = set()
    for _ in range(random.randint(0, 4)):
        begin = FIRST + timedelta(days=random.randrange(WINDOW_DAYS))
        holidays |= {begin + timedelta(days=ahead) for ahead in range(random.randint(1, 9))}
    workdays = {
        FIRST + timedelta(days=random.randrange(WINDOW_DAYS)) for _ in range(random.randint(0, 8))
    }
    return WorkCalendar(ZONE, hours, frozenset(holidays - workdays), frozenset(workdays))


class SlowCount:
    """Walks from minute to minute."""

    def __init__(self, calendar: WorkCalendar) -> None:
        days = [FIRST + timedelta(days=ahead) for ahead in range(900)]
        self.works = [
            day in calendar.workdays or (day.weekday() < 5 and day not in calendar.holidays)
            for day in days
        ]
        in_hours = bytes(
            any(span.start <= minute < span.end for span in calendar.hours)
            for minute in range(A_DAY)
        )
        self.counts = b"".join(in_hours if works else bytes(A_DAY) for works in self.works)

    def hours(self, minute: int, left: int) -> int:
        counts = self.counts
        while left:
            left -= counts[minute]
            minute += 1
        return minute

    def urgent(self, minute: int, left: int) -> int:
        while left:
            left -= 1
            minute += 1
        return minute

    def workdays(self, minute: int, left: int) -> int:
        clock = minute % A_DAY
        while left:
            minute += 1
            if minute % A_DAY == clock and self.works[minute // A_DAY]:
                left -= 1
        return minute


def test_ten_thousand_limits_end_where_a_count_minute_by_minute_ends() -> None:
    random, told = Random(12319), 0
    midnight = micros_of(datetime(2026, 9, 1, tzinfo=ZONE))
    for _ in range(250):
        calendar = some_calendar(random)
        slow = SlowCount(calendar)
        a_day = sum(span.end - span.start for span in calendar.hours)
        for _ in range(10):
            start = random.randrange(WINDOW_DAYS * A_DAY)
            # Four working days at most, so that the walk stays short.
            minutes = random.randint(1, min(4 * a_day, 2400))
            days, urgent = random.randint(1, 6), random.randint(1, 3000)
            for limit, expected in (
                (Limit(Fraction(minutes, 60), Unit.WORKING_HOUR), slow.hours(start, minutes)),
                (Limit(Fraction(urgent, 60), Unit.URGENT_HOUR), slow.urgent(start, urgent)),
                (Limit(Fraction(days), Unit.WORKING_DAY), slow.workdays(start, days)),
                (Limit(Fraction(days), Unit.NATURAL_DAY), slow.urgent(start, days * A_DAY)),
            ):
                begun = midnight + start * 60 * SECOND
                due = engine.deadline(begun, limit, calendar)
                assert due == midnight + expected * 60 * SECOND, (calendar, start, limit)
                told += 1
    assert told == 10_000


def test_ten_thousand_deadlines_take_less_than_a_second() -> None:
    random = Random(1)
    calendar = WorkCalendar(ZONE, USUAL, official=True)
    limits = [read_limit(written) for written in ("4工作时", "2紧急工作时", "5工作日", "3自然日")]
    first = at("2025-01-01 00:00")
    starts = [first + random.randrange(500 * DAY) for _ in range(10_000)]
    engine.deadline(first + 520 * DAY, limits[0], calendar)
    began = time.perf_counter()
    for number, start in enumerate(starts):
        engine.deadline(start, limits[number % 4], calendar)
    assert time.perf_counter() - began < 1


# --- what holds for all -------------------------------------------------------------------

SEEDS = st.integers(0, 400)
STARTS = st.integers(0, 50 * DAY)
UNITS = st.sampled_from(Unit)


def limit_of(unit: Unit, amount: int) -> Limit:
    return Limit(Fraction(amount) if unit.in_days else Fraction(amount, 60), unit)


@given(SEEDS, STARTS, st.integers(0, 5 * DAY), UNITS, st.integers(1, 30))
def test_who_begins_later_ends_no_earlier(
    seed: int, start: int, later: int, unit: Unit, amount: int
) -> None:
    calendar = some_calendar(Random(seed))
    begin = at("2026-09-01 00:00") + start
    if unit is Unit.WORKING_DAY and not calendar.worked(calendar.local(begin).date()):
        # The time of day of a start on a day off is kept all the same, and so leaps at midnight.
        return
    limit = limit_of(unit, amount)
    first = engine.deadline(begin, limit, calendar)
    second = engine.deadline(begin + later, limit, calendar)
    if unit is Unit.WORKING_DAY and not calendar.worked(calendar.local(begin + later).date()):
        assert calendar.local(first).date() <= calendar.local(second).date()
    else:
        assert first <= second


@given(SEEDS, STARTS, UNITS, st.integers(1, 30), st.integers(1, 30))
def test_a_longer_limit_ends_later(
    seed: int, start: int, unit: Unit, amount: int, more: int
) -> None:
    calendar = some_calendar(Random(seed))
    begin = at("2026-09-01 00:00") + start
    shorter = engine.deadline(begin, limit_of(unit, amount), calendar)
    assert begin < shorter
    assert shorter < engine.deadline(begin, limit_of(unit, amount + more), calendar)


@given(SEEDS, STARTS, UNITS, st.integers(1, 30))
def test_at_its_end_a_limit_is_used_up_to_the_microsecond(
    seed: int, start: int, unit: Unit, amount: int
) -> None:
    calendar = some_calendar(Random(seed))
    begin = at("2026-09-01 00:00") + start
    limit = limit_of(unit, amount)
    due = engine.deadline(begin, limit, calendar)
    used = engine.elapsed(begin, due, unit, calendar)
    if unit is Unit.WORKING_DAY and not calendar.worked(calendar.local(begin).date()):
        assert limit.micros - DAY <= used <= limit.micros
    else:
        assert used == limit.micros
    assert engine.elapsed(due, begin, unit, calendar) == -used
    days = list(engine.trace(begin, due, unit, calendar))
    if unit.in_days:
        assert sum(counted.days for counted in days) == amount
    else:
        assert sum(counted.micros for counted in days) == limit.micros


@given(SEEDS, STARTS, UNITS, st.integers(1, 30), st.data())
def test_a_pause_keeps_what_was_left(
    seed: int, start: int, unit: Unit, amount: int, data: st.DataObject
) -> None:
    calendar = some_calendar(Random(seed))
    begin = at("2026-09-01 00:00") + start
    due = engine.deadline(begin, limit_of(unit, amount), calendar)
    stopped = data.draw(st.integers(begin, due))
    left = engine.elapsed(stopped, due, unit, calendar)
    if left:
        assert engine.resumed(due, stopped, stopped, unit, calendar) == due
    back = stopped + data.draw(st.integers(0, 20 * DAY))
    moved = engine.resumed(due, stopped, back, unit, calendar)
    assert moved >= due
    if left and moved != due:
        assert engine.elapsed(back, moved, unit, calendar) == left


def test_what_is_overdue_stays_so_by_as_much() -> None:
    due, stopped = at("2026-11-20 10:00"), at("2026-11-20 11:00")
    back = at("2026-11-25 09:00")
    assert engine.resumed(due, stopped, back, Unit.WORKING_HOUR, WORKED) == due


def test_a_zone_with_summer_time_loses_no_hour() -> None:
    berlin = WorkCalendar(ZoneInfo("Europe/Berlin"), (Span(0, 24 * 60),), workdays=frozenset())
    begin = micros_of(datetime(2026, 3, 27, 12, tzinfo=berlin.zone))
    due = engine.deadline(begin, read_limit("13工作时"), berlin)
    assert berlin.local(due).isoformat() == "2026-03-30T01:00:00+02:00"
    days = engine.deadline(begin, read_limit("2自然日"), berlin)
    assert berlin.local(days).isoformat() == "2026-03-29T12:00:00+02:00"
    assert days - begin == 2 * DAY - HOUR
