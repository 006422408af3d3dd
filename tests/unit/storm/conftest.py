"""Every test here that asks for a database runs on both."""

from __future__ import annotations

import pytest

from hotline.registry import taxonomy
from hotline.registry.service import CaseRegistry
from hotline.storage.journal import Journal
from hotline.storm.service import StormDesk
from tests.databases import CITY, HandClock, clock, database, database_url, journal
from tests.unit.registry.cases import Noted

__all__ = ["clock", "database", "database_url", "journal"]


@pytest.fixture
def registry(journal: Journal) -> CaseRegistry:
    return CaseRegistry(journal, CITY, taxonomy.load(), Noted())


@pytest.fixture
def desk(journal: Journal, registry: CaseRegistry, clock: HandClock) -> StormDesk:
    return StormDesk(journal, registry, clock)
