"""A routing plan comes into force among living calls and agents on duty."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from hotline.acd.engine import Engine
from hotline.calls import model
from hotline.calls.core import CallCore, CallRules
from hotline.calls.model import Outcome
from hotline.routing.model import RoutingPlan
from hotline.routing.rules import PlanInForce, Routing, alone
from tests.unit.routing.plans import plan, queue

NOW = 1_795_132_800.0


class Desk:
    """A core with agents 1–3 and a hand on its clock."""

    def __init__(self) -> None:
        rules = CallRules("pbx1", "hotline", 20.0, "2", ZoneInfo("Asia/Shanghai"))
        self.core = CallCore(rules, Engine(alone("hotline").rules()))
        self.now = NOW
        for number in (1, 2, 3):
            self.give(model.AgentKnown(f"agent{number}", f"A{number}", f"100{number}"))
            self.give(model.EndpointSeen(f"100{number}", True))

    def give(self, given: model.Input) -> Outcome:
        self.now += 0.1
        return self.core.handle(given, self.now)

    def call(self, name: str, queue: str = "hotline") -> Outcome:
        self.give(model.CallReached(name, f"PJSIP/{name}", "12319", "138", ""))
        return self.give(model.MayWait(name, queue))

    def publish(self, published: RoutingPlan) -> Outcome:
        return self.give(PlanInForce(Routing(published, "hotline")))

    def serves(self, agent_id: str) -> tuple[str, ...]:
        [row] = [row for row in self.core.engine.agents() if row.agent_id == agent_id]
        return row.queues


@pytest.fixture
def desk() -> Desk:
    return Desk()


def offered(out: Outcome) -> list[str]:
    verbs = [one.verb for one in out.commands if isinstance(one, model.Tell)]
    return [verb.interfaces[0] for verb in verbs if isinstance(verb, model.DialAgent)]


def test_a_waiting_caller_is_offered_to_whom_the_new_plan_names_and_keeps_the_place(
    desk: Desk,
) -> None:
    serving = {"agent1": {"water": 1}, "agent2": {"water": 1}, "agent3": {"hotline": 1}}
    agents = [{"agent_id": name, "queues": queues} for name, queues in serving.items()]
    desk.publish(plan(agents=agents))
    desk.give(model.AgentAsks("agent2", "ready"))
    desk.call("c1")
    desk.call("c2")
    since = [row.since for row in desk.core.engine.waiting()]
    agents = [{"agent_id": "agent2", "queues": {"hotline": 1, "water": 1}}]
    assert offered(desk.publish(plan(agents=agents))) == ["PJSIP/1002"]
    assert [row.call_id for row in desk.core.engine.waiting()] == ["c1", "c2"]
    assert [row.since for row in desk.core.engine.waiting()] == since


def test_a_talk_and_a_ringing_phone_are_not_disturbed(desk: Desk) -> None:
    for agent in ("agent1", "agent2"):
        desk.give(model.AgentAsks(agent, "ready"))
    desk.call("c1")
    talking = desk.core.calls["c1"]
    desk.give(model.DialAnswered("c1", f"PJSIP/100{talking.agent_id[-1]}-1"))
    desk.call("c2")
    before = {name: call.stage for name, call in desk.core.calls.items()}
    assert set(before.values()) == {model.Stage.TALKING, model.Stage.OFFERED}
    out = desk.publish(plan(agents=[{"agent_id": "agent3", "queues": {"hotline": 1}}]))
    assert {name: call.stage for name, call in desk.core.calls.items()} == before
    assert out.commands == []


def test_agents_on_duty_serve_what_the_plan_says_without_signing_on_again(desk: Desk) -> None:
    desk.give(model.AgentAsks("agent2", "ready"))
    assert desk.serves("agent2") == ("hotline",)
    desk.publish(plan())
    assert set(desk.serves("agent2")) == {"hotline", "water"}
    desk.give(model.AgentAsks("agent3", "ready"))
    assert desk.serves("agent3") == ("water",)


def test_who_asked_to_sign_off_after_the_talk_still_leaves(desk: Desk) -> None:
    desk.give(model.AgentAsks("agent1", "ready"))
    desk.call("c1")
    desk.give(model.DialAnswered("c1", "PJSIP/1001-1"))
    desk.give(model.AgentAsks("agent1", "offline"))
    desk.publish(plan())
    [row] = desk.core.engine.agents()
    assert row.next_state == "offline"


def test_a_phone_rings_as_long_as_the_calls_queue_says(desk: Desk) -> None:
    desk.publish(plan(queues=[queue("hotline", ring_s=9), queue("water", ring_s=33)]))
    desk.give(model.AgentAsks("agent3", "ready"))
    out = desk.call("c1", "water")
    [verb] = [c.verb for c in out.commands if isinstance(c, model.Tell)]
    assert isinstance(verb, model.DialAgent)
    assert verb.ring_s == 33


def test_a_call_for_a_queue_that_is_no_more_waits_in_the_home_queue(desk: Desk) -> None:
    desk.call("c1", "gone")
    [row] = desk.core.engine.waiting()
    assert row.queue == "hotline"
