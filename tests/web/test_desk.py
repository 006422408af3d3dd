"""The agent's desk in a real browser, its phone talking to a citizen's real SIP phone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Dialog, Page, Route, expect

from hotline.demo.phone import BaresipPhone
from tests.audio import loud_seconds, tone_seconds
from tests.deadline import until
from tests.system import AGENT_HZ, CITIZEN_HZ, HotlineSystem, signed_off
from tests.talks import Waiting, waiting
from tests.web.browser import loudest_hertz, page_of, picture

NUMBER = "13912340001"
MUSIC_S = 1.0


@asynccontextmanager
async def ready_desk(
    system: HotlineSystem, browser: Browser, user: str = "agent1"
) -> AsyncIterator[Page]:
    """An agent's desk with its own phone registered, ready by keyboard; signed off at the end."""
    async with page_of(system, browser, user) as page:
        await expect(page.locator("#phone-light[data-state=registered]")).to_be_visible()
        await page.keyboard.press("Alt+g")
        await in_phase(page, "ready")
        try:
            yield page
        finally:
            async with system.desk(user, listening=False) as desk:
                await signed_off(desk)


async def in_phase(page: Page, phase: str) -> None:
    await expect(page.locator("#callbar")).to_have_attribute("data-phase", phase)


async def hear_each_other(page: Page, citizen: BaresipPhone) -> None:
    """Audio both ways: the browser's microphone at the citizen, the citizen in its speakers."""
    start = len(citizen.heard())
    await until(lambda: tone_seconds(citizen.heard()[start:], AGENT_HZ) > 1, what="the agent")

    async def heard() -> bool:
        return abs(await loudest_hertz(page) - CITIZEN_HZ) < 20

    await until(heard, what="the browser plays the citizen")


def other_than_agent(citizen: BaresipPhone, since: int) -> float:
    """For how many seconds the citizen has heard anything but the agent since that sample."""
    heard = citizen.heard()[since:]
    return loud_seconds(heard) - tone_seconds(heard, AGENT_HZ)


@asynccontextmanager
async def in_talk(
    system: HotlineSystem, page: Page, number: str = NUMBER
) -> AsyncIterator[Waiting]:
    """A call that popped and was accepted by keyboard."""
    async with waiting(system, number, "李四") as call:
        await in_phase(page, "offered")
        await page.keyboard.press("Enter")
        await in_phase(page, "talking")
        yield call


async def test_a_call_pops_and_is_talked_in_the_browser(
    system: HotlineSystem, browser: Browser
) -> None:
    async with ready_desk(system, browser) as page, waiting(system, NUMBER, "李四") as call:
        await in_phase(page, "offered")
        bar = page.locator("#callbar")
        await expect(bar).to_have_attribute("data-call", call.call_id)
        await expect(page.locator("#bar-caller")).to_contain_text("139****0001 李四")
        await expect(page.locator("#caller")).to_contain_text("12319")
        await expect(page.locator("#case-form")).to_be_visible()
        await picture(page, "desk-offered")
        await page.keyboard.press("Enter")
        await in_phase(page, "talking")
        await hear_each_other(page, call.citizen)
        await picture(page, "desk-talking")
        await page.keyboard.press("Alt+x")
        await in_phase(page, "wrap_up")
        await call.ear.hears(("survey",), within=30)
        await picture(page, "desk-wrap-up")
        await page.keyboard.press("Alt+w")
        await in_phase(page, "ready")


async def test_the_form_is_filled_in_and_saved_by_keyboard_alone(
    system: HotlineSystem, browser: Browser
) -> None:
    async with ready_desk(system, browser) as page, in_talk(system, page) as call:
        await fill_in_by_keyboard(page)
        await page.keyboard.press("Control+Enter")
        opened = await system.journalled("CaseOpened", after=call.mark, call_id=call.call_id)
        await expect(page.locator("#saved")).to_contain_text(opened.data["case_number"])
        await picture(page, "desk-saved")
    number = opened.data["case_number"]
    case = system.rows("SELECT * FROM cases WHERE case_number = ?", number)[0]
    assert case["kind"] == "complaint"
    assert case["address"] == "人民路23号"
    assert case["description"] == "井盖丢失，非常危险。"
    assert "井盖" in case["category_name"]
    assert case["caller_phone"] == NUMBER


async def fill_in_by_keyboard(page: Page) -> None:
    """From the first field to the last with Tab and letters; the mouse stays where it is."""
    await page.locator("[name=kind]").first.focus()
    while not await page.evaluate("document.activeElement.value === 'complaint'"):
        await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await page.keyboard.type("井盖")
    await expect(page.locator("#category-list [role=option]").first).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.type("人民路23号")
    await page.keyboard.press("Tab")
    await page.keyboard.type("井盖丢失，非常危险。")


