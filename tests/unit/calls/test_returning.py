"""Callers who come back from the dialplan's own queue are in line again before any is offered."""

from __future__ import annotations

from dataclasses import replace

from hotline import events
from hotline.calls import model
from hotline.calls.core import CallCore
from hotline.calls.model import Call, Outcome, Stage
from hotline.calls.returning import PATIENCE_S
from hotline.telephony.snapshot import ChannelInfo, PbxSnapshot
from tests.unit.calls.test_core import NOW, A, B, core, reached, run

C = "pbx1-1.3"


def in_fallback(call_id: str, application: str = "Queue") -> ChannelInfo:
    return ChannelInfo(
        channel=f"PJSIP/citizens-{call_id}",
        uniqueid=call_id.removeprefix("pbx1-"),
        linkedid="",
        context="hotline-fallback",
        extension="s",
        application=application,
        data="",
        state="Up",
        caller_number="138",
        caller_name="",
        bridge_id="",
        seconds=60,
        variables={},
    )


def restarted(*waited_s: float) -> CallCore:
    """A controller that was killed while A and B waited, and an agent who is ready."""
    made = core()
    living = []
    for call_id, seconds in zip((A, B), waited_s, strict=True):
        call = Call(call_id, f"PJSIP/citizens-{call_id}", "12319", "138", "", NOW - 90)
        call.stage, call.queue, call.queued_at = Stage.WAITING, "hotline", NOW - seconds
        living.append(call)
    made.load(living, [], NOW)
    run(made, model.AgentAsks("agent1", "ready"))
    seen = PbxSnapshot((in_fallback(A), in_fallback(B, "Wait")), frozenset({"1001"}), NOW)
    out = run(made, model.PbxSeen(seen))
    fetched = [c.call_id for c in out.commands if isinstance(c, model.FetchBack)]
    assert fetched == [A, B]
    return made


def offers(out: Outcome) -> list[str]:
    return [event.call_id for event in out.events if isinstance(event, events.CallOffered)]


def test_who_waited_longer_goes_first_though_they_are_back_later() -> None:
    made = restarted(50, 10)
    assert offers(run(made, model.MayWait(B, "hotline"), now=NOW + 0.1)) == []
    assert offers(run(made, model.MayWait(A, "hotline"), now=NOW + 0.2)) == [A]


def test_who_rings_in_meanwhile_does_not_pass_them() -> None:
    made = restarted(50, 10)
    run(made, reached(C))
    assert offers(run(made, model.MayWait(C, "hotline"), now=NOW + 0.1)) == []
    run(made, model.MayWait(B, "hotline"), now=NOW + 0.2)
    assert offers(run(made, model.MayWait(A, "hotline"), now=NOW + 0.3)) == [A]


def test_one_who_hung_up_on_the_way_back_is_not_waited_for() -> None:
    made = restarted(50, 10)
    run(made, model.MayWait(B, "hotline"), now=NOW + 0.1)
    assert offers(run(made, model.CallerGone(A, "16"), now=NOW + 0.2)) == [B]


def test_one_who_does_not_come_back_holds_the_others_up_for_a_moment_only() -> None:
    made = restarted(50, 10)
    run(made, model.MayWait(B, "hotline"), now=NOW + 0.1)
    due = made.next_deadline()
    assert due == NOW + PATIENCE_S
    assert offers(run(made, model.TimePassed(), now=due)) == [B]


def test_one_who_hangs_up_while_held_is_never_offered() -> None:
    made = restarted(50, 10)
    run(made, model.MayWait(B, "hotline"), now=NOW + 0.1)
    run(made, model.CallerGone(B, "16"), now=NOW + 0.2)
    assert offers(run(made, model.MayWait(A, "hotline"), now=NOW + 0.3)) == [A]


def test_one_whom_the_dialplan_has_yet_to_miss_is_waited_for_too() -> None:
    made = core()
    call = Call(A, f"PJSIP/citizens-{A}", "12319", "138", "", NOW - 90)
    call.stage, call.queue, call.queued_at = Stage.WAITING, "hotline", NOW - 50
    made.load([call], [], NOW)
    run(made, model.AgentAsks("agent1", "ready"), reached(B))
    held = replace(in_fallback(A, "AGI"), context="hotline")
    late = replace(in_fallback(B, "AGI"), context="hotline")
    run(made, model.PbxSeen(PbxSnapshot((held, late), frozenset({"1001"}), NOW)))
    assert offers(run(made, model.MayWait(B, "hotline"), now=NOW + 0.1)) == []
    fetched = run(made, model.InFallback(A), now=NOW + 0.2)
    assert [type(command) for command in fetched.commands] == [model.FetchBack]
    assert offers(run(made, model.MayWait(A, "hotline"), now=NOW + 0.3)) == [A]


def test_one_whom_the_dialplans_queue_has_connected_is_not_waited_for() -> None:
    made = restarted(50, 10)
    run(made, model.MayWait(B, "hotline"), now=NOW + 0.1)
    answered = run(made, model.DialAnswered(A, "PJSIP/1002-1"), now=NOW + 0.2)
    assert offers(answered) == [B]


def test_one_who_was_answered_while_being_fetched_back_is_in_line_again() -> None:
    made = restarted(50, 10)
    run(made, model.MayWait(B, "hotline"), now=NOW + 0.1)
    run(made, model.DialAnswered(A, "PJSIP/1002-1"), now=NOW + 0.2)
    out = run(made, model.MayWait(A, "hotline"), now=NOW + 0.4)
    assert [event.by for event in out.events if isinstance(event, events.TalkEnded)] == ["unknown"]
    assert made.calls[A].stage is Stage.WAITING
    assert made.calls[A].queued_at == NOW - 50


def test_one_who_is_being_fetched_back_is_not_fetched_again_at_once() -> None:
    made = restarted(50, 10)
    assert run(made, model.InFallback(A), now=NOW + 0.5).commands == []
    again = run(made, model.InFallback(A), now=NOW + 2.1)
    assert [type(command) for command in again.commands] == [model.FetchBack]
