"""Where things are: the API, the map's files, the page of places and units."""

from __future__ import annotations

import gzip
import json

import httpx
import pytest

from hotline.registry.model import Person
from hotline.registry.places.model import Kind
from hotline.registry.places.sample import sample_city
from tests.unit.web.house import House

ADMIN = Person("admin", "admin")
GRIDS = """id,west,south,east,north
990101001001001,118,31,118.001,31.001
990101001001002,118.001,31,118.002,31.001
"""
DISTRICT = "id,name,west,south,east,north\n990101,云麓区,118,31,118.002,31.001\n"
ROADS = """id,name,first_number,last_number,odd_side,wkt
R1,望江路,1,99,left,"LINESTRING(118 31.0005,118.002 31.0005)"
"""


@pytest.fixture
async def town(house: House) -> House:
    places = house.web.parts.room.places
    for kind, text in (
        (Kind.DISTRICT, DISTRICT),
        (Kind.UNIT_GRID, GRIDS),
        (Kind.ROAD, ROADS),
    ):
        await places.import_places(text, kind, ADMIN, source=f"{kind}.csv")
    return house


async def test_a_point_is_told_with_its_grid_and_one_outside_is_said_to_be(town: House) -> None:
    async with town.browser("agent1") as browser:
        inside = await browser.get("/api/places/locate?lon=118.0005&lat=31.0005")
        assert inside.json()["where"]["grid"] == "990101001001001"
        assert inside.json()["where"]["line"] == "云麓区 990101001001001"
        outside = (await browser.get("/api/places/locate?lon=10&lat=10")).json()
        assert outside == {"certain": True, "outside": True, "where": None, "candidates": []}
        for wrong in ("", "lon=999&lat=1", "lon=nan&lat=1", "lon=x&lat=1"):
            answer = await browser.get(f"/api/places/locate?{wrong}")
            assert answer.status_code == 422


async def test_an_address_that_is_not_certain_shows_candidates_and_no_place(town: House) -> None:
    async with town.browser("unit1") as browser:
        sure = (await browser.get("/api/places/locate?address=望江路25号")).json()
        assert sure["certain"]
        assert sure["where"]["grid"] == "990101001001001"
        near = (await browser.get("/api/places/locate?address=望江路25号附近")).json()
        assert not near["certain"]
        assert near["where"] is None
        assert near["candidates"][0]["doubts"] == ["只是附近"]
        assert near["candidates"][0]["address"] == "云麓区望江路25号"


async def test_names_are_offered_while_one_types(town: House) -> None:
    async with town.browser("agent1") as browser:
        found = (await browser.get("/api/places/search?q=wjl")).json()
        assert [one["name"] for one in found["candidates"]] == ["望江路"]
        assert (await browser.get("/api/places/search?q=")).json()["candidates"] == []


async def test_a_map_is_sent_small_and_not_again_until_it_changes(town: House) -> None:
    async with town.browser("dispatcher1") as browser:
        first = await browser.get("/api/places/unit_grid.geojson")
        assert len(first.json()["features"]) == 2
        assert first.headers["content-encoding"] == "gzip"
        tag = {"If-None-Match": first.headers["etag"]}
        assert (await browser.get("/api/places/unit_grid.geojson", headers=tag)).status_code == 304
        places = town.web.parts.room.places
        more = "id,west,south,east,north\n990101001001003,118,31.001,118.001,31.002\n"
        await places.import_places(more, Kind.UNIT_GRID, ADMIN, source="more")
        again = await browser.get("/api/places/unit_grid.geojson", headers=tag)
        assert len(again.json()["features"]) == 3
        assert (await browser.get("/api/places/moon.geojson")).status_code == 422


async def test_eight_thousand_grids_are_less_than_a_megabyte_and_a_half(house: House) -> None:
    places = house.web.parts.room.places
    await places.load_sample(sample_city(), ADMIN)
    file = await places.map_file(Kind.UNIT_GRID)
    assert len(json.loads(file.plain)["features"]) >= 8000
    assert gzip.decompress(file.packed) == file.plain
    assert len(file.plain) < 1_900_000
    assert len(file.packed) < 450_000


async def upload(browser: httpx.AsyncClient, text: str, **form: str) -> httpx.Response:
    page = await browser.get("/places")
    token = page.text.split('name="_csrf" value="')[1].split('"')[0]
    files = {"file": ("grids.csv", text.encode(), "text/csv")}
    return await browser.post("/places/import", data={"_csrf": token, **form}, files=files)


async def test_a_file_is_taken_in_or_each_row_is_told(house: House) -> None:
    async with house.browser("supervisor") as browser:
        assert "还没有导入过" in (await browser.get("/places")).text
        bad = await upload(browser, GRIDS + "12,1,1,2,2\n,1,1,2,2\n", kind="unit_grid")
        assert bad.status_code == 422
        assert "有 2 处错误，什么都没有导入" in bad.text
        assert "编号位数不对" in bad.text
        assert house.web.parts.room.places.atlas.empty
        good = await upload(browser, GRIDS, kind="unit_grid")
        assert "新增 2" in good.text
        units = "unit_id,name,kind\nB01,市城市管理局,department\n"
        assert "新增 1" in (await upload(browser, units, kind="unit")).text
        assert "市城市管理局" in (await browser.get("/places")).text
        assert (await upload(browser, GRIDS, kind="moon")).status_code == 422


async def test_a_unit_is_added_changed_and_closed(house: House) -> None:
    async with house.browser("admin") as browser:
        form = {"unit_id": "B01", "name": "市水务局", "kind": "department", "active": "true"}
        answer = await browser.send_form("/places/units", **form)
        assert answer.headers["location"] == "/places?unit=B01&done=unit"
        assert 'value="市水务局"' in (await browser.get("/places?unit=B01")).text
        wrong = await browser.send_form("/places/units", **form | {"unit_id": "B02", "kind": "x"})
        assert wrong.status_code == 422
        assert "没有这个类型" in wrong.text
        del form["active"]
        await browser.send_form("/places/units", **form)
        assert house.web.parts.room.units.all() == ()


async def test_an_agent_points_at_a_map_of_the_city(town: House) -> None:
    async with town.browser("agent1") as browser:
        whole = (await browser.get("/api/places/map")).json()
        near = (await browser.get("/api/places/map?lon=118.0005&lat=31.0004&reach=200")).json()
        away = (await browser.get("/api/places/map?lon=100&lat=20")).json()
        wrong = await browser.get("/api/places/map?reach=1")
    assert whole["longitude"] == pytest.approx(118.001)
    assert {one["kind"] for one in near["drawn"]} == {"grid", "road"}
    assert (near["reach_m"], near["outside"]) == (200, False)
    assert near["line"].startswith("云麓区")
    assert (away["outside"], away["line"]) == (True, "")
    assert wrong.status_code == 422


async def test_a_city_without_places_has_no_map(house: House) -> None:
    async with house.browser("agent1") as browser:
        assert (await browser.get("/api/places/map")).json() is None
