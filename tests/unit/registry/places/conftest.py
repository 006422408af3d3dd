"""Every test here that asks for a database runs on both."""

from __future__ import annotations

import pytest

from hotline.registry.places.address import Gazetteer
from hotline.registry.places.atlas import Atlas
from hotline.registry.places.sample import SampleCity, sample_city
from hotline.registry.places.service import PlaceDesk
from hotline.registry.places.units import UnitBook
from hotline.storage.journal import Journal
from tests.databases import HandClock, clock, database, database_url, journal

__all__ = ["clock", "database", "database_url", "journal"]


@pytest.fixture
def book(journal: Journal) -> UnitBook:
    return UnitBook(journal)


@pytest.fixture
def desk(journal: Journal, clock: HandClock, book: UnitBook) -> PlaceDesk:
    return PlaceDesk(journal, clock, book)


@pytest.fixture(scope="session")
def city() -> SampleCity:
    """Drawn once: it takes a second."""
    return sample_city(1)


@pytest.fixture(scope="session")
def atlas(city: SampleCity) -> Atlas:
    return Atlas(city.places, 1)


@pytest.fixture(scope="session")
def gazetteer(atlas: Atlas) -> Gazetteer:
    return Gazetteer(atlas)
