"""The web on a real database: SQLite, and PostgreSQL too for those that ask for it by ``ON_BOTH``
(most do not need it: storage has tests on both)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from hotline.config import Config
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from tests.databases import HandClock, postgres_copy, sqlite_copy
from tests.unit.web.house import House, add_people, fake_dist, make_house


@pytest.fixture
def house_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of the test's own."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield sqlite_copy(tmp_path / "hotline.db")
        return
    with postgres_copy() as url:
        yield url


@pytest.fixture
async def house(tmp_path: Path, house_url: str) -> AsyncIterator[House]:
    """A web with everybody of ``PEOPLE``."""
    database = Database(house_url)
    clock = HandClock()
    journal = Journal(database, clock)
    await journal.open()
    await add_people(database)
    yield await make_house(database, journal, clock, fake_dist(tmp_path / "dist"), Config())
    await database.close()
