from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from hotline import events
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.storage.projections import project, rebuild
from hotline.storage.tables import CallRow, PresenceRow, ReportRow
from hotline.storage.tables_transfers import HandoverRow
from tests.databases import MORNING, HandClock

CALL, NUMBER = "pbx1-1763600000.1", "13800138000"
ARRIVED = events.CallArrived(CALL, "pbx1", "PJSIP/trunk-1", "12319", NUMBER, "张三")
QUEUED = events.CallQueued(CALL, "hotline", 1, MORNING)
OFFER = f"{CALL}/1"


async def call_row(database: Database, call_id: str = CALL) -> CallRow:
    async with database.session() as session:
        return (await session.scalars(select(CallRow).where(CallRow.call_id == call_id))).one()


async def report_row(database: Database) -> ReportRow:
    async with database.session() as session:
        return (await session.scalars(select(ReportRow))).one()


async def test_a_call_that_was_answered_is_kept_with_all_its_times(
    database: Database, journal: Journal, clock: HandClock
) -> None:
    await journal.append(ARRIVED)
    clock.advance(8)
    await journal.append(QUEUED, events.CallOffered(CALL, "agent1", OFFER))
    clock.advance(3)
    await journal.append(
        events.OfferEnded(CALL, "agent1", OFFER, "answered"),
        events.CallAnswered(CALL, "agent1", 11.0, "talks/20261120/x"),
    )
    clock.advance(60)
    await journal.append(events.TalkEnded(CALL, "agent1", 60.0, "agent"))
    await journal.append(events.CallRated(CALL, "agent1", 5))
    clock.advance(2)
    await journal.append(
        events.CallEnded(CALL, "citizen"),
        events.RecordingStored(CALL, "talks/20261120/x.wav", 59.8),
    )
    row = await call_row(database)
    assert (row.calling, row.called, row.calling_name) == (NUMBER, "12319", "张三")
    assert (row.stage, row.agent_id, row.queue, row.priority) == ("ended", "agent1", "hotline", 1)
    assert (row.arrived_at, row.queued_at) == (MORNING, MORNING)
    assert (row.answered_at, row.talk_ended_at) == (MORNING + 11, MORNING + 71)
    assert (row.ended_at, row.ended_by, row.rating) == (MORNING + 73, "citizen", 5)
    assert (row.recording, row.recording_seconds) == ("talks/20261120/x.wav", 59.8)
    assert row.abandoned_at is None


async def test_a_refused_call_waits_again_and_keeps_its_place(
    database: Database, journal: Journal, clock: HandClock
) -> None:
    await journal.append(ARRIVED, QUEUED, events.CallOffered(CALL, "agent1", OFFER))
    assert (await call_row(database)).stage == "offered"
    clock.advance(5)
    await journal.append(
        events.OfferEnded(CALL, "agent1", OFFER, "refused"),
        events.CallQueued(CALL, "hotline", 1, MORNING + 5),
    )
    row = await call_row(database)
    assert (row.stage, row.agent_id, row.offer_id) == ("waiting", None, OFFER)
    assert row.queued_at == MORNING


async def test_an_offer_that_ended_late_does_not_touch_the_next_one(
    database: Database, journal: Journal
) -> None:
    await journal.append(
        ARRIVED,
        QUEUED,
        events.CallOffered(CALL, "agent1", OFFER),
        events.CallOffered(CALL, "agent2", f"{CALL}/2"),
        events.OfferEnded(CALL, "agent1", OFFER, "missed"),
    )
    row = await call_row(database)
    assert (row.stage, row.agent_id) == ("offered", "agent2")


async def test_a_failed_recording_says_why(database: Database, journal: Journal) -> None:
    await journal.append(
        ARRIVED,
        events.CallAnswered(CALL, "agent1", 1.0, "talks/x"),
        events.RecordingFailed(CALL, "talks/x.wav", "disk full"),
    )
    row = await call_row(database)
    assert (row.recording, row.recording_fault) == ("talks/x", "disk full")


async def test_a_report_waits_is_transcribed_or_says_why_not(
    database: Database, journal: Journal, clock: HandClock
) -> None:
    report, path = f"{CALL}/r1", "reports/x.wav"
    await journal.append(ARRIVED, events.ReportStarted(CALL, report, path, "nobody_ready"))
    assert (await report_row(database)).state == "recording"
    assert (await call_row(database)).stage == "reporting"
    clock.advance(20)
    await journal.append(events.ReportRecorded(CALL, report, path, 18.5, "key"))
    row = await report_row(database)
    assert (row.state, row.seconds, row.ended_by) == ("waiting", 18.5, "key")
    assert (row.reason, row.started_at, row.recorded_at) == (
        "nobody_ready",
        MORNING,
        MORNING + 20,
    )
    await journal.append(events.ReportTranscriptionFailed(CALL, report, "timeout"))
    row = await report_row(database)
    assert (row.state, row.fault, row.text) == ("failed", "timeout", None)
    await journal.append(events.ReportTranscribed(CALL, report, "路灯不亮", 0.9, "demo"))
    row = await report_row(database)
    assert (row.state, row.text, row.confidence, row.fault) == (
        "transcribed",
        "路灯不亮",
        0.9,
        None,
    )


