"""Chinese is typed by an input method: what pops, arrives or is pressed meanwhile leaves it alone.

Chromium's own protocol composes as an input method does: the page gets composition events and
``isComposing`` keys, and the words stand in the field before they are chosen.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page, expect

from tests.system import HotlineSystem
from tests.talks import waiting
from tests.web.browser import page_of
from tests.web.test_desk import in_phase, in_talk, ready_desk

NUMBER, NEXT = "13912340061", "13912340062"
PINYIN, WORDS = "jinggai", "井盖"


@asynccontextmanager
async def composing(page: Page, field: str) -> AsyncIterator[None]:
    """Pinyin stands underlined in a field while the body runs; then its words are chosen."""
    method = await page.context.new_cdp_session(page)
    await page.focus(field)
    for end in range(1, len(PINYIN) + 1):
        typed = {"text": PINYIN[:end], "selectionStart": end, "selectionEnd": end}
        await method.send("Input.imeSetComposition", typed)
    await expect(page.locator(field)).to_have_value(PINYIN)
    yield
    await expect(page.locator(field)).to_be_focused()
    await method.send("Input.insertText", {"text": WORDS})
    # Had anything ended the composition, the pinyin would stand before the words.
    await expect(page.locator(field)).to_have_value(WORDS)
    await method.detach()


async def test_news_and_a_talk_that_ends_leave_the_words_that_are_being_chosen_alone(
    system: HotlineSystem, browser: Browser
) -> None:
    async with (
        ready_desk(system, browser) as page,
        page_of(system, browser, "agent1") as elsewhere,
        page_of(system, browser, "supervisor") as chief,
    ):
        await page.keyboard.press("Alt+]")
        await expect(page.locator("#phone-light[data-state=registered]")).to_be_visible()
        async with in_talk(system, page, NUMBER) as call:
            async with composing(page, "[name=description]"):
                await chief.keyboard.press("m")
                await chief.select_option("#message-to", label="张敏")
                await chief.fill("#message-write", "请核实地址")
                await chief.keyboard.press("Enter")
                await expect(page.locator("#message-note")).to_contain_text("请核实地址")
                await elsewhere.fill("[name=address]", "人民路12号")
                await expect(page.locator("[name=address]")).to_have_value("人民路12号")
                async with waiting(system, NEXT):
                    await expect(page.locator("#queue-waiting")).to_have_text("1")
            await expect(elsewhere.locator("[name=description]")).to_have_value(WORDS)
            async with composing(page, "[name=caller_name]"):
                await call.citizen.hangup()
                await in_phase(page, "wrap_up")
        await expect(page.locator("[name=description]")).to_have_value(WORDS)


async def test_a_pop_leaves_a_note_that_is_being_written_alone_and_enter_chooses_words(
    system: HotlineSystem, browser: Browser
) -> None:
    async with ready_desk(system, browser) as page:
        async with in_talk(system, page, NUMBER):
            await page.fill("[name=address]", "人民路")
            await page.keyboard.press("Alt+x")
            await in_phase(page, "wrap_up")
        await page.keyboard.press("Alt+w")
        await in_phase(page, "ready")
        async with composing(page, "#note-text"):
            async with waiting(system, NEXT):
                await in_phase(page, "offered")
                await page.keyboard.press("Enter")
                await expect(page.locator("#note-text")).to_have_value(PINYIN)
                await in_phase(page, "offered")
            await in_phase(page, "ready")
