"""A callback from the page: the browser is the phone, a real citizen answers."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

from playwright.async_api import Browser, expect

from hotline.demo.phone import INCOMING, Answering
from hotline.speech.audio import read_wav
from tests.audio import tone_seconds
from tests.deadline import until
from tests.forms import complaint
from tests.system import AGENT_HZ, CITIZEN_HZ, HotlineSystem
from tests.talks import talking
from tests.web.browser import leave, page_of, picture

PHONE = "13812345678"
TALK_S = 2.0
HANG_UP = """async () => fetch("/api/outbound/hang-up", {
  method: "POST",
  headers: { "x-csrf-token": document.querySelector("meta[name=csrf-token]").content },
})"""


async def closed_case(system: HotlineSystem) -> str:
    """A case from a citizen's call, answered at once."""
    async with talking(system, number=PHONE) as talk:
        number = await talk.desk.save(talk.call_id, **complaint(phone=PHONE))
        body = {"action": "close", "version": 1, "why": "已当场答复"}
        await talk.desk.post(f"/api/cases/{number}/actions", **body)
        return number


async def test_a_citizen_is_called_back_from_the_page_by_keyboard_alone(
    system: HotlineSystem, browser: Browser
) -> None:
    number = await closed_case(system)
    mark = system.last_seq()
    async with (
        page_of(system, browser, "callback1") as page,
        system.citizen(dialled=True, answering=Answering()) as citizen,
    ):
        await expect(page.locator("#phone-light[data-state=registered]")).to_be_visible()
        await page.locator("tr[data-task]", has_text=number).click()
        await expect(page.locator("#task")).to_have_attribute("data-number", number)
        await page.keyboard.press("Alt+c")
        rang = await citizen.event(INCOMING)
        assert "12319" in rang.peer
        call = page.locator("#call")
        await expect(call).to_have_attribute("data-state", "ringing")
        await citizen.answer()
        await expect(call).to_have_attribute("data-state", "talking")
        await until(lambda: tone_seconds(citizen.heard(), AGENT_HZ) > TALK_S)
        await page.keyboard.press("n")
        await page.keyboard.type("井盖仍未更换")
        await page.keyboard.press("Escape")
        await page.locator("[name=solved][value=false]").focus()
        await page.keyboard.press("1")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("[data-bar=saved]")).to_contain_text(number)
        await page.keyboard.press("Alt+x")
        await citizen.closed()
        await expect(call).to_have_attribute("data-state", "done")
    ended = await system.journalled("CallbackEnded", after=mark)
    assert ended.data["outcome"] == "talked"
    # By its call: the recording of the talk before may be stored as late as now.
    call_id = ended.data["call_id"]
    stored = await system.journalled("RecordingStored", after=mark, call_id=call_id)
    heard = read_wav(Path(system.config.recording.dir) / stored.data["path"]).samples
    assert tone_seconds(heard, CITIZEN_HZ, share=0.3) > 1
    # The browser takes a steady tone for noise and makes it ever softer.
    assert tone_seconds(heard, AGENT_HZ, share=0.01) > 0.5
    case = system.rows("SELECT state FROM cases WHERE case_number = ?", number)[0]
    assert case["state"] == "to_dispatch"
    task = system.rows("SELECT * FROM callback_tasks WHERE case_number = ?", number)[0]
    assert (task["satisfaction"], task["solved"], task["state"]) == (1, 0, "done")


async def test_a_promised_call_is_followed_and_ended_from_the_page(
    system: HotlineSystem, browser: Browser
) -> None:
    number = f"139{random.randrange(10**8):08}"
    async with talking(system, number=number) as talk:
        due = {"due_at": time.time() + 60, "note": "告知处理结果", "call_id": talk.call_id}
        await talk.desk.post("/api/promises", **due)
    async with (
        page_of(system, browser, "callback1") as page,
        system.citizen(dialled=True, answering=Answering()) as citizen,
    ):
        page.on("dialog", leave)
        await expect(page.locator("#phone-light[data-state=registered]")).to_be_visible()
        await page.keyboard.press("Alt+2")
        await expect(page.locator("#promises")).to_contain_text("告知处理结果")
        await page.keyboard.press("Alt+p")
        await citizen.event(INCOMING)
        note = page.locator("#outbound-note")
        await expect(note).to_have_attribute("data-state", "ringing")
        await citizen.answer()
        await expect(note).to_have_attribute("data-state", "talking")
        mark = system.last_seq()
        await page.reload()
        await system.journalled("TalkResumed", after=mark)
        before = tone_seconds(citizen.heard(), AGENT_HZ)
        await until(lambda: tone_seconds(citizen.heard(), AGENT_HZ) > before + 0.5)
        await page.keyboard.press("Alt+h")
        await expect(page.locator("#outbound-hold[aria-pressed=true]")).to_be_visible()
        await picture(page, "outbound-held")
        await page.keyboard.press("Alt+h")
        await expect(page.locator("#outbound-hold[aria-pressed=false]")).to_be_visible()
        # As from another page of theirs, or with a telephone on the table.
        await page.evaluate(HANG_UP)
        await citizen.closed()
        await expect(note).to_have_attribute("data-state", "ended")
        await expect(page.locator("#promises")).not_to_contain_text("告知处理结果")


