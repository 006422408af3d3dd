"""Handovers, without a wire: who rings, who talks, who leaves, and that nobody is lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline import events
from hotline.calls import model
from hotline.calls.core import CallCore
from hotline.calls.model import Outcome, Stage
from hotline.handover import model as handover
from hotline.handover.model import Mode, Step
from hotline.telephony.snapshot import ChannelInfo, PbxSnapshot
from tests.unit.handover.made import NOW, core, run

A = "pbx1-1.1"
CITIZEN = "PJSIP/citizens-1"
AGENT = "PJSIP/1001-00000001"
H1 = f"{A}/h1"
THIRD = "ho-pbx1-1.1-h1"
RING_S = 30.0


REACHED = model.CallReached(A, CITIZEN, "12319", "13800138000", "")
READY = model.AgentAsks("agent1", "ready")
ANSWERED = model.DialAnswered(A, AGENT)
AGENT_LEG_GONE = model.CallerGone("pbx1-1.2", "Normal Clearing", channel=AGENT)
AGENT_LEFT = model.DialReturned(A, f"{A}/1", "ANSWER", "16")
CALLER_GONE = model.CallerGone(A, "Normal Clearing", channel=CITIZEN)


def wants(mode: Mode) -> handover.AgentHandsOver:
    return handover.AgentHandsOver("agent1", A, "110", mode, "漏气", RING_S, "110 报警")


def third(step: Step) -> handover.ThirdStepped:
    return handover.ThirdStepped(THIRD, step)


def gone(cause: str = "16") -> handover.ThirdGone:
    return handover.ThirdGone(THIRD, cause)


def talking() -> CallCore:
    made = core()
    run(made, READY, REACHED, model.MayWait(A, "hotline"), ANSWERED)
    return made


def joined(mode: Mode = Mode.THREE_WAY) -> CallCore:
    made = talking()
    run(made, wants(mode), third(Step.ANSWERED), third(Step.READY), now=NOW + 10)
    run(made, third(Step.JOINED), now=NOW + 20)
    return made


def kinds(out: Outcome) -> list[str]:
    return [event.kind for event in out.events]


def outcome(out: Outcome) -> str:
    (ended,) = [e for e in out.events if isinstance(e, events.HandoverEnded)]
    return ended.outcome


def verbs(out: Outcome) -> list[model.Verb]:
    return [command.verb for command in out.commands if isinstance(command, model.Tell)]


def state(made: CallCore) -> str:
    return next(row.state for row in made.engine.agents())


def test_the_other_service_is_rung_with_the_callers_number_and_the_note() -> None:
    made = talking()
    out = run(made, wants(Mode.THREE_WAY))
    assert [e for e in out.events if isinstance(e, events.HandoverStarted)] == [
        events.HandoverStarted(A, H1, "110", "three_way", "agent1", "漏气", "110 报警")
    ]
    assert out.commands == [
        handover.CallThird(H1, A, CITIZEN, "13800138000", "110", "漏气", RING_S)
    ]


def test_one_at_a_time_is_rung_and_only_by_the_agent_of_the_talk() -> None:
    made = talking()
    stranger = handover.AgentHandsOver("agent2", A, "110", Mode.BLIND, "", RING_S)
    assert not run(made, stranger).events
    run(made, wants(Mode.THREE_WAY))
    assert not run(made, wants(Mode.THREE_WAY)).events


def test_an_agent_who_leaves_three_in_a_talk_wraps_up_and_the_others_talk_on() -> None:
    made = joined()
    out = run(made, AGENT_LEG_GONE, now=NOW + 60)
    end = next(e for e in out.events if isinstance(e, events.TalkEnded))
    assert (end.by, end.talked_s) == ("handover", 60.0)
    assert (made.calls[A].stage, state(made)) == (Stage.HANDED_OVER, "wrap_up")
    out = run(made, gone(), now=NOW + 100)
    assert outcome(out) == "talked"
    assert next(e for e in out.events if isinstance(e, events.HandoverEnded)).talked_s == 80.0
    assert verbs(run(made, AGENT_LEFT, now=NOW + 100)) == [model.GoOn("talked")]
    over = run(made, CALLER_GONE, now=NOW + 110)
    assert [c.talked_s for c in over.commands if isinstance(c, model.CheckRecording)] == [100.0]


def test_a_service_that_leaves_leaves_the_agent_with_the_caller() -> None:
    made = joined()
    assert outcome(run(made, gone(), now=NOW + 30)) == "talked"
    assert made.calls[A].stage is Stage.TALKING
    assert state(made) == "talking"
    assert verbs(run(made, AGENT_LEFT, now=NOW + 40)) == [model.GoOn("talked")]
    again = joined()
    run(again, gone(), now=NOW + 30)
    assert "HandoverStarted" in kinds(run(again, wants(Mode.BLIND), now=NOW + 31))


def test_an_agent_who_wanted_to_leave_is_let_go_when_the_service_has_joined() -> None:
    made = talking()
    run(made, wants(Mode.BLIND), third(Step.ANSWERED))
    assert not run(made, third(Step.READY)).commands
    assert run(made, third(Step.JOINED)).commands == [model.HangUp(AGENT)]


@pytest.mark.parametrize(
    ("cause", "step", "told"),
    [
        ("17", None, "busy"),
        ("21", None, "busy"),
        ("18", None, "no_answer"),
        ("3", None, "unreachable"),
        ("16", Step.ANSWERED, "hung_up"),
        ("", None, "unknown"),
    ],
)
def test_a_service_that_cannot_be_had_leaves_the_talk_as_it_was(
    cause: str, step: Step | None, told: str
) -> None:
    made = talking()
    run(made, wants(Mode.BLIND), *([third(step)] if step else []))
    out = run(made, gone(cause))
    assert outcome(out) == told
    assert (made.calls[A].stage, made.calls[A].handover) == (Stage.TALKING, None)
    assert not out.commands


def test_a_handover_can_be_stopped() -> None:
    made = talking()
    run(made, wants(Mode.THREE_WAY))
    assert run(made, handover.AgentDropsThird("agent1", A)).commands == [model.HangUp(THIRD)]
    assert outcome(run(made, gone("16"))) == "cancelled"


def test_a_service_of_which_nothing_is_heard_is_given_up() -> None:
    made = talking()
    run(made, wants(Mode.THREE_WAY))
    due = made.next_deadline()
    assert due == NOW + RING_S + 15
    out = run(made, model.TimePassed(), now=due)
    assert outcome(out) == "no_answer"
    assert model.HangUp(THIRD) in out.commands


def test_a_caller_whom_the_agent_left_waits_for_the_service_and_is_joined_with_it() -> None:
    made = talking()
    run(made, wants(Mode.THREE_WAY), third(Step.ANSWERED))
    out = run(made, AGENT_LEFT, now=NOW + 5)
    assert (verbs(out), made.calls[A].stage) == ([], Stage.HANDED_OVER)
    out = run(made, third(Step.READY), now=NOW + 8)
    assert verbs(out) == [handover.JoinThird(H1, THIRD)]
    run(made, third(Step.JOINED), now=NOW + 9)
    out = run(made, handover.JoinReturned(A, H1, "SUCCESS"), now=NOW + 40)
    assert (outcome(out), verbs(out)) == ("talked", [model.GoOn("talked")])


def test_a_caller_whom_the_agent_left_and_whom_nobody_takes_waits_again_before_others() -> None:
    made = talking()
    run(made, wants(Mode.THREE_WAY), AGENT_LEFT, now=NOW + 5)
    out = run(made, gone("17"), now=NOW + 20)
    assert (outcome(out), verbs(out)) == ("busy", [handover.QueueAgain()])
    queued = run(made, model.MayWait(A, "hotline"), now=NOW + 22)
    told = next(e for e in queued.events if isinstance(e, events.CallQueued))
    assert (told.priority, told.reasons) == (3, ("handover_failed",))
    assert told.since == NOW


def test_an_agents_page_that_is_reloaded_while_the_service_rings_is_waited_for() -> None:
    made = talking()
    run(made, wants(Mode.THREE_WAY))
    out = run(made, model.DialReturned(A, f"{A}/1", "ANSWER", "41"))
    assert kinds(out) == ["TalkHeld"]
    assert made.calls[A].stage is Stage.TALKING


def test_a_caller_who_hangs_up_stops_the_ringing() -> None:
    made = talking()
    run(made, wants(Mode.THREE_WAY))
    out = run(made, CALLER_GONE)
    assert outcome(out) == "caller_gone"
    assert model.HangUp(THIRD) in out.commands
    assert run(made, third(Step.READY)).commands == [model.HangUp(THIRD)]


def test_agent_and_service_talk_on_after_the_caller_hung_up_until_the_agent_leaves() -> None:
    made = joined()
    assert kinds(run(made, CALLER_GONE, now=NOW + 30)) == ["CallerLeft"]
    assert not run(made, CALLER_GONE, now=NOW + 31).events
    assert state(made) == "talking"
    out = run(made, AGENT_LEG_GONE, now=NOW + 50)
    assert {"TalkEnded", "HandoverEnded", "CallEnded"} <= set(kinds(out))
    assert state(made) == "wrap_up"
    # Only what was recorded: the file ended with the caller's leg.
    assert [c.talked_s for c in out.commands if isinstance(c, model.CheckRecording)] == [30.0]


def test_a_flow_connects_with_a_service_and_goes_on_by_what_became_of_it() -> None:
    wanted = handover.WantsTransfer(A, "110", "落水", RING_S, "110 报警")
    for status, told, exit_name in (("ANSWER", "talked", "done"), ("BUSY", "busy", "failed")):
        made = core()
        out = run(made, REACHED, wanted)
        path = made.calls[A].recording
        assert verbs(out) == [handover.Transfer(H1, "110", "落水", RING_S, path)]
        # The answer of its phone is no agent's.
        assert "CallAnswered" not in kinds(run(made, model.DialAnswered(A, "PJSIP/trunk-1")))
        out = run(made, handover.TransferReturned(A, H1, status), now=NOW + 40)
        assert (outcome(out), verbs(out)) == (told, [model.GoOn(exit_name)])


def channel(uniqueid: str, name: str, **changes: object) -> ChannelInfo:
    fields: dict[str, object] = {
        **{"channel": name, "uniqueid": uniqueid, "linkedid": "1.1", "context": "hotline"},
        **{"extension": "s", "application": "Dial", "data": "", "state": "Up"},
        **{"caller_number": "13800138000", "caller_name": "", "bridge_id": "b"},
        **{"seconds": 50.0, "variables": {"HOTLINE_CALLED": "12319"}},
    }
    return ChannelInfo(**{**fields, **changes})  # type: ignore[arg-type]


def seen(*channels: ChannelInfo) -> model.PbxSeen:
    return model.PbxSeen(PbxSnapshot(channels, frozenset({"1001"}), NOW + 90))


def test_whom_a_restarted_controller_finds_with_a_service_is_offered_to_nobody() -> None:
    made = core()
    run(made, READY)
    citizen = channel("1.1", CITIZEN)
    other = channel(THIRD, "PJSIP/trunk-1", context="citizens", application="AppDial2")
    out = run(made, seen(citizen, other), now=NOW + 90)
    assert made.calls[A].stage is Stage.HANDED_OVER
    assert "CallOffered" not in kinds(out)
    assert [call for call in made.calls if call != A] == []


def test_three_in_a_talk_are_found_as_a_talk_with_the_agent() -> None:
    made = joined()
    legs = (
        channel("1.1", CITIZEN),
        channel(THIRD, "PJSIP/trunk-1", context="hotline-third"),
        channel("1.2", AGENT, context="staff", application="AppDial"),
    )
    run(made, seen(*legs), now=NOW + 90)
    assert made.calls[A].stage is Stage.TALKING
    assert made.calls[A].handover is not None
    # Without the third it is over.
    assert outcome(run(made, seen(legs[0], legs[2]), now=NOW + 90)) == "talked"


MODES = st.sampled_from([Mode.THREE_WAY, Mode.BLIND])
NUMBERED = st.integers(1, 3)
INPUTS: st.SearchStrategy[model.Input] = st.one_of(
    st.sampled_from(
        [REACHED, READY, model.MayWait(A, "hotline"), ANSWERED, AGENT_LEG_GONE, AGENT_LEFT]
    ),
    st.sampled_from([CALLER_GONE, model.TimePassed(), model.AgentHangsUp("agent1")]),
    st.builds(wants, MODES),
    st.just(handover.AgentDropsThird("agent1", A)),
    st.just(handover.WantsTransfer(A, "110", "", RING_S)),
    st.builds(
        lambda n, status: handover.TransferReturned(A, f"{A}/h{n}", status),
        NUMBERED,
        st.sampled_from(["ANSWER", "BUSY"]),
    ),
    st.builds(
        lambda n, status: handover.JoinReturned(A, f"{A}/h{n}", status),
        NUMBERED,
        st.sampled_from(["SUCCESS", "NONEXISTENT"]),
    ),
    st.builds(
        lambda n, step: handover.ThirdStepped(f"ho-{A}-h{n}", step),
        NUMBERED,
        st.sampled_from([Step.ANSWERED, Step.READY, Step.JOINED]),
    ),
    st.builds(
        lambda n, cause: handover.ThirdGone(f"ho-{A}-h{n}", cause),
        NUMBERED,
        st.sampled_from(["16", "17", "18", ""]),
    ),
    st.just(model.PbxSeen(PbxSnapshot((), frozenset({"1001"}), NOW))),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(INPUTS, st.floats(0, 60)), max_size=50))
def test_a_caller_who_is_handed_over_is_offered_to_nobody_and_every_handover_ends_once(
    story: list[tuple[model.Input, float]],
) -> None:
    made, now = talking(), NOW
    living: set[str] = set()
    calls = 1
    for given_, pause in story:
        now += pause
        before = made.calls[A].stage if A in made.calls else None
        out = made.handle(given_, now)
        for event in out.events:
            if isinstance(event, events.HandoverStarted):
                living.add(event.handover_id)
            elif isinstance(event, events.HandoverEnded):
                living.remove(event.handover_id)
        calls += kinds(out).count("CallArrived") - kinds(out).count("CallEnded")
        assert calls == (A in made.calls)
        if before is Stage.HANDED_OVER:
            assert "CallOffered" not in kinds(out)
        call = made.calls.get(A)
        if call is not None and call.stage is Stage.HANDED_OVER:
            assert not made.engine.waiting()
            assert state(made) not in {"talking", "offered"}
        assert living == ({call.handover.handover_id} if call and call.handover else set())
