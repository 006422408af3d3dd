"""The supervisors' page of rules, and what agents say of calls at their desk."""

from __future__ import annotations

import json
import re

import httpx
import pytest
from sqlalchemy import select

from hotline import events
from hotline.callers.model import Effect, Rule
from hotline.callers.service import CallerDesk
from hotline.storage.tables import RevealRow, UserRow
from hotline.web.access import Role
from tests.databases import MORNING, HandClock
from tests.unit.callers.made import CHIEF, NUMBER, OTHER_CHIEF, in_force, proposed
from tests.unit.web.house import Browser, House, agent_view, some_pop

CALL = "pbx1-9.9"


@pytest.fixture
def desk(house: House) -> CallerDesk:
    return house.web.parts.callers


@pytest.fixture
def hands(house: House) -> HandClock:
    assert isinstance(house.clock, HandClock)
    return house.clock


@pytest.fixture
async def proposal(house: House, hands: HandClock, desk: CallerDesk) -> Rule:
    return await proposed(house.journal, hands, desk)


@pytest.fixture
async def rule(house: House, hands: HandClock, desk: CallerDesk) -> Rule:
    return await in_force(house.journal, hands, desk, Effect.ANNOUNCE)


async def talked(house: House, calling: str = NUMBER) -> None:
    """agent1 talks with a caller."""
    house.calls.agents["agent1"] = agent_view("agent1", "talking", call_id=CALL)
    house.calls.pops[CALL, "agent1"] = some_pop(
        CALL, phase="talking", calling=calling, answered_at=MORNING
    )
    await house.journal.append(
        events.CallArrived(CALL, "pbx1", "PJSIP/t", "12319", calling),
        events.CallAnswered(CALL, "agent1", 1.0),
    )


async def add_deputy(house: House) -> None:
    """A second supervisor."""
    async with house.database.writing() as session:
        session.add(
            UserRow(
                user_id=OTHER_CHIEF.user_id,
                name="钱副主任",
                role=Role.SUPERVISOR.value,
                extension=None,
                password_hash="none",
                created_at=MORNING,
            )
        )


async def test_an_empty_page_says_what_will_be_there(house: House) -> None:
    async with house.browser("supervisor") as browser:
        text = (await browser.get("/callers")).text
    assert "没有待确认的建议" in text


async def test_a_proposal_is_shown_with_its_calls_and_no_number(
    house: House, proposal: Rule
) -> None:
    async with house.browser("supervisor") as browser:
        text = (await browser.get("/callers")).text
    assert "24 小时内 5 次无声来电" in text
    assert text.count("无人说话也未按键，0:30") == len(proposal.evidence)
    assert NUMBER not in text
    assert "138****8000" in text


async def test_a_supervisor_confirms_a_proposal_with_a_reason(
    house: House, proposal: Rule, desk: CallerDesk
) -> None:
    where = f"/callers/{proposal.rule_id}/confirm"
    async with house.browser("supervisor") as browser:
        without = await browser.send_form(where, effect="lower", days="7")
        assert without.status_code == 422
        assert "请写明内容" in without.text
        assert re.search(r'value="lower" checked', without.text)
        done = await browser.send_form(where, effect="lower", days="7", why="听过三段录音")
        assert done.status_code == 303
        text = (await browser.get(done.headers["location"])).text
    assert "听过三段录音" in text
    made = desk.rule_for(NUMBER, house.clock.now())
    assert made is not None
    assert (made.effect, made.made_by) == (Effect.LOWER, "supervisor")


@pytest.mark.parametrize("days", ["0", "91"])
async def test_no_rule_is_made_for_longer_than_ninety_days(
    house: House, proposal: Rule, days: str
) -> None:
    async with house.browser("supervisor") as browser:
        answer = await browser.send_form(
            f"/callers/{proposal.rule_id}/confirm", effect="lower", days=days, why="因为"
        )
    assert answer.status_code == 422
    assert "有效期为 1 到 90 天" in answer.text


async def test_a_proposal_is_put_aside_once(house: House, proposal: Rule) -> None:
    where = f"/callers/{proposal.rule_id}/dismiss"
    async with house.browser("supervisor") as browser:
        assert (await browser.send_form(where, why="电话机故障")).status_code == 303
        assert (await browser.send_form(where, why="再来一次")).status_code == 409
        text = (await browser.get(f"/callers?view=history&rule={proposal.rule_id}")).text
    assert "电话机故障" in text


