from __future__ import annotations

from dataclasses import astuple
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import events
from hotline.cti.views import DayCounts, IntervalCounts
from hotline.storage.day import DayProjection, catch_up
from hotline.storage.journal import Journal
from hotline.storage.records import Record
from tests.databases import CITY, MORNING, HandClock

HOUR = 3600.0
MIDNIGHT = MORNING - 8 * HOUR


def arrived(call_id: str) -> events.CallArrived:
    return events.CallArrived(call_id, "pbx1", "PJSIP/t", "12319", "13800138000")


def day_with(*happened: tuple[float, events.Event]) -> DayProjection:
    day = DayProjection(CITY, MORNING)
    for seq, (at, event) in enumerate(happened, 1):
        day.apply(Record(seq, at, event))
    return day


def test_the_board_counts_what_happened_since_midnight() -> None:
    at = MORNING
    day = day_with(
        (at, arrived("a")),
        (at, arrived("b")),
        (at, arrived("c")),
        (at, events.CallQueued("a", "hotline", 0, at)),
        (at, events.CallQueued("b", "hotline", 0, at)),
        (at + 15, events.CallAnswered("a", "agent1", 15.0)),
        (at + 16, events.CallAnswered("b", "agent2", 15.1)),
        (at + 20, events.CallAbandoned("c", "hotline", 9.0)),
        (at + 75, events.TalkEnded("a", "agent1", 60.5, "agent")),
        (at + 76, events.CallRated("a", "agent1", 4)),
        (at + 80, events.ReportRecorded("d", "d/r1", "p", 8.0, "key")),
        (at + 90, events.BlindInterval("pbx1", at + 80, at + 90)),
    )
    assert day.counts(at + 100) == DayCounts(
        arrived=3,
        queued=2,
        answered=2,
        abandoned=1,
        within_15_s=1,
        reports=1,
        talk_s=60.5,
        rated=1,
        rating_sum=4,
        blind_s=10.0,
    )


def test_a_call_that_waits_or_talks_again_counts_once() -> None:
    again = (
        events.CallQueued("a", "hotline", 0, MORNING),
        events.CallAnswered("a", "agent1", 5.0),
        events.CallQueued("a", "hotline", 0, MORNING),
        events.CallAnswered("a", "agent2", 50.0),
    )
    counts = day_with(*((MORNING, event) for event in again)).counts(MORNING)
    assert (counts.queued, counts.answered, counts.within_15_s) == (1, 1, 1)


def test_citizens_whom_we_rang_are_none_of_the_citys_calls() -> None:
    brought = ("n-ob-1", "1", "n", "PJSIP/x", "12319", "13812345678", "x.wav")
    day = day_with(
        (MORNING, events.CallBrought("a", "agent1", *brought)),
        (MORNING + 1, events.CallQueued("a", "hotline", 3, MORNING)),
        (MORNING + 2, events.CallAnswered("a", "agent2", 1.0)),
        (MORNING + 60, events.TalkEnded("a", "agent2", 58.0, "agent")),
    )
    counts = day.counts(MORNING + 100)
    assert (counts.queued, counts.answered, counts.talk_s) == (0, 0, 0)


def test_midnight_begins_at_zero_without_any_event() -> None:
    day = day_with((MORNING, arrived("a")))
    assert day.counts(MIDNIGHT + 24 * HOUR - 1).arrived == 1
    assert day.counts(MIDNIGHT + 24 * HOUR) == DayCounts()
    assert len(day.intervals(MIDNIGHT + 24 * HOUR)) == 1


def test_an_event_of_yesterday_told_late_is_not_of_today() -> None:
    day = day_with((MIDNIGHT - 1, arrived("a")), (MIDNIGHT, arrived("b")))
    assert day.counts(MORNING).arrived == 1


