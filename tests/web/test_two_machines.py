"""One agent at two machines: the phone, a talk, the pops and the form go where the agent is."""

from __future__ import annotations

from playwright.async_api import Browser, Page, expect

from tests.deadline import until
from tests.system import HotlineSystem
from tests.talks import waiting
from tests.web.browser import page_of, picture
from tests.web.test_desk import (
    fill_in_by_keyboard,
    hear_each_other,
    in_phase,
    other_than_agent,
    ready_desk,
)

NUMBER = "13912340077"
TOLD_WITHIN_S = 2.0
# When the bar about the phone came, and how often a call was painted.
WATCH = """() => {
  window.painted = [];
  new MutationObserver(() => {
    if (document.querySelector("[data-bar=phone-moved]")) window.toldAt ??= Date.now() / 1000;
  }).observe(document.getElementById("bars"), { childList: true, subtree: true });
  const bar = document.getElementById("callbar");
  new MutationObserver((changes) => {
    for (const { oldValue } of changes) {
      const now = bar.dataset.call;
      if (now && now !== oldValue) window.painted.push(now);
    }
  }).observe(bar, { attributeFilter: ["data-call"], attributeOldValue: true });
}"""


async def registered(page: Page) -> None:
    await expect(page.locator("#phone-light[data-state=registered]")).to_be_visible()


async def test_the_phone_and_a_talk_go_where_the_agent_asks_for_them(
    system: HotlineSystem, browser: Browser
) -> None:
    mark = system.last_seq()
    async with ready_desk(system, browser) as old:
        await old.evaluate(WATCH)
        async with page_of(system, browser, "agent1") as new:
            await new.evaluate(WATCH)
            await registered(new)
            moved = await system.journalled("PhoneMoved", after=mark, agent_id="agent1")
            told = old.locator("[data-bar=phone-moved]")
            await expect(told).to_contain_text("电话已转到另一台电脑")
            assert await old.evaluate("window.toldAt") - moved.at < TOLD_WITHIN_S
            await expect(old.locator("#callbar")).to_have_attribute("data-phase", "ready")
            await picture(old, "two-machines-moved")

            async with waiting(system, NUMBER, "李四") as call:
                for page in (old, new):
                    await in_phase(page, "offered")
                await expect(old.locator("#bar-text")).to_contain_text("另一台电脑")
                await expect(old.locator("#accept")).to_be_hidden()
                await new.keyboard.press("Enter")
                for page in (old, new):
                    await in_phase(page, "talking")
                    assert await page.evaluate("window.painted") == [call.call_id]
                # A machine that is opened in the middle of a talk leaves it where it is.
                await old.reload()
                await in_phase(old, "talking")
                await expect(told).to_contain_text("通话留在那边")
                assert not system.journal("TalkHeld", after=call.mark)
                await both_type(old, new)
                await picture(old, "two-machines-talk")

                heard = len(call.citizen.heard())
                await old.keyboard.press("Alt+]")
                held = await system.journalled("TalkHeld", after=call.mark, call_id=call.call_id)
                await system.journalled("TalkResumed", after=held.seq, call_id=call.call_id)
                await hear_each_other(old, call.citizen)
                assert other_than_agent(call.citizen, heard) > 0.2, "no music"
                await expect(told).to_have_count(0)
                await expect(new.locator("[data-bar=phone-moved]")).to_contain_text("通话留在那边")

                await fill_in_by_keyboard(old)
                await old.keyboard.press("Control+Enter")
                opened = await system.journalled("CaseOpened", after=call.mark)
                for page in (old, new):
                    await expect(page.locator("#saved")).to_contain_text(opened.data["case_number"])
                # From the machine without the phone, too.
                await new.keyboard.press("Alt+x")
                for page in (old, new):
                    await in_phase(page, "wrap_up")
            await new.keyboard.press("Alt+w")
            await in_phase(old, "ready")

            await old.evaluate(
                """() => fetch("/logout", { method: "POST", headers: {
                  "X-CSRF-Token": document.querySelector("meta[name=csrf-token]").content } })"""
            )
            await expect(new.locator("[data-bar=phone-moved]")).to_contain_text("已退出登录")
            await expect(old.locator("#phone-light")).to_have_attribute("data-state", "off")
            await picture(new, "two-machines-left")
            await new.keyboard.press("Alt+]")
            await registered(new)
            await expect(new.locator("[data-bar=phone-moved]")).to_have_count(0)


async def both_type(old: Page, new: Page) -> None:
    """Into the same form, at one machine after the other, and once at both at once."""
    await new.locator("[name=happened]").fill("今天早上")
    await expect(old.locator("[name=happened]")).to_have_value("今天早上")
    await old.locator("[name=caller_name]").fill("李四")
    await expect(new.locator("[name=caller_name]")).to_have_value("李四")
    # What one machine could not send while the other went on is told, not lost.
    await old.route("**/draft", lambda route: route.abort())
    await old.locator("[name=caller_name]").fill("李思")
    await new.locator("[name=caller_name]").fill("黎四")
    await until(lambda: old.evaluate("document.querySelector('[data-bar^=differs]') !== null"))
    await old.unroute("**/draft")
    differs = old.locator("[data-bar=differs-caller_name]")
    await expect(differs).to_contain_text("黎四")
    await expect(new.locator("[data-bar=differs-caller_name]")).to_contain_text("黎四")
    for page in (old, new):
        await expect(page.locator("[name=caller_name]")).to_have_value("李思")
    await differs.get_by_role("button").first.click()
    for page in (old, new):
        await expect(page.locator("[name=caller_name]")).to_have_value("黎四")
