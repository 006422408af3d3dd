"""Every test here that asks for a database runs on both."""

from __future__ import annotations

import pytest

from hotline.registry.places.units import UnitBook
from hotline.storage.journal import Journal
from tests.databases import clock, database, database_url, journal

__all__ = ["clock", "database", "database_url", "journal"]


@pytest.fixture
def book(journal: Journal) -> UnitBook:
    return UnitBook(journal)
