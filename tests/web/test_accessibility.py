"""axe finds nothing serious on the pages that people work on all day; the others are looked at by
``python -m tests.accessibility``."""

from __future__ import annotations

from playwright.async_api import async_playwright

from tests.accessibility import ALL_DAY, look, scene
from tests.web.browser import chromium


async def test_axe_finds_nothing_serious_on_the_pages_of_the_day() -> None:
    async with scene(cases=3) as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox"]
        )
        told = [
            one for user, paths in ALL_DAY.items() for one in await look(browser, url, user, paths)
        ]
        await browser.close()
    assert not told, "\n".join(map(str, told))
