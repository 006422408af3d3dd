"""A period is decided again from the database, and held against the journal."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from sqlalchemy import func, select, update

from hotline import events
from hotline.acd.model import QueueRules
from hotline.calls import model
from hotline.calls.service import CallService
from hotline.replay.digest import engine_digest
from hotline.replay.rerun import Decision, Difference
from hotline.replay.service import Replay, replay
from hotline.replay.storing import DAY_S, EngineLog
from hotline.replay.telling import as_data, told
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.storage.tables_replay import EngineInputsRow, EngineStartRow
from hotline.web.catalogue import load_catalogue
from tests.databases import MORNING, HandClock
from tests.unit.calls.house import CALL, REACHED, calls_of

RULES = {"hotline": QueueRules()}
LATER = MORNING + 3600


@asynccontextmanager
async def controller(
    journal: Journal, clock: HandClock, folder: Path, keep_days: float = 0, engine: str = ""
) -> AsyncIterator[CallService]:
    """A start of the controller with one ready agent, recorded."""
    log = EngineLog(version="1.0", engine=engine or engine_digest(), keep_days=keep_days)
    noting = partial(log.begin, now=clock.now(), rules=RULES, entries=[])
    await journal.append(events.ControllerStarted("1.0"), at=clock.now(), also=noting)
    async with calls_of(journal, clock, folder, engine_log=log) as calls:
        yield calls


async def a_call(calls: CallService, clock: HandClock) -> None:
    """One call, missed once and then answered."""
    await calls.tell(REACHED)
    await calls.tell(model.MayWait(CALL, "hotline"))
    await calls.tell(model.DialReturned(CALL, f"{CALL}/1", "NOANSWER"))
    clock.advance(61)
    await calls.tell(model.TimePassed())
    await calls.tell(model.DialAnswered(CALL, "PJSIP/1001-1"))
    clock.advance(30)
    await calls.tell(model.CallerGone(CALL, "16"))


async def test_a_period_is_decided_again_the_same(
    journal: Journal, clock: HandClock, database: Database, tmp_path: Path
) -> None:
    async with controller(journal, clock, tmp_path) as calls:
        await a_call(calls, clock)
    done = await replay(database, MORNING, LATER)
    assert done.identical
    assert (done.offers, done.starts, done.other_engines) == (2, 1, ())


async def test_a_part_of_a_period_begins_from_the_start_before_it(
    journal: Journal, clock: HandClock, database: Database, tmp_path: Path
) -> None:
    async with controller(journal, clock, tmp_path) as calls:
        await a_call(calls, clock)
    whole = await replay(database, MORNING, LATER)
    done = await replay(database, MORNING + 60, LATER)
    assert done.identical
    assert done.begins == MORNING + 60
    assert 0 < done.decisions < whole.decisions
    assert done.offers == 1


async def test_a_restart_in_between_is_replayed_as_a_restart(
    journal: Journal, clock: HandClock, database: Database, tmp_path: Path
) -> None:
    async with controller(journal, clock, tmp_path) as calls:
        await a_call(calls, clock)
    clock.advance(100)
    async with controller(journal, clock, tmp_path):
        pass
    done = await replay(database, MORNING, LATER)
    assert done.identical
    assert done.starts == 2


async def test_another_decision_is_shown_where_it_first_differs(
    journal: Journal, clock: HandClock, database: Database, tmp_path: Path
) -> None:
    async with controller(journal, clock, tmp_path) as calls:
        await calls.tell(REACHED)
        await calls.tell(model.MayWait(CALL, "hotline"))
    async with database.writing() as session:
        row = await session.scalar(
            select(EngineInputsRow).order_by(EngineInputsRow.seq.desc()).limit(1)
        )
        assert row is not None
        given = json.loads(json.dumps(row.entries).replace(CALL, "pbx1-9.9"))
        changed = update(EngineInputsRow).where(EngineInputsRow.seq == row.seq)
        await session.execute(changed.values(entries=given))
    done = await replay(database, MORNING, LATER)
    assert not done.identical
    assert done.difference is not None
    assert done.difference.journal == Decision("offer", MORNING, CALL, "agent1", (f"{CALL}/1",))
    assert done.difference.replay is not None
    assert done.difference.replay.call_id == "pbx1-9.9"
    assert as_data(done)["difference"]["replay"]["call_id"] == "pbx1-9.9"


async def test_other_code_of_the_engine_is_said(
    journal: Journal, clock: HandClock, database: Database, tmp_path: Path
) -> None:
    async with controller(journal, clock, tmp_path, engine="another"):
        pass
    done = await replay(database, MORNING, LATER)
    assert [start.engine for start in done.other_engines] == ["another"]
    assert done.identical


async def test_a_period_of_which_nothing_is_kept_is_not_called_identical(
    database: Database,
) -> None:
    done = await replay(database, MORNING, LATER)
    assert done.begins is None
    assert not done.identical


async def test_an_input_that_this_version_does_not_know_is_said(
    journal: Journal, clock: HandClock, database: Database, tmp_path: Path
) -> None:
    async with controller(journal, clock, tmp_path):
        pass
    async with database.writing() as session:
        await session.execute(update(EngineInputsRow).values(entries=[[MORNING, ["Flies", {}]]]))
    done = await replay(database, MORNING, LATER)
    assert not done.identical
    assert "Flies" in done.unreadable


async def test_a_call_that_never_waited_leaves_nothing_for_the_engine(
    journal: Journal, clock: HandClock, database: Database, tmp_path: Path
) -> None:
    async with controller(journal, clock, tmp_path) as calls:
        async with database.session() as session:
            before = await session.scalar(select(func.count()).select_from(EngineInputsRow))
        await calls.tell(REACHED)
        await calls.tell(model.StepEntered(CALL, "hello"))
        await calls.tell(model.WantsReport(CALL, "asked"))
        await calls.tell(model.CallerGone(CALL, "16"))
        async with database.session() as session:
            after = await session.scalar(select(func.count()).select_from(EngineInputsRow))
    assert before == after


async def test_what_is_too_old_is_forgotten_but_not_the_start_that_newer_inputs_need(
    journal: Journal, clock: HandClock, database: Database, tmp_path: Path
) -> None:
    for _ in range(4):
        async with controller(journal, clock, tmp_path, keep_days=2):
            pass
        clock.advance(DAY_S * 1.5)
    async with database.session() as session:
        kept = (await session.scalars(select(EngineStartRow.at).order_by(EngineStartRow.at))).all()
        inputs = set(await session.scalars(select(EngineInputsRow.start_id)))
        starts = set(await session.scalars(select(EngineStartRow.start_id)))
    assert kept == [MORNING + days * DAY_S for days in (1.5, 3.0, 4.5)]
    assert inputs <= starts


def test_a_replay_is_told_in_both_languages() -> None:
    parts = Difference(Decision("offer", 1.0, "c1", "agent1", ("c1/1",)), None)
    done = Replay(0.0, 9.0, 0.0, 1, 5, 3, 1, parts)
    for language in ("zh", "en"):
        lines = told(done, partial(load_catalogue().text, language), str)
        assert len(lines) == 3
        assert "c1/1" in lines[1]
        assert "{" not in "".join(lines)
