"""Every test here that asks for a database runs on both."""

from __future__ import annotations

import pytest

from hotline.registry import taxonomy
from hotline.registry.judging.service import JudgingDesk
from hotline.storage.journal import Journal
from tests.databases import CITY, clock, database, database_url, journal

__all__ = ["clock", "database", "database_url", "journal"]


@pytest.fixture
def desk(journal: Journal) -> JudgingDesk:
    return JudgingDesk(journal, CITY, taxonomy.load)
