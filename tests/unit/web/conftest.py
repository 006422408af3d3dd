"""The web on a real database (SQLite is enough here: storage has tests on both)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hotline.config import Config
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from tests.databases import HandClock, sqlite_copy
from tests.unit.web.house import House, add_people, fake_dist, make_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A web with everybody of ``PEOPLE``."""
    database = Database(sqlite_copy(tmp_path / "hotline.db"))
    clock = HandClock()
    journal = Journal(database, clock)
    await journal.open()
    await add_people(database)
    yield await make_house(database, journal, clock, fake_dist(tmp_path / "dist"), Config())
    await database.close()
