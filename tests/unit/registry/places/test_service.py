"""Places are taken in as a whole, survive a restart, and are seen by other programs."""

from __future__ import annotations

import asyncio
import json

import pytest

from hotline import events
from hotline.registry.model import Person
from hotline.registry.places.model import BadFile, Kind
from hotline.registry.places.sample import SampleCity
from hotline.registry.places.service import LOOK_AGAIN_S, Counts, PlaceDesk, PlacesChanged
from hotline.registry.places.units import UnitBook
from hotline.storage.journal import Journal
from tests.databases import HandClock

ADMIN = Person("admin", "admin")
DISTRICTS = """id,name,west,south,east,north
990101,云麓区,118,31,118.1,31.1
990102,望川区,118.1,31,118.2,31.1
"""


async def test_places_are_taken_in_and_survive_a_restart(
    desk: PlaceDesk, journal: Journal, clock: HandClock, book: UnitBook
) -> None:
    done = await desk.import_places(DISTRICTS, Kind.DISTRICT, ADMIN, source="districts.csv")
    assert done == Counts(2, 0, 0)
    assert desk.whereabouts(118.05, 31.05).district == "990101"
    again = PlaceDesk(journal, clock, book)
    await again.open()
    assert again.whereabouts(118.15, 31.05).district == "990102"
    (told,) = [record.event for record in await journal.read()]
    assert told == events.PlacesImported(1, "district", "districts.csv", "admin", 2)
    (kept,) = await again.imports()
    assert (kept.revision, kept.added, kept.crs) == (1, 2, "wgs84")


async def test_one_wrong_row_keeps_everything_out(desk: PlaceDesk) -> None:
    with pytest.raises(BadFile):
        await desk.import_places(
            DISTRICTS + "990103,,1,1,2,2\n", Kind.DISTRICT, ADMIN, source="bad.csv"
        )
    assert desk.atlas.empty
    assert await desk.imports() == []


async def test_an_import_changes_adds_and_only_on_demand_retires(desk: PlaceDesk) -> None:
    await desk.import_places(DISTRICTS, Kind.DISTRICT, ADMIN, source="1")
    other = "id,name,west,south,east,north\n990102,望江区,118.1,31,118.2,31.1\n"
    done = await desk.import_places(other, Kind.DISTRICT, ADMIN, source="2")
    assert done == Counts(0, 1, 0)
    assert desk.atlas.name(Kind.DISTRICT, "990101") == "云麓区"
    done = await desk.import_places(other, Kind.DISTRICT, ADMIN, source="3", replace=True)
    assert done == Counts(0, 0, 1)
    assert desk.whereabouts(118.05, 31.05).outside
    # A retired place comes back with the next file that holds it.
    done = await desk.import_places(DISTRICTS, Kind.DISTRICT, ADMIN, source="4")
    assert done == Counts(0, 2, 0)
    assert desk.whereabouts(118.05, 31.05).district == "990101"


async def test_an_import_by_another_program_is_seen_within_seconds(
    desk: PlaceDesk, journal: Journal, clock: HandClock, book: UnitBook
) -> None:
    running = asyncio.create_task(desk.run())
    other = PlaceDesk(journal, clock, book)
    await other.import_places(DISTRICTS, Kind.DISTRICT, ADMIN, source="elsewhere")
    async with asyncio.timeout(10):
        while not desk.atlas.of(Kind.DISTRICT):
            clock.advance(LOOK_AGAIN_S)
            await asyncio.sleep(0.01)
    running.cancel()


async def test_of_two_imports_at_once_one_is_asked_to_try_again(
    desk: PlaceDesk, journal: Journal, clock: HandClock, book: UnitBook
) -> None:
    other = PlaceDesk(journal, clock, book)
    done = await asyncio.gather(
        desk.import_places(DISTRICTS, Kind.DISTRICT, ADMIN, source="1"),
        other.import_places(DISTRICTS, Kind.DISTRICT, ADMIN, source="2"),
        return_exceptions=True,
    )
    assert [type(one) for one in done if isinstance(one, BaseException)] == [PlacesChanged]
    assert len(await desk.imports()) == 1


async def test_the_sample_city_is_loaded_once_and_exported_as_it_is(
    desk: PlaceDesk, book: UnitBook, city: SampleCity
) -> None:
    done = await desk.load_sample(city, ADMIN)
    assert done.added == len(city.places)
    assert len(book.all()) == 38
    assert await desk.load_sample(city, ADMIN) == Counts(0, 0, 0)
    grids = json.loads(desk.export(Kind.UNIT_GRID))["features"]
    assert len(grids) >= 8000
