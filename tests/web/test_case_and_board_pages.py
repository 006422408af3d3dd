"""The cases and the board in a real browser, on real calls."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import Browser, expect

from tests.deadline import until
from tests.forms import complaint
from tests.system import HotlineSystem
from tests.talks import talking, waiting
from tests.web.browser import page_of, picture

NUMBER = "13911112222"
SPEECH_S = 2.0


async def talked_case(system: HotlineSystem, phone: str = NUMBER) -> str:
    """A case from a recorded talk."""
    async with talking(system, number=phone) as talk:
        number = await talk.desk.save(talk.call_id, **complaint(phone=phone))
        await talk.citizen.hangup()
        await system.journalled("RecordingStored", after=talk.mark, call_id=talk.call_id)
        return number


# --- the board ------------------------------------------------------------------------------


async def test_the_board_follows_a_caller_without_a_reload(
    system: HotlineSystem, browser: Browser
) -> None:
    async with page_of(system, browser, "supervisor") as page:
        await expect(page.locator("#now-waiting")).to_have_text("0")
        abandoned = int(await page.locator("#today-abandoned").inner_text())
        async with waiting(system, NUMBER) as call:
            await expect(page.locator("#now-waiting")).to_have_text("1")
            await expect(page.locator("#waiting tr")).to_contain_text("139****2222")
            await expect(page.locator("#now-longest")).to_have_text(re.compile(r"^0:0[2-9]$"))
            await call.citizen.hangup()
        await expect(page.locator("#now-waiting")).to_have_text("0")
        await expect(page.locator("#today-abandoned")).to_have_text(str(abandoned + 1))


async def test_the_board_says_unknown_while_the_pbx_is_unseen(
    system: HotlineSystem, browser: Browser
) -> None:
    async with page_of(system, browser, "supervisor") as page:
        asterisk = system.asterisk()
        asterisk.suspend()
        try:
            await expect(page.locator("#now-waiting")).to_have_text("未知", timeout=60_000)
            await expect(page.locator("#now-ready")).to_have_text("未知")
            await expect(page.locator("#bars")).to_contain_text("话务平台")
        finally:
            asterisk.resume()
        await expect(page.locator("#now-waiting")).to_have_text("0", timeout=60_000)


async def test_the_days_chart_has_its_table_one_key_away(
    system: HotlineSystem, browser: Browser
) -> None:
    async with page_of(system, browser, "supervisor") as page:
        await expect(page.locator("#day-chart canvas")).to_be_visible()
        await page.keyboard.press("t")
        await expect(page.locator("#day-table")).to_be_visible()
        await expect(page.locator("#day-chart")).to_be_hidden()


async def test_the_board_follows_an_agent_without_a_reload(
    system: HotlineSystem, browser: Browser
) -> None:
    async with page_of(system, browser, "supervisor") as page:
        agent = page.locator("#agents li", has_text="李强")
        await expect(agent).to_have_attribute("data-state", "offline")
        async with talking(system, "agent2", NUMBER) as talk:
            await expect(agent).to_have_attribute("data-state", "talking")
            await expect(page.locator("#now-talking")).to_have_text("1")
            async with waiting(system, "13911113333"):
                await expect(page.locator("#waiting tr")).to_contain_text("139****3333")
                await picture(page, "board-busy")
            await talk.citizen.hangup()
            await expect(agent).to_have_attribute("data-state", "wrap_up")
        await expect(agent).to_have_attribute("data-state", "offline")


# --- a case ---------------------------------------------------------------------------------


async def test_a_talk_is_heard_on_its_cases_page(system: HotlineSystem, browser: Browser) -> None:
    number = await talked_case(system)
    async with page_of(system, browser, "supervisor") as page:
        await page.goto(f"{system.url}/cases/{number}")
        await page.keyboard.press("Space")
        audio = page.locator("[data-player=talk] audio")
        await until(lambda: audio.evaluate("it => it.currentTime > 0.5"), what="it plays")
        assert await audio.evaluate("it => it.duration") > 1
        await page.keyboard.press("Space")
        assert await audio.evaluate("it => it.paused")
        await picture(page, "case")
        await page.goto(f"{system.url}/cases")
        await picture(page, "cases")


async def test_two_people_on_one_case_lose_nothing(system: HotlineSystem, browser: Browser) -> None:
    number = await talked_case(system)
    address = f"{system.url}/cases/{number}"
    async with (
        page_of(system, browser, "agent1") as agent,
        page_of(system, browser, "supervisor") as chief,
    ):
        await agent.goto(address)
        await chief.goto(address)
        await agent.fill("#f-description", "坐席写的")
        await agent.fill("#f-happened", "今早八点")
        await chief.fill("#f-description", "班长写的")
        await chief.fill("#f-address", "人民路 88 号")
        await chief.keyboard.press("Control+Enter")
        await expect(chief.locator("#saved")).not_to_be_empty()
        await expect(agent.locator("#bars")).to_contain_text("赵主任")
        await agent.keyboard.press("Control+Enter")
        await expect(agent.locator(".theirs")).to_contain_text("赵主任改成：班长写的")
        await expect(agent.locator("#f-description")).to_have_value("坐席写的")
        await expect(agent.locator("#f-address")).to_have_value("人民路 88 号")
        await agent.keyboard.press("Control+Enter")
        await expect(agent.locator("#saved")).not_to_be_empty()
    row = system.rows("SELECT * FROM cases WHERE case_number = ?", number)[0]
    assert (row["description"], row["address"]) == ("坐席写的", "人民路 88 号")
    assert row["happened"] == "今早八点"


async def test_a_step_that_needs_a_reason_asks_for_it_in_place(
    system: HotlineSystem, browser: Browser
) -> None:
    number = await talked_case(system)
    async with page_of(system, browser, "agent1") as page:
        await page.goto(f"{system.url}/cases/{number}")
        await page.fill("#f-address", "解放桥北侧")
        await page.keyboard.press("Alt+2")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("#e-why")).to_have_text("必填")
        await page.keyboard.type("私人物业范围内")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("[aria-current=step]")).to_contain_text("不立案")
        await expect(page.locator("#history")).to_contain_text("私人物业范围内")
    row = system.rows("SELECT state, address FROM cases WHERE case_number = ?", number)[0]
    assert tuple(row) == ("not_filed", "解放桥北侧")


# --- a spoken report ------------------------------------------------------------------------


async def test_a_report_appears_on_an_open_list_and_is_verified_by_keyboard(
    system: HotlineSystem, browser: Browser
) -> None:
    async with page_of(system, browser, "agent2") as page:
        await page.goto(f"{system.url}/cases?state=to_verify")
        rows = page.locator("#case-table tbody tr")
        before = await rows.count()
        async with waiting(system, NUMBER) as call:
            await call.citizen.send_keys("2")
            await call.ear.hears(("report-please",), within=30)
            await call.ear.quiet(0.7, within=30)
            await call.citizen.set_source(system.tone(1000))
            await system.journalled("ReportStarted", after=call.mark, call_id=call.call_id)
            await asyncio.sleep(SPEECH_S)
            await call.citizen.hangup()
            await system.journalled("ReportRecorded", after=call.mark)
        await expect(rows).to_have_count(before + 1)
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/cases/*")
        await page.wait_for_load_state()
        await expect(page.locator("#report-text")).to_have_attribute("data-state", "waiting")
        await page.keyboard.press("Space")
        audio = page.locator("[data-player=report] audio")
        await until(lambda: audio.evaluate("it => it.currentTime > 0.5"), what="it plays")
        await picture(page, "report")
        await page.keyboard.press("Alt+1")
        await expect(page.locator("#e-kind")).to_have_text("必填")
        await page.locator("[name=kind][value=report]").check()
        await page.fill("#f-description", "人民路井盖丢失")
        await page.keyboard.press("Alt+1")
        await expect(page.locator("[aria-current=step]")).to_contain_text("立案")
        await expect(page.locator("[data-bar=taken]")).to_contain_text("待立案")
