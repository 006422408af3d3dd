"""A library of classes on a database of its own; each test runs on both."""

from __future__ import annotations

import pytest

from hotline.registry.taxonomy.service import TaxonomyLibrary
from hotline.storage.journal import Journal
from tests.databases import CITY, HandClock, clock, database, database_url, journal

__all__ = ["clock", "database", "database_url", "journal"]


@pytest.fixture
async def library(journal: Journal, clock: HandClock) -> TaxonomyLibrary:
    opened = TaxonomyLibrary(journal, clock, CITY)
    await opened.load()
    return opened
