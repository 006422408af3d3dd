"""The agent's desktop: what it is shown, what it asks, what is kept."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from hotline import events
from tests.databases import MORNING
from tests.unit.web.house import House, agent_view, some_pop

CALL = "pbx1-1.1"
FORM = {
    "kind": "complaint",
    "urgency": "normal",
    "category": "component/0101",
    "address": "中山路 12 号",
    "description": "井盖破损",
    "happened": "今早八点",
    "caller_name": "",
    "caller_phone": None,
    "anonymous": False,
    "callback_wanted": True,
}


async def offered(house: House, agent_id: str = "agent1", **more: Any) -> None:
    """A call from 13812345678 on offer to an agent."""
    house.calls.agents[agent_id] = agent_view(
        agent_id, "offered", call_id=CALL, offer_id=f"{CALL}/1"
    )
    house.calls.pops[CALL, agent_id] = some_pop(CALL, **more)
    await house.journal.append(
        events.CallArrived(CALL, "pbx1", "PJSIP/trunk-1", "12319", "13812345678"),
        events.CallOffered(CALL, agent_id, f"{CALL}/1"),
    )


@pytest.mark.parametrize(
    ("body", "state", "asked"),
    [
        ({"state": "ready"}, "paused", [("ready", "agent1")]),
        ({"state": "ready"}, "offline", [("sign_on", "agent1"), ("ready", "agent1")]),
        ({"state": "paused", "reason": "meal"}, "ready", [("pause", "agent1", "meal")]),
        ({"state": "offline"}, "talking", [("sign_off", "agent1")]),
    ],
)
async def test_an_agent_asks_for_a_state(
    house: House, body: dict[str, str], state: str, asked: list[tuple[str, ...]]
) -> None:
    house.calls.agents["agent1"] = agent_view("agent1", state)
    async with house.browser("agent1") as browser:
        assert (await browser.send_json("POST", "/api/agent/state", body)).status_code == 200
    assert house.calls.asked == asked


@pytest.mark.parametrize("state", ["talking", "", None, 7])
async def test_a_state_that_cannot_be_asked_for_is_refused(house: House, state: object) -> None:
    async with house.browser("agent1") as browser:
        answer = await browser.send_json("POST", "/api/agent/state", {"state": state})
    assert answer.status_code == 422
    assert answer.json()["fields"]["state"]
    assert house.calls.asked == []


@pytest.mark.parametrize(
    ("path", "body", "asked"),
    [
        ("/api/agent/refuse", {"offer_id": f"{CALL}/1"}, ("refuse", "agent1", f"{CALL}/1")),
        ("/api/agent/wrap-up/end", None, ("end_wrap_up", "agent1")),
        ("/api/agent/hang-up", None, ("hang_up", "agent1")),
    ],
)
async def test_an_agent_acts_on_a_call(
    house: House, path: str, body: object, asked: tuple[str, ...]
) -> None:
    async with house.browser("agent1") as browser:
        answer = await browser.send_json("POST", path, body)
    assert answer.json()["agent"]["agent_id"] == "agent1"
    assert house.calls.asked == [asked]


async def test_what_is_not_possible_now_is_told_in_the_agents_language(house: House) -> None:
    house.calls.refusal = "no_talk"
    async with house.browser("agent1") as browser:
        answer = await browser.send_json("POST", "/api/agent/hang-up", None)
        assert (answer.status_code, answer.json()["message"]) == (409, "现在没有通话。")
        await house.set_language("agent1", "en")
        answer = await browser.send_json("POST", "/api/agent/hang-up", None)
        assert answer.json()["message"] == "There is no talk now."


async def test_an_agent_without_an_extension_is_told_so(house: House) -> None:
    del house.calls.agents["agent1"]
    async with house.browser("agent1") as browser:
        assert (await browser.get("/desk")).status_code == 200
        answer = await browser.send_json("POST", "/api/agent/state", {"state": "ready"})
    assert (answer.status_code, answer.json()["error"]) == (409, "no_extension")


async def test_the_softphone_is_given_its_own_account_only(house: House) -> None:
    async with house.browser("agent2") as browser:
        assert (await browser.get("/api/phone")).json() == {
            "url": "ws://127.0.0.1:8088/ws",
            "user": "1002-web",
            "password": "secret-1002",
            "domain": "127.0.0.1",
            "talks": False,
        }


async def test_the_page_comes_with_its_first_state(house: House) -> None:
    await offered(house)
    async with house.browser("agent1") as browser:
        page = (await browser.get("/desk")).text
    found = re.search(r'id="desk-data">(.*?)</script>', page, re.S)
    assert found
    data = json.loads(found[1])
    assert data["current"] == CALL
    assert data["calls"][0]["pop"]["calling"] == "138****5678"
    assert "13812345678" not in page


async def test_a_name_from_the_wire_cannot_break_out_of_the_page(house: House) -> None:
    name = "</script><script>alert(1)</script>\n\"'😀"
    await offered(house, calling_name=name)
    async with house.browser("agent1") as browser:
        page = (await browser.get("/desk")).text
        assert "<script>alert" not in page
        pop = (await browser.get(f"/api/calls/{CALL}/pop")).json()["pop"]
    assert pop["calling_name"] == name


async def test_a_call_of_another_agent_is_not_shown(house: House) -> None:
    await offered(house, "agent1")
    async with house.browser("agent2") as browser:
        assert (await browser.get(f"/api/calls/{CALL}/pop")).status_code == 404
        answer = await browser.send_json("POST", f"/api/calls/{CALL}/case", {"form": FORM})
        assert (answer.status_code, answer.json()["error"]) == (404, "not_your_call")
        draft = {"form": {"description": "x"}}
        answer = await browser.send_json("PUT", f"/api/calls/{CALL}/draft", draft)
        assert answer.status_code == 404


async def test_a_draft_comes_back_on_the_desk(house: House) -> None:
    await offered(house)
    async with house.browser("agent1") as browser:
        draft = {"form": {"description": "井盖", "anonymous": True}}
        path = f"/api/calls/{CALL}/draft"
        assert (await browser.send_json("PUT", path, draft)).status_code == 204
        assert await house.web.drafts.unfinished("agent1") == [CALL]
        house.calls.agents["agent1"] = agent_view("agent1")
        desk = (await browser.get("/api/desk")).json()
        assert [call["pop"]["call_id"] for call in desk["calls"]] == [CALL]
        await browser.send_json("DELETE", path, None)
        assert (await browser.get("/api/desk")).json()["calls"] == []


async def test_a_saved_form_is_a_case_with_a_number(house: House) -> None:
    await offered(house)
    async with house.browser("agent1") as browser:
        await browser.send_json("PUT", f"/api/calls/{CALL}/draft", {"form": {"kind": "help"}})
        answer = await browser.send_json("POST", f"/api/calls/{CALL}/case", {"form": FORM})
    case = answer.json()["case"]
    assert case["number"] == "2026112000001"
    assert case["form"]["category"] == "component/0101"
    stored = await house.web.parts.cases.get(case["number"])
    assert (stored.caller_phone, stored.opened_by) == ("13812345678", "agent1")
    assert await house.web.drafts.unfinished("agent1") == []


async def test_saving_again_changes_the_case_and_not_behind_anybodys_back(house: House) -> None:
    await offered(house)
    path = f"/api/calls/{CALL}/case"
    async with house.browser("agent1") as browser:
        first = (await browser.send_json("POST", path, {"form": FORM})).json()["case"]
        changed = {"form": {**FORM, "address": "中山路 14 号"}, "version": first["version"]}
        second = (await browser.send_json("POST", path, changed)).json()["case"]
        assert second["number"] == first["number"]
        assert second["form"]["address"] == "中山路 14 号"
        late = {"form": FORM, "version": first["version"]}
        answer = await browser.send_json("POST", path, late)
    assert (answer.status_code, answer.json()["error"]) == (409, "case_changed")


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"kind": ""}, "kind", "必填"),
        ({"description": "  "}, "description", "必填"),
        ({"category": "component/9999"}, "category", "请从列表中选择一个类别，或留空"),
        (
            {"caller_phone": "call me"},
            "caller_phone",
            "不是有效的电话号码，如 13812345678、0555-1234567转801",
        ),
        ({"surprise": "x"}, "surprise", "没有这一项"),
    ],
)
async def test_each_fault_stands_beside_its_field(
    house: House, change: dict[str, str], field: str, words: str
) -> None:
    await offered(house)
    async with house.browser("agent1") as browser:
        body = {"form": {**FORM, **change}}
        answer = await browser.send_json("POST", f"/api/calls/{CALL}/case", body)
    assert answer.status_code == 422
    assert answer.json()["fields"] == {field: words}


async def test_the_day_counts_this_agents_talks_of_today(house: House) -> None:
    for number, (agent_id, at) in enumerate(
        [("agent1", MORNING), ("agent1", MORNING + 60), ("agent1", MORNING - 86_400),
         ("agent2", MORNING)]
    ):  # fmt: skip
        call_id = f"pbx1-{number}.1"
        await house.journal.append(
            events.CallArrived(call_id, "pbx1", "PJSIP/t", "12319", "13800000000"),
            events.CallAnswered(call_id, agent_id, 5.0),
            at=at,
        )
        await house.journal.append(
            events.TalkEnded(call_id, agent_id, 100.0, "citizen"), at=at + 100
        )
    async with house.browser("agent1") as browser:
        today = (await browser.get("/api/agent")).json()["today"]
    assert today == {"talks": 2, "talk_s": 200.0}


async def test_categories_can_be_found_by_initials(house: House) -> None:
    async with house.browser("agent1") as browser:
        categories = (await browser.get("/api/categories")).json()
    assert {"key": "component/0101", "initials": "ssjg"}.items() <= categories[0].items()


async def test_the_users_language_is_the_pages(house: House) -> None:
    await house.set_language("agent1", "en")
    async with house.browser("agent1") as browser:
        assert "Save case" in (await browser.get("/desk")).text
