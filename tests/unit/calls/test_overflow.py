"""Callers whom their queue cannot serve: where they go, and that their way ends."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from hotline import events
from hotline.acd import model as acd
from hotline.acd.engine import Engine
from hotline.calls import model, overflow
from hotline.calls.core import CallCore, CallRules
from hotline.calls.model import Outcome, Stage
from hotline.calls.restoring import living_call
from hotline.handover import model as handover
from hotline.routing.model import Queue, RoutingPlan
from hotline.routing.rules import Routing
from hotline.storage.records import Record
from hotline.storage.tables import CallRow
from hotline.telephony.snapshot import PbxSnapshot

A = "pbx1-1.1"
NOW = 1_800_000_000.0
QUEUES = ("hotline", "english", "water")
TARGETS = ("12345", "110")
LEFT_FOR_GOOD = (model.GoOn("nobody"), model.GoOn("full"))


PLAN = RoutingPlan(queues=tuple(Queue(name=name, title={"zh": name}) for name in QUEUES))
PATIENT = acd.QueueRules(overflow_s=3_600)


def core(**queues: acd.QueueRules) -> CallCore:
    rules = CallRules("pbx1", "hotline", 20.0, "2", ZoneInfo("Asia/Shanghai"))
    made = CallCore(rules, Engine(dict.fromkeys(QUEUES, PATIENT) | queues))
    made.routing = Routing(PLAN, "hotline")
    made.handle(model.PbxSeen(PbxSnapshot((), frozenset({"1001"}), NOW)), NOW)
    made.handle(model.AgentKnown("agent1", "张敏", "1001"), NOW)
    return made


def waiting(**queues: acd.QueueRules) -> CallCore:
    made = core(**queues)
    waits(made, A, NOW)
    return made


def waits(made: CallCore, call_id: str, now: float) -> Outcome:
    """Somebody rings in and is led to the queue."""
    reached = model.CallReached(call_id, f"PJSIP/citizens-{call_id}", "12319", "13800138000", "")
    made.handle(reached, now)
    return made.handle(model.MayWait(call_id, "hotline"), now)


def overflows(
    made: CallCore, to: str, why: acd.OverflowWhy = "wait", now: float = NOW + 60
) -> Outcome:
    """The engine sends the caller away from their queue."""
    out = Outcome()
    queue = made.calls[A].queue
    made.engine.handle(acd.CallStopsWaiting(A), now)
    overflow.send_on(made, acd.Overflowed(A, queue, now - NOW, to, why), now, out)
    return out


def verbs(out: Outcome) -> list[model.Verb]:
    return [command.verb for command in out.commands if isinstance(command, model.Tell)]


def told(out: Outcome) -> events.CallOverflowed:
    (event,) = [e for e in out.events if isinstance(e, events.CallOverflowed)]
    return event


def transfer(made: CallCore, status: str, now: float = NOW + 70) -> Outcome:
    """The service is rung for the caller, and this comes of it."""
    wanted = handover.WantsTransfer(A, "12345", "", 30.0, "12345 政务服务", overflow=True)
    (verb,) = verbs(made.handle(wanted, now))
    assert isinstance(verb, handover.Transfer)
    return made.handle(handover.TransferReturned(A, verb.handover_id, status), now + 30)


# --- another queue ---------------------------------------------------------------------------


def test_a_caller_sent_to_another_queue_keeps_the_instant_they_began_to_wait() -> None:
    made = waiting()
    out = overflows(made, "queue:english")
    queued = next(e for e in out.events if isinstance(e, events.CallQueued))
    assert (queued.queue, queued.since) == ("english", NOW)
    (row,) = made.engine.waiting()
    assert (row.queue, row.since) == ("english", NOW)
    assert told(out) == events.CallOverflowed(A, "hotline", "queue:english", "wait", 60.0)
    # Whoever is only moved hears nothing of it.
    assert verbs(out) == []


def test_a_caller_sent_on_from_a_full_queue_is_told_so() -> None:
    for why in ("full", "length"):
        made = waiting()
        assert verbs(overflows(made, "queue:english", why)) == [model.Moved()]


def test_a_caller_is_not_sent_back_to_a_queue_they_were_sent_on_from() -> None:
    made = waiting()
    overflows(made, "queue:english")
    out = overflows(made, "queue:hotline", now=NOW + 120)
    assert told(out).to == "report"
    assert verbs(out) == [model.GoOn("nobody")]
    assert not made.engine.waiting()


def test_a_queue_that_there_is_not_leads_to_a_report() -> None:
    out = overflows(waiting(), "queue:gone")
    assert told(out).to == "report"
    assert verbs(out) == [model.GoOn("nobody")]


def test_a_caller_found_again_after_a_restart_waits_where_they_were_sent_on_to() -> None:
    made = waiting()
    sent = told(overflows(made, "queue:english"))
    row = CallRow(
        call_id=A,
        channel="PJSIP/citizens-1",
        called="12319",
        calling="13800138000",
        calling_name="",
        arrived_at=NOW,
        stage="waiting",
        queue="english",
        queued_at=NOW,
        priority=0,
    )
    again = core()
    again.load([living_call(row, None, None, [Record(1, NOW + 60, sent)])], [], NOW + 65)
    # The flow remembers only the queue that it led the caller to.
    again.handle(model.MayWait(A, "hotline"), NOW + 66)
    (waits,) = again.engine.waiting()
    assert (waits.queue, waits.since) == ("english", NOW)
    assert told(overflows(again, "queue:hotline", now=NOW + 120)).to == "report"


def test_a_rule_by_wait_moves_a_caller_when_its_time_has_come() -> None:
    rule = acd.OverflowRule("wait", 60, "queue:english")
    made = waiting(hotline=acd.QueueRules(overflow=(rule,), overflow_s=3_600))
    assert made.next_deadline() == NOW + 60
    out = made.handle(model.TimePassed(), NOW + 60)
    assert told(out).to == "queue:english"
    # Nothing is due at once in the new queue, whose times begin now.
    assert made.next_deadline() == NOW + 60 + 3_600


def test_two_full_queues_turn_a_newcomer_away_and_nobody_who_waits() -> None:
    long = acd.QueueRules(overflow=(acd.OverflowRule("length", 1, "queue:english"),))
    made = waiting(hotline=long, english=acd.QueueRules(limit=1))
    second, third = waits(made, "pbx1-1.2", NOW + 1), waits(made, "pbx1-1.3", NOW + 2)
    assert verbs(second) == [model.Moved()]
    assert verbs(third) == [model.Moved(), model.GoOn("full")]
    assert [row.call_id for row in made.engine.waiting()] == [A, "pbx1-1.2"]


# --- a report --------------------------------------------------------------------------------


def test_a_full_queue_says_so_before_the_report() -> None:
    out = overflows(waiting(), "report", "full")
    assert verbs(out) == [model.GoOn("full")]
    assert verbs(overflows(waiting(), "report", "wait")) == [model.GoOn("nobody")]
    assert told(out).why == "full"


def test_whoever_comes_back_to_the_queue_by_the_flow_can_be_sent_on_anew() -> None:
    made = waiting()
    overflows(made, "queue:english")
    overflows(made, "report", now=NOW + 100)
    made.handle(model.MayWait(A, "hotline"), NOW + 130)
    assert told(overflows(made, "queue:english", now=NOW + 190)).to == "queue:english"


# --- another service -------------------------------------------------------------------------


def test_a_talk_with_another_service_stays_one_call_and_ends_at_the_flow() -> None:
    made = waiting()
    out = overflows(made, "target:12345", "nobody")
    assert verbs(out) == [model.SendOn("12345", full=False)]
    back = transfer(made, "ANSWER")
    kinds = [event.kind for event in back.events]
    assert kinds == ["HandoverJoined", "HandoverEnded"]
    assert verbs(back) == [model.GoOn("overflow")]
    assert A in made.calls


def test_a_service_that_does_not_answer_gives_the_caller_back_with_their_place() -> None:
    made = waiting()
    overflows(made, "target:12345")
    assert verbs(transfer(made, "NOANSWER")) == [handover.QueueAgain()]
    out = made.handle(model.MayWait(A, ""), NOW + 101)
    queued = next(e for e in out.events if isinstance(e, events.CallQueued))
    # Before those who only wait, and from the same instant on.
    assert (queued.queue, queued.since, queued.priority) == ("hotline", NOW, 3)
    assert made.calls[A].entered_at == NOW + 100
    again = overflows(made, "target:12345", now=NOW + 160)
    assert verbs(again) == [model.GoOn("nobody")]


def test_a_caller_who_hangs_up_while_a_service_is_rung_ends_the_handover() -> None:
    made = waiting()
    overflows(made, "target:12345")
    made.handle(handover.WantsTransfer(A, "12345", "", 30.0, overflow=True), NOW + 61)
    out = made.handle(model.CallerGone(A, "Normal Clearing"), NOW + 65)
    ended = next(e for e in out.events if isinstance(e, events.HandoverEnded))
    assert ended.outcome == "caller_gone"
    # The third is on the caller's own leg: the PBX lets it go by itself.
    assert not [c for c in out.commands if isinstance(c, model.HangUp)]


# --- whatever the rules say ------------------------------------------------------------------

WAYS = st.sampled_from([f"queue:{name}" for name in (*QUEUES, "gone")]) | st.sampled_from(
    [*(f"target:{code}" for code in TARGETS), "target:", "report", "nonsense"]
)
WHYS = st.sampled_from(["wait", "length", "nobody", "target", "full"])


@settings(max_examples=300, deadline=None)
@given(
    st.fixed_dictionaries({name: st.lists(WAYS, min_size=1, max_size=3) for name in QUEUES}),
    st.lists(WHYS, min_size=1, max_size=5),
    st.lists(st.sampled_from(["NOANSWER", "BUSY", "CHANUNAVAIL"]), min_size=1, max_size=3),
)
def test_whatever_the_rules_say_nobody_is_sent_round_in_circles(
    ways: dict[str, list[str]], whys: list[acd.OverflowWhy], statuses: list[str]
) -> None:
    made, now = waiting(), NOW
    met: list[str] = []
    for turn in range(len(QUEUES) + len(TARGETS) + 1):
        now += 10
        call = made.calls[A]
        to = ways[call.queue][turn % len(ways[call.queue])]
        out = overflows(made, to, whys[turn % len(whys)], now)
        met.append(told(out).to)
        if any(verb in LEFT_FOR_GOOD for verb in verbs(out)):
            break
        if call.stage is Stage.ARRIVING:
            assert verbs(transfer(made, statuses[turn % len(statuses)], now)) == [
                handover.QueueAgain()
            ]
            made.handle(model.MayWait(A, ""), now + 31)
        (row,) = made.engine.waiting()
        assert (row.call_id, row.since) == (A, NOW)
    assert met[-1] == "report"
    assert len(set(met)) == len(met)
    assert not made.engine.waiting()
