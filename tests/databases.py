"""Fixtures for whatever stores: each test runs on SQLite and on PostgreSQL.

A folder's conftest imports the ones that its tests ask for.
"""

from __future__ import annotations

import asyncio
import atexit
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from twisted.internet.task import Clock as TwistedClock

from hotline.clock import ReactorClock
from hotline.storage.database import Database, migrate
from hotline.storage.journal import Journal
from tests.emptied import emptied
from tests.postgres import cluster

CITY = ZoneInfo("Asia/Shanghai")
# 2026-11-20 08:00 in the city.
MORNING = 1795132800.0


class HandClock(ReactorClock):
    """A clock that moves only when a test moves it."""

    def __init__(self, start: float = MORNING) -> None:
        self.hands = TwistedClock()
        super().__init__(self.hands, lambda: start + self.hands.seconds())

    def advance(self, seconds: float) -> None:
        """Let time pass; what was due meanwhile happens."""
        self.hands.advance(seconds)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of the test's own, migrated."""
    if request.param == "sqlite":
        yield sqlite_copy(tmp_path / "hotline.db")
        return
    with postgres_copy() as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open pool on ``database_url``."""
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> HandClock:
    """Morning in the city, until the test moves it."""
    return HandClock()


@pytest.fixture
async def journal(database: Database, clock: HandClock) -> Journal:
    """The journal of ``database``, open and empty."""
    opened = Journal(database, clock)
    await opened.open()
    return opened


def sqlite_copy(path: Path) -> str:
    """A migrated SQLite database at ``path``; returns its URL."""
    shutil.copyfile(_sqlite_template(), path)
    return f"sqlite+aiosqlite:///{path}"


@asynccontextmanager
async def postgres() -> AsyncIterator[Database]:
    """A pool on a migrated PostgreSQL database of one's own."""
    with postgres_copy() as url:
        opened = Database(url)
        yield opened
        await opened.close()


@contextmanager
def postgres_copy() -> Iterator[str]:
    """The URL of a migrated PostgreSQL database of one's own."""
    with emptied(_postgres_template()) as url:
        yield url


@cache
def _sqlite_template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="hotline-db-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _migrate(f"sqlite+aiosqlite:///{folder / 'template.db'}")
    return folder / "template.db"


@cache
def _postgres_template() -> str:
    _migrate(cluster().create("template_hotline"))
    return "template_hotline"


def _migrate(url: str) -> None:
    # In a thread: the tests' loop may be running in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, migrate(url)).result()
