"""The form over a bad link and on another machine; its fields, map and texts by keyboard alone."""

from __future__ import annotations

import base64
import itertools
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import Browser, FilePayload, Page, Route, expect

from tests.deadline import until
from tests.system import HotlineSystem
from tests.talks import waiting
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
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
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
    await page.locator(f"#f-{field}").focus()
    await page.keyboard.type(text, delay=4)


async def test_a_form_typed_over_a_link_that_drops_every_third_request_is_whole_elsewhere(
    system: HotlineSystem, browser: Browser
) -> None:
    async with ready_desk(system, browser) as page, in_talk(system, page, "13912340031"):
        link = BadLink()
        await page.route("**/api/calls/**", link.carry)
        await typed(page, "description", TEXT)
        await typed(page, "happened", "今早八点")
        await typed(page, "category", "井边上那个")
        draft = page.locator("#draft")
        await expect(draft).to_have_attribute("data-state", "saved")
        assert link.lost >= 3
        async with page_of(system, browser, "agent1") as other:
            await expect(other.locator("[name=description]")).to_have_value(TEXT)
            await expect(other.locator("[name=happened]")).to_have_value("今早八点")
            await expect(other.locator("#f-category")).to_have_value("井边上那个")
            # Both go on: each keeps what the other typed into other fields.
            await typed(other, "address", "人民路")
            await expect(other.locator("#draft")).to_have_attribute("data-state", "saved")
            await typed(page, "caller_name", "李四")
            await expect(page.locator("[name=address]")).to_have_value("人民路")
            await expect(page.locator("[name=caller_name]")).to_have_value("李四")


async def test_a_point_goes_with_its_address_also_after_a_reload(
    system: HotlineSystem, browser: Browser
) -> None:
    def found(address: str, longitude: float) -> dict[str, object]:
        where = {"line": "云麓区"}
        place = {"name": address, "address": address, "precision": "landmark", "doubts": []}
        here = {**place, "longitude": longitude, "latitude": 31.5, "where": where}
        return {"certain": True, "candidates": [here]}

    async def answer(route: Route) -> None:
        q = parse_qs(urlsplit(route.request.url).query)["q"][0]
        known = {"东门公园": 118.5, "西门公园": 118.25}
        nobody = {"certain": False, "candidates": []}
        await route.fulfill(json=found(q, known[q]) if q in known else nobody)

    async with page_of(system, browser, "agent2") as page:
        await page.route("**/api/places/search?*", answer)
        await page.keyboard.press("Alt+.")
        await expect(page.locator("#f-source")).to_be_focused()
        await typed(page, "address", "东门公园")
        point = page.locator("#f-point")
        await expect(point).to_have_value("118.5,31.5")
        await expect(page.locator("#draft")).to_have_attribute("data-state", "saved")
        async with page.expect_response("**/api/places/search?*"):
            await page.reload()
        await expect(point).to_have_value("118.5,31.5")
        await page.locator("#f-address").fill("西门公园")
        # Whoever saves now saves no point of the former address.
        await expect(point).to_have_value("")
        await page.keyboard.press("Tab")
        await expect(point).to_have_value("118.25,31.5")
        await page.locator("#discard").click()
        await page.locator("#discard").click()

        async def gone() -> bool:
            # Other tests may have left forms of this agent's, which come up then.
            none = await page.locator("#no-call").is_visible()
            return none or await page.locator("#f-address").input_value() != "西门公园"

        await until(gone, what="the form is given up")


async def test_a_file_added_before_the_form_is_saved_goes_to_its_case(
    system: HotlineSystem, browser: Browser
) -> None:
    mark = system.last_seq()
    async with page_of(system, browser, "agent1") as page:
        await page.keyboard.press("Alt+.")
        await expect(page.locator("[name=source]")).to_be_focused()
        # An empty one is there already.
        await page.keyboard.press("Alt+.")
        await page.locator("[name=source]").select_option("letter")
        await expect(page.locator("#tabs [role=tab]")).to_have_count(0)
        letter = FilePayload(name="来信.png", mimeType="image/png", buffer=PIXEL)
        await page.locator("#case-files").set_input_files(letter)
        await expect(page.locator("#case-files-list")).to_contain_text("来信.png")
        await typed(page, "category", "jg")
        await page.keyboard.press("Enter")
        await page.locator("#condition-choice").select_option("2")
        await expect(page.locator("#form-limits")).to_contain_text("处置时限 4工作时")
        await page.locator("[name=kind][value=consult]").check()
        await typed(page, "description", "来信询问井盖")
        await page.keyboard.press("Control+Enter")
        opened = await system.journalled("CaseOpened", after=mark)
        await expect(page.locator("#case-files-list a")).to_have_text("来信.png")
    number = opened.data["case_number"]
    (kept,) = system.rows("SELECT stage FROM attachments WHERE case_number = ?", number)
    (case,) = system.rows("SELECT condition FROM cases WHERE case_number = ?", number)
    assert (kept["stage"], case["condition"]) == ("report", "2")


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
        # Ctrl+Enter files; Enter alone in a field does not.
        await page.keyboard.press("Enter")
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
        assert not system.journal("CaseOpened", after=call.mark)
        await page.keyboard.press("Control+Enter")
        opened = await system.journalled("CaseOpened", after=call.mark, call_id=call.call_id)
        await expect(page.locator("#saved")).to_contain_text(opened.data["case_number"])
        await page.keyboard.press("Alt+x")
        await in_phase(page, "wrap_up")
    case = system.rows("SELECT * FROM cases WHERE case_number = ?", opened.data["case_number"])[0]
    assert (case["caller_sex"], case["expected_reply"]) == ("female", "三天内修好")
    assert case["longitude"] is not None


async def test_enter_accepts_a_call_while_a_choice_of_an_open_form_has_the_keyboard(
    system: HotlineSystem, browser: Browser
) -> None:
    async with ready_desk(system, browser) as page:
        await page.keyboard.press("Alt+.")
        await expect(page.locator("[name=source]")).to_be_focused()
        await typed(page, "description", "来信")
        await page.locator("[name=kind][value=consult]").focus()
        async with waiting(system, "13912340039"):
            await in_phase(page, "offered")
            await page.keyboard.press("Enter")
            await in_phase(page, "talking")
