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


async def test_a_citizen_whom_the_agent_rang_is_handed_to_a_colleague_by_keyboard(
    system: HotlineSystem, browser: Browser
) -> None:
    number = "13812340097"
    answers = Answering(after=0.3)
    async with (
        system.desk("agent2") as other,
        system.agent_phone(other, hertz=THIRD_HZ, answering=answers) as third,
        ready_desk(system, browser) as page,
        system.citizen(number, dialled=True, answering=answers) as citizen,
    ):
        mark = system.last_seq()
        await page.keyboard.press("Alt+.")
        await page.fill("[name=caller_phone]", number)
        await page.fill("[name=address]", "中山路12号")
        await page.keyboard.press("Alt+c")
        await expect(page.locator("#outbound-note")).to_have_attribute("data-state", "talking")
        await page.keyboard.press("Alt+t")
        await page.keyboard.type("1002")
        await expect(page.locator("#handover-list [role=option]")).to_have_count(1)
        await page.keyboard.press("Enter")
        await expect(page.locator("#h-note")).to_have_value("中山路12号")
        await page.locator("[name=handover-mode][value=three_way]").check()
        await picture(page, "outbound-handover")
        await page.locator("#h-note").press("Enter")
        await in_phase(page, "talking")
        await expect(page.locator("#handover-text")).to_contain_text("三方通话")
        await expect(page.locator("#outbound-note")).to_contain_text("已转出")
        await picture(page, "outbound-handed-over")
        await until(lambda: tone_seconds(citizen.heard()[-8000:], THIRD_HZ) > 0.3)
        await page.keyboard.press("Alt+x")
        await in_phase(page, "wrap_up")
        start = len(citizen.heard())
        await until(lambda: tone_seconds(citizen.heard()[start:], THIRD_HZ) > 1)
        await third.hangup()
        await citizen.hangup()
    ended = await system.journalled("OutboundEnded", after=mark)
    assert ended.data["outcome"] == "handed_over"
