"""Every test here that asks for a database runs on both."""

from __future__ import annotations

import pytest

from hotline.callback.model import CallbackRules
from hotline.callback.planning import CallbackPlanner
from hotline.callback.service import CallbackDesk
from hotline.callback.worklist import Worklist
from hotline.registry import taxonomy
from hotline.registry.service import CaseRegistry
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from tests.databases import CITY, clock, database, database_url, journal
from tests.unit.callback.closing import Closing

__all__ = ["clock", "database", "database_url", "journal"]

RULES = CallbackRules("pbx1", retry_s=86_400.0, attempts=3)


@pytest.fixture
def registry(journal: Journal) -> CaseRegistry:
    return CaseRegistry(journal, CITY, taxonomy.load(), CallbackPlanner(RULES))


@pytest.fixture
def desk(journal: Journal, registry: CaseRegistry) -> CallbackDesk:
    return CallbackDesk(journal, registry, RULES)


@pytest.fixture
def worklist(database: Database) -> Worklist:
    return Worklist(database)


@pytest.fixture
def closing(registry: CaseRegistry, database: Database) -> Closing:
    return Closing(registry, database)
