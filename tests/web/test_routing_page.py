"""Queues and skills in a real browser: filled in by keyboard, published, rolled back."""

from __future__ import annotations

import yaml
from playwright.async_api import Browser, FilePayload, expect

from tests.system import HotlineSystem
from tests.web.browser import page_of, picture

NONSENSE = b"queues:\n  - name: hotline\n    title: {zh: ok}\n    ring_s: 0\n"


async def test_a_plan_is_downloaded_edited_and_uploaded_and_its_teams_are_on_the_board(
    system: HotlineSystem, browser: Browser
) -> None:
    async with page_of(system, browser, "supervisor") as page:
        await page.goto(f"{system.url}/routing")
        async with page.expect_download() as download:
            await page.click("#plan-download")
        plan = yaml.safe_load((await (await download.value).path()).read_text("utf-8"))

        nonsense = FilePayload(name="x.yaml", mimeType="application/yaml", buffer=NONSENSE)
        await page.set_input_files("#plan-file", nonsense)
        await expect(page.locator("#upload-list")).to_have_text(
            "第 4 行 ring_s “0”不能用在这里：至少是 1。"
        )
        await picture(page, "routing-upload-refused")

        plan["teams"] = [{"code": "day", "title": {"zh": "白班"}}]
        home = plan["queues"][0]["name"]
        plan["agents"] = [{"agent_id": "agent1", "team": "day", "queues": {home: 1}}]
        text = yaml.safe_dump(plan, allow_unicode=True).encode()
        edited = FilePayload(name="plan.yaml", mimeType="application/yaml", buffer=text)
        await page.set_input_files("#plan-file", edited)
        await expect(page.locator("[data-bar=uploaded]")).to_contain_text("还没有生效")
        await expect(page.locator("#upload-faults")).to_be_hidden()
        await page.keyboard.press("Alt+2")
        title = page.locator("#teams-list input").first
        await title.fill("早班")
        await title.press("Tab")
        await expect(page.locator("#skills-grid")).to_contain_text("早班")
        await page.keyboard.press("Control+Enter")
        await page.fill("#publish-unproved", "还没有上月数据")
        await page.keyboard.press("Enter")
        await expect(page.locator("[data-bar=published]")).to_be_visible()

        await page.goto(f"{system.url}/board")
        team = page.locator("#agents section", has_text="早班")
        await expect(team.locator("li")).to_have_count(1)
        await team.get_by_role("button", name="早班").focus()
        await page.keyboard.press("Enter")
        await expect(team.locator("li")).to_be_hidden()
        await page.keyboard.press("Enter")
        await page.select_option("#team", "day")
        await expect(page.locator("#agents li")).to_have_count(1)
        await picture(page, "board-teams")

        await page.goto(f"{system.url}/routing")
        await page.keyboard.press("Alt+6")
        row = page.locator("#history tr", has_text="配置文件的方案").last
        await row.get_by_role("button", name="退回此版").click()
        await page.keyboard.type("试完了")
        await page.keyboard.press("Enter")
        await expect(page.locator("#routing-version")).to_contain_text("配置文件的方案")


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
        await expect(page.locator("#routing-version")).to_contain_text("版生效中")

        await page.keyboard.press("Alt+6")
        row = page.locator("#history tr", has_text="配置文件的方案").last
        await row.get_by_role("button", name="退回此版").click()
        await page.keyboard.type("先不开")
        await page.keyboard.press("Enter")
        await expect(page.locator("#history tr").first).to_contain_text("先不开")
        await expect(page.locator("#routing-version")).to_contain_text("配置文件的方案")
        await picture(page, "routing-history")
