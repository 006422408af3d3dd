"""Work that agents do between calls, by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from hotline import events
from hotline.demo.phone import Answering
from hotline.speech.audio import write_wav
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from tests.audio import tone
from tests.databases import HandClock
from tests.deadline import until
from tests.forms import complaint
from tests.plans import put_in_force
from tests.shared import put_away
from tests.system import HotlineSystem
from tests.talks import talking
from tests.web.browser import page_of

PHONE = "13812345678"
PLAN = {
    "queues": [{"name": "hotline", "title": {"zh": "热线"}, "task_spare": 0}],
    "skills": [
        {"code": "callback", "title": {"zh": "回访"}},
        {"code": "verify", "title": {"zh": "核实"}},
    ],
    "agents": [
        {"agent_id": "agent1", "queues": {"hotline": 1}, "skills": {"callback": 1}},
        {"agent_id": "agent2", "queues": {"hotline": 1}, "skills": {"verify": 1}},
    ],
}
PLAYING = "[...document.querySelectorAll('audio')].some((one) => one.controls && !one.paused)"
BLENDED = {"callback": {"blended_skill": "callback"}, "report": {"blended_skill": "verify"}}


@pytest.fixture(scope="module")
async def blended(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HotlineSystem]:
    """A hotline where agent1 may do callbacks between calls, and agent2 verify reports; some were
    left while nobody looked."""
    system = HotlineSystem(tmp_path_factory.mktemp("tasks"), BLENDED)
    await put_in_force(system, PLAN)
    await leave_reports(system)
    await system.start()
    yield system
    await system.stop()


@pytest.fixture
async def at_work(blended: HotlineSystem) -> AsyncIterator[HotlineSystem]:
    """It, with nobody signed on."""
    yield blended
    await put_away(blended)


async def leave_reports(system: HotlineSystem) -> None:
    database = Database(system.config.database_url)
    try:
        journal = Journal(database, HandClock())
        await journal.open()
        # One for each test that verifies, and for each try of it.
        for n in range(1, 7):
            call_id, path = f"pbx1-1.{n}", f"reports/left{n}.wav"
            file = system.config.recording.dir / path
            file.parent.mkdir(parents=True, exist_ok=True)
            write_wav(file, tone(440, 9.0))
            await journal.append(
                events.CallArrived(call_id, "pbx1", f"PJSIP/citizens-{n}", "12319", PHONE),
                events.ReportStarted(call_id, f"{call_id}/r1", path, "nobody_ready"),
                events.ReportRecorded(call_id, f"{call_id}/r1", path, 9.0, "key"),
                events.CallEnded(call_id, "citizen"),
            )
    finally:
        await database.close()


async def first_waiting(system: HotlineSystem) -> str:
    """The report's case that is to be verified first."""
    query = "SELECT case_number FROM cases WHERE state = 'to_verify' ORDER BY case_number"
    # What was left is taken in after the start.
    rows = await until(lambda: system.rows(query), what="a report to verify")
    return str(rows[0]["case_number"])


async def closed_case(system: HotlineSystem) -> str:
    """A case from a citizen's call that a colleague answered at once."""
    async with talking(system, "agent2", PHONE) as talk:
        number = await talk.desk.save(talk.call_id, **complaint(phone=PHONE))
        body = {"action": "close", "version": 1, "why": "已当场答复"}
        await talk.desk.post(f"/api/cases/{number}/actions", **body)
        return number