async def test_the_next_call_of_a_number_pops_with_what_came_before(
    system: HotlineSystem, browser: Browser
) -> None:
    phone = "13912340003"
    async with ready_desk(system, browser) as page:
        async with in_talk(system, page, phone) as first:
            await fill_in_by_keyboard(page)
            await page.keyboard.press("Control+Enter")
            opened = await system.journalled("CaseOpened", after=first.mark, call_id=first.call_id)
            await expect(page.locator("#saved")).to_contain_text(opened.data["case_number"])
            await page.keyboard.press("Alt+x")
            await in_phase(page, "wrap_up")
            await expect(page.locator("#bar-time")).to_have_text(re.compile(r"^0:(1\d|20)$"))
            await page.keyboard.press("Alt+w")
            await in_phase(page, "ready")
        async with waiting(system, phone):
            await in_phase(page, "offered")
            history = page.locator("#history")
            await expect(history).to_contain_text(opened.data["case_number"])
            await expect(history).to_contain_text("已接听")
            await expect(page.locator("#caller")).to_contain_text("来电 1 次，案卷 1 件")
        await in_phase(page, "ready")


async def test_f5_in_a_talk_holds_the_caller_and_brings_call_audio_and_form_back(
    system: HotlineSystem, browser: Browser
) -> None:
    async with ready_desk(system, browser) as page, in_talk(system, page) as call:
        await hear_each_other(page, call.citizen)
        await page.locator("[name=address]").focus()
        await page.keyboard.type("中山路5号")
        asked: list[str] = []

        async def leave(dialog: Dialog) -> None:
            asked.append(dialog.type)
            await dialog.accept()

        page.on("dialog", leave)
        before = len(call.citizen.heard())

        async def after_music(route: Route) -> None:
            await until(lambda: other_than_agent(call.citizen, before) > MUSIC_S, what="music")
            await route.continue_()

        # The page is back only when the caller has heard some music.
        await page.route("**/desk-*.js", after_music)
        await page.reload()
        assert asked == ["beforeunload"]
        held = await system.journalled("TalkHeld", after=call.mark, call_id=call.call_id)
        back = await system.journalled("TalkResumed", after=held.seq, call_id=call.call_id)
        assert back.data["agent_id"] == "agent1"
        await in_phase(page, "talking")
        await expect(page.locator("[name=address]")).to_have_value("中山路5号")
        await hear_each_other(page, call.citizen)
        assert call.citizen.calls, "the caller was dropped"


async def test_a_pop_does_not_take_the_focus_from_what_is_being_typed(
    system: HotlineSystem, browser: Browser
) -> None:
    async with ready_desk(system, browser) as page:
        async with in_talk(system, page) as first:
            await page.fill("[name=description]", "第一件：")
            await first.citizen.hangup()
            await in_phase(page, "wrap_up")
            await page.keyboard.press("Alt+w")
            await in_phase(page, "ready")
        await page.locator("[name=description]").focus()
        await page.keyboard.press("End")
        async with waiting(system, "13912340002") as second:
            await in_phase(page, "offered")
            await page.keyboard.type("路灯不亮")
            await expect(page.locator("[name=description]")).to_have_value("第一件：路灯不亮")
            await page.keyboard.press("Alt+r")
            ended = await system.journalled("OfferEnded", call_id=second.call_id)
            assert ended.data["outcome"] == "refused"


async def test_what_was_begun_for_one_caller_stays_theirs_when_another_one_pops(
    system: HotlineSystem, browser: Browser
) -> None:
    phone, next_phone = "13912340021", "13912340022"
    async with ready_desk(system, browser) as page:
        async with in_talk(system, page, phone):
            await page.fill("[name=address]", "人民路")
            await page.keyboard.press("Alt+x")
            await in_phase(page, "wrap_up")
        await page.keyboard.press("Alt+w")
        await in_phase(page, "ready")
        await page.keyboard.press("Alt+n")
        await page.keyboard.type("耳背，")
        async with waiting(system, next_phone):
            await in_phase(page, "offered")
            await page.keyboard.type("请大声")
            await expect(page.locator("#note-about")).to_contain_text("139****0021")
            await expect(page.locator("#marks-label")).to_contain_text("139****0021")
            await page.keyboard.press("Enter")
            await expect(page.locator("#note-text")).to_have_value("")
            await expect(page.locator("#note-text")).to_be_focused()
        notes = system.rows("SELECT number FROM caller_notes WHERE text = '耳背，请大声'")
        assert {note["number"] for note in notes} == {phone}
        await in_phase(page, "ready")
        await page.keyboard.press("Alt+Delete")
        await page.keyboard.press("Alt+Delete")
        # Another caller's form may still be open: this one's words are in neither.
        await expect(page.locator("#f-address")).not_to_have_value("人民路")


async def test_a_caller_who_gives_up_takes_the_bar_away(
    system: HotlineSystem, browser: Browser
) -> None:
    async with ready_desk(system, browser) as page, waiting(system, NUMBER) as call:
        await in_phase(page, "offered")
        await call.citizen.hangup()
        await in_phase(page, "ready")


async def test_a_controller_that_died_is_a_quiet_bar_and_the_page_comes_back(
    system: HotlineSystem, browser: Browser
) -> None:
    async with ready_desk(system, browser) as page, in_talk(system, page) as call:
        await page.fill("[name=address]", "和平小区")
        old = system.kill_controller()
        bar = page.locator("[data-bar=connection]")
        await expect(bar).to_contain_text("通话不受影响")
        await hear_each_other(page, call.citizen)
        await system.new_controller(old)
        await expect(page.locator("#connection")).to_have_attribute(
            "data-state", "open", timeout=40_000
        )
        await expect(bar).to_be_hidden()
        await in_phase(page, "talking")
        await expect(page.locator("[name=address]")).to_have_value("和平小区")
