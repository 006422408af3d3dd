"""A supervisor changes an agent's state on the board, in two real browsers' pages."""

from __future__ import annotations

import re

from playwright.async_api import Browser, expect

from tests.system import HotlineSystem, signed_off
from tests.web.browser import page_of, picture


async def test_a_forced_pause_is_told_to_the_agent_with_who_and_why(
    system: HotlineSystem, browser: Browser
) -> None:
    async with (
        page_of(system, browser, "supervisor") as chief,
        page_of(system, browser, "agent3") as agent,
        system.desk("agent3", listening=False) as desk,
    ):
        await expect(agent.locator("#phone-light[data-state=registered]")).to_be_visible()
        await agent.keyboard.press("Alt+g")
        await expect(agent.locator("#state")).to_have_attribute("data-state", "ready")
        cell = chief.locator("#agents li", has_text="王芳")
        await expect(cell).to_have_attribute("data-state", "ready")

        await cell.get_by_role("button").click()
        await chief.select_option("#force-want", label="→ 用餐")
        await chief.fill("#force-why", "轮到您用餐了")
        await picture(chief, "board-force")
        await chief.keyboard.press("Enter")
        await expect(cell).to_contain_text("用餐")
        bar = agent.locator("[data-bar=forced]")
        await expect(bar).to_contain_text("赵主任把您的状态改为“用餐”：轮到您用餐了")
        await expect(agent.locator("#state-left")).to_contain_text("剩 59:")
        await picture(agent, "desk-forced")

        # By keys, with the machine's clock put an hour on meanwhile: the times shown go on.
        await agent.evaluate("() => { const real = Date.now; Date.now = () => real() + 36e5; }")
        await agent.keyboard.press("Alt+;")
        await expect(agent.locator("#state-menu [data-state=ready]")).to_be_focused()
        await agent.keyboard.press("ArrowDown")
        await expect(agent.locator("#state-menu [data-reason=rest]")).to_be_focused()
        await agent.keyboard.press("ArrowUp")
        await agent.keyboard.press("Enter")
        await expect(agent.locator("#state")).to_have_attribute("data-state", "ready")
        await expect(agent.locator("#state-since")).to_have_text(re.compile(r"^\d:\d\d$"))
        await expect(bar).to_have_count(0)
        await chief.goto(f"{system.url}/board/states")
        await expect(chief.locator("table[aria-label^=班长]")).to_contain_text("轮到您用餐了")
        await picture(chief, "states")

        # A new reason is in the menu of a desk that is open.
        await chief.get_by_text("添加原因").click()
        await chief.fill("#zh-new", "哺乳")
        await chief.fill("#en-new", "Nursing")
        await chief.fill("#minutes-new", "60")
        await chief.keyboard.press("Enter")
        item = agent.locator("#state-menu button", has_text="哺乳")
        await expect(item).to_have_text(re.compile("哺乳.*剩 1:00:00"))
        await expect(
            agent.locator("#state-menu button", has=agent.locator("#pause-key"))
        ).to_contain_text("小休")
        await signed_off(desk)
