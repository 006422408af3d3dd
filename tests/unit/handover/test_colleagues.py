"""Hold, asking a colleague, and sending a caller on within the house, without a wire."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from hotline import events
from hotline.acd.model import RestoreAgent
from hotline.calls import model
from hotline.calls.core import CallCore
from hotline.calls.model import Call, Outcome, Stage
from hotline.handover import model as handover
from hotline.handover.model import Handover, Mode, Step
from hotline.telephony.snapshot import ChannelInfo, PbxSnapshot
from tests.unit.handover.made import NOW, core, run

# Asked for from here, too.
__all__ = ["NOW", "run"]

A = "pbx1-1.1"
CITIZEN = "PJSIP/citizens-1"
ZHANG, LI = "PJSIP/1001-00000001", "PJSIP/1002-00000002"
H1 = f"{A}/h1"
THIRD = "ho-pbx1-1.1-h1"
BOTH = {"agent1": ("张敏", "1001"), "agent2": ("李强", "1002")}
RING_S = 30.0

REACHED = model.CallReached(A, CITIZEN, "12319", "13800138000", "")
ANSWERED = model.DialAnswered(A, ZHANG)
ZHANG_LEG_GONE = model.CallerGone("pbx1-1.2", "Normal Clearing", channel=ZHANG)
DIAL_OVER = model.DialReturned(A, f"{A}/1", "ANSWER", "16")
CUT_OFF = model.DialReturned(A, f"{A}/1", "ANSWER", "41")
CALLER_GONE = model.CallerGone(A, "Normal Clearing", channel=CITIZEN)
HOLDS, TAKES_BACK = handover.AgentHolds("agent1", A), handover.AgentTakesBack("agent1", A)
MUSIC, NO_MUSIC = handover.HoldStepped(A, True), handover.HoldStepped(A, False)
MUSIC_LEFT = handover.HoldStepped(A, False, left=True)
JOINED = handover.ThirdStepped(THIRD, Step.JOINED)
THIRD_GONE = handover.ThirdGone(THIRD, "16")


def talking() -> CallCore:
    """The caller talks with agent1; agent2 is ready."""
    made = core(BOTH, ("hotline", "gardens"))
    run(made, model.AgentAsks("agent1", "ready"), REACHED, model.MayWait(A, "hotline"), ANSWERED)
    run(made, model.AgentAsks("agent2", "ready"))
    return made


def asks(mode: Mode = Mode.CONSULT, target: str = "ext:1002") -> handover.AgentHandsOver:
    return handover.AgentHandsOver("agent1", A, target, mode, "核实权属", RING_S, "李强")


def consulting() -> CallCore:
    """agent2 is in the talk, and the caller hears music."""
    made = talking()
    run(made, asks(), MUSIC, handover.ThirdStepped(THIRD, Step.ANSWERED), JOINED, now=NOW + 10)
    return made


def kinds(out: Outcome) -> list[str]:
    return [event.kind for event in out.events]


def state(made: CallCore, agent_id: str) -> tuple[str, str]:
    row = next(row for row in made.engine.agents() if row.agent_id == agent_id)
    return row.state, row.reason


def verbs(out: Outcome) -> list[model.Verb]:
    return [command.verb for command in out.commands if isinstance(command, model.Tell)]


# --- hold -----------------------------------------------------------------------------------


def test_hold_is_journalled_when_the_music_begins_and_when_it_ends() -> None:
    made = talking()
    out = run(made, HOLDS)
    assert (out.commands, kinds(out)) == ([handover.HoldCaller(CITIZEN)], [])
    assert run(made, MUSIC, now=NOW + 5).events == [events.TalkHeld(A, "agent1", "agent")]
    assert not run(made, HOLDS).commands
    out = run(made, TAKES_BACK, now=NOW + 20)
    assert out.commands == [handover.TakeBack(CITIZEN)]
    assert run(made, NO_MUSIC, now=NOW + 25).events == [events.TalkResumed(A, "agent1", "back")]
    out = run(made, DIAL_OVER, now=NOW + 30)
    assert verbs(out) == [model.GoOn("talked")]
    over = run(made, CALLER_GONE, now=NOW + 31)
    # What was music need not be in the recording.
    assert [c.talked_s for c in over.commands if isinstance(c, model.CheckRecording)] == [10.0]


def test_only_the_agent_of_the_talk_can_hold_and_take_back() -> None:
    made = talking()
    assert not run(made, handover.AgentHolds("agent2", A)).commands
    run(made, MUSIC)
    assert not run(made, handover.AgentTakesBack("agent2", A)).commands


def test_a_caller_on_hold_whose_agent_hangs_up_waits_again_before_others() -> None:
    for news in ((MUSIC_LEFT, DIAL_OVER), (DIAL_OVER, MUSIC_LEFT)):
        made = talking()
        run(made, MUSIC)
        out = run(made, ZHANG_LEG_GONE, *news, now=NOW + 9)
        assert verbs(out) == [handover.QueueAgain(failed=False)]
        queued = run(made, model.MayWait(A, ""), now=NOW + 10)
        told = next(e for e in queued.events if isinstance(e, events.CallQueued))
        assert (told.priority, told.reasons, told.since) == (3, ("agent_left",), NOW)


def test_a_caller_on_hold_whose_agents_page_is_reloaded_is_held_for_that_agent() -> None:
    made = talking()
    run(made, MUSIC)
    out = run(made, MUSIC_LEFT, CUT_OFF, now=NOW + 9)
    assert kinds(out) == ["TalkResumed", "TalkHeld"]
    assert made.calls[A].stage is Stage.TALKING


def test_a_hold_is_found_again_after_a_restart() -> None:
    made = talking()
    out = run(made, seen(leg("1.1", CITIZEN, HOTLINE_HELD="1"), leg("1.2", ZHANG)))
    assert "TalkHeld" in kinds(out)
    assert run(made, TAKES_BACK).commands == [handover.TakeBack(CITIZEN)]
    out = run(made, seen(leg("1.1", CITIZEN), leg("1.2", ZHANG)))
    assert "TalkResumed" in kinds(out)


# --- a colleague ------------------------------------------------------------------------------


def test_a_colleague_who_is_asked_takes_no_call_and_has_it_on_the_screen() -> None:
    made = talking()
    out = run(made, asks())
    assert events.HandoverOffered(A, H1, "agent2") in out.events
    assert state(made, "agent2") == ("paused", "consult")
    assert handover.HoldCaller(CITIZEN) in out.commands
    third = next(c for c in out.commands if isinstance(c, handover.CallThird))
    assert (third.target, third.extension) == ("ext:1002", "1002")
    out = run(made, MUSIC)
    assert out.events == [events.TalkHeld(A, "agent1", "consult")]


def test_a_colleague_who_does_not_answer_is_ready_again_and_the_caller_is_taken_back() -> None:
    made = talking()
    run(made, asks(), MUSIC)
    out = run(made, handover.ThirdGone(THIRD, "17"), now=NOW + 9)
    assert [e.outcome for e in out.events if isinstance(e, events.HandoverEnded)] == ["busy"]
    assert state(made, "agent2")[0] == "ready"
    assert run(made, TAKES_BACK).commands == [handover.TakeBack(CITIZEN)]


def test_after_a_consultation_the_agent_is_back_with_the_caller() -> None:
    made = consulting()
    out = run(made, handover.AgentDropsThird("agent1", A), now=NOW + 20)
    assert out.commands == [model.HangUp(THIRD), handover.TakeBack(CITIZEN)]
    run(made, THIRD_GONE, NO_MUSIC, now=NOW + 21)
    call = made.calls[A]
    assert (call.stage, call.agent_id, call.on_hold_since) == (Stage.TALKING, "agent1", None)
    assert state(made, "agent2")[0] == "ready"


def test_a_consultation_becomes_a_talk_of_three() -> None:
    made = consulting()
    assert run(made, TAKES_BACK).commands == [handover.TakeBack(CITIZEN)]
    run(made, NO_MUSIC, now=NOW + 20)
    call = made.calls[A]
    assert call.handover is not None
    assert call.handover.joined
    assert call.on_hold_since is None


def test_a_colleague_in_the_talk_has_it_when_the_agent_leaves() -> None:
    made = consulting()
    out = run(made, ZHANG_LEG_GONE, MUSIC_LEFT, now=NOW + 40)
    ended = next(e for e in out.events if isinstance(e, events.TalkEnded))
    assert (ended.agent_id, ended.by) == ("agent1", "handover")
    assert events.TalkTakenOver(A, "agent2", "agent1") in out.events
    assert [e.outcome for e in out.events if isinstance(e, events.HandoverEnded)] == ["taken_over"]
    assert (state(made, "agent1")[0], state(made, "agent2")[0]) == ("wrap_up", "talking")
    assert made.calls[A].agent_id == "agent2"
    # And it ends as any talk does.
    out = run(made, THIRD_GONE, DIAL_OVER, now=NOW + 100)
    ended = next(e for e in out.events if isinstance(e, events.TalkEnded))
    assert (ended.agent_id, ended.by, ended.talked_s) == ("agent2", "agent", 60.0)
    assert verbs(out) == [model.GoOn("talked")]
    assert state(made, "agent2")[0] == "wrap_up"


def test_a_colleague_who_has_the_talk_can_hold_and_ask_the_next() -> None:
    made = consulting()
    run(made, ZHANG_LEG_GONE, MUSIC_LEFT, model.AgentEndsWrapUp("agent1"), now=NOW + 40)
    assert run(made, handover.AgentHolds("agent2", A)).commands == [handover.HoldCaller(CITIZEN)]
    back = handover.AgentHandsOver("agent2", A, "ext:1001", Mode.CONSULT, "", RING_S, "张敏")
    out = run(made, back, now=NOW + 50)
    started = next(e for e in out.events if isinstance(e, events.HandoverStarted))
    assert started.handover_id == f"{A}/h2"
    # Should the colleague's leg end while the caller hears music, nobody but us sees it.
    run(made, MUSIC, handover.ThirdGone("ho-pbx1-1.1-h2", "17"), now=NOW + 51)
    assert handover.TakeBack(CITIZEN) in run(made, THIRD_GONE, now=NOW + 60).commands
    out = run(made, NO_MUSIC, DIAL_OVER, now=NOW + 61)
    assert verbs(out) != []


def test_a_colleagues_page_that_is_reloaded_in_a_talk_of_theirs_is_waited_for() -> None:
    made = consulting()
    out = run(made, ZHANG_LEG_GONE, NO_MUSIC, now=NOW + 40)
    assert handover.GoesOn(CITIZEN) in out.commands
    over = model.DialReturned(A, f"{A}/1", "ANSWER", "")
    phone = model.CallerGone("pbx1-1.7", "Temporary failure", channel=LI, code="41")
    out = run(made, phone, THIRD_GONE, over, now=NOW + 60)
    assert events.TalkHeld(A, "agent2", "cut_off") in out.events
    # Their telephone is rung as that of any agent who comes back.
    out = run(made, model.TimePassed(), now=NOW + 62)
    assert [verb.interfaces for verb in verbs(out) if isinstance(verb, model.DialAgent)] == [
        ("PJSIP/1002",)
    ]
    run(made, model.DialAnswered(A, LI), now=NOW + 63)
    assert (made.calls[A].agent_channel, made.calls[A].held_until) == (LI, None)


def test_a_blind_handover_to_a_colleague_lets_the_agent_go_when_they_are_there() -> None:
    made = talking()
    run(made, asks(Mode.BLIND))
    assert run(made, JOINED).commands == [model.HangUp(ZHANG)]
    run(made, ZHANG_LEG_GONE)
    assert (made.calls[A].agent_id, state(made, "agent2")[0]) == ("agent2", "talking")


def test_nobody_in_a_talk_of_their_own_is_asked() -> None:
    made = talking()
    other = "pbx1-1.9"
    reached = model.CallReached(other, "PJSIP/citizens-9", "12319", "13900139000", "")
    run(made, reached, model.MayWait(other, "hotline"), model.DialAnswered(other, LI))
    assert state(made, "agent2")[0] == "talking"
    assert not run(made, asks()).events


def test_a_supervisor_talks_on_as_another_service_does() -> None:
    made = talking()
    run(made, asks(target="ext:2002"), MUSIC, JOINED)
    run(made, ZHANG_LEG_GONE, MUSIC_LEFT)
    assert made.calls[A].stage is Stage.HANDED_OVER
    assert state(made, "agent1")[0] == "wrap_up"


# --- a queue ------------------------------------------------------------------------------------


def test_a_caller_who_is_sent_to_a_queue_waits_there_before_others_with_their_first_instant() -> (
    None
):
    made = talking()
    run(made, model.AgentAsks("agent2", "paused", "rest"))
    out = run(made, asks(Mode.QUEUE, "gardens"), now=NOW + 60)
    assert out.commands == [handover.LetGo(CITIZEN, ZHANG)]
    out = run(made, ZHANG_LEG_GONE, DIAL_OVER, now=NOW + 61)
    assert [e.by for e in out.events if isinstance(e, events.TalkEnded)] == ["handover"]
    assert [e.outcome for e in out.events if isinstance(e, events.HandoverEnded)] == ["queued"]
    assert verbs(out) == [handover.QueueAgain(failed=False)]
    assert state(made, "agent1")[0] == "wrap_up"
    # The flow may name its own queue again.
    for asked in ("", "hotline"):
        queued = run(made, model.MayWait(A, asked), now=NOW + 62)
        told = next(e for e in queued.events if isinstance(e, events.CallQueued))
        assert (told.queue, told.since, told.priority) == ("gardens", NOW, 3)
        assert told.reasons == ("transferred",)


def test_a_controller_that_dies_before_the_agent_is_let_go_lets_them_go_after_its_restart() -> None:
    made = talking()
    run(made, asks(Mode.QUEUE, "gardens"))
    out = run(made, seen(leg("1.1", CITIZEN), leg("1.2", ZHANG)))
    assert handover.LetGo(CITIZEN, ZHANG) in out.commands
    # Or the dialplan had nobody to ask, and the caller waits in its own queue.
    out = run(made, model.InFallback(A), now=NOW + 9)
    assert [e.outcome for e in out.events if isinstance(e, events.HandoverEnded)] == ["queued"]
    assert made.calls[A].queue == "gardens"


# --- a restart ----------------------------------------------------------------------------------


def leg(uniqueid: str, name: str, **variables: str) -> ChannelInfo:
    return ChannelInfo(
        channel=name,
        uniqueid=uniqueid,
        linkedid="1.1",
        context="hotline" if name == CITIZEN else "staff",
        extension="s",
        application="Dial" if name == CITIZEN else "AppDial",
        data="",
        state="Up",
        caller_number="13800138000",
        caller_name="",
        bridge_id="b",
        seconds=50.0,
        variables={"HOTLINE_CALLED": "12319", **variables},
    )


LOCAL = leg(THIRD, "Local/1002@callback-staff-1;1")


def seen(*legs: ChannelInfo) -> model.PbxSeen:
    return model.PbxSeen(PbxSnapshot(legs, frozenset({"1001", "1002"}), NOW + 90))


def restarted(living: Handover | None, agent_id: str, talks: str, asked: str) -> CallCore:
    """A controller that starts while ``agent_id`` is believed to have the call."""
    made = core(BOTH, ("hotline", "gardens"))
    call = Call(A, CITIZEN, "12319", "13800138000", "", NOW, Stage.TALKING)
    call.agent_id, call.answered_at, call.queued_at = agent_id, NOW, NOW
    call.queue, call.offer_id, call.handover = "hotline", f"{A}/1", living
    call.handovers = 1
    agents = [RestoreAgent(talks, ("hotline",), "talking", NOW, call_id=A)]
    if asked:
        agents.append(RestoreAgent(asked, ("hotline",), "paused", NOW, reason="consult"))
    made.load([call], agents, NOW + 80)
    return made


def test_a_consultation_outlives_the_controller() -> None:
    living = Handover(H1, "ext:1002", Mode.CONSULT, NOW, RING_S, Step.JOINED, NOW + 10)
    made = restarted(living, "agent1", "agent1", "agent2")
    legs = (leg("1.1", CITIZEN, HOTLINE_HELD="1"), leg("1.2", ZHANG), LOCAL)
    run(made, seen(*legs), now=NOW + 90)
    assert state(made, "agent2") == ("paused", "consult")
    run(made, ZHANG_LEG_GONE, now=NOW + 95)
    assert (made.calls[A].agent_id, state(made, "agent2")[0]) == ("agent2", "talking")


def test_an_agent_who_left_while_no_controller_was_there_has_handed_over() -> None:
    living = Handover(H1, "ext:1002", Mode.CONSULT, NOW, RING_S, Step.JOINED, NOW + 10)
    made = restarted(living, "agent1", "agent1", "agent2")
    out = run(made, seen(leg("1.1", CITIZEN), LOCAL), now=NOW + 90)
    assert events.TalkTakenOver(A, "agent2", "agent1") in out.events
    assert state(made, "agent2")[0] == "talking"


def test_a_talk_that_was_taken_over_is_the_colleagues_after_a_restart() -> None:
    made = restarted(None, "agent2", "agent2", "")
    out = run(made, seen(leg("1.1", CITIZEN), LOCAL), now=NOW + 90)
    assert "TalkEnded" not in kinds(out)
    assert (made.calls[A].stage, state(made, "agent2")[0]) == (Stage.TALKING, "talking")
    assert run(made, model.AgentHangsUp("agent2")).commands == [model.HangUp(THIRD)]


# --- whatever happens ---------------------------------------------------------------------------

NUMBERED = st.integers(1, 3)
INPUTS: st.SearchStrategy[model.Input] = st.one_of(
    st.sampled_from([ZHANG_LEG_GONE, DIAL_OVER, CUT_OFF, CALLER_GONE, model.TimePassed()]),
    st.sampled_from([HOLDS, TAKES_BACK, MUSIC, NO_MUSIC, MUSIC_LEFT, model.MayWait(A, "")]),
    st.builds(
        lambda who, mode, target: handover.AgentHandsOver(who, A, target, mode, "", RING_S),
        st.sampled_from(["agent1", "agent2"]),
        st.sampled_from([Mode.CONSULT, Mode.BLIND, Mode.THREE_WAY, Mode.QUEUE]),
        st.sampled_from(["ext:1001", "ext:1002", "ext:2002", "110", "gardens"]),
    ),
    st.builds(handover.AgentDropsThird, st.sampled_from(["agent1", "agent2"]), st.just(A)),
    st.builds(
        lambda n, step: handover.ThirdStepped(f"ho-{A}-h{n}", step),
        NUMBERED,
        st.sampled_from([Step.ANSWERED, Step.READY, Step.JOINED]),
    ),
    st.builds(
        lambda n, cause: handover.ThirdGone(f"ho-{A}-h{n}", cause),
        NUMBERED,
        st.sampled_from(["16", "17", ""]),
    ),
    st.builds(
        model.AgentAsks,
        st.sampled_from(["agent1", "agent2"]),
        st.sampled_from(["ready", "paused", "offline"]),
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(INPUTS, st.floats(0, 40)), max_size=40))
def test_one_agent_at_most_has_the_caller_and_nobody_is_kept_from_calls_for_nothing(
    story: list[tuple[model.Input, float]],
) -> None:
    made, now = talking(), NOW
    begun: set[str] = set()
    for given_, pause in story:
        now += pause
        out = made.handle(given_, now)
        for event in out.events:
            if isinstance(event, events.HandoverStarted):
                begun.add(event.handover_id)
            elif isinstance(event, events.HandoverEnded):
                begun.remove(event.handover_id)
        call = made.calls.get(A)
        assert begun == ({call.handover.handover_id} if call and call.handover else set())
        rows = made.engine.agents()
        talks = [row.agent_id for row in rows if row.state == "talking"]
        assert talks == ([call.agent_id] if call and call.stage is Stage.TALKING else [])
        kept = [row.agent_id for row in rows if (row.state, row.reason) == ("paused", "consult")]
        assert not kept or (call is not None and call.handover is not None)
        held = call is not None and call.on_hold_since is not None
        assert not held or (call is not None and call.stage is Stage.TALKING)
