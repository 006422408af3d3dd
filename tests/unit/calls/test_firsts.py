"""Who knows the caller is asked first: chosen at the queue, kept through all that follows."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from hotline import events
from hotline.acd.engine import Engine
from hotline.callers.familiar import Familiar
from hotline.calls import model
from hotline.calls.core import CallCore, CallRules
from hotline.calls.model import Outcome
from hotline.calls.restoring import living_call
from hotline.routing.model import RoutingPlan
from hotline.routing.rules import Routing
from hotline.storage.journal import Journal
from hotline.storage.tables import CallRow
from hotline.telephony.snapshot import ChannelInfo, PbxSnapshot
from hotline.waiting.model import KeepsPlace, place_of
from tests.databases import HandClock

NOW = 1_800_000_000.0
A, B = "pbx1-1.1", "pbx1-1.2"
NUMBER = "13800138000"
FIRST_S = 6.0
OWNER, TALKED = Familiar("agent2", "case:C1"), Familiar("agent3", "talk")
BOTH = (OWNER, TALKED)
SERVES = {"agent3": {"hotline": 1, "water": 1}}


class Floor:
    """Three agents, a home queue for all, and a queue ``water`` for agent3 alone."""

    def __init__(self, *ready: str, serves: Mapping[str, dict[str, int]] = SERVES) -> None:
        plan = RoutingPlan.model_validate(
            {
                "queues": [
                    {"name": name, "title": {"zh": name}, "first_s": FIRST_S, "ring_s": 20}
                    for name in ("hotline", "water")
                ],
                "agents": [
                    {"agent_id": agent_id, "queues": queues} for agent_id, queues in serves.items()
                ],
            }
        )
        rules = CallRules("pbx1", "hotline", 20.0, "2", ZoneInfo("Asia/Shanghai"), keeps=True)
        self.core = CallCore(rules, Engine(Routing(plan, "hotline").rules()))
        self.core.routing = Routing(plan, "hotline")
        self.give(model.PbxSeen(PbxSnapshot((), frozenset({"1001", "1002", "1003"}), NOW)))
        for number in (1, 2, 3):
            self.give(model.AgentKnown(f"agent{number}", f"A{number}", f"100{number}"))
            self.give(model.EndpointSeen(f"100{number}", True))
        for agent_id in ready:
            self.give(model.AgentAsks(agent_id, "ready"))

    def give(self, *given: model.Input, now: float = NOW) -> Outcome:
        out = Outcome()
        for one in given:
            out.merge(self.core.handle(one, now))
        return out

    def rings(
        self,
        *familiar: Familiar,
        call_id: str = A,
        queue: str = "hotline",
        priority: int = 0,
        now: float = NOW,
    ) -> Outcome:
        reached = model.CallReached(call_id, f"PJSIP/c-{call_id}", "12319", NUMBER, "")
        reasons = ("r",) if priority else ()
        waits = model.MayWait(call_id, queue, priority, reasons, familiar)
        return self.give(reached, waits, now=now)


def queued(out: Outcome) -> events.CallQueued:
    return [event for event in out.events if isinstance(event, events.CallQueued)][-1]


def asked(out: Outcome) -> list[str]:
    return [event.agent_id for event in out.events if isinstance(event, events.CallOffered)]


def test_the_owner_of_the_case_is_asked_first_although_another_is_idle_longer() -> None:
    out = Floor("agent1", "agent3", "agent2").rings(*BOTH)
    assert (queued(out).first_agent, queued(out).first_why) == ("agent2", "case:C1")
    assert asked(out) == ["agent2"]
    (offered,) = [event for event in out.events if isinstance(event, events.CallOffered)]
    assert offered.why["first"] == "case:C1"
    assert offered.why["agent"]["first"] is True


def test_a_busy_first_agent_is_waited_for_and_then_no_longer() -> None:
    floor = Floor("agent1", "agent2")
    floor.rings(call_id=B)
    floor.give(model.DialAnswered(B, "PJSIP/1001-1"), now=NOW + 1)
    out = floor.rings(Familiar("agent1", "talk"), now=NOW + 2)
    assert asked(out) == []
    later = floor.give(model.TimePassed(), now=NOW + 2 + FIRST_S)
    assert asked(later) == ["agent2"]
    (offered,) = [event for event in later.events if isinstance(event, events.CallOffered)]
    assert "first" not in offered.why
    assert offered.why["wait"]["reserved_for"] == "agent1"


def test_who_is_not_on_duty_or_does_not_serve_the_queue_is_nobody() -> None:
    out = Floor("agent1", "agent3").rings(*BOTH)
    assert queued(out).first_agent == "agent3"
    out = Floor("agent1", "agent3").rings(OWNER, Familiar("gone", "talk"))
    assert (queued(out).first_agent, queued(out).first_why) == ("", "")
    assert asked(out) == ["agent1"]
    out = Floor("agent1", "agent2").rings(Familiar("agent1", "talk"), queue="water")
    assert queued(out).first_agent == ""


def test_life_and_safety_waits_for_nobody_in_particular_and_neither_does_a_nuisance() -> None:
    for priority in (9, -3):
        out = Floor("agent1", "agent2").rings(*BOTH, priority=priority)
        assert queued(out).first_agent == ""
        assert asked(out) == ["agent1"]


def test_in_the_next_queue_it_is_who_serves_that_one() -> None:
    floor = Floor("agent1", "agent3", serves={"agent3": {"water": 1}})
    floor.give(model.AgentAsks("agent2", "signed_on"))
    assert queued(floor.rings(*BOTH)).first_agent == "agent2"
    call = floor.core.calls[A]
    out = Outcome()
    floor.core.wait(call, "water", NOW + 1, out)
    assert queued(out).first_agent == "agent3"


def test_a_caller_who_comes_back_and_a_kept_place_keep_the_first_agent() -> None:
    floor = Floor("agent1")
    floor.give(model.AgentAsks("agent1", "paused"), model.AgentAsks("agent2", "signed_on"))
    floor.rings(*BOTH)
    assert queued(floor.give(model.MayWait(A, "hotline"))).first_agent == "agent2"
    kept = floor.give(model.KeySeen(A, "1"), KeepsPlace(A, NUMBER))
    assert (queued(kept).call_id, queued(kept).first_agent) == (place_of(A), "agent2")
    floor.give(model.AgentAsks("agent1", "ready"), model.CallerGone(A, ""))
    again = floor.rings(call_id=B, now=NOW + 30)
    assert (queued(again).call_id, queued(again).first_agent) == (B, "agent2")


async def test_a_restart_knows_the_first_agent_before_who_knows_whom_is_read(
    journal: Journal, clock: HandClock
) -> None:
    before = Floor()
    before.give(model.AgentAsks("agent2", "signed_on"))
    await journal.append(*before.rings(*BOTH).events)
    async with journal.database.session() as session:
        row = await session.get_one(CallRow, A)
    assert (row.first_agent, row.first_why) == ("agent2", "case:C1")
    anew = Floor("agent1", "agent2")
    anew.core.load([living_call(row, None, None, [])], [], NOW)
    assert asked(anew.give(model.MayWait(A, "hotline"))) == ["agent2"]


def test_an_offer_that_rings_through_a_restart_and_is_missed_still_waits_for_its_first_agent() -> (
    None
):
    floor = Floor("agent1", "agent2")
    row = CallRow(
        call_id=A, channel="PJSIP/c", called="12319", calling=NUMBER, calling_name="",
        arrived_at=NOW - 9, stage="offered", queue="hotline", queued_at=NOW - 2, priority=0,
        agent_id="agent1", offer_id=f"{A}/1", first_agent="agent2", first_why="talk",
    )  # fmt: skip
    floor.core.calls[A] = living_call(row, None, None, [])
    rung = ChannelInfo(
        channel="PJSIP/c", uniqueid="1.1", linkedid="1.1", context="hotline", extension="s",
        application="Dial", data="", state="Up", caller_number=NUMBER, caller_name="",
        bridge_id="", seconds=9.0, variables={},
    )  # fmt: skip
    phones = frozenset({"1001", "1002", "1003"})
    floor.give(model.PbxSeen(PbxSnapshot((rung,), phones, NOW)))
    (waiting,) = floor.core.engine.waiting()
    assert (waiting.offered_to, waiting.first_agent) == ("agent1", "agent2")
