"""The form over a bad link and on another machine; its fields, map and texts by keyboard alone."""

from __future__ import annotations

import itertools

from playwright.async_api import Browser, Page, Route, expect

from tests.system import HotlineSystem
from tests.web.browser import page_of, picture
from tests.web.test_desk import in_phase, in_talk, ready_desk

# 400 characters, each pair of them another.
TEXT = "".join(chr(0x4E00 + 7 * number) for number in range(400))
MAP = {
    "drawn": [{"kind": "road", "path": "M0 110L360 110", "name": "人民路", "x": 0, "y": 0}],
    "width": 360,
    "height": 220,
    "longitude": 118.001,
    "latitude": 31.0005,
    "reach_m": 400,
    "line": "云麓区",
    "outside": False,
}
SEX = "[name=caller_sex][value=female]"


class BadLink:
    """Loses every third request of a page, once before it reaches the server and once after."""

    def __init__(self) -> None:
        self.seen = 0
        self.lost = 0
        self._ways = itertools.cycle(("before", "after"))

    async def carry(self, route: Route) -> None:
        self.seen += 1
        if self.seen % 3:
            await route.continue_()
            return
        self.lost += 1
        if next(self._ways) == "after":
            await route.fetch()
        await route.abort()


async def typed(page: Page, field: str, text: str) -> None:
    """As somebody types who never pauses."""
    await page.locator(f"[name={field}]").focus()
    await page.keyboard.type(text, delay=4)


async def test_a_form_typed_over_a_link_that_drops_every_third_request_is_whole_elsewhere(
    system: HotlineSystem, browser: Browser
) -> None:
    async with ready_desk(system, browser) as page, in_talk(system, page, "13912340031"):
        link = BadLink()
        await page.route("**/api/calls/**", link.carry)
        await typed(page, "description", TEXT)
        await typed(page, "happened", "今早八点")
        draft = page.locator("#draft")
        await expect(draft).to_have_attribute("data-state", "saved")
        assert link.lost >= 3
        async with page_of(system, browser, "agent1") as other:
            await expect(other.locator("[name=description]")).to_have_value(TEXT)
            await expect(other.locator("[name=happened]")).to_have_value("今早八点")
            # Both go on: each keeps what the other typed into other fields.
            await typed(other, "address", "人民路")
            await expect(other.locator("#draft")).to_have_attribute("data-state", "saved")
            await typed(page, "caller_name", "李四")
            await expect(page.locator("[name=address]")).to_have_value("人民路")
            await expect(page.locator("[name=caller_name]")).to_have_value("李四")


async def test_the_whole_form_is_filled_in_without_a_mouse_and_holds_a_small_screen(
    system: HotlineSystem, browser: Browser
) -> None:
    async with page_of(system, browser, "supervisor") as chief:
        await chief.goto(f"{system.url}/texts")
        await chief.fill("[name=name]", "绕行提醒")
        await chief.fill("[name=text]", "已提醒市民绕行。")
        await chief.keyboard.press("Tab")
        await chief.locator("form.stacked button.primary").press("Enter")
        await expect(chief.locator("#texts")).to_contain_text("绕行提醒")
        await picture(chief, "texts")
    async with ready_desk(system, browser) as page, in_talk(system, page, "13912340032") as call:
        # The tests' system has no city.
        await page.route("**/api/places/map?*", lambda route: route.fulfill(json=MAP))
        await page.locator("[name=kind][value=complaint]").focus()
        await page.keyboard.press("Space")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("#e-address")).to_have_text("必填")
        await typed(page, "address", "人民路")
        await page.keyboard.press("Escape")
        await typed(page, "description", "井盖坏了，")
        await page.keyboard.press("Alt+q")
        await expect(page.locator("#text-list")).to_contain_text("绕行提醒")
        await page.keyboard.type("rx")
        await page.keyboard.press("Enter")
        await expect(page.locator("[name=description]")).to_have_value("井盖坏了，已提醒市民绕行。")
        await page.keyboard.press("Alt+z")
        await expect(page.locator("[name=source]")).to_be_focused()
        await page.locator(SEX).focus()
        await page.keyboard.press("Space")
        await typed(page, "expected_reply", "三天内修好")
        await page.keyboard.press("Alt+v")
        await expect(page.locator("#point-map path").first).to_be_attached()
        await page.keyboard.press("ArrowRight")
        await expect(page.locator("#point-said")).to_have_text("云麓区")
        await expect(page.locator("#point-none")).to_be_visible()
        await page.keyboard.press("Alt+n")
        await page.keyboard.type("听力不好")
        await page.keyboard.press("Enter")
        await expect(page.locator("#background")).to_contain_text("听力不好")
        await picture(page, "desk-whole-form")
        await expect(page.locator("#save")).to_be_in_viewport()
        await page.keyboard.press("Control+Enter")
        opened = await system.journalled("CaseOpened", after=call.mark, call_id=call.call_id)
        await expect(page.locator("#saved")).to_contain_text(opened.data["case_number"])
        await page.keyboard.press("Alt+x")
        await in_phase(page, "wrap_up")
    case = system.rows("SELECT * FROM cases WHERE case_number = ?", opened.data["case_number"])[0]
    assert (case["caller_sex"], case["expected_reply"]) == ("female", "三天内修好")
    assert case["longitude"] is not None
