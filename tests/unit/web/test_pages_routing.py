from __future__ import annotations

from typing import Any

import pytest

from hotline.events import RoutingPublished
from hotline.web.catalogue import load_catalogue
from tests.unit.routing.plans import queue
from tests.unit.web.house import ON_BOTH, Browser, House

pytestmark = ON_BOTH


def plan(**changes: Any) -> dict[str, Any]:
    agents = [
        {"agent_id": "agent1", "queues": {"hotline": 1, "water": 3}},
        {"agent_id": "agent2", "queues": {"hotline": 2}},
    ]
    return {"queues": [queue("hotline"), queue("water")], "agents": agents, **changes}


def given(
    based_on: int = 0, note: str = "供水专线", unproved: str = "没有上月数据", **changes: Any
) -> Any:
    return {"plan": plan(**changes), "based_on": based_on, "note": note, "unproved": unproved}


async def publish(browser: Browser, based_on: int = 0, **changes: Any) -> Any:
    return await browser.send_json("POST", "/api/routing/publish", given(based_on, **changes))


@pytest.mark.parametrize(
    ("user", "status"), [("supervisor", 200), ("admin", 200), ("agent1", 403), ("callback1", 403)]
)
async def test_supervisors_and_administrators_see_the_plan(
    house: House, user: str, status: int
) -> None:
    async with house.browser(user) as browser:
        assert (await browser.get("/routing")).status_code == status
        current = await browser.get("/api/routing", headers={"accept": "application/json"})
        assert current.status_code == status


async def test_a_plan_is_checked_in_the_viewers_language_as_it_is_edited(house: House) -> None:
    await house.set_language("supervisor", "en")
    broken = plan(queues=[queue("hotline"), queue("water", ring_s=0)])
    async with house.browser("supervisor") as browser:
        answer = await browser.send_json(
            "POST", "/api/routing/check", {"plan": broken, "based_on": 0}
        )
    checked = answer.json()
    [finding] = checked["findings"]
    assert finding["where"] == ["queues", 1, "ring_s"]
    assert "cannot stand here" in finding["text"]
    assert checked["changes"] is None


async def test_what_changes_is_told_part_by_part(house: House) -> None:
    async with house.browser("supervisor") as browser:
        await publish(browser)
        changed = plan(queues=[queue("hotline", ring_s=25), queue("water")])
        changed["agents"][1]["queues"] = {"water": 1}
        answer = await browser.send_json(
            "POST", "/api/routing/check", {"plan": changed, "based_on": 1}
        )
    told = {tuple(one["where"]): (one["before"], one["after"]) for one in answer.json()["changes"]}
    assert told == {
        ("queues", "hotline", "ring_s"): (20.0, 25.0),
        ("agents", "agent2", "queues", "hotline"): (2, None),
        ("agents", "agent2", "queues", "water"): (None, 1),
    }


async def test_a_published_plan_is_in_force_with_its_author_and_reason(house: House) -> None:
    async with house.browser("supervisor") as browser:
        answer = await publish(browser)
        history = (await browser.get("/api/routing/history")).json()["publications"]
    assert answer.status_code == 200
    assert answer.json()["publication"]["by"] == "赵主任"
    assert [(one["version"], one["unproved"]) for one in history] == [(1, "没有上月数据")]
    assert set(house.web.parts.plans.current.plan.by_queue) == {"hotline", "water"}
    [record] = await house.journal.read(kinds=[RoutingPublished])
    assert record.event == RoutingPublished(1, "supervisor", "供水专线", None, "", "没有上月数据")


async def test_a_plan_that_was_not_compared_needs_a_reason(house: House) -> None:
    async with house.browser("supervisor") as browser:
        answer = await publish(browser, unproved=" ")
    assert (answer.status_code, answer.json()["error"]) == (409, "plan_unproved")
    assert answer.json()["message"] == load_catalogue().text("zh", "error.plan_unproved")


async def test_a_faulty_plan_is_refused_in_words(house: House) -> None:
    async with house.browser("supervisor") as browser:
        answer = await publish(browser, queues=[queue("water")])
    assert (answer.status_code, answer.json()["error"]) == (409, "plan_faulty")
    assert "主队列" in answer.json()["message"]


async def test_the_second_of_two_publishers_is_told(house: House) -> None:
    async with house.browser("supervisor") as browser, house.browser("admin") as other:
        await publish(browser)
        answer = await publish(other, skills=[{"code": "gas", "title": {"zh": "燃气"}}])
    assert (answer.status_code, answer.json()["error"]) == (409, "plan_changed")


async def test_a_draft_survives_a_reload_and_others_are_told_of_it(house: House) -> None:
    half_done = {"plan": {"queues": "…"}, "based_on": 0}
    async with house.browser("supervisor") as browser, house.browser("admin") as other:
        await browser.send_json("PUT", "/api/routing/draft", half_done)
        assert '"queues": "\\u2026"' in (await browser.get("/routing")).text
        assert "赵主任也有草稿" in (await other.get("/routing")).text
        await browser.send_json("DELETE", "/api/routing/draft", {})
        assert '"queues": "\\u2026"' not in (await browser.get("/routing")).text


async def test_a_return_to_an_older_plan_needs_a_reason_only(house: House) -> None:
    async with house.browser("supervisor") as browser:
        await publish(browser)
        back = {"version": 0, "based_on": 1, "note": "太慢"}
        answer = await browser.send_json("POST", "/api/routing/roll-back", back)
        assert answer.json()["publication"]["rolled_back_from"] == 1
        older = (await browser.get("/api/routing/versions/1")).json()
        assert len(older["plan"]["queues"]) == 2
        missing = await browser.send_json(
            "POST", "/api/routing/roll-back", {"version": 9, "based_on": 0, "note": "?"}
        )
        assert missing.status_code == 404


async def test_flows_may_name_the_plans_queues_and_these_are_not_taken_away(house: House) -> None:
    text = """
flow: night
title: {zh: 夜间}
start: wait
person: wait
nodes:
  wait: {kind: queue, queue: water, talked: bye, nobody: bye, asked: bye}
  bye: {kind: goodbye, prompts: [goodbye]}
"""
    without = {"queues": [queue("hotline")], "agents": []}
    async with house.browser("supervisor") as browser:
        unknown = await browser.send_json("POST", "/api/flows/night/check", {"text": text})
        await publish(browser)
        known = await browser.send_json("POST", "/api/flows/night/check", {"text": text})
        body = {"text": text, "based_on": 0}
        assert (await browser.send_json("POST", "/api/flows/night/publish", body)).is_success
        body = {"plan": plan(**without), "based_on": 1}
        seen = await browser.send_json("POST", "/api/routing/check", body)
        refused = await publish(browser, 1, **without)
    [finding] = [f for f in unknown.json()["findings"] if f["code"] == "unknown-queue"]
    assert finding["node"] == "wait"
    assert "现有：hotline。" in finding["text"]
    assert known.json()["sound"]
    in_use = "流程“night”的节点（wait）还在用队列“water”"
    assert any(in_use in told["text"] for told in seen.json()["findings"])
    assert refused.status_code == 409
    assert in_use in refused.json()["message"]