async def test_a_report_that_the_dialplan_took_alone_is_known(
    database: Database, journal: Journal
) -> None:
    await journal.append(
        events.ReportRecorded(CALL, f"{CALL}/r1", "reports/f.wav", 10.0, "unknown")
    )
    row = await report_row(database)
    assert (row.reason, row.state, row.started_at) == ("fallback", "waiting", MORNING - 10)


async def test_an_empty_report_is_kept_as_empty(database: Database, journal: Journal) -> None:
    await journal.append(
        events.ReportStarted(CALL, f"{CALL}/r1", "reports/x.wav", "asked"),
        events.ReportEmpty(CALL, f"{CALL}/r1", "nothing was said"),
    )
    row = await report_row(database)
    assert (row.state, row.fault) == ("empty", "nothing was said")


async def test_what_an_agent_is_and_asked_to_become_survives(
    database: Database, journal: Journal
) -> None:
    await journal.append(
        events.AgentStateChanged("agent1", "talking", MORNING, call_id=CALL),
        events.AgentStateChanged(
            "agent1",
            "wrap_up",
            MORNING + 60,
            until=MORNING + 90,
            call_id=CALL,
            next_state="paused",
            next_reason="meal",
        ),
    )
    async with database.session() as session:
        row = (await session.scalars(select(PresenceRow))).one()
    assert (row.state, row.since, row.until, row.call_id) == (
        "wrap_up",
        MORNING + 60,
        MORNING + 90,
        CALL,
    )
    assert (row.next_state, row.next_reason, row.next_until) == ("paused", "meal", None)


async def test_a_number_longer_than_any_telephone_has_does_not_stop_the_call(
    database: Database, journal: Journal
) -> None:
    await journal.append(events.CallArrived(CALL, "pbx1", "PJSIP/x", "12319", "9" * 4000, "名" * 9))
    assert (await call_row(database)).calling == "9" * 80


@pytest.mark.parametrize("again", [False, True])
async def test_a_record_taken_in_twice_changes_nothing(
    database: Database, journal: Journal, again: bool
) -> None:
    records = await journal.append(
        ARRIVED,
        QUEUED,
        events.CallOffered(CALL, "agent1", OFFER),
        events.CallAnswered(CALL, "agent1", 4.0),
        events.ReportStarted(CALL, f"{CALL}/r1", "r.wav", "asked"),
        events.AgentStateChanged("agent1", "ready", MORNING),
        events.CallEnded(CALL, "citizen"),
    )
    before = await tables(database)
    async with database.writing() as session:
        connection = await session.connection()
        for record in reversed(records) if again else records:
            await connection.run_sync(project, [record])
    assert await tables(database) == before


CALL_IDS = st.sampled_from(["a", "b"])
HAPPENINGS = st.lists(
    st.one_of(
        st.builds(
            events.CallArrived,
            CALL_IDS,
            st.just("pbx1"),
            st.just("c"),
            st.just("12319"),
            st.just("1"),
        ),
        st.builds(events.CallQueued, CALL_IDS, st.just("hotline"), st.integers(0, 2), st.just(1.0)),
        st.builds(events.CallOffered, CALL_IDS, st.just("agent1"), st.sampled_from(["o1", "o2"])),
        st.builds(
            events.OfferEnded,
            CALL_IDS,
            st.just("agent1"),
            st.sampled_from(["o1", "o2"]),
            st.sampled_from(["answered", "missed"]),
        ),
        st.builds(events.CallAnswered, CALL_IDS, st.just("agent1"), st.just(2.0)),
        st.builds(
            events.ReportRecorded,
            CALL_IDS,
            st.just("r"),
            st.just("p"),
            st.just(3.0),
            st.just("key"),
        ),
        st.builds(events.CallRated, CALL_IDS, st.just("agent1"), st.integers(1, 5)),
        st.builds(events.HandoverStarted, CALL_IDS, st.just("h"), st.just("110"), st.just("flow")),
        st.builds(events.HandoverEnded, CALL_IDS, st.just("h"), st.just("busy")),
        st.builds(events.CallEnded, CALL_IDS, st.just("citizen")),
        st.builds(events.AgentStateChanged, st.just("agent1"), st.just("ready"), st.just(5.0)),
    ),
    max_size=12,
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(happened=HAPPENINGS)
async def test_the_tables_can_be_computed_anew_from_the_journal(
    database: Database, journal: Journal, happened: list[events.Event]
) -> None:
    for event in happened:
        await journal.append(event)
    before = await tables(database)
    assert await rebuild(database) == journal.last_seq
    assert await tables(database) == before


async def tables(database: Database) -> list[list[Any]]:
    async with database.session() as session:
        return [
            [tuple(row) for row in await session.execute(select(row.__table__).order_by(key))]
            for row, key in (
                (CallRow, CallRow.call_id),
                (ReportRow, ReportRow.report_id),
                (PresenceRow, PresenceRow.agent_id),
                (HandoverRow, HandoverRow.handover_id),
            )
        ]