def test_blindness_over_midnight_counts_from_midnight() -> None:
    day = day_with((MIDNIGHT + 60, events.BlindInterval("pbx1", MIDNIGHT - 30, MIDNIGHT + 60)))
    assert day.counts(MORNING).blind_s == 60


def test_quarters_of_an_hour_run_from_midnight_to_now() -> None:
    day = day_with(
        (MIDNIGHT, arrived("a")),
        (MIDNIGHT + 899, events.CallAbandoned("a", "hotline", 1.0)),
        (MIDNIGHT + 900, arrived("b")),
        (MIDNIGHT + 2700, events.CallAnswered("b", "agent1", 1.0)),
    )
    assert [astuple(row) for row in day.intervals(MIDNIGHT + 2750)] == [
        (MIDNIGHT, 1, 0, 1),
        (MIDNIGHT + 900, 1, 0, 0),
        (MIDNIGHT + 1800, 0, 0, 0),
        (MIDNIGHT + 2700, 0, 1, 0),
    ]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_a_day_is_as_long_as_the_citys_clocks_make_it(day: str, hours: int) -> None:
    zone = ZoneInfo("Europe/Berlin")
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=zone).timestamp()
    projection = DayProjection(zone, noon)
    before_midnight = projection.start + hours * HOUR - 1
    assert len(projection.intervals(before_midnight)) == hours * 4
    assert projection.start != DayProjection(zone, before_midnight + 1).start


ATS = st.floats(MIDNIGHT, MIDNIGHT + 24 * HOUR - 1)
HAPPENED = st.lists(
    st.tuples(
        ATS,
        st.sampled_from(
            [
                arrived("a"),
                events.CallAnswered("a", "agent1", 3.0),
                events.CallAnswered("b", "agent1", 30.0),
                events.CallAbandoned("c", "hotline", 2.0),
            ]
        ),
    ),
    max_size=30,
)


@given(happened=HAPPENED)
def test_the_quarters_add_up_to_the_day(happened: list[tuple[float, events.Event]]) -> None:
    day = day_with(*happened)
    end = MIDNIGHT + 24 * HOUR - 1
    counts, rows = day.counts(end), day.intervals(end)
    assert len(rows) == 96
    assert all(isinstance(row, IntervalCounts) for row in rows)
    assert sum(row.arrived for row in rows) == counts.arrived
    assert sum(row.answered for row in rows) == counts.answered
    assert sum(row.abandoned for row in rows) == counts.abandoned


@given(happened=HAPPENED, data=st.data())
def test_a_record_heard_twice_counts_once(
    happened: list[tuple[float, events.Event]], data: st.DataObject
) -> None:
    day = day_with(*happened)
    end = MIDNIGHT + 24 * HOUR - 1
    before = day.counts(end)
    for seq, (at, event) in enumerate(happened, 1):
        if data.draw(st.booleans()):
            day.apply(Record(seq, at, event))
    assert day.counts(end) == before


async def test_the_day_is_the_same_after_a_restart(journal: Journal, clock: HandClock) -> None:
    await journal.append(arrived("yesterday"), at=MIDNIGHT - 1)
    await journal.append(arrived("a"), events.CallAnswered("a", "agent1", 2.0))
    clock.advance(900)
    await journal.append(arrived("b"), events.CallAbandoned("b", "hotline", 4.0))
    day = DayProjection(CITY, clock.now())
    await catch_up(day, journal)
    assert day.counts(clock.now()) == DayCounts(arrived=2, answered=1, within_15_s=1, abandoned=1)
    assert day.seq == journal.last_seq
    assert sum(row.arrived for row in day.intervals(clock.now())) == 2


async def test_a_quiet_day_still_knows_where_the_journal_ends(
    journal: Journal, clock: HandClock
) -> None:
    await journal.append(arrived("yesterday"), at=MIDNIGHT - 1)
    day = DayProjection(CITY, clock.now())
    await catch_up(day, journal)
    assert day.counts(clock.now()) == DayCounts()
    assert day.seq == journal.last_seq
