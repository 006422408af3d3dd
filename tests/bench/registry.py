"""A registry of a million cases: what its users wait for, on SQLite and on PostgreSQL.

Each figure is a whole answer of the web application, from the request to the last byte, for a
supervisor who is logged in: p50 and p95 in milliseconds. ``scan`` is a search by ``LIKE``, which an
index spares. ``HOTLINE_BENCH_CASES`` asks for another number of cases.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from random import Random

import httpx
from sqlalchemy import func, select, text

from hotline.clock import local
from hotline.config import Config
from hotline.demo.casebook import City, casebook
from hotline.demo.filling import fill
from hotline.demo.history import sample
from hotline.registry.model import SYSTEM
from hotline.registry.places.sample import sample_city
from hotline.registry.searching.service import index_batch
from hotline.storage.database import Database, migrate
from hotline.storage.journal import Journal
from hotline.storage.tables import CaseRow
from hotline.web.assets import DIST
from tests.databases import CITY as ZONE
from tests.databases import HandClock, postgres_copy
from tests.unit.web.house import House, add_people, make_house

CASES = int(os.environ.get("HOTLINE_BENCH_CASES", "1000000"))
DAYS = 3 * 365
SEED = 20261121
# What people look for: places, things, what happened.
WORDS = (
    "井盖",
    "路灯",
    "滨江路",
    "绊倒",
    "垃圾",
    "施工 噪音",
    "菜市场",
    "绕路",
    "警示标志",
    "公交站",
)
_LIKE = text(
    "SELECT case_number FROM cases WHERE description LIKE :like OR address LIKE :like"
    " ORDER BY opened_at DESC LIMIT 50"
)

Ask = Callable[[int], Awaitable[httpx.Response]]


def run() -> dict[str, object]:
    """Measure both databases."""
    report: dict[str, object] = {"cases": CASES}
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'hotline.db'}"
        asyncio.run(migrate(url))
        report["sqlite"] = asyncio.run(_measure(url, Path(folder)))
    with tempfile.TemporaryDirectory() as folder, postgres_copy() as url:
        report["postgresql"] = asyncio.run(_measure(url, Path(folder)))
    return report


async def _measure(url: str, folder: Path) -> dict[str, object]:
    config = Config.model_validate({"hotline": {"data_dir": str(folder)}})
    now = time.time()
    database, clock = Database(url), HandClock(now)
    began = time.perf_counter()
    await _write(database, sample(config), now)
    took = time.perf_counter() - began
    journal = Journal(database, clock)
    await journal.open()
    await add_people(database)
    house = await make_house(database, journal, clock, DIST, config)
    await house.web.parts.room.places.load_sample(sample_city(), SYSTEM)
    try:
        return {"write_s": round(took, 1), **await _ask_all(house, now)}
    finally:
        await database.close()


async def _write(database: Database, city: City, now: float) -> None:
    def told(written: int) -> None:
        if written % 50_000 == 0:
            print(f"  {written} of {CASES} cases written", file=sys.stderr, flush=True)

    cases = casebook(city, CASES, now, DAYS, Random(SEED))
    await fill(database, cases, also=(index_batch,), told=told)
    async with database.writing() as session:
        await session.execute(text("ANALYZE"))


async def _ask_all(house: House, now: float) -> dict[str, object]:
    numbers = await _some_numbers(house.database)
    month = f"{local(now - 31 * 86_400, ZONE):%Y-%m}"
    filters = list(_filters(now))
    async with house.browser("supervisor") as browser:

        def get(path: str) -> Awaitable[httpx.Response]:
            return browser.get(path)

        asked: Mapping[str, tuple[int, Ask]] = {
            "open_a_case": (200, lambda n: get(f"/cases/{numbers[n]}")),
            "list": (200, lambda n: get(f"/cases?{filters[n % len(filters)]}")),
            "search": (100, lambda n: get(f"/api/search?q={WORDS[n % len(WORDS)]}")),
            "map": (20, lambda n: get("/api/map/open")),
            "bulletin": (5, lambda n: get(f"/judging/bulletin/{month}")),
        }
        report: dict[str, object] = {}
        for name, (times, ask) in asked.items():
            report[name] = await _timed(times, ask)
            print(f"  {name}: {report[name]}", file=sys.stderr, flush=True)
        return report | {"scan": await _scanned(house.database)}


def _filters(now: float) -> Iterator[str]:
    """What a list is narrowed by."""
    yield ""
    for state in ("to_dispatch", "handling", "to_check", "closed"):
        yield f"state={state}"
        yield f"state={state}&sort=opened_at"
    yield "source=12345&state=closed"
    yield "kind=complaint&urgency=urgent"
    yield "unit_id=B01&state=handling"
    yield "overdue=1"
    for district in range(1, 7):
        yield f"district=99010{district}"
        yield f"state=closed&district=99010{district}&page=20"


async def _some_numbers(database: Database) -> list[str]:
    async with database.session() as session:
        last = await session.scalar(select(func.max(CaseRow.case_number)))
        query = select(CaseRow.case_number).order_by(CaseRow.case_number)
        numbers = list(await session.scalars(query))
    assert last is not None
    return random.Random(SEED).sample(numbers, 200)


async def _timed(times: int, ask: Ask) -> dict[str, object]:
    took = []
    for number in range(times):
        began = time.perf_counter()
        answer = await ask(number)
        took.append((time.perf_counter() - began) * 1e3)
        if answer.status_code != httpx.codes.OK:
            raise RuntimeError(f"{answer.url} answers {answer.status_code}: {answer.text[:300]}")
    return _percentiles(took)


async def _scanned(database: Database) -> dict[str, object]:
    took = []
    async with database.session() as session:
        for word in WORDS[:5]:
            began = time.perf_counter()
            (await session.execute(_LIKE, {"like": f"%{word}%不存在%"})).all()
            took.append((time.perf_counter() - began) * 1e3)
    return _percentiles(took)


def _percentiles(took: list[float]) -> dict[str, object]:
    in_order = sorted(took)
    at = {
        share: in_order[min(len(in_order) - 1, int(share * len(in_order)))] for share in (0.5, 0.95)
    }
    return {"p50_ms": round(at[0.5], 1), "p95_ms": round(at[0.95], 1), "times": len(took)}
