"""A call's priority, from the flow to the agent's screen and through a restart."""

from __future__ import annotations

from hotline import events
from hotline.acd.engine import Engine
from hotline.acd.model import QueueRules
from hotline.calls import model
from hotline.calls.core import CallCore, CallRules
from hotline.calls.model import Outcome
from hotline.calls.restoring import living_call
from hotline.storage.journal import Journal
from hotline.storage.tables import CallRow
from hotline.telephony.snapshot import PbxSnapshot
from tests.databases import CITY, MORNING, HandClock

FIRST, SECOND = "pbx1-1.1", "pbx1-1.2"
WHY = ("repeated:3",)


def core() -> CallCore:
    made = CallCore(
        CallRules("pbx1", "hotline", 20.0, "2", CITY), Engine({"hotline": QueueRules()})
    )
    made.handle(model.PbxSeen(PbxSnapshot((), frozenset({"1001"}), MORNING)), MORNING)
    made.handle(model.AgentKnown("agent1", "张敏", "1001"), MORNING)
    made.handle(model.EndpointSeen("1001", True), MORNING)
    return made


def waits(made: CallCore, call_id: str, priority: int = 0, *reasons: str) -> Outcome:
    out = Outcome()
    if call_id not in made.calls:
        reached = model.CallReached(call_id, f"PJSIP/c-{call_id}", "12319", "13800138000", "")
        out.merge(made.handle(reached, MORNING))
    out.merge(made.handle(model.MayWait(call_id, "hotline", priority, reasons), MORNING))
    return out


def queued(out: Outcome) -> events.CallQueued:
    return next(event for event in out.events if isinstance(event, events.CallQueued))


def test_the_urgent_caller_is_taken_first_and_the_journal_says_why() -> None:
    made = core()
    waits(made, FIRST)
    event = queued(waits(made, SECOND, 9, "life_safety"))
    assert (event.priority, event.reasons) == (9, ("life_safety",))
    out = made.handle(model.AgentAsks("agent1", "ready"), MORNING)
    (offer,) = [event for event in out.events if isinstance(event, events.CallOffered)]
    assert offer.call_id == SECOND


def test_a_caller_who_comes_back_keeps_their_priority() -> None:
    made = core()
    waits(made, FIRST, 1, *WHY)
    event = queued(waits(made, FIRST))
    assert (event.priority, event.reasons) == (1, WHY)


async def test_a_restart_keeps_priority_and_reasons(journal: Journal, clock: HandClock) -> None:
    made = core()
    await journal.append(*waits(made, FIRST, 1, *WHY).events)
    async with journal.database.session() as session:
        row = await session.get_one(CallRow, FIRST)
    restarted = core()
    restarted.load([living_call(row, None, None, [])], [], MORNING)
    event = queued(waits(restarted, FIRST))
    assert (event.priority, event.reasons) == (1, WHY)
