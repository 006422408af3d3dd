"""A handling unit's page on a telephone: photos and words come through, also when the network does
not carry them at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Page, ViewportSize, expect

from hotline.config import Config, HotlineSection
from hotline.registry.forms import read_form
from hotline.registry.life.model import Inputs
from hotline.registry.model import Person
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.storage.tables import UserRow
from hotline.web.access import COOKIE
from hotline.web.assets import DIST
from hotline.web.server import WebServer
from tests.databases import HandClock, sqlite_copy
from tests.unit.registry.attachments import files
from tests.unit.registry.cases import CALL, TYPED, arrive
from tests.unit.web.house import House, add_people, make_house
from tests.web.browser import started_browser

CHIEF, DISPATCHER = Person("supervisor", "supervisor"), Person("dispatcher1", "dispatcher")
PHONE = ViewportSize(width=390, height=844)


@dataclass
class Town:
    """One running web with a case that stands at the unit of unit1."""

    house: House
    url: str
    number: str


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    database, clock = Database(sqlite_copy(tmp_path / "hotline.db")), HandClock()
    journal = Journal(database, clock)
    await journal.open()
    await add_people(database)
    config = Config(hotline=HotlineSection(data_dir=tmp_path / "data"))
    house = await make_house(database, journal, clock, DIST, config)
    number = await dispatched_case(house)
    server = WebServer(house.app, "127.0.0.1", 0)
    await server.start()
    yield Town(house, f"http://127.0.0.1:{server.port}", number)
    await server.stop()
    await database.close()


async def dispatched_case(house: House) -> str:
    """A lamp that unit1's unit is to mend."""
    room = house.web.parts.room
    await room.units.save({"unit_id": "lamps", "name": "市照明处", "kind": "department"}, CHIEF)
    async with house.database.writing() as session:
        (await session.get_one(UserRow, "unit1")).unit_id = "lamps"
    await arrive(house.journal)
    case = await room.registry.open_from_call(read_form(TYPED), CALL, Person("agent1", "agent"))
    for action, by, inputs in (
        ("file", CHIEF, Inputs(condition="general")),
        ("dispatch", DISPATCHER, Inputs(unit_id="lamps")),
    ):
        case = await room.registry.move(
            case.case_number, action, by, version=case.version, inputs=inputs
        )
    return case.case_number


async def test_photos_and_words_survive_a_dead_network_and_a_closed_page(
    town: Town, tmp_path: Path
) -> None:
    photos = [tmp_path / f"IMG_{n}.jpg" for n in (1, 2)]
    for photo in photos:
        photo.write_bytes(files.photo_from_a_phone())
    async with started_browser(tmp_path) as browser:
        context = await browser.new_context(viewport=PHONE, is_mobile=True, has_touch=True)
        opened = await town.house.web.sessions.open("unit1")
        await context.add_cookies([{"name": COOKIE, "value": opened.token, "url": town.url}])
        page = await context.new_page()
        await page.goto(f"{town.url}/unit")
        await page.locator(".work a").first.tap()
        await page.locator("[data-action=accept]").tap()
        await expect(page.locator(".unit-top")).to_contain_text("处置中")
        await lose_the_network(page)
        await page.locator("#attachments input[type=file]").set_input_files(photos)
        await expect(page.locator("#attachment-waiting li")).to_have_count(2)
        await page.locator("[data-action=feedback]").tap()
        await page.locator("#f-why").fill("已更换灯头，恢复照明。")
        await page.locator("#unit-send").tap()
        await expect(page.locator("#unit-form-problem")).to_contain_text("还有 2 个附件")
        await page.close()

        page = await context.new_page()
        await page.goto(f"{town.url}/unit/cases/{town.number}")
        await expect(page.locator("#f-why")).to_have_value("已更换灯头，恢复照明。")
        await expect(page.locator("#attachment-list .photo")).to_have_count(2)
        await expect(page.locator("#attachment-waiting li")).to_have_count(0)
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        await page.locator("#unit-send").tap()
        await expect(page.locator(".unit-head")).to_contain_text("已反馈 1")
        await context.close()
    kept = await town.house.web.parts.room.attachments.of_case(town.number)
    assert [(one.stage, one.longitude) for one in kept] == [("after", 120.15)] * 2


async def lose_the_network(page: Page) -> None:
    """Whatever the page sends from now on goes nowhere."""
    await page.route("**/api/**", lambda route: route.abort())
