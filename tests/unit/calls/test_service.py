"""The loop around the core: what is written, what goes on when it cannot be, what is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from hotline import events
from hotline.calls import model
from hotline.calls.service import RETRY_JOURNAL_S, CallService
from hotline.calls.taking import Fate
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.storage.records import Record
from tests.databases import MORNING, HandClock
from tests.deadline import until
from tests.unit.calls.house import CALL, REACHED, calls_of, silence, speak, write

# What makes the journal refuse every key.
NO_KEYS = {
    "sqlite": (
        "CREATE TRIGGER never BEFORE INSERT ON journal WHEN NEW.kind = 'KeyPressed' "
        "BEGIN SELECT RAISE(ABORT, 'never'); END",
    ),
    "postgresql": ("ALTER TABLE journal ADD CONSTRAINT never CHECK (kind <> 'KeyPressed')",),
}


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url, lock_wait_s=0.05)
    yield opened
    await opened.close()


@pytest.fixture
async def calls(journal: Journal, clock: HandClock, tmp_path: Path) -> AsyncIterator[CallService]:
    async with calls_of(journal, clock, tmp_path / "recordings") as made:
        yield made


@asynccontextmanager
async def locked(url: str) -> AsyncIterator[None]:
    """Somebody else holds the database: nothing can be written."""
    holder = Database(url)
    try:
        async with holder.writing() as session:
            await session.execute(text("SELECT 1"))
            yield
    finally:
        await holder.close()


async def verb(calls: CallService) -> model.Verb:
    return await asyncio.wait_for(calls.next_verb(CALL), 10)


async def told(journal: Journal, call_id: str = CALL) -> list[tuple[str, float]]:
    return [(r.event.kind, r.at) for r in await journal.read(call_id=call_id)]


async def test_what_is_told_is_in_the_journal(calls: CallService, journal: Journal) -> None:
    await calls.tell(REACHED)
    assert await told(journal) == [("CallArrived", MORNING)]
    assert calls.knows(CALL)


def _due(clock: HandClock) -> list[float]:
    """When the clock's timers go off, in seconds of the test."""
    timers: Sequence[Any] = clock.hands.getDelayedCalls()
    return [timer.getTime() for timer in timers]


async def test_on_a_busy_day_callers_share_a_write_and_who_waits_for_an_agent_waits_less(
    journal: Journal, clock: HandClock, tmp_path: Path
) -> None:
    async with calls_of(journal, clock, tmp_path, pace_s=1.0) as calls:
        # Nothing was decided just before: at once.
        await calls.tell(REACHED)
        calls.post(model.KeySeen(CALL, "1"))
        await until(clock.hands.getDelayedCalls, 10)
        clock.advance(2.9)
        calls.post(model.KeySeen(CALL, "2"))
        assert await told(journal) == [("CallArrived", MORNING)]
        clock.advance(0.1)
        await until(lambda: journal.last_seq == 3, 10)
        keys = [("KeyPressed", MORNING + 3)] * 2
        assert (await told(journal))[1:] == keys
        calls.post(model.KeySeen(CALL, "3"))
        waiting = asyncio.create_task(calls.tell(model.MayWait(CALL, "hotline")))
        await until(lambda: _due(clock) == [4.0], 10)
        clock.advance(1)
        await asyncio.wait_for(waiting, 10)
    kinds = [kind for kind, at in await told(journal) if at == MORNING + 4]
    assert kinds == ["KeyPressed", "CallQueued"]


async def test_callers_are_served_while_nothing_can_be_written_and_it_is_written_later(
    calls: CallService, journal: Journal, clock: HandClock, database_url: str
) -> None:
    async with locked(database_url):
        await calls.tell(REACHED)
        clock.advance(3)
        await calls.tell(model.MayWait(CALL, "hotline"))
        assert isinstance(await verb(calls), model.DialAgent)
        assert not calls.journal_ok
        assert await told(journal) == []
    clock.advance(RETRY_JOURNAL_S)
    await until(lambda: calls.journal_ok)
    of_call = await told(journal)
    assert of_call[:2] == [("CallArrived", MORNING), ("CallQueued", MORNING + 3)]
    assert {kind for kind, _ in of_call[2:]} == {"CallOffered", "AgentStateChanged"}
    assert {at for _, at in of_call[1:]} == {MORNING + 3}


async def test_a_journal_that_stays_away_is_asked_once_a_second_however_many_events_wait(
    calls: CallService, clock: HandClock, database_url: str
) -> None:
    async with locked(database_url):
        for key in "1345":
            await calls.tell(REACHED)
            await calls.tell(model.KeySeen(CALL, key))
        assert len(clock.hands.getDelayedCalls()) == 1
    clock.advance(RETRY_JOURNAL_S)
    await until(lambda: calls.journal_ok)