async def test_a_callback_outlives_a_reload_with_its_answers_and_the_citizen_can_be_held(
    system: HotlineSystem, browser: Browser
) -> None:
    number = await closed_case(system)
    mark = system.last_seq()
    async with (
        page_of(system, browser, "callback1") as page,
        system.citizen(dialled=True, answering=Answering(after=0)) as citizen,
    ):
        page.on("dialog", leave)
        await expect(page.locator("#phone-light[data-state=registered]")).to_be_visible()
        await page.locator("tr[data-task]", has_text=number).click()
        await expect(page.locator("#task")).to_have_attribute("data-number", number)
        await page.keyboard.press("Alt+c")
        await until(lambda: tone_seconds(citizen.heard(), AGENT_HZ) > 1)
        await page.keyboard.press("n")
        await page.keyboard.type("井盖仍未更换")
        await page.reload()
        await system.journalled("TalkResumed", after=mark)
        before = tone_seconds(citizen.heard(), AGENT_HZ)
        await until(lambda: tone_seconds(citizen.heard(), AGENT_HZ) > before + 1)
        await expect(page.locator("[name=why_not]")).to_have_value("井盖仍未更换")
        await page.keyboard.press("Alt+h")
        await expect(page.locator("#hold[aria-pressed=true]")).to_be_visible()
        await expect(page.locator("#call")).to_have_attribute("data-held", "agent")
        await picture(page, "callback-held")
        await page.keyboard.press("Alt+h")
        await expect(page.locator("#hold[aria-pressed=false]")).to_be_visible()
        await page.keyboard.press("Alt+x")
        await citizen.closed()
    why = [held.data["why"] for held in system.journal("TalkHeld", after=mark)]
    assert why == ["cut_off", "agent"]


async def test_a_citizen_who_is_called_back_is_handed_to_a_queue_by_keyboard(
    system: HotlineSystem, browser: Browser
) -> None:
    number = await closed_case(system)
    mark = system.last_seq()
    async with (
        page_of(system, browser, "callback1") as page,
        system.citizen(dialled=True, answering=Answering(after=0)) as citizen,
        system.ready_agent() as (desk, phone),
    ):
        page.on("dialog", leave)
        await expect(page.locator("#phone-light[data-state=registered]")).to_be_visible()
        await page.locator("tr[data-task]", has_text=number).click()
        await expect(page.locator("#task")).to_have_attribute("data-number", number)
        await page.keyboard.press("Alt+c")
        await expect(page.locator("#hand-over")).to_be_visible()
        await until(lambda: tone_seconds(citizen.heard(), AGENT_HZ) > 1)
        await page.keyboard.press("Alt+t")
        await page.keyboard.type("hotline")
        await expect(page.locator("#handover-list [role=option]")).to_have_count(1)
        await page.keyboard.press("Enter")
        await expect(page.locator("#h-note")).to_have_value(re.compile(number))
        await picture(page, "callback-handover")
        await page.keyboard.type("现在有燃气味")
        await page.keyboard.press("Enter")
        await expect(page.locator("#handover-form")).to_be_hidden()
        await phone.event(INCOMING)
        brought = await system.journalled("CallBrought", after=mark)
        pop = await desk.pop(brought.data["call_id"])
        assert pop["story"][-1]["note"] == "现在有燃气味"
        assert pop["draft"]["related_to"] == number
        await phone.answer()
        before = tone_seconds(citizen.heard(), AGENT_HZ)
        await until(lambda: tone_seconds(citizen.heard(), AGENT_HZ) > before + 1)
        await until(lambda: tone_seconds(phone.heard(), CITIZEN_HZ) > 1)
        # The worker still says what came of the callback.
        await expect(page.locator("#call")).to_have_attribute("data-state", "asked")
        await expect(page.locator("#answers")).to_be_visible()
        await citizen.hangup()
    ended = await system.journalled("CallbackEnded", after=mark)
    assert ended.data["outcome"] == "handed_over"


async def test_what_two_pages_answer_at_the_same_time_is_told_at_both(
    system: HotlineSystem, browser: Browser
) -> None:
    number = await closed_case(system)
    async with (
        page_of(system, browser, "callback1") as old,
        page_of(system, browser, "callback1") as new,
    ):
        for page in (old, new):
            page.on("dialog", leave)
            await page.locator("tr[data-task]", has_text=number).click()
            await expect(page.locator("#task")).to_have_attribute("data-number", number)
        await old.locator("[name=why_not]").fill("未修")
        await expect(new.locator("[name=why_not]")).to_have_value("未修")
        await old.route("**/api/kept/**", lambda route: route.abort())
        await old.locator("[name=why_not]").fill("仍未修")
        await new.locator("[name=why_not]").fill("没人来过")
        differs = old.locator("[data-bar=differs-why_not]")
        await expect(differs).to_contain_text("没人来过")
        await old.unroute("**/api/kept/**")
        await expect(new.locator("[data-bar=differs-why_not]")).to_contain_text("没人来过")
        for page in (old, new):
            await expect(page.locator("[name=why_not]")).to_have_value("仍未修")
        await differs.get_by_role("button").first.click()
        for page in (old, new):
            await expect(page.locator("[name=why_not]")).to_have_value("没人来过")
