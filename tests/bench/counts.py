"""Counting how callers walked a flow: a month of a busy city, a million steps in the journal.

``rebuild_s`` counts all of it anew; ``counts_ms`` is what the page waits for one period, beside
``scan_ms``, the same asked of the journal itself by SQL (entries by node only).
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import insert, text

from hotline.clock import Clock
from hotline.storage.database import Database, migrate
from hotline.storage.journal import Journal
from hotline.storage.passages import Passages, rebuild
from hotline.storage.tables import JournalRow
from tests.databases import HandClock

CALLS = 100_000
STEPS = 10
MONTH_S = 30 * 86_400.0
BEGAN = 1_793_000_000.0
NODES = tuple(f"node-{number}" for number in range(30))
EXITS = ("next", "key:1", "key:2", "failed")
_SCAN = text(
    "SELECT json_extract(data, '$.step'), COUNT(*) FROM journal WHERE kind = 'FlowStep' "
    "AND at >= :since AND json_extract(data, '$.flow') = 'menu' GROUP BY 1"
)


def run() -> dict[str, object]:
    """Measure."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measure(f"sqlite+aiosqlite:///{Path(folder) / 'hotline.db'}"))


async def _measure(url: str) -> dict[str, object]:
    await migrate(url)
    database, clock = Database(url), HandClock(BEGAN + MONTH_S)
    await _fill(database)
    journal = Journal(database, clock)
    await journal.open()
    began = time.perf_counter()
    read = await rebuild(database)
    rebuild_s = time.perf_counter() - began
    report = {
        "journal_records": journal.last_seq,
        "records_counted": read,
        "rebuild_s": round(rebuild_s, 1),
        "rebuild_us_per_record": round(rebuild_s / read * 1e6, 1),
        **await _ask(database, journal, clock),
    }
    await database.close()
    return report


async def _ask(database: Database, journal: Journal, clock: Clock) -> dict[str, object]:
    passages = Passages(database, journal, clock)
    times: dict[str, list[float]] = {"day": [], "month": []}
    for _ in range(20):
        for name, seconds in (("day", 86_400.0), ("month", MONTH_S)):
            began = time.perf_counter()
            counts = await passages.counts("menu", clock.now() - seconds, clock.now())
            times[name].append(time.perf_counter() - began)
            assert counts.nodes
    began = time.perf_counter()
    async with database.session() as session:
        assert (await session.execute(_SCAN, {"since": BEGAN})).all()
    scan = time.perf_counter() - began
    asked = {f"counts_{name}_ms": round(median(taken) * 1000, 1) for name, taken in times.items()}
    return {**asked, "scan_month_ms": round(scan * 1000)}


async def _fill(database: Database) -> None:
    chance = random.Random(12319)
    async with database.writing() as session:
        rows = _rows(chance)
        while batch := list(islice(rows, 20_000)):
            await session.execute(insert(JournalRow), batch)


def _rows(chance: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(CALLS):
        call_id, at = f"pbx1-{number}.1", BEGAN + MONTH_S * number / CALLS
        arrived = {"node": "pbx1", "channel": "c", "called": "12319", "calling": "13800138000"}
        yield _row(call_id, at, "CallArrived", arrived)
        for step in range(STEPS):
            walked = {"flow": "menu", "version": 1 + number // 50_000, "by": chance.choice(EXITS)}
            node = NODES[0] if step == 0 else chance.choice(NODES)
            yield _row(call_id, at + step, "FlowStep", {"step": node, **walked})
        yield _row(call_id, at + STEPS, "CallEnded", {"by": chance.choice(("citizen", "system"))})


def _row(call_id: str, at: float, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"at": at, "kind": kind, "call_id": call_id, "data": {"call_id": call_id, **data}}
