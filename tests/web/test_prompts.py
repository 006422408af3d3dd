"""The prompts' page in a real browser: found, heard, replaced, taken back, recorded by phone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from playwright.async_api import Browser, Page, expect

from hotline.speech.audio import write_wav
from hotline.speech.synthesis import Synthesiser
from tests.system import HotlineSystem
from tests.web.browser import page_of, picture

NAME = "survey-thanks"
PLAYS = """async () => {
  const audio = document.querySelector(".player audio");
  audio.muted = true;
  await audio.play();
  return audio.duration;
}"""


async def chosen(system: HotlineSystem, page: Page) -> None:
    await page.goto(f"{system.url}/prompts")
    await page.fill("#filters [name=text]", "评价")
    rows = page.locator("#rows tbody tr")
    await expect(rows).to_have_count(1)
    await rows.first.click()
    await expect(page.locator("#one h2")).to_have_text(NAME)


async def test_a_prompt_is_found_heard_replaced_and_taken_back(
    system: HotlineSystem, browser: Browser, tmp_path: Path
) -> None:
    voice, silence = tmp_path / "voice.wav", tmp_path / "silence.wav"
    write_wav(voice, np.repeat(Synthesiser().say("感谢您的评价。"), 2), 16000)
    write_wav(silence, np.zeros(16000, np.int16), 16000)
    async with page_of(system, browser, "supervisor") as page:
        await chosen(system, page)
        before = float(await page.evaluate(PLAYS))

        await page.set_input_files("#file", silence)
        await page.get_by_role("button", name="检查并替换").click()
        await expect(page.locator("#one")).to_contain_text("文件里没有声音")
        await page.set_input_files("#file", voice)
        await page.get_by_role("button", name="检查并替换").click()
        await expect(page.locator("#one")).to_contain_text("已替换，立即生效")
        await expect(page.locator("#one")).to_contain_text("已转换为 8000 Hz")
        assert abs(float(await page.evaluate(PLAYS)) - before) > 0.1
        await picture(page, "prompts")

        await page.get_by_role("button", name="恢复上一个录音").click()
        await expect(page.locator("#one")).to_contain_text("已恢复上一个录音")
        assert abs(float(await page.evaluate(PLAYS)) - before) < 0.01


async def test_a_prompt_is_recorded_through_the_pages_own_phone(
    system: HotlineSystem, browser: Browser
) -> None:
    async with page_of(system, browser, "supervisor") as page:
        await chosen(system, page)
        await expect(page.locator("#phone-light")).to_have_attribute("data-state", "registered")
        take = page.locator("#take")
        await page.get_by_role("button", name="让我的电话响铃").click()
        await expect(take).to_have_attribute("data-step", "recording")
        await picture(page, "prompts-recording")
        await page.get_by_role("button", name="# 说完").click()
        await expect(take).to_have_attribute("data-step", "hearing")
        await page.get_by_role("button", name="2 重录").click()
        await expect(take).to_have_attribute("data-step", "recording")
        await page.get_by_role("button", name="挂断").click()
        await expect(take).to_have_attribute("data-step", "ended")
        await expect(take).to_contain_text("原来的语音不变")
        await expect(page.locator("#record")).to_be_enabled()
