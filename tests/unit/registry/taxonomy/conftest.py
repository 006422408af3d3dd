"""A library of classes on a database of its own: SQLite, and PostgreSQL too for those tests that
ask for it by ``ON_BOTH``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline.registry.taxonomy.service import TaxonomyLibrary
from hotline.storage.journal import Journal
from tests.databases import CITY, HandClock, clock, database, journal, postgres_copy, sqlite_copy

__all__ = ["clock", "database", "journal"]


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of the test's own."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield sqlite_copy(tmp_path / "hotline.db")
        return
    with postgres_copy() as url:
        yield url


@pytest.fixture
async def library(journal: Journal, clock: HandClock) -> TaxonomyLibrary:
    opened = TaxonomyLibrary(journal, clock, CITY)
    await opened.load()
    return opened
