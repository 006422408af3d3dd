from __future__ import annotations

import pytest

from hotline.callers.service import CallerDesk
from hotline.storage.journal import Journal
from tests.databases import clock, database, database_url, journal
from tests.unit.callers.made import Weather

__all__ = ["clock", "database", "database_url", "journal"]


@pytest.fixture
def weather() -> Weather:
    return Weather()


@pytest.fixture
async def desk(journal: Journal, weather: Weather) -> CallerDesk:
    made = CallerDesk(journal, weather.storm_on)
    await made.load()
    return made