async def test_what_waits_for_the_journal_is_written_at_the_stop(
    journal: Journal, clock: HandClock, tmp_path: Path, database_url: str
) -> None:
    async with calls_of(journal, clock, tmp_path) as calls, locked(database_url):
        await calls.tell(REACHED)
    assert await told(journal) == [("CallArrived", MORNING)]


async def test_a_stop_in_the_middle_of_a_write_writes_nothing_twice(
    journal: Journal, clock: HandClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, append = asyncio.Event(), journal.append

    async def told_of(*happened: events.Event, **more: Any) -> list[Record]:
        begun.set()
        return await append(*happened, **more)

    monkeypatch.setattr(journal, "append", told_of)
    async with calls_of(journal, clock, tmp_path) as calls:
        begun.clear()
        calls.post(REACHED)
        await begun.wait()
    assert await told(journal) == [("CallArrived", MORNING)]


async def test_an_event_that_the_journal_never_takes_does_not_hold_back_the_others(
    calls: CallService, journal: Journal, database: Database
) -> None:
    async with database.writing() as session:
        for statement in NO_KEYS[database.dialect]:
            await session.execute(text(statement))
    calls.post(REACHED)
    calls.post(model.KeySeen(CALL, "7"))
    await calls.tell(model.StepEntered(CALL, "greeting"))
    assert [kind for kind, _ in await told(journal)] == ["CallArrived", "FlowStep"]
    assert calls.journal_ok


async def test_a_decision_that_fails_does_not_end_the_loop(calls: CallService) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calls.core, "known", lambda *_: 1 / 0)
        await calls.tell(model.StepEntered(CALL, "greeting"))
    await calls.tell(REACHED)
    assert calls.knows(CALL)


async def test_a_recordings_folder_that_cannot_be_made_costs_no_call(
    calls: CallService, tmp_path: Path
) -> None:
    (tmp_path / "recordings").write_text("not a folder")
    await calls.tell(REACHED)
    await calls.tell(model.MayWait(CALL, "hotline"))
    assert isinstance(await verb(calls), model.DialAgent)
    await calls.tell(model.CallerGone(CALL, ""))
    assert not calls.knows(CALL)


async def test_nothing_of_a_caller_is_kept_when_they_are_gone(calls: CallService) -> None:
    await calls.tell(REACHED)
    asking = asyncio.ensure_future(calls.next_verb(CALL))
    await calls.tell(model.CallerGone(CALL, ""))
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    # The session may ask once more before it hears that the caller is gone.
    late = asyncio.ensure_future(calls.next_verb(CALL))
    await calls.tell(model.TimePassed())
    late.cancel()
    await asyncio.gather(late, return_exceptions=True)
    assert calls._verbs == {}


async def reporting(calls: CallService) -> model.TakeReport:
    await calls.tell(REACHED)
    await calls.tell(model.WantsReport(CALL, "out_of_hours"))
    taken = await verb(calls)
    assert isinstance(taken, model.TakeReport)
    return taken


@pytest.mark.parametrize(("spoken", "kept"), [(True, True), (False, False)])
async def test_a_report_is_kept_when_something_was_said(
    calls: CallService, journal: Journal, tmp_path: Path, spoken: bool, kept: bool
) -> None:
    report = await reporting(calls)
    path = tmp_path / "recordings" / f"{report.path}.wav"
    speak(path) if spoken else write(path, silence(2))
    fate = await calls.report_kept(CALL, report.report_id, "key")
    assert fate is not None
    assert fate.kept is kept
    last = (await journal.read(call_id=CALL))[-1].event
    assert isinstance(last, events.ReportRecorded if kept else events.ReportEmpty)


async def test_a_report_without_a_file_is_empty(calls: CallService) -> None:
    report = await reporting(calls)
    assert await calls.report_kept(CALL, report.report_id, "key") == Fate("empty")


async def test_of_a_report_that_is_not_known_nothing_is_claimed(calls: CallService) -> None:
    await reporting(calls)
    assert await calls.report_kept(CALL, f"{CALL}/r9", "key") is None
    assert await calls.report_kept("pbx1-2.2", "pbx1-2.2/r1", "key") is None


async def test_a_report_is_not_done_with_before_its_end_is_written(
    calls: CallService, journal: Journal, tmp_path: Path
) -> None:
    report = await reporting(calls)
    speak(tmp_path / "recordings" / f"{report.path}.wav")
    calls.post(model.CallerGone(CALL, ""))
    await until(lambda: not calls.knows(CALL), every=0)
    assert not calls.done_with(CALL)
    await until(lambda: calls.done_with(CALL), every=0.001)
    assert (await told(journal))[-1][0] == "ReportRecorded"
