"""The calendar and the storm's switch in a real browser."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.async_api import Browser, expect

from tests.system import HotlineSystem
from tests.talks import ringing_in
from tests.web.browser import page_of, picture

CITY = ZoneInfo("Asia/Shanghai")


def moment(hours: float) -> str:
    """So many hours from now, as a date-time field takes it."""
    return f"{datetime.now(CITY) + timedelta(hours=hours):%Y-%m-%dT%H:%M}"


async def test_a_supervisor_edits_the_week_by_keyboard_and_asks(
    system: HotlineSystem, browser: Browser
) -> None:
    async with page_of(system, browser, "supervisor") as page:
        await page.goto(f"{system.url}/calendar?month=2026-10")
        await expect(page.locator("td.holiday").first).to_contain_text("国庆节")
        await page.focus("#f-mon")
        await page.keyboard.press("Control+A")
        await page.keyboard.type("08:30-12:00 14-18")
        await page.keyboard.press("Enter")
        await expect(page.locator("#e-mon")).to_contain_text("请写成")
        assert await page.input_value("#f-mon") == "08:30-12:00 14-18"
        await page.fill("#f-mon", "00:00-24:00")
        await page.click("#same")
        assert await page.input_value("#f-fri") == "00:00-24:00"
        await page.locator("input[name=holidays][value=closed]").check()
        await page.focus("#f-mon")
        await page.keyboard.press("Enter")
        await expect(page.locator(".week [role=status]")).to_have_text("已保存")

        await page.fill("[name=at]", "2026-10-01T09:00")
        await page.keyboard.press("Enter")
        answer = page.locator("#answer")
        await expect(answer).to_contain_text("2026-10-01 09:00 周四")
        await expect(answer).to_contain_text("节假日不值班")
        await picture(page, "calendar")
        # As it was: the other tests call at any hour.
        await page.locator("input[name=holidays][value=usual]").check()
        await page.focus("#f-mon")
        await page.keyboard.press("Enter")
        await expect(page.locator("input[name=holidays][value=usual]")).to_be_checked()


async def test_the_storms_count_follows_the_callers(
    system: HotlineSystem, browser: Browser, tmp_path: Path
) -> None:
    async with page_of(system, browser, "supervisor") as page:
        await page.goto(f"{system.url}/storm")
        await picture(page, "storm-empty")
        await page.fill("#f-text_zh", "人民路积水")
        await page.fill("#f-places", "人民路")
        await page.fill("#f-ends_at", moment(3))
        await page.get_by_role("button", name="开启播报").click()
        await expect(page.locator(".storm-state")).to_have_text("播报中")
        await expect(page.locator("#figures .value").first).to_have_text("0")
        async with ringing_in(system, "13800138000") as call:
            await call.ear.hears(("storm-known",), within=30)
            await call.citizen.send_keys("1")
            # The page was not touched meanwhile.
            await expect(page.locator("#figures .value").first).to_have_text("1")
        row = page.locator("#affected tbody tr")
        await expect(row).to_contain_text("138****8000")
        await row.get_by_role("checkbox").check()
        await expect(page.locator("#figures .value").nth(2)).to_have_text("1")
        await picture(page, "storm")
        async with page.expect_download() as begun:
            await page.get_by_role("button", name="导出待回访名单").click()
        saved = tmp_path / "list.csv"
        await (await begun.value).save_as(saved)
        rows = list(csv.reader(io.StringIO(saved.read_text("utf-8-sig"))))
        assert [row[1] for row in rows[1:]] == ["13800138000"]
        await page.locator("summary", has_text="提前结束").click()
        await page.get_by_role("button", name="立即结束播报").click()
        await expect(page.locator(".storm-state")).to_have_text("未开启")
