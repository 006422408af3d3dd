"""Every test here that asks for a database runs on both."""

from __future__ import annotations

import pytest

from hotline.registry import taxonomy
from hotline.registry.service import CaseRegistry
from hotline.registry.similar.linking import MatterKeeper
from hotline.registry.similar.model import Rules
from hotline.registry.similar.service import MatterDesk
from hotline.storage.journal import Journal
from tests.databases import CITY, HandClock, clock, database, database_url, journal
from tests.unit.registry.cases import Noted

__all__ = ["clock", "database", "database_url", "journal"]


@pytest.fixture
def noted() -> Noted:
    return Noted()


@pytest.fixture
def registry(journal: Journal, noted: Noted) -> CaseRegistry:
    keeper = MatterKeeper(noted, Rules())
    return CaseRegistry(journal, CITY, taxonomy.load(), noted, (keeper,))


@pytest.fixture
def desk(journal: Journal, registry: CaseRegistry, clock: HandClock) -> MatterDesk:
    return MatterDesk(journal, registry, clock, Rules())
