"""Cases in and out, 10,000 of them, against the other side at its worst; each effect is counted.

Out: a receiver that is down for a while, slow, answers 500 after having accepted and loses
answers; the courier is killed again and again. In: a sender that repeats and reorders. Both ends
must hold every effect exactly once and in order per case, or the bench fails.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from sqlalchemy import func, select

from hotline.registry.exchange.arrivals import Incoming
from hotline.registry.exchange.sending import Answer, Delivery
from hotline.registry.forms import read_form
from hotline.storage.database import Database, migrate
from hotline.storage.journal import Journal
from hotline.storage.tables_exchange import OutMessageRow, ReferenceRow
from tests.databases import HandClock
from tests.exchange import DESK, Exchange, WildReceiver, make_exchange, wild

CASES = 10_000
EVENTS = 3
# How often the courier is killed while there is anything to send.
KILLS = 20
FORM = read_form({"kind": "report", "description": "井盖缺失"})


def run(cases: int = CASES) -> dict[str, object]:
    """Measure."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measure(Path(folder), cases))


async def _measure(folder: Path, cases: int) -> dict[str, object]:
    url = f"sqlite+aiosqlite:///{folder / 'hotline.db'}"
    await migrate(url)
    database, clock = Database(url), HandClock()
    journal = Journal(database, clock)
    await journal.open()
    receiver = wild(12319, share=0.1)
    _make_slow_and_sometimes_down(receiver, clock)
    exchange = await make_exchange(journal, clock, folder, receiver)
    try:
        incoming = await _come_in(exchange, cases)
        outgoing = await _go_out(exchange, receiver, clock, cases)
    finally:
        await database.close()
    return {"cases": cases, "in": incoming, "out": outgoing}


def _make_slow_and_sometimes_down(receiver: WildReceiver, clock: HandClock) -> None:
    dice, usual = random.Random(7), receiver.before

    def before(delivery: Delivery) -> Answer | None:
        # Two minutes of every twenty.
        return Answer(None, "no connection") if clock.now() % 1200 < 120 else usual(delivery)

    receiver.before = before
    receiver.delay_s = lambda: 0.05 if dice.random() < 0.01 else 0.0


async def _come_in(exchange: Exchange, cases: int) -> dict[str, object]:
    """Every ticket with its messages, each twice, shuffled within a window as networks do it."""
    peer = await exchange.peer("12345", source="12345", url="", scope="own")
    sent = []
    for ticket in (f"T{number}" for number in range(cases)):
        content = {"description": "路灯不亮"}
        sent.append(Incoming("create", ticket, f"{ticket}/1", content, 1))
        sent += [
            Incoming("update", ticket, f"{ticket}/{n}", {"address": str(n)}, n)
            for n in range(2, EVENTS + 1)
        ]
    dice = random.Random(110)
    flood = sorted(
        (one for one in sent for _ in range(2)), key=lambda one: int(one.external_id[1:])
    )
    for begin in range(0, len(flood), 600):
        part = flood[begin : begin + 600]
        dice.shuffle(part)
        flood[begin : begin + 600] = part
    began, statuses = time.perf_counter(), Counter[int]()
    for message in flood:
        statuses[(await exchange.room.inbox.take(peer, message)).status] += 1
    seconds = time.perf_counter() - began
    async with exchange.journal.database.session() as session:
        kept = await session.scalar(select(func.count()).select_from(ReferenceRow))
    assert kept == cases
    for number in dice.sample(range(cases), min(cases, 200)):
        case = await exchange.room.inbox.case_of(peer, f"T{number}")
        assert (case.address, case.version) == (str(EVENTS), EVENTS)
    return {
        "messages": len(flood),
        "opened": kept,
        "seconds": round(seconds, 1),
        "a_second": round(len(flood) / seconds),
        "statuses": dict(sorted(statuses.items())),
    }


async def _go_out(
    exchange: Exchange, receiver: WildReceiver, clock: HandClock, cases: int
) -> dict[str, object]:
    await exchange.peer("city", concurrency=64, attempts=100)
    numbers = []
    began = time.perf_counter()
    for _ in range(cases):
        numbers.append((await exchange.registry.open(FORM, "department", DESK)).case_number)
    for event in range(1, EVENTS):
        for number in numbers:
            changes = {"address": str(event)}
            await exchange.registry.edit(number, changes, event, DESK)
    written_s = time.perf_counter() - began
    began, virtual = time.perf_counter(), clock.now()
    kills = await _deliver(exchange, receiver, clock, cases * EVENTS)
    seconds = time.perf_counter() - began
    receiver.effects.check()
    complete = sum(len(seen) == EVENTS for seen in receiver.effects.by_case.values())
    assert complete == cases
    return {
        "messages": cases * EVENTS,
        "cases_complete_and_in_order": complete,
        "repeated_to_the_receiver": receiver.effects.repeated,
        "answers": {str(key): count for key, count in sorted(receiver.effects.answered.items())},
        "kills": kills,
        "most_at_once": receiver.most_flying,
        "written_s": round(written_s, 1),
        "delivered_s": round(seconds, 1),
        "delivered_a_second": round(cases * EVENTS / seconds),
        "on_the_peers_clock_s": round(clock.now() - virtual),
    }


async def _deliver(
    exchange: Exchange, receiver: WildReceiver, clock: HandClock, wanted: int
) -> int:
    kills = 0
    while True:
        task = asyncio.create_task(exchange.room.courier.run())
        until = len(receiver.effects.keys) + wanted // KILLS
        while len(receiver.effects.keys) < min(wanted, until):
            await asyncio.sleep(0.01)
            clock.advance(0.5)
        if len(receiver.effects.keys) < wanted:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            kills += 1
            continue
        await _drained(exchange, clock)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return kills


async def _drained(exchange: Exchange, clock: HandClock) -> None:
    """What the receiver took and we do not know yet is sent once more."""
    left = select(func.count()).where(OutMessageRow.state.in_(("due", "waiting", "stuck")))
    while True:
        async with exchange.journal.database.session() as session:
            if not await session.scalar(left):
                return
        await asyncio.sleep(0.05)
        clock.advance(2.0)
