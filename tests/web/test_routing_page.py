"""Queues and skills in a real browser: filled in by keyboard, published, rolled back."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from tests.system import HotlineSystem
from tests.web.browser import page_of, picture


async def test_a_supervisor_opens_a_queue_by_keyboard_and_goes_back(
    system: HotlineSystem, browser: Browser
) -> None:
    async with page_of(system, browser, "supervisor") as page:
        await page.goto(f"{system.url}/routing")
        await page.fill("#queue-name", "water")
        await page.fill("#queue-title", "供水专线")
        await page.keyboard.press("Enter")
        finding = page.locator("#findings button", has_text="water")
        await expect(finding).to_be_visible()

        await page.keyboard.press("Alt+2")
        await page.click("#list-everybody")
        await page.locator("#skills-grid td").nth(1).click()
        await page.keyboard.press("ArrowRight")
        await page.keyboard.press("7")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Control+d")
        await expect(page.locator("#skills-grid td:focus")).to_have_text("7")
        await expect(finding).to_have_count(0)
        await picture(page, "routing-skills")

        await page.keyboard.press("Alt+3")
        await page.keyboard.type("20-8")
        await page.keyboard.press("Enter")
        wrong = page.locator("#findings button", has_text="20-8")
        await wrong.click()
        await page.keyboard.type("20:00-08:00")
        await page.keyboard.press("Enter")
        await expect(wrong).to_have_count(0)
        await expect(page.locator("#routing-saved")).to_contain_text("草稿已存")

        await page.keyboard.press("Control+Enter")
        await page.keyboard.type("开通供水专线")
        await page.fill("#publish-unproved", "还没有上月数据")
        await page.keyboard.press("Enter")
        await expect(page.locator("#routing-version")).to_contain_text("第 1 版生效中")

        await page.keyboard.press("Alt+6")
        row = page.locator("#history tr", has_text="配置文件的方案")
        await row.get_by_role("button", name="退回此版").click()
        await page.keyboard.type("先不开")
        await page.keyboard.press("Enter")
        await expect(page.locator("#history tr").first).to_contain_text("先不开")
        await expect(page.locator("#routing-version")).to_contain_text("配置文件的方案")
        await picture(page, "routing-history")
