"""Every test here that asks for a database runs on both."""

from __future__ import annotations

import pytest

from hotline.registry import taxonomy
from hotline.registry.searching.service import SearchKeeper
from hotline.registry.service import CaseRegistry
from hotline.storage.journal import Journal
from tests.databases import CITY, clock, database, database_url, journal
from tests.unit.registry.cases import Noted

__all__ = ["clock", "database", "database_url", "journal"]


@pytest.fixture
def noted() -> Noted:
    return Noted()


@pytest.fixture
def registry(journal: Journal, noted: Noted) -> CaseRegistry:
    return CaseRegistry(journal, CITY, taxonomy.load(), noted, (SearchKeeper(),))
