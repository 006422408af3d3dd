"""Messages on their way to a peer: once and in order, whatever happens between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import func, select

from hotline.registry.exchange.model import NoSuchMessage
from hotline.registry.exchange.sending import Answer, Delivery
from hotline.registry.forms import read_form
from hotline.storage.journal import Journal
from hotline.storage.tables_exchange import OutMessageRow
from tests.databases import HandClock
from tests.exchange import DESK, Exchange, WildReceiver, make_exchange, wild

FORM = read_form({"kind": "report", "description": "井盖缺失", "caller_phone": "13812345678"})


async def open_case(exchange: Exchange) -> str:
    return (await exchange.registry.open(FORM, "department", DESK)).case_number


async def change(exchange: Exchange, number: str, text: str) -> None:
    case = await exchange.registry.get(number)
    await exchange.registry.edit(number, {"address": text}, case.version, DESK)


@asynccontextmanager
async def delivering(exchange: Exchange) -> AsyncIterator[None]:
    """The courier at work, until it is killed."""
    task = asyncio.create_task(exchange.room.courier.run())
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def states(exchange: Exchange) -> dict[str, int]:
    query = select(OutMessageRow.state, func.count()).group_by(OutMessageRow.state)
    async with exchange.journal.database.session() as session:
        return {row[0]: row[1] for row in await session.execute(query)}


async def settled(
    exchange: Exchange, clock: HandClock, *, but: frozenset[str] = frozenset()
) -> None:
    """Let time pass until nothing is due but what is stuck."""
    for _ in range(6000):
        left = await states(exchange)
        if not left.keys() & ({"due", "waiting"} - but):
            return
        for _ in range(5):
            await asyncio.sleep(0.001)
        clock.advance(1.0)
    raise AssertionError(f"not settled: {await states(exchange)}")


async def test_a_peer_is_told_of_a_case_in_the_order_in_which_it_happened(
    journal: Journal, clock: HandClock, tmp_path: Path
) -> None:
    receiver = WildReceiver()
    exchange = await make_exchange(journal, clock, tmp_path, receiver)
    await exchange.peer()
    number = await open_case(exchange)
    for text in ("一号", "二号"):
        await change(exchange, number, text)
    async with delivering(exchange):
        await settled(exchange, clock)
    said = receiver.effects.said[f"city-{number}"]
    assert [one["event"] for one in said] == ["opened", "edited", "edited"]
    assert [one["address"] for one in said] == ["", "一号", "二号"]
    assert "caller_phone" not in said[0]
    receiver.effects.check()


async def test_nothing_is_told_of_a_change_that_was_undone(
    journal: Journal, clock: HandClock, tmp_path: Path
) -> None:
    exchange = await make_exchange(journal, clock, tmp_path, WildReceiver())
    await exchange.peer()
    with suppress(RuntimeError):
        async with journal.transaction() as tx:
            await exchange.registry.open_in(tx, FORM, source="department", by=DESK)
            raise RuntimeError
    assert await states(exchange) == {}


async def test_a_receiver_that_fails_in_every_way_has_each_effect_once_and_in_order(
    journal: Journal, clock: HandClock, tmp_path: Path
) -> None:
    receiver = wild(seed=1)
    exchange = await make_exchange(journal, clock, tmp_path, receiver)
    await exchange.peer(concurrency=16, attempts=100)
    numbers = [await open_case(exchange) for _ in range(15)]
    for text in ("一", "二", "三"):
        for number in numbers:
            await change(exchange, number, text)
    # The controller is killed now and then: what it had sent and not marked is sent again.
    for _ in range(5):
        async with delivering(exchange):
            for _ in range(10):
                await asyncio.sleep(0.003)
                clock.advance(2.0)
    async with delivering(exchange):
        await settled(exchange, clock)
    receiver.effects.check()
    assert {case: len(seen) for case, seen in receiver.effects.by_case.items()} == {
        f"city-{number}": 4 for number in numbers
    }
    assert receiver.effects.repeated > 0


async def test_a_case_that_is_stuck_holds_up_itself_and_no_other(
    journal: Journal, clock: HandClock, tmp_path: Path
) -> None:
    bad = ""

    def refuse(delivery: Delivery) -> Answer | None:
        return Answer(422, '{"error":"unknown street"}') if bad in delivery.event_id else None

    receiver = WildReceiver(before=refuse)
    exchange = await make_exchange(journal, clock, tmp_path, receiver)
    await exchange.peer()
    numbers = [await open_case(exchange) for _ in range(3)]
    bad = numbers[1]
    await change(exchange, bad, "后来")
    async with delivering(exchange):
        await settled(exchange, clock, but=frozenset({"waiting"}))
        stuck = (await exchange.room.stuck.find()).out
        assert [(one.case_number, one.number, one.status, one.behind) for one in stuck] == [
            (bad, 1, 422, 1)
        ]
        assert "unknown street" in stuck[0].answer
        assert await states(exchange) == {"sent": 2, "stuck": 1, "waiting": 1}
        # Skipped with a reason, the next one of the case may go.
        bad = "nobody"
        await exchange.room.stuck.skip(stuck[0].message_id, "supervisor", "对方不收")
        await settled(exchange, clock)
    assert receiver.effects.by_case[f"city-{numbers[1]}"] == [2]
    history = [record.event for record in await journal.read(case_number=numbers[1])]
    assert any(type(event).__name__ == "CaseMessageSkipped" for event in history)


async def test_a_message_sent_anew_after_its_mapping_was_mended_is_made_by_the_new_one(
    journal: Journal, clock: HandClock, tmp_path: Path
) -> None:
    def refuse(delivery: Delivery) -> Answer | None:
        return None if '"case_no"' in delivery.body else Answer(422, "needs case_no")

    receiver = WildReceiver(before=refuse)
    exchange = await make_exchange(journal, clock, tmp_path, receiver)
    await exchange.peer()
    number = await open_case(exchange)
    async with delivering(exchange):
        await settled(exchange, clock)
        text = "fields: {case_no: {from: case_number}, where.street: {from: address}}"
        await exchange.room.peers.save_mapping("city", "out", text, 0, "supervisor")
        assert await exchange.room.stuck.retry_all("city") == 1
        await settled(exchange, clock)
    assert receiver.effects.said[f"city-{number}"] == [{"case_no": number, "where": {"street": ""}}]
    with pytest.raises(NoSuchMessage):
        await exchange.room.stuck.retry(999)


async def test_a_peer_that_is_down_is_left_in_peace_and_loses_nothing(
    journal: Journal, clock: HandClock, tmp_path: Path
) -> None:
    down, asked = True, 0

    def refuse(_delivery: Delivery) -> Answer | None:
        nonlocal asked
        asked += 1
        return Answer(None, "no connection") if down else None

    receiver = WildReceiver(before=refuse)
    exchange = await make_exchange(journal, clock, tmp_path, receiver)
    await exchange.peer()
    for _ in range(30):
        await open_case(exchange)
    async with delivering(exchange):
        for _ in range(60):
            await asyncio.sleep(0.003)
            clock.advance(10.0)
        # Ten minutes: the first few, then one a minute.
        assert asked < 40
        down = False
        await settled(exchange, clock)
    assert await states(exchange) == {"sent": 30}


async def test_a_peer_that_asks_for_patience_is_given_it(
    journal: Journal, clock: HandClock, tmp_path: Path
) -> None:
    at: list[float] = []

    def refuse(_delivery: Delivery) -> Answer | None:
        at.append(clock.now())
        return Answer(429, "slow down", 120.0) if len(at) == 1 else None

    exchange = await make_exchange(journal, clock, tmp_path, WildReceiver(before=refuse))
    await exchange.peer()
    await open_case(exchange)
    async with delivering(exchange):
        await settled(exchange, clock)
    assert at[1] - at[0] >= 120.0


async def test_a_paused_peer_is_sent_nothing_until_it_is_resumed(
    journal: Journal, clock: HandClock, tmp_path: Path
) -> None:
    receiver = WildReceiver()
    exchange = await make_exchange(journal, clock, tmp_path, receiver)
    await exchange.peer()
    await exchange.room.peers.pause("city", paused=True, by="supervisor")
    await open_case(exchange)
    async with delivering(exchange):
        for _ in range(10):
            await asyncio.sleep(0.003)
            clock.advance(5.0)
        assert await states(exchange) == {"due": 1}
        await exchange.room.peers.pause("city", paused=False, by="supervisor")
        await settled(exchange, clock)
    receiver.effects.check()