async def test_an_idle_agent_does_a_callback_and_is_back_at_the_desk(
    at_work: HotlineSystem, browser: Browser
) -> None:
    system = at_work
    number = await closed_case(system)
    async with (
        page_of(system, browser, "agent1") as page,
        system.citizen(dialled=True, answering=Answering(after=0.2)) as citizen,
    ):
        await expect(page.locator("#phone-light[data-state=registered]")).to_be_visible()
        await page.keyboard.press("Alt+g")
        await expect(page.locator("#take-task")).to_be_visible()
        # Shown quietly: whatever is being typed goes on.
        assert await page.evaluate("document.activeElement.id") != "take-task"
        await page.keyboard.press("Alt+j")
        await page.wait_for_url("**/desk/task*")
        await expect(page.locator("#task")).to_have_attribute("data-number", number)
        await expect(page.locator("#phone-light[data-state=registered]")).to_be_visible()
        await page.keyboard.press("Alt+c")
        await citizen.established()
        await expect(page.locator("#call")).to_have_attribute("data-state", "talking")
        await page.keyboard.press("y")
        await page.keyboard.press("5")
        await page.keyboard.press("Control+Enter")
        # They may talk on; no call is offered until they have hung up.
        await expect(page.locator("#call")).to_have_attribute("data-state", "done")
        await page.keyboard.press("Alt+x")
        await page.wait_for_url("**/desk")
    task = system.rows("SELECT * FROM callback_tasks WHERE case_number = ?", number)[0]
    assert (task["satisfaction"], task["state"], task["claimed_by"]) == (5, "done", "agent1")
    states = [e.data["state"] for e in system.journal("AgentStateChanged")]
    assert "on_task" in states


async def test_an_idle_agent_verifies_a_report_and_is_back_at_the_desk(
    at_work: HotlineSystem, browser: Browser
) -> None:
    system = at_work
    number = await first_waiting(system)
    async with page_of(system, browser, "agent2") as page:
        await expect(page.locator("#phone-light[data-state=registered]")).to_be_visible()
        await page.keyboard.press("Alt+g")
        await expect(page.locator("#task-text")).to_have_text(re.compile(r"138\*\*\*\*5678，0:09"))
        await page.keyboard.press("Alt+j")
        await page.wait_for_url("**/desk/task")
        await expect(page.locator("[data-player=report] audio")).to_be_visible()
        await page.locator("#case-form [name=kind][value=complaint]").check()
        await page.locator("#f-address").fill("建设路 8 号")
        await page.locator("#f-description").fill("井盖坏了")
        await page.keyboard.press("Alt+1")
        await page.wait_for_url("**/desk")
        await expect(page.locator("#state")).to_have_attribute("data-state", "ready")
    case = system.rows("SELECT * FROM cases WHERE case_number = ?", number)[0]
    found = (case["state"], case["description"], case["changed_by"])
    assert found == ("to_file", "井盖坏了", "agent2")
    told = [e.data["state"] for e in system.journal("AgentStateChanged", after=0)]
    assert "on_task" in told


async def test_a_verifier_does_the_whole_round_by_keyboard_alone(
    at_work: HotlineSystem, browser: Browser
) -> None:
    system = at_work
    number = await first_waiting(system)
    async with page_of(system, browser, "checker1") as page:
        await page.goto(f"{system.url}/verification")
        await expect(page.locator("#case-bar")).to_contain_text(number)
        await page.keyboard.press("Alt+p")
        await page.wait_for_function(PLAYING)
        await page.locator("[name=kind]").first.focus()
        await page.keyboard.press("Space")
        for typed in ("", "建设路 8 号", "井盖坏了，车压过去会响"):
            await page.keyboard.press("Tab")
            await page.keyboard.type(typed)
        await page.keyboard.press("Alt+p")
        await page.wait_for_function(f"!({PLAYING})")
        # What was typed outlives the page.
        await expect(page.locator("#draft")).not_to_be_empty()
        await page.reload()
        await expect(page.locator("#f-address")).to_have_value("建设路 8 号")
        await page.keyboard.press("Alt+/")
        await expect(page.locator("#keys")).to_contain_text("插入常用语")
        await page.keyboard.press("Escape")
        await page.keyboard.press("Alt+1")
        await expect(page.locator("#bar-text")).to_contain_text(number)
    case = system.rows("SELECT * FROM cases WHERE case_number = ?", number)[0]
    found = (case["state"], case["description"], case["changed_by"], case["caller_phone"])
    assert found == ("to_file", "井盖坏了，车压过去会响", "checker1", PHONE)
