"""Handing over from the desk, by keyboard, in a real browser."""

from __future__ import annotations

from playwright.async_api import Browser, Page, expect

from hotline.demo.phone import BUSY, Answering
from tests.audio import tone_seconds
from tests.deadline import until
from tests.system import AGENT_HZ, HotlineSystem
from tests.web.browser import loudest_hertz, picture
from tests.web.test_desk import in_phase, in_talk, ready_desk

THIRD_HZ = 1200


async def hears_third(page: Page) -> None:
    """Wait until the page's phone plays the other service."""

    async def heard() -> bool:
        return abs(await loudest_hertz(page) - THIRD_HZ) < 20

    await until(heard, what="the browser plays 110")


async def test_an_agent_hands_over_by_keyboard_and_leaves_the_others_talking(
    system: HotlineSystem, browser: Browser
) -> None:
    police = system.citizen("110", hertz=THIRD_HZ, dialled=True, answering=BUSY)
    async with police as third, ready_desk(system, browser) as page, in_talk(system, page) as call:
        await page.fill("[name=address]", "中山路12号")
        await page.keyboard.press("Alt+t")
        await expect(page.locator("#handover-list")).to_contain_text("119 火警")
        await page.keyboard.type("jj")
        await expect(page.locator("#handover-list li")).to_have_text(["120 急救紧急"])
        await page.locator("#h-target").fill("110")
        await page.keyboard.press("Enter")
        await expect(page.locator("#h-note")).to_have_value("中山路12号")
        await picture(page, "handover-choosing")
        await page.keyboard.press("Enter")
        await expect(page.locator("#handover-note")).to_contain_text("110 报警占线")
        await expect(page.locator("[name=address]")).to_have_value("中山路12号")
        await picture(page, "handover-busy")

        third.answering = Answering(after=2.0)
        await page.keyboard.press("Alt+t")
        await page.keyboard.type("110")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Enter")
        await expect(page.locator("#handover-text")).to_contain_text("正在呼叫110 报警")
        await picture(page, "handover-ringing")
        await expect(page.locator("#handover-text")).to_contain_text("三方通话")
        await picture(page, "handover-three")
        # A browser softens a steady tone, so the citizen is much louder.
        start = len(third.heard())
        await until(
            lambda: tone_seconds(third.heard()[start:], AGENT_HZ, 0.004) > 1,
            what="110 hears the agent",
        )
        await hears_third(page)
        await expect(page.locator("#hang-up")).to_contain_text("由对方继续")
        await page.keyboard.press("Alt+x")
        await in_phase(page, "wrap_up")
        await until(lambda: tone_seconds(call.citizen.heard()[-8000:], THIRD_HZ) > 0.5)
    started = await system.journalled("HandoverStarted", after=call.mark, call_id=call.call_id)
    assert started.data["note"] == "中山路12号"
