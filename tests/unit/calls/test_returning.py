"""Callers who come back from the dialplan's own queue are in line again before any is offered."""

from __future__ import annotations

from dataclasses import replace

from hotline import events
from hotline.acd import model as acd
from hotline.calls import model
from hotline.calls.core import CallCore
from hotline.calls.model import Call, Outcome, Stage
from hotline.calls.returning import PATIENCE_S
from hotline.handover.model import Handover, Mode
from hotline.telephony.snapshot import ChannelInfo, PbxSnapshot
from tests.unit.calls.test_core import NOW, A, B, core, reached, run

C = "pbx1-1.3"
RINGING = "PJSIP/1001-00000009"


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


def rung_by_the_dialplan() -> CallCore:
    """The same, found while the dialplan's own queue rings agent1 for A."""
    made = core()
    calls = []
    for call_id, seconds in ((A, 50), (B, 10)):
        call = Call(call_id, f"PJSIP/citizens-{call_id}", "12319", "138", "", NOW - 90)
        call.stage, call.queue, call.queued_at = Stage.WAITING, "hotline", NOW - seconds
        calls.append(call)
    made.load(calls, [], NOW)
    run(made, model.AgentAsks("agent1", "ready"))
    leg = replace(
        in_fallback("pbx1-1.9", "AppQueue"),
        channel=RINGING,
        context="staff",
        linkedid=A.removeprefix("pbx1-"),
        state="Ringing",
    )
    channels = (in_fallback(A), in_fallback(B), leg)
    out = run(made, model.PbxSeen(PbxSnapshot(channels, frozenset({"1001"}), NOW)))
    assert [c.call_id for c in out.commands if isinstance(c, model.FetchBack)] == [B]
    assert offers(out) == [A]
    return made


def test_an_agent_whom_the_dialplan_rings_is_rung_for_nobody_else() -> None:
    made = rung_by_the_dialplan()
    assert offers(run(made, model.MayWait(B, "hotline"), now=NOW + 0.1)) == []


def test_nobody_is_torn_out_of_a_talk_that_the_dialplan_makes() -> None:
    made = rung_by_the_dialplan()
    out = run(made, model.DialAnswered(A, RINGING), now=NOW + 0.5)
    kinds = [type(e) for e in out.events if isinstance(e, events.CallAnswered | events.OfferEnded)]
    assert kinds == [events.CallAnswered, events.OfferEnded]
    over = run(made, model.CallerGone("pbx1-1.9", "16", channel=RINGING), now=NOW + 9)
    assert over.commands == []
    run(made, model.QueueReturned(A), now=NOW + 9)
    assert made.calls[A].stage is Stage.RATING


def test_whoever_the_dialplan_rang_in_vain_is_in_line_again_at_their_place() -> None:
    made = rung_by_the_dialplan()
    run(made, model.MayWait(B, "hotline"), now=NOW + 0.1)
    out = run(made, model.CallerGone("pbx1-1.9", "User busy", channel=RINGING), now=NOW + 5)
    assert [c.call_id for c in out.commands if isinstance(c, model.FetchBack)] == [A]
    ended = [e.outcome for e in out.events if isinstance(e, events.OfferEnded)]
    assert ended == ["refused"]
    run(made, model.MayWait(A, "hotline"), now=NOW + 5.1)
    assert made.calls[A].refused_by == {"agent1": NOW + 5}
    assert made.calls[A].queued_at == NOW - 50


def test_who_was_to_be_sent_to_another_service_is_sent_there_again() -> None:
    made = core()
    call = Call(A, f"PJSIP/citizens-{A}", "12319", "138", "", NOW - 90)
    call.stage, call.queue, call.queued_at = Stage.HANDED_OVER, "hotline", NOW - 50
    call.left, call.entered_at = ("queue:hotline", "target:12345"), NOW - 5
    call.handover = Handover(f"{A}/h1", "12345", Mode.OVERFLOW, NOW - 5, 30.0)
    made.load([call], [], NOW)
    out = run(made, model.InFallback(A), now=NOW + 0.2)
    assert [type(command) for command in out.commands] == [model.FetchBack]
    assert [e.outcome for e in out.events if isinstance(e, events.HandoverEnded)] == ["unknown"]
    run(made, model.MayWait(A, "hotline"), now=NOW + 0.3)
    back = made.calls[A]
    assert (len(back.left), back.stage, back.queued_at) == (0, Stage.WAITING, NOW - 50)


def test_who_was_in_a_menu_waits_from_the_moment_they_called() -> None:
    made = core()
    run(made, reached(A), now=NOW - 20)
    run(made, model.InFallback(A))
    run(made, model.MayWait(A, "hotline"), now=NOW + 0.1)
    assert made.calls[A].queued_at == NOW - 20


def test_an_agent_who_is_found_in_another_talk_has_left_the_one_that_was_known() -> None:
    made = core()
    calls = [
        Call(call_id, f"PJSIP/citizens-{call_id}", "", "138", "", NOW - 90) for call_id in (A, B)
    ]
    talk, waiter = calls
    talk.stage, talk.agent_id, talk.answered_at = Stage.TALKING, "agent1", NOW - 40
    talk.queue, talk.queued_at = "hotline", NOW - 80
    waiter.stage, waiter.queue, waiter.queued_at = Stage.WAITING, "hotline", NOW - 50
    busy = acd.RestoreAgent("agent1", ("hotline",), "talking", NOW - 40, call_id=A)
    made.load(calls, [busy], NOW)
    asks = replace(in_fallback(A, "AGI"), context="hotline")
    talks = replace(in_fallback(B), bridge_id="bridge")
    agent = replace(
        in_fallback("pbx1-1.9", "AppQueue"), channel=RINGING, context="staff", bridge_id="bridge"
    )
    seen = PbxSnapshot((talks, asks, agent), frozenset({"1001"}), NOW)
    out = run(made, model.PbxSeen(seen))
    ended = [(e.call_id, e.by) for e in out.events if isinstance(e, events.TalkEnded)]
    assert ended == [(A, "unknown")]
    (row,) = made.engine.agents()
    assert (row.state, row.call_id) == ("talking", B)
    assert made.calls[A].stage is Stage.RATING
