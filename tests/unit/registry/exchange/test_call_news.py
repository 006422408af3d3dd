"""News of calls reach who asked for them: each once, in order, whatever dies between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import select

from hotline import events
from hotline.registry.exchange.call_news import CallNews
from hotline.registry.exchange.model import CALL_KINDS
from hotline.registry.exchange.sending import Answer
from hotline.storage.journal import Journal
from hotline.storage.tables_exchange import OutMessageRow
from tests.databases import HandClock
from tests.deadline import until
from tests.exchange import Exchange, WildReceiver, make_exchange, wild
from tests.unit.registry.exchange.test_delivery import delivering, settled

CALL = "pbx1-1795132800.7"


@asynccontextmanager
async def following(exchange: Exchange) -> AsyncIterator[None]:
    """The news being written, until it is killed."""
    task = asyncio.create_task(exchange.room.call_news.run())
    await asyncio.sleep(0)
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def written(exchange: Exchange) -> list[dict[str, Any]]:
    query = select(OutMessageRow).order_by(OutMessageRow.message_id)
    async with exchange.journal.database.session() as session:
        rows = (await session.scalars(query)).all()
    return [{"number": row.number, "state": row.state} | json.loads(row.body or "") for row in rows]


async def all_written(exchange: Exchange, count: int) -> list[dict[str, Any]]:
    async def there() -> bool:
        return len(await written(exchange)) >= count

    await until(there, what=f"{count} messages")
    return await written(exchange)


async def a_call(exchange: Exchange, call_id: str = CALL) -> None:
    await exchange.journal.append(
        events.CallArrived(call_id, "pbx1", "PJSIP/t", "12319", "+8613812345678"),
        events.CallQueued(call_id, "hotline", 0, 1.0),
        events.CallOffered(call_id, "agent1", f"{call_id}/1"),
        events.CallAnswered(call_id, "agent1", 3.0),
        events.CaseOpened("2026112000001", call_id, "hotline", "to_file", "agent1"),
        events.CallEnded(call_id, "citizen"),
    )


async def exchange_of(journal: Journal, clock: HandClock, folder: Path, *kinds: str) -> Exchange:
    exchange = await make_exchange(journal, clock, folder, WildReceiver())
    await exchange.peer("crm", kinds=kinds)
    return exchange


async def test_who_asked_for_calls_is_told_of_each_in_order_and_of_no_case(
    journal: Journal, clock: HandClock, tmp_path: Path
) -> None:
    exchange = await exchange_of(journal, clock, tmp_path, *CALL_KINDS)
    async with following(exchange):
        await asyncio.sleep(0.05)
        await a_call(exchange)
        told = await all_written(exchange, 4)
    assert [one["event"] for one in told] == [
        "call_offered",
        "call_answered",
        "call_filed",
        "call_ended",
    ]
    assert [one["number"] for one in told] == [1, 2, 3, 4]
    assert [one["state"] for one in told] == ["due", "waiting", "waiting", "waiting"]
    assert {one["calling"] for one in told} == {"138****5678"}
    assert told[2]["case_number"] == "2026112000001"
    assert {one["call_id"] for one in told} == {CALL}


async def test_nobody_is_told_of_calls_who_did_not_ask(
    journal: Journal, clock: HandClock, tmp_path: Path
) -> None:
    exchange = await exchange_of(journal, clock, tmp_path)
    await exchange.peer("crm2", kinds=("call_ended",))
    async with following(exchange):
        await asyncio.sleep(0.05)
        await a_call(exchange)
        told = await all_written(exchange, 1)
    assert [(one["event"], one["event_id"]) for one in told] == [("call_ended", f"crm2-{CALL}-1")]


async def test_a_controller_that_was_away_tells_what_happened_meanwhile_once(
    journal: Journal, clock: HandClock, tmp_path: Path
) -> None:
    exchange = await exchange_of(journal, clock, tmp_path, *CALL_KINDS)
    async with following(exchange):
        await asyncio.sleep(0.05)
        await a_call(exchange)
        await all_written(exchange, 4)
    await a_call(exchange, "pbx1-2.2")
    async with following(exchange):
        told = await all_written(exchange, 8)
        await asyncio.sleep(0.05)
    assert len(await written(exchange)) == len(told) == 8


async def test_the_number_is_told_in_full_only_where_the_city_says_so(
    journal: Journal, clock: HandClock, tmp_path: Path
) -> None:
    exchange = await exchange_of(journal, clock, tmp_path, "call_offered")
    woken: list[bool] = []
    news = CallNews(
        journal, exchange.room.peers, tell_numbers=True, wake=lambda: woken.append(True)
    )
    task = asyncio.create_task(news.run())
    await asyncio.sleep(0.05)
    await a_call(exchange)
    told = await all_written(exchange, 1)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert told[0]["calling"] == "13812345678"
    assert woken


async def test_news_arrive_once_and_in_order_whatever_the_receiver_does(
    journal: Journal, clock: HandClock, tmp_path: Path
) -> None:
    receiver = wild(seed=3)
    exchange = await make_exchange(journal, clock, tmp_path, receiver)
    await exchange.peer("crm", kinds=CALL_KINDS, attempts=100)
    async with following(exchange):
        await asyncio.sleep(0.05)
        for number in range(3):
            await a_call(exchange, f"pbx1-{number}.1")
        await all_written(exchange, 12)
    async with delivering(exchange):
        await settled(exchange, clock)
    assert sum(len(numbers) for numbers in receiver.effects.by_case.values()) == 12
    receiver.effects.check()


async def test_news_that_a_system_refuses_are_sent_again_or_skipped_with_a_reason(
    journal: Journal, clock: HandClock, tmp_path: Path
) -> None:
    receiver = WildReceiver(before=lambda delivery: Answer(422, "no"))
    exchange = await make_exchange(journal, clock, tmp_path, receiver)
    await exchange.peer("crm", kinds=CALL_KINDS)
    async with following(exchange):
        await asyncio.sleep(0.05)
        await a_call(exchange)
        await all_written(exchange, 4)
    async with delivering(exchange):
        await settled(exchange, clock, but=frozenset({"waiting"}))
        stuck = (await exchange.room.stuck.find()).out
        assert [(one.kind, one.case_number) for one in stuck] == [("call_offered", CALL)]
        await exchange.room.stuck.skip(stuck[0].message_id, "supervisor", "他们不要")
        receiver.before = lambda delivery: None
        await settled(exchange, clock)
    assert receiver.effects.by_case[f"crm-{CALL}"] == [2, 3, 4]
    skipped = await journal.read(kinds=(events.CaseMessageSkipped,), call_id=CALL)
    assert [record.event.data()["why"] for record in skipped] == ["他们不要"]
