"""Supervisors change agents' states and the reasons for pausing; both are told with who and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hotline import events
from hotline.cti.views import ForcedView, PauseView
from tests.databases import MORNING
from tests.unit.web.house import ON_BOTH, House

pytestmark = ON_BOTH
FORCE = "/api/board/agents/agent1/state"
MEETING = {"want": "paused", "reason": "meeting", "why": " 班前会 "}


async def test_a_supervisor_changes_a_state_with_who_and_why(house: House) -> None:
    async with house.browser("supervisor") as browser:
        answer = await browser.send_json("POST", FORCE, MEETING)
    assert answer.status_code == 200
    asked = ("force", "agent1", "paused", "meeting", "班前会", "supervisor", "赵主任")
    assert house.calls.asked == [asked]


async def test_without_a_reason_why_nothing_is_changed(house: House) -> None:
    async with house.browser("supervisor") as browser:
        answer = await browser.send_json("POST", FORCE, {"want": "ready", "why": "  "})
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["why"])
    assert house.calls.asked == []


async def test_an_agent_cannot_change_others(house: House) -> None:
    async with house.browser("agent2") as browser:
        assert (await browser.send_json("POST", FORCE, MEETING)).status_code == 403


async def test_a_forged_request_changes_nothing(house: House) -> None:
    async with house.browser("supervisor") as browser:
        answer = await browser.post(FORCE, json=MEETING, headers={"accept": "application/json"})
    assert answer.status_code == 403
    assert house.calls.asked == []


async def test_what_cannot_be_is_said_in_words(house: House) -> None:
    house.calls.refusal = "not_on_duty"
    async with house.browser("supervisor") as browser:
        answer = await browser.send_json("POST", FORCE, MEETING)
        nobody = await browser.send_json("POST", "/api/board/agents/nobody/state", MEETING)
    assert (answer.status_code, answer.json()["message"]) == (409, "这位坐席没有签入。")
    assert nobody.status_code == 404


async def test_the_history_shows_who_changed_whom_and_why(house: House) -> None:
    forced = events.StateForced(
        "agent1", "paused", "先去开会", "supervisor", "赵主任", "meeting", "ready"
    )
    await house.journal.append(forced, at=MORNING - 60)
    async with house.browser("supervisor") as browser:
        page = (await browser.get("/board/states")).text
    for words in ("张敏", "就绪 → 会议", "先去开会", "赵主任"):
        assert words in page


async def test_exceeded_and_unknown_times_are_shown(house: House) -> None:
    pause = PauseView("rest", 1900.0, 2, 65.0, None, 1800.0)
    house.calls.agents["agent1"] = replace(house.calls.agents["agent1"], pauses=(pause,))
    async with house.browser("supervisor") as browser:
        page = (await browser.get("/board/states")).text
    assert '<span class="left over">31:40 · 2 次</span>' in page
    assert "另有 1:05 未知" in page


async def test_a_new_reason_is_offered_to_agents_at_once(house: House) -> None:
    typed = {"zh": "哺乳", "en": "Nursing", "minutes": "60", "times": "2", "offered": "true"}
    async with house.browser("supervisor") as browser:
        answer = await browser.send_form("/board/states/reasons", **typed)
        assert answer.status_code == 303
    async with house.browser("agent1") as browser:
        page = (await browser.get("/desk")).text
    assert 'data-reason="own1"' in page
    assert "哺乳" in page


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"minutes": "viel"}, "1 到 720 分钟"),
        ({"minutes": "nan"}, "1 到 720 分钟"),
        ({"times": "1.5"}, "1 到 99 次"),
        ({"zh": "用餐"}, "已有同名的原因"),
        ({"en": ""}, "必填"),
    ],
)
async def test_what_cannot_be_kept_is_said_beside_its_field(
    house: House, typed: dict[str, str], message: str
) -> None:
    form = {"code": "rest", "zh": "小休", "en": "Rest", "offered": "true", "version": "0"} | typed
    async with house.browser("supervisor") as browser:
        answer = await browser.send_form("/board/states/reasons", **form)
    assert answer.status_code == 422
    assert message in answer.text


async def test_two_supervisors_cannot_overwrite_each_other(house: House) -> None:
    form = {"code": "rest", "zh": "小休", "en": "Rest", "minutes": "20", "offered": "true"}
    async with house.browser("supervisor") as browser:
        first = await browser.send_form("/board/states/reasons", **form, version="0")
        second = await browser.send_form("/board/states/reasons", **form, version="0")
    assert (first.status_code, second.status_code) == (303, 409)


async def test_the_desk_is_told_of_a_change_by_a_supervisor(house: House) -> None:
    told = ForcedView(MORNING, "offline", "", "下班了", "赵主任")
    house.calls.agents["agent1"] = replace(house.calls.agents["agent1"], forced=told)
    async with house.browser("agent1") as browser:
        agent = (await browser.get("/api/agent")).json()["agent"]
    assert (agent["forced"]["why"], agent["forced"]["name"]) == ("下班了", "赵主任")


async def test_a_wrap_up_is_extended_by_its_agent(house: House) -> None:
    async with house.browser("agent1") as browser:
        answer = await browser.send_json("POST", "/api/agent/wrap-up/extend", {})
    assert answer.status_code == 200
    assert house.calls.asked == [("extend_wrap_up", "agent1")]
