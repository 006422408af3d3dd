"""What goes wrong between a desk and the rest of the house: said in words, and mended by itself."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from tests.system import HotlineSystem, signed_off
from tests.talks import waiting
from tests.web.network import network_of, page_through
from tests.web.test_desk import in_phase

NUMBER = "13912340091"


async def test_a_proxy_that_keeps_streams_back_is_noticed_and_every_call_pops_all_the_same(
    system: HotlineSystem, browser: Browser
) -> None:
    async with (
        network_of(system, held_back_s=10.0) as network,
        page_through(network, browser, "agent1") as page,
    ):
        light = page.locator("#connection")
        await expect(light).to_have_attribute("data-state", "late", timeout=20_000)
        await expect(page.locator("[data-bar=connection]")).to_contain_text("来电弹屏和状态照常")
        await expect(page.locator("#phone-light[data-state=registered]")).to_be_visible()
        await page.keyboard.press("Alt+g")
        await in_phase(page, "ready")
        try:
            async with waiting(system, NUMBER) as call:
                await in_phase(page, "offered")
                popped = page.locator("#callbar")
                await expect(popped).to_have_attribute("data-call", call.call_id, timeout=2000)
                await page.keyboard.press("Enter")
                await in_phase(page, "talking")
        finally:
            async with system.desk("agent1", listening=False) as desk:
                await signed_off(desk)
