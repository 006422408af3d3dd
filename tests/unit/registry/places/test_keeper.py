"""A case gets its grid from its point or from a certain address, and from nothing else."""

from __future__ import annotations

import pytest

from hotline.registry import taxonomy
from hotline.registry.model import Case, Person
from hotline.registry.places.keeper import PlaceKeeper
from hotline.registry.places.model import Kind
from hotline.registry.places.service import PlaceDesk
from hotline.registry.service import CaseRegistry
from hotline.storage.journal import Journal
from tests.databases import CITY
from tests.unit.registry.cases import CALL, Noted, opened

AGENT = Person("agent1", "agent")
GRIDS = """id,name,west,south,east,north
990101001001001,,118,31,118.001,31.001
990101001001002,,118.001,31,118.002,31.001
"""
ROADS = """id,name,first_number,last_number,odd_side,wkt
R1,望江路,1,99,left,"LINESTRING(118 31.0005,118.002 31.0005)"
"""


@pytest.fixture
async def registry(journal: Journal, desk: PlaceDesk) -> CaseRegistry:
    await desk.import_places(GRIDS, Kind.UNIT_GRID, AGENT, source="grids")
    await desk.import_places(ROADS, Kind.ROAD, AGENT, source="roads")
    return CaseRegistry(journal, CITY, taxonomy.load(), Noted(), (PlaceKeeper(desk),))


def where(case: Case) -> tuple[str, float | None, str]:
    return case.grid, case.longitude, case.road


async def test_a_certain_address_fills_in_the_point_and_the_grid(registry: CaseRegistry) -> None:
    case = await opened(registry, address="望江路25号")
    assert case.grid == "990101001001001"
    assert case.longitude == pytest.approx(118 + 24 / 98 * 0.002)
    assert case.road == "望江路"


async def test_an_address_that_is_not_certain_fills_in_nothing(registry: CaseRegistry) -> None:
    case = await opened(registry, address="望江路25号附近")
    assert where(case) == ("", None, "")


async def test_a_point_goes_before_the_address(registry: CaseRegistry) -> None:
    case = await opened(registry, address="望江路25号", longitude=118.0015, latitude=31.0002)
    assert where(case) == ("990101001001002", 118.0015, "")


async def test_a_point_outside_of_the_city_empties_the_grid(registry: CaseRegistry) -> None:
    case = await opened(registry, address="望江路25号")
    changed = await registry.edit(
        case.case_number, {"longitude": 100.0, "latitude": 31.0}, case.version, AGENT
    )
    assert changed.grid == ""


async def test_saving_the_form_again_keeps_what_was_found(registry: CaseRegistry) -> None:
    case = await opened(registry, address="望江路25号")
    again = await opened(registry, CALL, address="望江路25号", description="路灯还是不亮")
    assert where(again) == where(case)


async def test_another_address_takes_back_what_the_first_one_had_filled_in(
    registry: CaseRegistry,
) -> None:
    case = await opened(registry, address="望江路25号")
    changed = await registry.edit(case.case_number, {"address": "说不清"}, case.version, AGENT)
    assert where(changed) == ("", None, "")


async def test_a_point_that_somebody_set_stays_when_the_words_change(
    registry: CaseRegistry,
) -> None:
    case = await opened(registry, address="说不清", longitude=118.0015, latitude=31.0002)
    changed = await registry.edit(case.case_number, {"address": "还是说不清"}, case.version, AGENT)
    assert where(changed) == ("990101001001002", 118.0015, "")


async def test_without_any_places_a_case_is_opened_as_ever(
    journal: Journal, desk: PlaceDesk
) -> None:
    registry = CaseRegistry(journal, CITY, taxonomy.load(), Noted(), (PlaceKeeper(desk),))
    case = await opened(registry, address="望江路25号", longitude=118.0, latitude=31.0)
    assert where(case) == ("", 118.0, "")
