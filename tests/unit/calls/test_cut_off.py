"""Calls that ended because the PBX did."""

from __future__ import annotations

from dataclasses import replace

from hotline import events
from hotline.calls import model
from hotline.telephony.snapshot import PbxSnapshot
from tests.unit.calls.test_core import NOW, A, B, core, offered, reached, run

EMPTY = PbxSnapshot((), frozenset({"1001", "1002"}), NOW + 70, booted_at=NOW + 65)


def after(snapshot: PbxSnapshot) -> list[events.CallCutOff]:
    """One talks, one waits, and the PBX is then seen like this."""
    made = core()
    offered(made)
    run(made, model.DialAnswered(A, "PJSIP/1001-00000001"))
    run(made, reached(B), model.MayWait(B, "hotline"))
    run(made, model.PbxUnseen("connection closed"), now=NOW + 60)
    out = run(made, model.PbxSeen(snapshot), now=NOW + 70)
    assert not made.calls
    return [event for event in out.events if isinstance(event, events.CallCutOff)]


def test_whoever_talked_or_waited_when_the_pbx_ended_was_cut_off() -> None:
    talked, waited = after(EMPTY)
    assert (talked.call_id, talked.agent_id, talked.stage) == (A, "agent1", "talking")
    assert (waited.call_id, waited.agent_id, waited.stage) == (B, "", "waiting")


def test_who_hung_up_while_we_did_not_see_the_pbx_was_not_cut_off() -> None:
    assert after(replace(EMPTY, booted_at=NOW - 3600)) == []
    assert after(replace(EMPTY, booted_at=None)) == []


def test_an_agent_stays_ready_through_a_restart_of_the_pbx() -> None:
    made = core()
    run(made, model.AgentAsks("agent1", "ready"))
    run(made, model.PbxUnseen("connection closed"), now=NOW + 60)
    run(made, model.PbxSeen(replace(EMPTY, reachable=frozenset())), now=NOW + 62)
    waits = run(made, reached(), model.MayWait(A, "hotline"), now=NOW + 63)
    assert not [event for event in waits.events if isinstance(event, events.CallOffered)]
    back = run(made, model.EndpointSeen("1001", True), now=NOW + 65)
    assert [event for event in back.events if isinstance(event, events.CallOffered)]
