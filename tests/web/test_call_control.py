"""Two agents' desks in a real browser: one asks the other, who goes on with the caller."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from hotline.demo.phone import Answering
from tests.audio import tone_seconds
from tests.deadline import until
from tests.system import CITIZEN_HZ, HotlineSystem
from tests.web.browser import picture
from tests.web.test_desk import (
    MUSIC_S,
    hear_each_other,
    in_phase,
    in_talk,
    other_than_agent,
    ready_desk,
)

THIRD_HZ = 1200
ADDRESS = "中山路 12 号"


async def test_a_caller_is_held_a_colleague_asked_and_the_talk_taken_over_by_keyboard(
    system: HotlineSystem, browser: Browser
) -> None:
    async with ready_desk(system, browser) as page, in_talk(system, page) as call:
        await hear_each_other(page, call.citizen)
        start = len(call.citizen.heard())
        await page.keyboard.press("Alt+h")
        await expect(page.locator("#bar-text")).to_have_text("来电人正在听音乐")
        await until(lambda: other_than_agent(call.citizen, start) > MUSIC_S, what="music")
        await page.keyboard.press("Alt+h")
        await expect(page.locator("#hold-text")).to_have_text("保持")
        await hear_each_other(page, call.citizen)
        await page.fill("[name=address]", ADDRESS)
        await expect(page.locator("#draft")).to_have_attribute("data-state", "saved")
        async with ready_desk(system, browser, "agent2") as other:
            await page.keyboard.press("Alt+t")
            await page.keyboard.type("lq")
            await expect(page.locator("#handover-list li").first).to_contain_text("李强")
            await page.keyboard.press("Enter")
            await page.keyboard.press("Enter")
            await expect(other.locator("#bar-title")).to_have_text("同事呼叫")
            await expect(other.locator("[name=address]")).to_have_value(ADDRESS)
            await expect(other.locator(".story")).to_contain_text("张敏 咨询 李强")
            await expect(other.locator("#accept")).to_be_visible()
            await picture(other, "desk-asked")
            await other.keyboard.press("Alt+a")
            await expect(page.locator("#handover-text")).to_contain_text("单独通话")
            await picture(page, "desk-consult")
            await page.keyboard.press("Alt+h")
            await expect(page.locator("#handover-text")).to_contain_text("三方通话")
            await page.keyboard.press("Alt+x")
            await in_phase(page, "wrap_up")
            await in_phase(other, "talking")
            await expect(page.locator("#case-form")).to_be_hidden()
            await hear_each_other(other, call.citizen)
            # The talk is the colleague's, also when their page is reloaded.
            await other.reload()
            await hear_each_other(other, call.citizen)
            await in_phase(other, "talking")
            await other.keyboard.press("Alt+x")
            await call.ear.hears(("survey",), within=30)
            await in_phase(other, "wrap_up")


async def test_a_reload_while_a_service_is_asked_keeps_the_caller_with_music_and_apart_from_it(
    system: HotlineSystem, browser: Browser
) -> None:
    police = system.citizen("110", hertz=THIRD_HZ, dialled=True, answering=Answering(after=0.3))
    async with police as third, ready_desk(system, browser) as page, in_talk(system, page) as call:
        await hear_each_other(page, call.citizen)
        await page.keyboard.press("Alt+t")
        await page.keyboard.type("110")
        await page.keyboard.press("Enter")
        await page.locator("input[name=handover-mode][value=consult]").check()
        await page.keyboard.press("Enter")
        await expect(page.locator("#handover-text")).to_contain_text("单独通话")
        start = len(call.citizen.heard())
        await page.reload()
        await third.closed(within=30)
        await hear_each_other(page, call.citizen)
        await in_phase(page, "talking")
        assert tone_seconds(third.heard(), CITIZEN_HZ) == 0
        assert tone_seconds(call.citizen.heard()[start:], THIRD_HZ, 0.3) == 0
        ended = await system.journalled("HandoverEnded", after=call.mark, call_id=call.call_id)
        assert ended.data["outcome"] == "parted"
