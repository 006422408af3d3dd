"""Marks at the desk and rules on the supervisor's page, by keyboard, in a real browser."""

from __future__ import annotations

from playwright.async_api import Browser, Page, expect

from tests.system import Entry, HotlineSystem
from tests.web.browser import page_of, picture
from tests.web.test_desk import in_phase, in_talk, ready_desk

NUMBER = "13877780001"


async def mark_abusive(page: Page, why: str) -> None:
    """The third mark, with a reason."""
    await page.keyboard.press("Alt+b")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-mark=abusive]")).to_have_attribute("aria-pressed", "true")
    await page.keyboard.press("Tab")
    await page.keyboard.type(why)
    await page.keyboard.press("Enter")


async def proposed(system: HotlineSystem, browser: Browser) -> Entry:
    """Two calls of a number, marked by their agent."""
    mark = system.last_seq()
    async with ready_desk(system, browser) as page:
        for why in ("辱骂", "再次辱骂"):
            async with in_talk(system, page, NUMBER):
                await mark_abusive(page, why)
                await system.journalled("TalkMarked", after=mark, why=why)
                await page.keyboard.press("Alt+x")
                await in_phase(page, "wrap_up")
            await page.keyboard.press("Alt+w")
            await in_phase(page, "ready")
    return await system.journalled("CallerRuleProposed", after=mark, number=NUMBER)


async def test_marks_become_a_rule_that_a_supervisor_confirms_and_lifts_by_keyboard(
    system: HotlineSystem, browser: Browser
) -> None:
    rule_id = (await proposed(system, browser)).data["rule_id"]
    async with page_of(system, browser, "supervisor") as page:
        await page.goto(f"{system.url}/callers?view=proposed&rule={rule_id}")
        await expect(page.locator(".callers .one")).to_contain_text("7 天内 2 次辱骂")
        await expect(page.locator(".evidence audio")).to_have_count(2)
        await picture(page, "callers-proposed")
        await page.locator("[name=effect]:checked").focus()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Tab")
        await page.keyboard.type("两段录音都听过")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/callers?view=active*")
        await expect(page.locator(".callers .one")).to_contain_text("两段录音都听过")
        await picture(page, "callers-active")
        await page.locator("[name=why]").focus()
        await page.keyboard.type("试完")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/callers?view=history*")
        await expect(page.locator(".callers .one")).to_contain_text("已解除")
