"""Whether a queue is on duty, why, and until when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.calendar.holidays import DayFacts, DayKind, day_facts, year_known
from hotline.calendar.hours import DAY_MINUTES, Day, Span, Week, every_day, read_week
from hotline.calendar.model import (
    HORIZON_DAYS,
    DutyCalendar,
    HolidayRule,
    QueueHours,
    Special,
    What,
    Why,
)
from tests.databases import CITY

OFFICE = read_week(["08:30-12:00 14:00-18:00"] * 5 + ["", "09:00-12:00"])


def at(text: str, zone: ZoneInfo = CITY) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def office(rule: HolidayRule = HolidayRule.CLOSED, *specials: Special) -> DutyCalendar:
    return DutyCalendar(CITY, {"hotline": QueueHours(OFFICE, rule)}, specials)


def special(what: What, since: str, until: str, number: int = 1, queue: str = "") -> Special:
    return Special(number, what, queue, at(since), at(until), f"第{number}条", f"text {number}")


@pytest.mark.parametrize(
    ("rule", "moment", "open_", "why"),
    [
        # A Friday, the Saturday after, and the Sunday.
        (HolidayRule.CLOSED, "2026-11-20 09:00", True, Why.HOURS),
        (HolidayRule.CLOSED, "2026-11-20 12:00", False, Why.OUTSIDE_HOURS),
        (HolidayRule.CLOSED, "2026-11-21 09:00", False, Why.OUTSIDE_HOURS),
        (HolidayRule.CLOSED, "2026-11-22 09:00", True, Why.HOURS),
        # National Day is a Thursday.
        (HolidayRule.CLOSED, "2026-10-01 09:00", False, Why.HOLIDAY),
        (HolidayRule.SUNDAY, "2026-10-01 09:00", True, Why.HOURS),
        (HolidayRule.SUNDAY, "2026-10-01 15:00", False, Why.HOLIDAY),
        (HolidayRule.USUAL, "2026-10-01 15:00", True, Why.HOURS),
        (HolidayRule.USUAL, "2026-10-01 13:00", False, Why.OUTSIDE_HOURS),
        # A Saturday that is worked for it: Monday's hours.
        (HolidayRule.CLOSED, "2026-10-10 15:00", True, Why.HOURS),
        (HolidayRule.SUNDAY, "2026-10-10 15:00", True, Why.HOURS),
        (HolidayRule.USUAL, "2026-10-10 15:00", False, Why.OUTSIDE_HOURS),
    ],
)
def test_holidays_and_swapped_working_days_follow_the_queues_rule(
    rule: HolidayRule, moment: str, open_: bool, why: Why
) -> None:
    state = office(rule).state("hotline", at(moment))
    assert (state.open, state.why) == (open_, why)


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        ("2026-11-20 09:00", "2026-11-20 12:00"),
        ("2026-11-20 18:00", "2026-11-22 09:00"),
        # Over the whole of National Day's week.
        ("2026-09-30 18:00", "2026-10-08 08:30"),
    ],
)
def test_the_next_change_is_told(moment: str, until: str) -> None:
    assert office().state("hotline", at(moment)).until == at(until)


def test_a_night_shift_that_began_before_a_holiday_is_worked_to_its_end() -> None:
    nights = QueueHours(every_day("20:00-08:00"), HolidayRule.CLOSED)
    calendar = DutyCalendar(CITY, {"hotline": nights})
    assert calendar.is_open("hotline", at("2026-10-01 07:59"))
    assert not calendar.is_open("hotline", at("2026-10-01 20:00"))
    assert calendar.state("hotline", at("2026-10-01 07:59")).until == at("2026-10-01 08:00")


def test_a_closure_goes_before_an_opening_and_says_its_own_text() -> None:
    calendar = office(
        HolidayRule.CLOSED,
        special(What.CLOSED, "2026-11-20 09:00", "2026-11-20 11:00", 1),
        special(What.OPEN, "2026-11-20 07:00", "2026-11-20 10:00", 2),
    )
    early, closed, after = (
        calendar.state("hotline", at(f"2026-11-20 {time}")) for time in ("07:30", "09:30", "11:00")
    )
    assert (early.open, early.why, early.announcement("zh")) == (True, Why.OPENING, "第2条")
    assert (closed.open, closed.why, closed.announcement("en")) == (False, Why.CLOSURE, "text 1")
    assert early.until == at("2026-11-20 09:00")
    assert closed.until == at("2026-11-20 11:00")
    assert (after.open, after.special) == (True, None)


def test_a_closure_of_another_queue_changes_nothing() -> None:
    closure = special(What.CLOSED, "2026-11-20 00:00", "2026-11-21 00:00", queue="night")
    assert office(HolidayRule.CLOSED, closure).is_open("hotline", at("2026-11-20 09:00"))


def test_an_hour_of_day_that_comes_twice_keeps_the_calendar_whole() -> None:
    zone = ZoneInfo("Europe/Berlin")
    hours = QueueHours(every_day("01:00-04:00"))
    calendar = DutyCalendar(zone, {"hotline": hours}, days=lambda day: DayFacts(DayKind.WORKDAY))
    # 2026-10-25 03:00 goes back to 02:00: the duty is an hour longer.
    state = calendar.state("hotline", at("2026-10-25 01:30", zone))
    assert state.until == datetime(2026, 10, 25, 3, 0, tzinfo=UTC).timestamp()


def test_hours_that_nobody_knows_are_not_guessed() -> None:
    with pytest.raises(KeyError):
        office().is_open("elsewhere", at("2026-11-20 09:00"))


# --- the library's holidays --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        ("2026-10-01", DayKind.HOLIDAY, "国庆节"),
        ("2026-10-10", DayKind.SWAPPED, "国庆节"),
        ("2026-11-20", DayKind.WORKDAY, ""),
        ("2026-11-21", DayKind.WEEKEND, ""),
        ("2026-02-17", DayKind.HOLIDAY, "春节"),
    ],
)
def test_holidays_are_named(day: str, kind: DayKind, name: str) -> None:
    facts = day_facts(date.fromisoformat(day))
    assert (facts.kind, facts.name, facts.known) == (kind, name, True)


def test_a_year_that_is_not_known_yet_is_plain_and_says_so() -> None:
    assert year_known(2026)
    assert not year_known(2199)
    facts = day_facts(date(2199, 10, 1))
    assert (facts.kind, facts.name, facts.known) == (DayKind.WORKDAY, "", False)


# --- for any calendar ------------------------------------------------------------------------

MORNING = at("2026-11-20 08:00")
KINDS = st.lists(st.sampled_from(DayKind), min_size=9, max_size=9)


@st.composite
def days(draw: st.DrawFn) -> Day:
    bounds = sorted(draw(st.sets(st.integers(0, DAY_MINUTES - 1), max_size=4)))
    spans = [Span(a, b) for a, b in zip(bounds[::2], bounds[1::2], strict=False)]
    if len(bounds) % 2:
        spans.append(Span(bounds[-1], draw(st.integers(bounds[-1] + 1, bounds[-1] + DAY_MINUTES))))
    return tuple(spans)


WEEKS = st.tuples(*[days()] * 7)


@st.composite
def some_specials(draw: st.DrawFn) -> tuple[Special, ...]:
    found = []
    for number in range(draw(st.integers(0, 4))):
        since = MORNING + draw(st.integers(-72, 72)) * 1800.0
        until = since + draw(st.integers(1, 96)) * 1800.0
        what, queue = draw(st.sampled_from(What)), draw(st.sampled_from(["", "hotline", "other"]))
        found.append(Special(number, what, queue, since, until))
    return tuple(found)


@st.composite
def calendars(draw: st.DrawFn) -> DutyCalendar:
    week: Week = draw(WEEKS)
    kinds = draw(KINDS)
    hours = QueueHours(week, draw(st.sampled_from(HolidayRule)))

    def facts(day: date) -> DayFacts:
        return DayFacts(kinds[day.toordinal() % len(kinds)])

    return DutyCalendar(CITY, {"hotline": hours}, draw(some_specials()), facts)


MOMENTS = st.integers(-3 * 1440, 3 * 1440).map(lambda minutes: MORNING + minutes * 60.0)


@settings(max_examples=150, deadline=None)
@given(calendars(), MOMENTS)
def test_the_next_change_changes_and_nothing_does_before_it(
    calendar: DutyCalendar, moment: float
) -> None:
    state = calendar.state("hotline", moment)
    end = state.until if state.until is not None else moment + 4 * 86_400
    step = moment
    while step < end:
        assert calendar.is_open("hotline", step) is state.open
        step += 1800.0 + 60.0
    if state.until is not None:
        assert moment < state.until <= moment + (HORIZON_DAYS + 1) * 86_400
        assert calendar.is_open("hotline", state.until - 0.001) is state.open
        assert calendar.is_open("hotline", state.until) is not state.open


@settings(max_examples=200, deadline=None)
@given(calendars(), MOMENTS)
def test_a_closure_always_wins_and_an_opening_beats_the_week(
    calendar: DutyCalendar, moment: float
) -> None:
    found = {s.what for s in calendar.specials if s.holds("hotline", moment)}
    state = calendar.state("hotline", moment)
    if What.CLOSED in found:
        assert (state.open, state.why) == (False, Why.CLOSURE)
    elif What.OPEN in found:
        assert (state.open, state.why) == (True, Why.OPENING)
    else:
        assert state.special is None
    assert state.open is (state.why in {Why.HOURS, Why.OPENING})


@settings(max_examples=100, deadline=None)
@given(WEEKS, MOMENTS)
def test_without_holidays_the_week_alone_decides(week: Week, moment: float) -> None:
    calendar = DutyCalendar(CITY, {"hotline": QueueHours(week)})
    here = datetime.fromtimestamp(moment, CITY)
    minute = here.hour * 60 + here.minute
    yesterday = (here - timedelta(days=1)).weekday()
    expected = any(s.start <= minute < s.end for s in week[here.weekday()]) or any(
        s.start <= minute + DAY_MINUTES < s.end for s in week[yesterday]
    )
    assert calendar.is_open("hotline", moment) is expected
