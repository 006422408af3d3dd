"""Time limits: 10,000 deadlines, and all open cases recomputed after the calendar changed, on
SQLite and on PostgreSQL. ``held`` is how long the loop was kept from everything else."""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from sqlalchemy import insert

from hotline.config import Config
from hotline.registry import taxonomy
from hotline.registry.clocks import engine
from hotline.registry.clocks.calendar import from_seconds
from hotline.registry.clocks.calendars import CalendarWords
from hotline.registry.clocks.files import configured
from hotline.registry.clocks.limits import DAY, read_limit
from hotline.registry.clocks.service import CaseClocks
from hotline.registry.model import Person
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.storage.tables import CaseRow
from hotline.storage.tables_clocks import CaseClockRow
from tests.databases import MORNING, HandClock, postgres_copy, sqlite_copy

CASES = int(os.environ.get("HOTLINE_BENCH_OPEN_CASES", "100000"))
CLOCKS = (
    ("arrive", "working_hour", "4工作时"),
    ("handle", "working_day", "5工作日"),
    ("close", "working_day", "15工作日"),
)
CHIEF = Person("supervisor", "supervisor")
_TOGETHER = 5000


def run() -> dict[str, object]:
    """Every figure."""
    with tempfile.TemporaryDirectory() as folder:
        sqlite = asyncio.run(_recomputed(sqlite_copy(Path(folder) / "hotline.db")))
    with postgres_copy() as url:
        postgres = asyncio.run(_recomputed(url))
    return {
        "deadlines": 10_000,
        "deadlines_s": round(_deadlines(), 3),
        "open_cases": CASES,
        "sqlite": sqlite,
        "postgresql": postgres,
    }


def _deadlines() -> float:
    calendar, dice = configured(Config()), random.Random(1)
    limits = [read_limit(text) for text in ("4工作时", "2紧急工作时", "5工作日", "3自然日")]
    starts = [from_seconds(MORNING) - dice.randrange(700 * DAY) for _ in range(10_000)]
    began = time.perf_counter()
    for number, start in enumerate(starts):
        engine.deadline(start, limits[number % 4], calendar)
    return time.perf_counter() - began


async def _recomputed(url: str) -> dict[str, object]:
    database = Database(url)
    try:
        journal = Journal(database, HandClock())
        await journal.open()
        clocks = CaseClocks.of(Config(), journal, HandClock(), taxonomy.load)
        await clocks.open()
        await _fill(database, clocks)
        words = replace(CalendarWords.of(clocks.calendars.current), holidays="2026-11-24")
        await clocks.calendars.save(words, 1, CHIEF, "bench")
        held: list[float] = []
        watch = asyncio.create_task(_watch(held))
        began = time.perf_counter()
        moved = await clocks.recomputer.catch_up()
        seconds = time.perf_counter() - began
        watch.cancel()
    finally:
        await database.close()
    held.sort()
    p99 = held[int(0.99 * len(held))]
    return {
        "moved": moved,
        "seconds": round(seconds, 1),
        "held_p99_ms": round(p99 * 1000, 1),
        "held_longest_ms": round(held[-1] * 1000, 1),
    }


async def _watch(held: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0.005)
        held.append(time.perf_counter() - began - 0.005)


async def _fill(database: Database, clocks: CaseClocks) -> None:
    for first in range(0, CASES, _TOGETHER):
        cases = [_case(number) for number in range(first, min(CASES, first + _TOGETHER))]
        rows = [_clock(case, clocks, *one) for case in cases for one in CLOCKS]
        async with database.writing() as session:
            await session.execute(insert(CaseRow), cases)
            await session.execute(insert(CaseClockRow), rows)


def _case(number: int) -> dict[str, object]:
    return {
        "case_number": f"20261120{number:06}",
        "state": "to_handle",
        "version": 1,
        "source": "hotline",
        "kind": "complaint",
        "opened_by": "agent1",
        "changed_by": "agent1",
        "opened_at": MORNING - number % 86_400,
        "changed_at": MORNING,
    }


def _clock(
    case: dict[str, object], clocks: CaseClocks, kind: str, unit: str, limit: str
) -> dict[str, object]:
    started = float(str(case["opened_at"]))
    return {
        "case_number": case["case_number"],
        "kind": kind,
        "unit": unit,
        "limit_text": limit,
        "started_at": started,
        "due_at": clocks.due_if_begun(limit, started),
        "outcome": "",
        "told": 0,
        "next_at": MORNING + 3600,
        "calendar_revision": 1,
        "trace": [],
    }
