"""Callbacks that agents do between calls, as their browsers see them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hotline.cti.views import AgentView
from tests.databases import MORNING
from tests.unit.callback.closing import Closing
from tests.unit.web.house import House

ANSWERS = {"reached": True, "solved": True, "satisfaction": 5, "why_not": ""}
READY = AgentView("agent1", "张敏", "1001", "ready", MORNING, reachable=True)


@pytest.fixture
def closing(house: House) -> Closing:
    return Closing(house.web.parts.cases, house.database)


def works_on(house: House, task_id: int) -> None:
    house.calls.agents["agent1"] = replace(READY, state="on_task", task=task_id)


async def test_taking_and_ending_a_callback_ask_the_calls_layer(house: House) -> None:
    house.calls.agents["agent1"] = replace(READY, task=7)
    async with house.browser("agent1") as browser:
        taken = await browser.send_json("POST", "/api/agent/task/take", {"task": 7})
        await browser.send_json("POST", "/api/agent/task/end", {})
    assert taken.json()["agent"]["task"] == 7
    assert house.calls.asked == [("take_task", "agent1", "7"), ("end_task", "agent1")]


async def test_a_callback_that_was_taken_back_says_so(house: House) -> None:
    house.calls.agents["agent1"] = READY
    house.calls.refusal = "task_gone"
    async with house.browser("agent1") as browser:
        answer = await browser.send_json("POST", "/api/agent/task/take", {"task": 7})
    assert (answer.status_code, answer.json()["message"]) == (409, "这条回访已收回。")


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
