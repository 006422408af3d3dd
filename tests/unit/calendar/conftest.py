"""Every test here that asks for a database runs on both."""

from __future__ import annotations

import pytest

from hotline.calendar.service import CalendarService
from hotline.storage.journal import Journal
from tests.databases import CITY, clock, database, database_url, journal

__all__ = ["clock", "database", "database_url", "journal"]


@pytest.fixture
def calendar(journal: Journal) -> CalendarService:
    return CalendarService(journal, CITY, {"hotline": "08:00-18:00"})
