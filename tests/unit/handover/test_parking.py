"""Parked callers, without a wire."""

from __future__ import annotations

from hotline import events
from hotline.calls import model
from hotline.calls.core import CallCore
from hotline.calls.model import Outcome, Stage
from hotline.calls.restoring import living_call
from hotline.handover import model as handover
from hotline.handover.model import Mode, QueueAgain
from hotline.storage.records import Record
from hotline.storage.tables import CallRow
from tests.unit.handover.test_colleagues import (
    ANSWERED,
    CALLER_GONE,
    CITIZEN,
    DIAL_OVER,
    LI,
    NOW,
    RING_S,
    A,
    run,
    talking,
)

PARKS = handover.AgentHandsOver("agent1", A, "park", Mode.PARK, "等他找证件", RING_S, "驻留")
LI_TAKES = handover.AgentTakesParked("agent2", A)
LI_ANSWERED = model.DialAnswered(A, LI)
PARK_S = 120.0


def not_answered(offer: int) -> model.DialReturned:
    return model.DialReturned(A, f"{A}/{offer}", "NOANSWER")


def parked() -> CallCore:
    made = talking()
    run(made, model.AgentAsks("agent2", "ready"))
    run(made, PARKS, DIAL_OVER, now=NOW + 10)
    return made


def kinds(out: Outcome) -> list[str]:
    return [event.kind for event in out.events]


def told(out: Outcome, kind: type[events.Event]) -> events.Event:
    return next(event for event in out.events if isinstance(event, kind))


def test_a_parked_caller_is_left_by_the_agent_and_offered_to_nobody() -> None:
    made = talking()
    run(made, model.AgentAsks("agent2", "ready"))
    out = run(made, PARKS, now=NOW + 10)
    assert handover.LetGo(CITIZEN, made.calls[A].agent_channel) in out.commands
    out = run(made, DIAL_OVER, now=NOW + 10)
    assert kinds(out)[0] == "TalkEnded"
    assert told(out, events.CallParked) == events.CallParked(
        A, 1, "agent1", NOW + 10 + PARK_S, "等他找证件"
    )
    assert made.calls[A].stage is Stage.PARKED
    assert not [one for one in out.commands if isinstance(one, model.Tell)]
    assert [row.state for row in made.engine.agents()] == ["wrap_up", "ready"]


def test_an_agent_takes_a_parked_caller() -> None:
    made = parked()
    out = run(made, LI_TAKES, now=NOW + 40)
    offered = told(out, events.CallOffered)
    assert (offered.agent_id, offered.by) == ("agent2", "parked")  # type: ignore[attr-defined]
    (verb,) = [one.verb for one in out.commands if isinstance(one, model.Tell)]
    assert isinstance(verb, model.DialAgent)
    assert verb.interfaces == ("PJSIP/1002",)
    out = run(made, LI_ANSWERED, now=NOW + 43)
    assert events.CallUnparked(A, 1, "taken", "agent2") in out.events
    answered = told(out, events.CallAnswered)
    assert answered.waited_s == 33  # type: ignore[attr-defined]
    assert made.calls[A].stage is Stage.TALKING
    out = run(made, model.DialReturned(A, f"{A}/2", "ANSWER", "16"), now=NOW + 60)
    assert told(out, events.TalkEnded).agent_id == "agent2"  # type: ignore[attr-defined]


def test_who_is_rung_for_a_parked_caller_and_does_not_answer_leaves_them_where_they_are() -> None:
    made = parked()
    run(made, LI_TAKES, now=NOW + 40)
    out = run(made, not_answered(2), now=NOW + 60)
    assert made.calls[A].stage is Stage.PARKED
    assert "CallQueued" not in kinds(out)
    assert "CallOffered" not in kinds(out)


def test_a_caller_whom_nobody_takes_is_rung_back_and_then_waits_before_others() -> None:
    made = parked()
    assert made.next_deadline() is not None
    run(made, model.AgentEndsWrapUp("agent1"), now=NOW + 20)
    out = run(made, model.TimePassed(), now=NOW + 10 + PARK_S)
    assert told(out, events.CallOffered).agent_id == "agent1"  # type: ignore[attr-defined]
    out = run(made, not_answered(2), now=NOW + 160)
    assert events.CallUnparked(A, 1, "queued", "") in out.events
    assert model.Tell(A, QueueAgain(failed=False)) in out.commands
    out = run(made, model.MayWait(A, ""), now=NOW + 161)
    assert told(out, events.CallOffered).agent_id == "agent2"  # type: ignore[attr-defined]
    assert "parked" in made.calls[A].reasons


def test_an_agent_who_has_gone_meanwhile_is_not_rung_back() -> None:
    made = parked()
    run(made, model.AgentEndsWrapUp("agent1"), model.AgentAsks("agent1", "offline"), now=NOW + 20)
    out = run(made, model.TimePassed(), now=NOW + 10 + PARK_S)
    assert events.CallUnparked(A, 1, "queued", "") in out.events


def test_a_parked_caller_who_hangs_up_frees_the_place() -> None:
    made = parked()
    out = run(made, CALLER_GONE, now=NOW + 30)
    assert events.CallUnparked(A, 1, "caller_gone", "") in out.events
    assert "CallAbandoned" not in kinds(out)
    assert A not in made.calls


def test_a_caller_who_comes_back_from_the_dialplan_is_parked_again() -> None:
    made = parked()
    run(made, model.InFallback(A), now=NOW + 30)
    out = run(made, model.MayWait(A, "hotline"), now=NOW + 31)
    assert made.calls[A].stage is Stage.PARKED
    assert "CallQueued" not in kinds(out)
    assert "CallOffered" not in kinds(run(made, model.TimePassed(), now=NOW + 40))


def test_a_controller_that_starts_knows_who_is_parked_where() -> None:
    row = CallRow(
        call_id=A,
        channel=CITIZEN,
        called="12319",
        calling="13800138000",
        calling_name="",
        arrived_at=NOW,
        stage="waiting",
        priority=0,
    )
    past = [
        Record(1, NOW, events.CallParked(A, 2, "agent1", NOW + PARK_S)),
        Record(2, NOW + 5, events.OfferEnded(A, "agent2", f"{A}/2", "missed")),
    ]
    call = living_call(row, None, None, past)
    assert call.stage is Stage.PARKED
    assert call.parked is not None
    assert (call.parked.place, call.parked.by) == (2, "agent1")
    gone = [*past, Record(3, NOW + 6, events.CallUnparked(A, 2, "queued"))]
    assert living_call(row, None, None, gone).parked is None


def test_there_are_so_many_places_and_no_more() -> None:
    made = talking()
    made.rules = type(made.rules)(*("pbx1", "hotline", 20.0, "2", made.rules.zone), park_places=0)
    assert run(made, PARKS, now=NOW + 10).ignored
    assert run(made, ANSWERED).commands == []
