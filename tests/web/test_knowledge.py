"""The knowledge base on the desk in a real browser, its keys, and larger words."""

from __future__ import annotations

from playwright.async_api import Browser, Page, expect

from tests.system import HotlineSystem
from tests.web.browser import SMALL, TOLD, page_of, picture
from tests.web.test_desk import in_talk, ready_desk

NUMBER = "13912340077"
_OVERFLOWS = """() => {
  const page = document.documentElement;
  const inside = ({ left, right, top, bottom }) =>
    left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
  const out = [...document.querySelectorAll("#save, #hang-up, #state, #k-search, #f-address")]
    .filter((one) => !inside(one.getBoundingClientRect())).map((one) => one.id);
  return [...out, ...(page.scrollWidth > innerWidth ? ["wide"] : []),
    ...(page.scrollHeight > innerHeight ? ["high"] : [])];
}"""


async def holds_all(page: Page) -> None:
    """Everything that a talk needs is in sight, and the page does not scroll."""
    assert await page.evaluate(_OVERFLOWS) == []


async def test_a_call_is_answered_at_once_from_an_article_by_keyboard(
    system: HotlineSystem, browser: Browser
) -> None:
    async with ready_desk(system, browser) as page, in_talk(system, page, NUMBER):
        await page.set_viewport_size(SMALL)
        await holds_all(page)
        await page.keyboard.press("Alt+k")
        await page.keyboard.type("ts")
        await expect(page.locator("#knowledge-list li").first).to_contain_text("停水怎么办")
        await page.keyboard.press("Enter")
        await expect(page.locator("#article-body")).to_contain_text("二次供水泵房")
        await picture(page, "desk-article")
        for size in ("large", "larger"):
            await page.keyboard.press("Alt+=")
            await expect(page.locator("html")).to_have_attribute("data-size", size)
            await page.set_viewport_size(SMALL)
            await holds_all(page)
            await picture(page, f"desk-{size}")
        await page.keyboard.press("Alt+-")
        await page.keyboard.press("Alt+-")
        await page.keyboard.press("Alt+Enter")
        await expect(page.locator("#saved")).to_contain_text("已直接答复并结案")
        await expect(page.locator("#article-panel")).to_be_hidden()
        number = await page.locator("#saved a").inner_text()
        await page.keyboard.press("Alt+i")
        await expect(page.locator("#own-figures-list")).to_contain_text("次振铃")
        await picture(page, "desk-own-figures")
    async with page_of(system, browser, "supervisor") as page:
        await page.goto(f"{system.url}/cases/{number}")
        await expect(page.locator("#history")).to_contain_text("知识库《停水怎么办")


# What menus, lists and panels hold is reached by their own keys; nobody logs out by a slip.
WITHOUT_KEYS = """() => [...document.querySelectorAll("main button, header summary, header button")]
  .filter((one) => !one.closest(".items, [role=group], li, #appeal, form[action], nav"))
  .filter((one) => !one.querySelector("kbd") && !/(Alt|Ctrl)[+]/.test(one.title))
  .filter((one) => !one.getAttribute("aria-keyshortcuts"))
  .filter((one) => !one.matches(".end > details:last-child > summary"))
  .map((one) => one.id || one.textContent.trim())"""


async def test_every_page_tells_its_keys(system: HotlineSystem, browser: Browser) -> None:
    async with page_of(system, browser, "agent1") as page:
        keys = page.locator("#keys")
        await page.keyboard.press("Alt+/")
        await expect(keys).to_be_visible()
        await expect(keys).to_contain_text("查知识库")
        for chord in ("Alt+A", "Ctrl+Enter", "Alt+Enter", "Ctrl+K", "Alt+="):
            await expect(keys.locator("kbd", has_text=chord).first).to_be_visible()
        await picture(page, "desk-keys")
        await page.keyboard.press("Escape")
        await expect(keys).to_be_hidden()
        chords = await keys.locator("kbd").all_inner_texts()
        alone = [chord for chord in chords if chord.startswith(("Alt+", "Ctrl+"))]
        assert len(alone) == len(set(alone)), "two acts on one key"
        shown = set(await page.locator("main kbd, header kbd").all_text_contents())
        assert shown <= set(chords), "a key on a control that the list does not tell of"
        without = await page.evaluate(WITHOUT_KEYS)
        assert without == [], "what can be done only without a key of its own"
        await page.goto(f"{system.url}/knowledge")
        await expect(page.locator("#connection")).to_have_attribute("data-state", TOLD)
        await page.keyboard.press("?")
        await expect(keys).to_contain_text("下一行")
        await page.keyboard.press("?")
        await expect(keys).to_be_hidden()
        await page.locator("[name=q]").fill("停水?")
        await page.keyboard.press("?")
        await expect(keys).to_be_hidden()
