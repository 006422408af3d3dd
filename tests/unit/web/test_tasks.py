"""Work that agents do between calls, as their browsers see it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hotline.cti.views import AgentView, TaskView
from tests.databases import MORNING
from tests.unit.callback.closing import Closing
from tests.unit.registry.cases import NUMBER, reported
from tests.unit.web.house import House

ANSWERS = {"reached": True, "solved": True, "satisfaction": 5, "why_not": ""}
READY = AgentView("agent1", "张敏", "1001", "ready", MORNING, reachable=True)


@pytest.fixture
def closing(house: House) -> Closing:
    return Closing(house.web.parts.cases, house.database)


def callback(number: int) -> TaskView:
    return TaskView(f"callback:{number}", "callback")


def works_on(house: House, task_id: int) -> None:
    house.calls.agents["agent1"] = replace(READY, state="on_task", task=callback(task_id))


async def to_verify(house: House) -> str:
    case = await house.web.parts.cases.open_from_report(await reported(house.journal))
    view = TaskView(f"verification:{case.case_number}", "verification")
    house.calls.agents["agent1"] = replace(READY, state="on_task", task=view)
    return case.case_number


async def test_taking_and_ending_a_callback_ask_the_calls_layer(house: House) -> None:
    house.calls.agents["agent1"] = replace(READY, task=callback(7))
    async with house.browser("agent1") as browser:
        taken = await browser.send_json("POST", "/api/agent/task/take", {"task": "callback:7"})
        await browser.send_json("POST", "/api/agent/task/end", {})
    assert taken.json()["agent"]["task"]["task_id"] == "callback:7"
    assert house.calls.asked == [("take_task", "agent1", "callback:7"), ("end_task", "agent1")]


async def test_a_callback_that_was_taken_back_says_so(house: House) -> None:
    house.calls.agents["agent1"] = READY
    house.calls.refusal = "task_gone"
    async with house.browser("agent1") as browser:
        answer = await browser.send_json("POST", "/api/agent/task/take", {"task": "callback:7"})
    assert (answer.status_code, answer.json()["message"]) == (409, "这项任务已收回。")


async def test_an_agent_rings_and_answers_the_callback_in_hand(
    house: House, closing: Closing
) -> None:
    task_id = await closing.task()
    works_on(house, task_id)
    async with house.browser("agent1") as browser:
        page = (await browser.get("/desk/task")).text
        rung = await browser.send_json("POST", f"/api/callbacks/{task_id}/call", {})
    assert f'data-task="{task_id}"' in page
    assert "13812345678" not in page
    assert rung.status_code == 200
    assert house.dialler.asked == [(task_id, "agent1", "1001")]


async def test_a_callback_cannot_be_ended_while_its_call_is_up(
    house: House, closing: Closing
) -> None:
    task_id = await closing.task()
    works_on(house, task_id)
    async with house.browser("agent1") as browser:
        await browser.send_json("POST", f"/api/callbacks/{task_id}/call", {})
        answer = await browser.send_json("POST", "/api/agent/task/end", {})
    assert answer.status_code == 409
    assert house.calls.asked == []


async def test_an_agent_may_do_no_other_callback(house: House, closing: Closing) -> None:
    task_id = await closing.task()
    other = await closing.task(caller_phone="13900139000")
    works_on(house, other)
    async with house.browser("agent1") as browser:
        for path, body in (("call", {}), ("answers", ANSWERS)):
            answer = await browser.send_json("POST", f"/api/callbacks/{task_id}/{path}", body)
            assert answer.status_code == 403
        assert (await browser.get("/callbacks")).status_code == 403
    assert house.dialler.asked == []


async def test_without_a_callback_the_page_is_the_desk(house: House) -> None:
    house.calls.agents["agent1"] = READY
    async with house.browser("agent1") as browser:
        answer = await browser.get("/desk/task")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")


async def test_an_agent_verifies_the_report_in_hand_on_a_page_of_its_own(house: House) -> None:
    number = await to_verify(house)
    async with house.browser("agent1") as browser:
        page = (await browser.get("/desk/task")).text
        body = {"form": {"kind": "complaint", "description": "井盖坏了"}, "version": 1}
        saved = await browser.send_json("PUT", f"/api/cases/{number}", body)
        step = {"action": "verify", "version": saved.json()["case"]["version"]}
        moved = await browser.send_json("POST", f"/api/cases/{number}/actions", step)
    assert number in page
    assert NUMBER not in page
    for part in ('id="case-form"', 'data-action="verify"', 'data-action="reject"', 'id="end-task"'):
        assert part in page
    assert moved.json()["case"]["state"] == "to_file"


async def test_a_verification_can_be_given_back_at_any_time(house: House) -> None:
    await to_verify(house)
    async with house.browser("agent1") as browser:
        answer = await browser.send_json("POST", "/api/agent/task/end", {})
    assert answer.status_code == 200
    assert house.calls.asked == [("end_task", "agent1")]
