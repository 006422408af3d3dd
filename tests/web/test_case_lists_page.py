"""Many cases in a real browser: chosen by keyboard, moved at once, searched for, on the map."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from hotline.config import Config
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.web.access import COOKIE
from hotline.web.assets import DIST
from hotline.web.server import WebServer
from tests.databases import MORNING, HandClock, sqlite_copy
from tests.unit.registry.cases import CHIEF
from tests.unit.web.house import House, add_people, make_house
from tests.unit.web.test_case_lists import HOUR, cases
from tests.web.browser import SMALL, TOLD, picture


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """The pages on a database of their own: no call is needed."""
    database = Database(sqlite_copy(tmp_path / "hotline.db"))
    clock = HandClock()
    journal = Journal(database, clock)
    await journal.open()
    await add_people(database)
    yield await make_house(database, journal, clock, DIST, Config())
    await database.close()


@pytest.fixture
async def page(house: House, browser: Browser) -> AsyncIterator[Page]:
    """The supervisor's browser; a mistake in our scripts fails the test."""
    server = WebServer(house.app, "127.0.0.1", 0)
    await server.start()
    url = f"http://127.0.0.1:{server.port}"
    context = await browser.new_context(viewport=SMALL, base_url=url)
    token = (await house.web.sessions.open("supervisor")).token
    await context.add_cookies([{"name": COOKIE, "value": token, "url": url}])
    mistakes: list[str] = []
    opened = await context.new_page()
    opened.on("pageerror", lambda error: mistakes.append(str(error)))
    yield opened
    await context.close()
    await server.stop()
    assert not mistakes


async def test_cases_are_chosen_moved_and_searched_by_keyboard(house: House, page: Page) -> None:
    numbers = await cases(
        house, 5, state="to_dispatch", unit="市政一队", handle_due_at=MORNING - HOUR, street="s1"
    )
    await page.goto("/cases?open=1&sort=case_number")
    row = page.locator(f"tr[data-number='{numbers[0]}']")
    await expect(row).to_contain_text("超期")
    await expect(page.locator("#connection")).to_have_attribute("data-state", TOLD)
    await row.focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Shift+ArrowDown")
    await page.keyboard.press("Shift+ArrowDown")
    await expect(page.locator("#bulk-count")).to_have_text("已勾选3件")
    # Somebody else is quicker with one of them.
    await house.web.parts.cases.move(numbers[1], "void", CHIEF, "重复登记", version=1)
    await page.select_option("#bulk [name=action]", "void")
    await page.fill("#bulk [name=why]", "测试数据")
    await page.click("#bulk-go")
    await expect(page.locator("#bulk-result")).to_contain_text("办好2件，1件没有办成")
    await expect(page.locator(".bulk-failed")).to_contain_text(numbers[1])
    await picture(page, "case-lists")

    await page.keyboard.press("Control+k")
    await page.locator("#everything input").fill("第4件")
    await expect(page.locator("#everything-list li.one").first).to_contain_text(numbers[3])
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/cases/{numbers[3]}")

    await page.goto("/map")
    await expect(page.locator("#map-total")).to_contain_text("未结2件，超期2件")
    await page.keyboard.press("t")
    await expect(page.locator("#map-rows tr")).to_have_count(1)
    await page.goto("/wall")
    await expect(page.locator("#wall-overdue")).to_have_text("2")
