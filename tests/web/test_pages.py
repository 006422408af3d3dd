"""Logins, languages and the pages of each role."""

from __future__ import annotations

import httpx
import pytest
from playwright.async_api import Browser, expect

from tests.deadline import until
from tests.system import PASSWORD, HotlineSystem
from tests.web.browser import SMALL, page_of, picture

HOMES = {
    "agent1": "/desk",
    "callback1": "/callbacks",
    "dispatcher1": "/dispatch",
    "checker1": "/cases",
    "unit1": "/unit",
    "supervisor": "/board",
    "admin": "/users",
}


@pytest.mark.parametrize("user", HOMES)
async def test_each_role_lands_on_its_own_page_and_none_needs_sideways_scrolling(
    system: HotlineSystem, browser: Browser, user: str
) -> None:
    async with page_of(system, browser, user, SMALL) as page:
        assert page.url.removeprefix(system.url).split("?")[0] == HOMES[user]
        await picture(page, f"home-{user}")
        strip = page.locator(".strip nav a")
        links = await strip.evaluate_all("links => links.map((a) => a.pathname)")
        assert links
        for path in links:
            await page.goto(system.url + path)
            wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{path} is {wide} px too wide"


async def test_a_wrong_password_says_so_in_words_and_the_right_one_opens_the_desk(
    system: HotlineSystem, browser: Browser
) -> None:
    page = await browser.new_page()
    await page.goto(f"{system.url}/login")
    await picture(page, "login")
    await page.fill("[name=user_id]", "agent3")
    await page.fill("[name=password]", "not it at all")
    await page.keyboard.press("Enter")
    await expect(page.locator("[role=alert]").first).to_have_text("用户名或密码不正确。")
    assert page.url == f"{system.url}/login"
    await page.fill("[name=user_id]", "agent3")
    await page.fill("[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/desk")
    await page.close()


async def test_the_language_is_a_switch_away_and_stays(
    system: HotlineSystem, browser: Browser
) -> None:
    async with page_of(system, browser, "supervisor") as page:
        await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
        await page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
        await page.locator("[name=language][value=en]").first.click()
        await expect(page.locator("html")).to_have_attribute("lang", "en")
        await picture(page, "board-english")
        await page.reload()
        await expect(page.locator("html")).to_have_attribute("lang", "en")
        await page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
        await page.locator("[name=language][value=zh]").first.click()
        await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


async def test_the_first_paint_is_quick(system: HotlineSystem, browser: Browser) -> None:
    async with page_of(system, browser, "agent1") as page:
        first = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
        paints: list[float] = []
        # 300 ms is the aim. The tests run beside others on two cores: one of three has to be quick.
        while len(paints) < 3 and not any(paint < 1000 for paint in paints):
            await page.reload()
            # Asked by evaluate: a wait in the page needs eval, which the page's own policy forbids.
            paints.append(await until(lambda: page.evaluate(first), what="the first paint"))
        assert min(paints) < 1000, paints


async def test_nothing_is_loaded_from_elsewhere(system: HotlineSystem, browser: Browser) -> None:
    async with page_of(system, browser, "agent1") as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.reload()
        own = (system.url, system.url.replace("http", "ws"), "data:", "blob:")
        assert asked
        assert [url for url in asked if not url.startswith(own)] == []


async def test_the_progress_query_needs_no_login(system: HotlineSystem, browser: Browser) -> None:
    page = await browser.new_page()
    answer = await page.goto(f"{system.url}/status")
    assert answer is not None
    assert answer.ok
    await picture(page, "status")
    await page.close()
    async with httpx.AsyncClient(base_url=system.url) as client:
        assert "set-cookie" not in (await client.get("/status")).headers
