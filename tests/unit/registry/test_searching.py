from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from hotline.registry import listing
from hotline.registry.model import CaseFilter
from hotline.registry.searching import counting, index, service
from hotline.registry.searching.service import Backfill
from hotline.registry.service import CaseRegistry
from hotline.storage.database import Database
from hotline.storage.tables import CaseRow
from tests.databases import MORNING, HandClock
from tests.unit.registry.cases import AGENT, CHIEF, opened

_LITERAL = {"literal_binds": True}


async def found(database: Database, typed: str, limit: int = 20) -> list[str]:
    async with database.session() as session:
        return await index.find(session, typed, limit)


async def test_a_case_is_found_by_any_piece_of_its_text_newest_first(
    database: Database, registry: CaseRegistry
) -> None:
    older = await opened(registry, "a", description="井盖破损，边缘翘起", address="中山路12号")
    newer = await opened(
        registry, "b", description="路灯不亮，旁边井盖松动", address="解放路ＡＢ座"
    )
    both = [newer.case_number, older.case_number]
    for typed in ("井盖", "盖", "井", "路"):
        assert await found(database, typed) == both, typed
    assert await found(database, "井盖", limit=1) == both[:1]
    for typed in ("盖破损", "中山路12", "中山路12号", "翘起", "12 井盖", "起"):
        assert await found(database, typed) == [older.case_number], typed
    for typed in ("ab座", "路灯 井盖", "解放"):
        assert await found(database, typed) == [newer.case_number], typed
    for typed in ("人民路", "翘边", "%", "' OR 1=1 --", '"', "*", "\x00", "井盖 NEAR 没有"):
        assert await found(database, typed) == [], typed


async def test_a_phrase_comes_before_its_scattered_words(
    database: Database, registry: CaseRegistry
) -> None:
    phrase = await opened(registry, "a", description="中山路灯不亮")
    scattered = await opened(registry, "b", description="路灯在山路上，中山公园旁")
    assert await found(database, "中山路灯") == [phrase.case_number, scattered.case_number]


async def test_an_edit_replaces_the_words(database: Database, registry: CaseRegistry) -> None:
    case = await opened(registry, description="井盖破损")
    number = case.case_number
    await registry.edit(number, {"description": "路灯不亮"}, case.version, AGENT)
    assert await found(database, "井盖") == []
    assert await found(database, "路灯") == [number]


async def test_who_is_anonymous_is_not_found_by_name(
    database: Database, registry: CaseRegistry
) -> None:
    case = await opened(registry, caller_name="欧阳明", description="路灯")
    assert await found(database, "欧阳明") == [case.case_number]
    await registry.edit(case.case_number, {"anonymous": True}, case.version, AGENT)
    assert await found(database, "欧阳明") == []


async def test_counts_follow_every_step(database: Database, registry: CaseRegistry) -> None:
    case = await opened(registry)
    await opened(registry, "b")
    case = await registry.move(case.case_number, "file", AGENT, version=case.version)
    await registry.move(case.case_number, "void", CHIEF, "test", version=case.version)
    async with database.writing() as session:
        kept = await counting.counts(session)
        assert kept == {"to_file": 1, "void": 1}
        await counting.recount(session)
        assert await counting.counts(session) == kept


async def _write_past_the_registry(database: Database, count: int) -> list[dict[str, Any]]:
    rows = [
        {
            "case_number": f"20261120{number:05}", "state": "closed", "source": "hotline",
            "kind": "report", "description": f"第{number}件井盖", "opened_by": "x",
            "opened_at": MORNING, "changed_by": "x", "changed_at": MORNING,
        }
        for number in range(1, count + 1)
    ]  # fmt: skip
    async with database.writing() as session:
        session.add_all(CaseRow(**row) for row in rows)
        await session.flush()
    return rows


async def test_older_cases_get_their_words_while_the_hotline_runs(
    database: Database, clock: HandClock
) -> None:
    await _write_past_the_registry(database, 450)
    async with database.writing() as session:
        await counting.recount(session)
    backfill = Backfill(database, clock)
    job = asyncio.create_task(backfill.run())
    async with asyncio.timeout(20):
        while backfill.missing != 0:
            await asyncio.sleep(0.005)
            clock.advance(1)
    job.cancel()
    assert len(await found(database, "井盖", limit=500)) == 450


async def test_a_rebuild_tells_how_far_it_is_and_makes_the_same(database: Database) -> None:
    rows = await _write_past_the_registry(database, 30)
    async with database.writing() as session:
        await service.index_batch(session, rows)
    before = await found(database, "井盖")
    told: list[tuple[int, int]] = []
    assert await service.rebuild(database, lambda done, total: told.append((done, total))) == 30
    assert told[-1] == (30, 30)
    assert await found(database, "井盖") == before
    async with database.session() as session:
        assert await counting.counts(session) == {"closed": 30}


@given(typed=st.text(max_size=40) | st.text(alphabet="井盖路'\"*:&|!()<->\\ \x00a1", max_size=20))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_no_text_breaks_a_search(database: Database, typed: str) -> None:
    await found(database, typed)


async def test_the_list_is_narrowed_by_words(registry: CaseRegistry) -> None:
    await opened(registry, "a", description="井盖破损", kind="report")
    await opened(registry, "b", description="井盖松动", kind="help")
    assert (await registry.list(CaseFilter(text="井盖", kind="help"))).total == 1


async def test_lists_of_open_cases_read_only_the_index_of_open_cases(database: Database) -> None:
    order = listing.Order("due", descending=False, page=1, size=50)
    wanted = CaseFilter(street="s1", still_open=True)
    query = listing.page_of(wanted, order).compile(database.engine, compile_kwargs=_LITERAL)
    async with database.session() as session:
        if database.dialect == "sqlite":
            plan = await session.execute(text(f"EXPLAIN QUERY PLAN {query}"))
            assert "COVERING INDEX ix_cases_open" in " ".join(row[3] for row in plan)
        else:
            assert "INDEXED BY" not in str(query)
            await session.execute(text(str(query)))
