"""A case given away by keyboard, and a handling unit's page on a telephone: photos and words come
through, also when the network does not carry them at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from hotline.config import Config, HotlineSection
from hotline.registry.dispatching.rules_file import WantedRule
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
from tests.web.browser import SMALL, started_browser

CHIEF = Person("supervisor", "supervisor")
LAMP = "component/0137"
WIDTH = 390
TELEPHONE = {
    "viewport": ViewportSize(width=WIDTH, height=844),
    "is_mobile": True,
    "has_touch": True,
}


@dataclass
class Town:
    """One running web with a case that waits to be dispatched."""

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
    number = await filed_case(house)
    server = WebServer(house.app, "127.0.0.1", 0)
    await server.start()
    yield Town(house, f"http://127.0.0.1:{server.port}", number)
    await server.stop()
    await database.close()


async def filed_case(house: House) -> str:
    """A lamp that unit1's unit is to mend by the rules, and somebody else who could help."""
    room = house.web.parts.room
    for unit_id, name in (("lamps", "市照明处"), ("power", "供电公司")):
        await room.units.save({"unit_id": unit_id, "name": name, "kind": "department"}, CHIEF)
    async with house.database.writing() as session:
        (await session.get_one(UserRow, "unit1")).unit_id = "lamps"
    rules = [WantedRule("", "", "power", ""), WantedRule(LAMP, "", "lamps", "权责清单")]
    await room.dispatching.add(rules, CHIEF)
    await arrive(house.journal)
    typed = read_form(TYPED | {"category": LAMP})
    case = await room.registry.open_from_call(typed, CALL, Person("agent1", "agent"))
    inputs = Inputs(condition="general")
    await room.registry.move(case.case_number, "file", CHIEF, version=case.version, inputs=inputs)
    return case.case_number


async def page_for(town: Town, browser: Browser, user: str, **more: Any) -> Page:
    """A page of somebody who is logged in."""
    context = await browser.new_context(**more)
    opened = await town.house.web.sessions.open(user)
    await context.add_cookies([{"name": COOKIE, "value": opened.token, "url": town.url}])
    return await context.new_page()


async def given_away_by_keyboard(town: Town, browser: Browser) -> None:
    """The dispatcher looks at both units, and presses Enter on the one that the rules name."""
    page = await page_for(town, browser, "dispatcher1", viewport=SMALL)
    await page.goto(f"{town.url}/dispatch")
    await expect(page.locator("#dispatch-whom")).to_have_text("市照明处")
    await page.keyboard.press("2")
    await expect(page.locator("#dispatch-whom")).to_have_text("供电公司")
    await page.keyboard.press("1")
    await page.locator("#candidates li", has_text="供电公司").get_by_label("联动协办").check()
    await page.keyboard.press("Enter")
    await expect(page.locator(".chosen")).to_contain_text("全部派完了")
    await page.context.close()


async def test_photos_and_words_of_a_unit_survive_a_dead_network_and_a_closed_page(
    town: Town, tmp_path: Path
) -> None:
    photos = [tmp_path / f"IMG_{n}.jpg" for n in (1, 2)]
    photos[0].write_bytes(files.photo_from_a_phone())
    photos[1].write_bytes(files.photo_from_a_phone(large=True))
    async with started_browser(tmp_path) as browser:
        await given_away_by_keyboard(town, browser)
        await help_is_done(town)
        page = await page_for(town, browser, "unit1", **TELEPHONE)
        context = page.context
        await page.goto(f"{town.url}/unit")
        await page.locator(".work a").first.tap()
        await page.locator("[data-action=accept]").tap()
        await expect(page.locator(".unit-top")).to_contain_text("处置中")
        await expect(page.locator("[data-action=feedback]")).to_be_enabled()
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
        assert await page.evaluate("document.documentElement.scrollWidth") <= WIDTH
        await page.locator("#unit-send").tap()
        await expect(page.locator(".unit-head")).to_contain_text("已提交 1")
        await context.close()
    kept = await town.house.web.parts.room.attachments.of_case(town.number)
    assert [(one.stage, one.longitude) for one in kept] == [("after", 120.15)] * 2
    # The second was made smaller before it was sent, and is upright all the same.
    assert (kept[1].width, kept[1].height) == (1707, 2560)
    assert kept[1].size < photos[1].stat().st_size / 1.3


async def help_is_done(town: Town) -> None:
    """The other unit has done its part."""
    cases = town.house.web.parts.cases
    case = await cases.get(town.number)
    inputs = Inputs(part="power")
    await cases.move(
        town.number, "part_done", CHIEF, "已断电配合", version=case.version, inputs=inputs
    )


async def lose_the_network(page: Page) -> None:
    """Whatever the page sends from now on goes nowhere."""
    await page.route("**/api/**", lambda route: route.abort())
