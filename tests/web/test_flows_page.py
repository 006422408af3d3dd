"""The flow editor in a real browser: typed, checked, drawn, published, rolled back."""

from __future__ import annotations

from playwright.async_api import Browser, Page, expect

from tests.system import HotlineSystem
from tests.web.browser import page_of, picture

FLOW = """\
flow: night
title: {zh: 夜间}
start: greeting
person: wait
nodes:
  greeting: {kind: say, prompts: [greeting], next: wait}
  wait: {kind: queue, queue: hotline, talked: bye, nobody: message, asked: message}
  message: {kind: report, saved: bye, empty: bye}
  bye: {kind: goodbye}
"""

_PASTE = """(content, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  const paste = { clipboardData, bubbles: true, cancelable: true };
  content.dispatchEvent(new ClipboardEvent("paste", paste));
}"""


async def paste_flow(page: Page, text: str) -> None:
    await page.click("#source .cm-content")
    await page.keyboard.press("Control+a")
    await page.locator("#source .cm-content").evaluate(_PASTE, text)


async def publish(page: Page, note: str) -> None:
    await page.keyboard.press("Control+Enter")
    await page.keyboard.type(note)
    await page.keyboard.press("Enter")


async def test_a_supervisor_edits_publishes_and_rolls_back_a_flow(
    system: HotlineSystem, browser: Browser
) -> None:
    async with page_of(system, browser, "supervisor") as page:
        refused: list[str] = []
        page.on(
            "console",
            lambda said: refused.append(said.text) if "Content Security" in said.text else None,
        )
        await page.goto(f"{system.url}/flows")
        await page.fill("#f-name", "night")
        await page.keyboard.press("Enter")

        await paste_flow(page, FLOW.replace("next: wait", "next: nowhere"))
        finding = page.locator("#findings button", has_text="nowhere")
        await expect(finding).to_contain_text("6")
        await expect(page.locator("#source .cm-lint-marker-error")).to_be_visible()
        await finding.click()
        await expect(page.locator("#source .cm-activeLine")).to_contain_text("greeting: {kind: say")
        await publish(page, "x")
        await expect(page.locator("#publish-problem")).not_to_be_empty()
        await page.keyboard.press("Escape")

        await paste_flow(page, FLOW)
        await expect(page.locator("#findings button")).to_have_count(0)
        await page.locator("#drawing #node-message").click()
        await expect(page.locator("#source .cm-activeLine")).to_contain_text("message: {kind")
        await publish(page, "夜间值班")
        await expect(page.locator("#flow-version")).to_contain_text("第 1 版生效中")

        await paste_flow(page, FLOW.replace("bye: {kind: goodbye}", "bye: {kind: goodbye} # new"))
        await expect(page.locator("#flow-saved")).to_contain_text("草稿已存")
        await page.reload()
        await expect(page.locator("#source .cm-content")).to_contain_text("# new")
        await page.keyboard.press("Alt+c")
        await expect(page.locator("#source .cm-deletedChunk")).to_be_visible()
        await picture(page, "flow-compared")
        await publish(page, "第二版")
        await expect(page.locator("#flow-version")).to_contain_text("第 2 版生效中")

        await page.keyboard.press("Alt+3")
        row = page.locator("#history tr", has_text="夜间值班")
        await row.get_by_text("退回此版").click()
        await page.keyboard.type("来电挂机变多")
        await page.keyboard.press("Enter")
        await expect(page.locator("#flow-version")).to_contain_text("第 1 版生效中")
        await expect(page.locator("#history tr").first).to_contain_text("来电挂机变多")
        await expect(page.locator("#source .cm-content")).not_to_contain_text("# new")
        await picture(page, "flow-history")
        assert refused == []


async def test_who_was_overtaken_sees_the_others_text_before_replacing_it(
    system: HotlineSystem, browser: Browser
) -> None:
    flow = FLOW.replace("night", "noon")
    async with page_of(system, browser, "supervisor") as page, system.desk("supervisor") as other:
        path = "/api/flows/noon/publish"
        await other.post(path, text=flow, based_on=0, note="first")
        await page.goto(f"{system.url}/flows/noon")
        await other.post(path, text=f"{flow}# theirs\n", based_on=1, note="second")
        await paste_flow(page, f"{flow}# mine\n")
        await publish(page, "")
        await expect(page.locator("#bars")).to_contain_text("second")
        await expect(page.locator("#source .cm-deletedChunk")).to_contain_text("# theirs")
        await page.keyboard.press("Enter")
        await expect(page.locator("#flow-version")).to_contain_text("第 3 版生效中")