async def test_a_rule_is_lifted_with_a_reason(house: House, rule: Rule, desk: CallerDesk) -> None:
    async with house.browser("supervisor") as browser:
        await browser.send_form(f"/callers/{rule.rule_id}/lift", why="误判")
    assert desk.rule_for(NUMBER, house.clock.now()) is None


async def test_an_appeal_is_decided_by_another_supervisor(
    house: House, rule: Rule, desk: CallerDesk
) -> None:
    await add_deputy(house)
    where = f"/callers/{rule.rule_id}"
    async with house.browser("supervisor") as browser:
        taken = await browser.send_form(f"{where}/appeal", text="我没有打过")
        assert taken.headers["location"] == f"/callers?view=appeals&rule={rule.rule_id}"
        own = await browser.send_form(f"{where}/decide", appeal_id="1", decision="grant", why="好")
        assert own.status_code == 409
        assert "请由其他主管决定" in own.text
        assert "申诉须由其他主管决定" in (await browser.get(taken.headers["location"])).text
    async with house.browser(OTHER_CHIEF.user_id) as browser:
        assert "我没有打过" in (await browser.get("/callers")).text
        done = await browser.send_form(f"{where}/decide", appeal_id="1", decision="grant", why="好")
        assert done.status_code == 303
    assert desk.rule_for(NUMBER, house.clock.now()) is None


async def test_an_agent_takes_an_appeal_at_the_desk(house: House, rule: Rule) -> None:
    await talked(house)
    where = f"/api/callers/{rule.rule_id}/appeals"
    async with house.browser("agent1") as browser:
        shown = (await browser.get(f"/api/calls/{CALL}/pop")).json()["caller"]["rule"]
        assert shown == {"id": rule.rule_id, "effect": "announce", "until": rule.expires_at}
        assert (await browser.send_json("POST", where, {"text": " "})).status_code == 409
        taken = await browser.send_json("POST", where, {"text": "请取消"})
        assert taken.status_code == 200
        again = await browser.send_json("POST", where, {"text": "请取消"})
        assert again.json()["error"] == "rule.appealed_already"


async def mark(browser: Browser, kind: str, why: str = "") -> httpx.Response:
    return await browser.send_json("POST", f"/api/calls/{CALL}/mark", {"mark": kind, "why": why})


async def test_an_agent_marks_their_call_and_takes_it_back(house: House) -> None:
    await talked(house)
    async with house.browser("agent1") as browser:
        marked = await mark(browser, "abusive", "辱骂")
        assert (marked.json()["mark"], marked.json()["why"]) == ("abusive", "辱骂")
        page = (await browser.get("/desk")).text
        found = re.search(r'id="desk-data">(.+?)</script>', page)
        assert found is not None
        (call,) = json.loads(found[1])["calls"]
        assert call["caller"] == {"mark": "abusive", "why": "辱骂", "rule": None}
        undone = await browser.request(
            "DELETE", f"/api/calls/{CALL}/mark", headers={"x-csrf-token": browser.csrf}
        )
        assert undone.json()["mark"] == ""


@pytest.mark.parametrize("kind", ["", "rude", None])
async def test_only_known_marks_are_taken(house: House, kind: str) -> None:
    await talked(house)
    async with house.browser("agent1") as browser:
        assert (await mark(browser, kind)).status_code == 422


async def test_nobody_marks_another_agents_call(house: House) -> None:
    await talked(house)
    async with house.browser("agent2") as browser:
        assert (await mark(browser, "abusive")).status_code == 404


async def test_a_rules_number_is_revealed_to_supervisors_only_and_logged(
    house: House, proposal: Rule
) -> None:
    wanted = {"subject": f"rule:{proposal.rule_id}", "reason": "check"}
    async with house.browser("agent1") as browser:
        assert (await browser.send_json("POST", "/api/reveal", wanted)).status_code == 403
    async with house.browser("supervisor") as browser:
        answer = await browser.send_json("POST", "/api/reveal", wanted)
    assert answer.json() == {"shown": NUMBER}
    async with house.database.session() as session:
        seen = (await session.scalars(select(RevealRow))).all()
    assert [(row.user_id, row.subject) for row in seen] == [(CHIEF.user_id, wanted["subject"])]
