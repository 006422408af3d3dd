"""Places kept for a callback, without a wire."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from hotline import events
from hotline.acd.engine import Engine
from hotline.acd.model import QueueRules, RestoreTalk
from hotline.calls import holding, keeping, model, placed
from hotline.calls.core import CallCore, CallRules
from hotline.calls.model import Outcome, Stage
from hotline.storage.tables_waits import KeptPlaceRow
from hotline.telephony.snapshot import ChannelInfo, PbxSnapshot
from hotline.waiting.model import (
    ConfirmNumber,
    KeepsPlace,
    MatterClosed,
    Place,
    PlaceHeard,
    PlaceIsKept,
    PlaceIsKnown,
    RingForPlace,
    StaysInLine,
    place_of,
)

A, B, C = "pbx1-1.1", "pbx1-1.2", "pbx1-1.3"
NUMBER = "13800138000"
NOW = 1_800_000_000.0
PHONE = "PJSIP/1001-00000001"
KEPT = place_of(A)


def core(wrap_up_s: float = 30.0) -> CallCore:
    rules = CallRules("pbx1", "hotline", 20.0, "2", ZoneInfo("Asia/Shanghai"), keeps=True)
    made = CallCore(rules, Engine({"hotline": QueueRules(wrap_up_s=wrap_up_s, overflow_s=90.0)}))
    made.handle(model.PbxSeen(PbxSnapshot((), frozenset({"1001"}), NOW)), NOW)
    run(made, model.AgentKnown("agent1", "张敏", "1001"), model.EndpointSeen("1001", True))
    run(made, model.AgentAsks("agent1", "signed_on"))
    return made


def run(made: CallCore, *inputs: model.Input, now: float = NOW) -> Outcome:
    out = Outcome()
    for one in inputs:
        out.merge(made.handle(one, now))
    return out


def rings(made: CallCore, call_id: str, number: str, now: float = NOW) -> Outcome:
    reached = model.CallReached(call_id, f"PJSIP/citizens-{call_id}", "12319", number, "")
    return run(made, reached, model.MayWait(call_id, "hotline"), now=now)


def keeps(made: CallCore, call_id: str = A, number: str = NUMBER, now: float = NOW) -> Outcome:
    return run(made, model.KeySeen(call_id, "1"), KeepsPlace(call_id, number), now=now)


def verbs(out: Outcome) -> list[model.Verb]:
    return [command.verb for command in out.commands if isinstance(command, model.Tell)]


def rung(out: Outcome) -> list[RingForPlace]:
    return [command for command in out.commands if isinstance(command, RingForPlace)]


def said(out: Outcome, *kinds: type[events.Event]) -> list[str]:
    return [event.kind for event in out.events if isinstance(event, kinds)]


def state(made: CallCore) -> str:
    (row,) = made.engine.agents()
    return row.state


def ready(made: CallCore, now: float = NOW) -> Outcome:
    return run(made, model.AgentAsks("agent1", "ready"), now=now)


def kept_and_rung(made: CallCore, now: float = NOW + 60) -> RingForPlace:
    rings(made, A, NUMBER)
    keeps(made)
    run(made, model.CallerGone(A, "Normal Clearing"))
    (ringing,) = rung(ready(made, now))
    return ringing


def test_a_caller_who_presses_1_is_asked_for_the_number_and_still_waits() -> None:
    made = core()
    rings(made, A, NUMBER)
    assert verbs(run(made, model.KeySeen(A, "1"))) == [ConfirmNumber(NUMBER)]
    assert [row.call_id for row in made.engine.waiting()] == [A]
    # Keys are the answer now: 2 leaves no report.
    assert verbs(run(made, model.KeySeen(A, "2"))) == []
    run(made, StaysInLine(A))
    assert verbs(run(made, model.KeySeen(A, "2"))) == [model.GoOn("asked")]


def test_an_agent_who_is_free_meanwhile_gets_the_caller() -> None:
    made = core()
    rings(made, A, NUMBER)
    run(made, model.KeySeen(A, "1"))
    (verb,) = verbs(ready(made))
    assert isinstance(verb, model.DialAgent)
    assert run(made, KeepsPlace(A, NUMBER)).events == []


def test_keys_mean_what_they_did_when_an_offer_cut_the_question_short() -> None:
    made = core()
    rings(made, A, NUMBER)
    run(made, model.KeySeen(A, "1"))
    ready(made)
    run(made, model.DialReturned(A, f"{A}/1", "NOANSWER"), now=NOW + 20)
    assert verbs(run(made, model.KeySeen(A, "2"), now=NOW + 21)) == [model.GoOn("asked")]


def test_whom_a_restart_kept_from_hanging_up_is_told_again_and_keeps_the_one_place() -> None:
    made = core()
    rings(made, A, NUMBER)
    keeps(made)
    assert run(made, model.InFallback(A), now=NOW + 2).commands != []
    back = run(made, model.MayWait(A, "hotline"), now=NOW + 3)
    assert verbs(back) == [PlaceIsKept()]
    assert said(back, events.PlaceEnded, events.CallQueued) == []
    assert [row.call_id for row in made.engine.waiting()] == [KEPT]


def test_a_kept_place_outlives_the_call_and_the_queues_patience() -> None:
    made = core()
    rings(made, A, NUMBER)
    assert verbs(keeps(made, now=NOW + 10))[-1:] == [PlaceIsKept()]
    gone = run(made, model.CallerGone(A, "Normal Clearing"), now=NOW + 12)
    assert said(gone, events.CallAbandoned) == []
    for seconds in range(20, 2000, 60):
        run(made, model.TimePassed(), now=NOW + seconds)
    (row,) = made.engine.waiting()
    assert (row.call_id, row.since) == (KEPT, NOW)


def test_the_agent_is_rung_then_the_citizen_and_the_talk_is_wrapped_up_like_any() -> None:
    made = core()
    ringing = kept_and_rung(made)
    assert (ringing.extension, ringing.number, ringing.channel_id) == ("1001", NUMBER, "kp-1.1-1")
    picked = run(made, PlaceHeard("kp-1.1-1", "picked_up", channel=PHONE), now=NOW + 63)
    assert said(picked, events.PlaceDialled) == ["PlaceDialled"]
    assert state(made) == "talking"
    talks = run(made, PlaceHeard("kp-1.1-1", "talking"), now=NOW + 70)
    (answered,) = [e for e in talks.events if isinstance(e, events.CallAnswered)]
    assert answered.waited_s == 70.0
    run(made, PlaceHeard("kp-1.1-1", "finished", status="ANSWER"), now=NOW + 100)
    over = run(made, PlaceHeard("kp-1.1-1", "gone"), now=NOW + 100)
    assert said(over, events.TalkEnded, events.PlaceEnded, events.CallEnded) == [
        "TalkEnded",
        "PlaceEnded",
        "CallEnded",
    ]
    assert [c.talked_s for c in over.commands if isinstance(c, model.CheckRecording)] == [30.0]
    assert state(made) == "wrap_up"
    assert KEPT not in made.calls


def test_a_talk_on_the_web_phone_moves_and_the_citizen_is_held_meanwhile() -> None:
    made = core()
    kept_and_rung(made)
    web = "PJSIP/1001-web-00000001"
    run(made, PlaceHeard("kp-1.1-1", "picked_up", channel=web), now=NOW + 63)
    # Not before the citizen is there: nobody would be held.
    assert run(made, model.AgentMoves("agent1"), now=NOW + 64).commands == []
    run(made, PlaceHeard("kp-1.1-1", "talking"), now=NOW + 70)
    moved = run(made, model.AgentMoves("agent1"), now=NOW + 80)
    assert moved.commands == [model.HangUp(web, holding.MOVED)]
    held = run(made, PlaceHeard("kp-1.1-1", "aside", status="cut_off"), now=NOW + 80)
    assert said(held, events.TalkHeld) == ["TalkHeld"]
    back = run(made, PlaceHeard("kp-1.1-1", "picked_up", channel=PHONE), now=NOW + 82)
    assert said(back, events.TalkResumed) == ["TalkResumed"]
    assert state(made) == "talking"


def test_the_ringing_is_journalled_before_it_is_asked_for() -> None:
    made = core()
    rings(made, A, NUMBER)
    keeps(made)
    out = ready(made)
    (called,) = [e for e in out.events if isinstance(e, events.PlaceCalled)]
    assert called.channel_id == rung(out)[0].channel_id


def test_a_citizen_who_is_not_reached_frees_the_agent_and_is_tried_once_more() -> None:
    made = core()
    kept_and_rung(made)
    run(made, PlaceHeard("kp-1.1-1", "picked_up", channel=PHONE))
    run(made, PlaceHeard("kp-1.1-1", "finished", status="NOANSWER"), now=NOW + 90)
    tried = run(made, PlaceHeard("kp-1.1-1", "gone"), now=NOW + 90)
    assert said(tried, events.PlaceTried) == ["PlaceTried"]
    assert state(made) == "ready"
    assert rung(run(made, model.TimePassed(), now=NOW + 200)) == []
    (again,) = rung(run(made, model.TimePassed(), now=NOW + 90 + placed.TRY_AGAIN_S))
    assert again.channel_id == "kp-1.1-2"
    later = NOW + 300
    run(made, PlaceHeard("kp-1.1-2", "picked_up", channel=PHONE), now=later)
    run(made, PlaceHeard("kp-1.1-2", "finished", status="BUSY"), now=later)
    last = run(made, PlaceHeard("kp-1.1-2", "gone"), now=later)
    (ended,) = [e for e in last.events if isinstance(e, events.PlaceEnded)]
    assert ended.outcome == "unreached"
    assert (state(made), KEPT in made.calls) == ("ready", False)


def test_an_agent_who_does_not_answer_is_paused_and_the_place_stays() -> None:
    made = core()
    kept_and_rung(made)
    run(made, PlaceHeard("kp-1.1-1", "gone", cause="19"), now=NOW + 80)
    assert state(made) == "paused"
    (row,) = made.engine.waiting()
    assert (row.call_id, row.since) == (KEPT, NOW)


def test_a_phone_that_answers_an_offer_that_is_over_is_hung_up() -> None:
    made = core()
    kept_and_rung(made)
    rings(made, B, NUMBER, now=NOW + 62)
    late = run(made, PlaceHeard("kp-1.1-1", "picked_up", channel=PHONE), now=NOW + 62)
    assert late.commands == [model.HangUp(PHONE)]


def test_who_rings_again_has_the_place_and_nobody_rings_them_back() -> None:
    made = core()
    rings(made, A, NUMBER)
    keeps(made)
    run(made, model.CallerGone(A, "Normal Clearing"))
    rings(made, B, "13900139000", now=NOW + 20)
    again = rings(made, C, NUMBER, now=NOW + 40)
    assert said(again, events.PlaceEnded) == ["PlaceEnded"]
    assert [row.call_id for row in made.engine.waiting()] == [C, B]
    assert made.calls[C].queued_at == NOW


def test_one_number_has_one_place_and_one_without_a_number_has_none() -> None:
    made = core()
    rings(made, A, NUMBER)
    keeps(made)
    rings(made, B, "")
    assert not keeping.may_keep(made, made.calls[B])
    rings(made, C, "13900139000")
    refused = keeps(made, C, NUMBER)
    assert said(refused, events.PlaceKept) == []
    assert verbs(refused)[-1:] == [PlaceIsKnown()]
    assert made.calls[C].stage is Stage.WAITING


def test_who_presses_1_while_their_number_is_rung_back_is_told_that_it_is_noted() -> None:
    made = core()
    kept_and_rung(made)
    run(made, PlaceHeard("kp-1.1-1", "picked_up", channel=PHONE))
    rings(made, B, NUMBER, now=NOW + 62)
    assert verbs(run(made, model.KeySeen(B, "1"))) == [PlaceIsKnown()]
    assert not made.calls[B].confirming


def test_a_closed_matter_ends_the_place() -> None:
    made = core()
    rings(made, A, NUMBER)
    keeps(made)
    other = run(made, MatterClosed("pbx1-9.9", NUMBER, NOW - 5))
    assert other.events == []
    closed = run(made, MatterClosed("pbx1-9.9", NUMBER, NOW + 5), now=NOW + 9)
    assert said(closed, events.PlaceEnded) == ["PlaceEnded"]
    assert rung(ready(made)) == []


def test_a_place_is_not_kept_for_ever() -> None:
    made = core()
    rings(made, A, NUMBER)
    keeps(made)
    out = run(made, model.TimePassed(), now=NOW + keeping.KEPT_FOR_S)
    assert [e.outcome for e in out.events if isinstance(e, events.PlaceEnded)] == ["expired"]


def restored(step: str, channel: ChannelInfo | None) -> tuple[CallCore, Outcome]:
    """A new controller that finds a place of the journal, and this channel in the PBX."""
    made = core()
    place = model.Call(KEPT, "", "12319", NUMBER, "", NOW - 90, Stage.OFFERED)
    place.queue, place.queued_at, place.offers = "hotline", NOW - 100, 1
    place.agent_id, place.offer_id = "agent1", f"{KEPT}/1"
    place.recording = "talks/1"
    row = KeptPlaceRow(
        call_id=KEPT, origin=A, number=NUMBER, kept_at=NOW - 90, step=step, tries=0,
        again_at=None, channel_id="kp-1.1-1" if step != "resting" else "", called_at=NOW - 10,
    )  # fmt: skip
    if step == "resting":
        place.stage, place.offer_id, place.agent_id = Stage.WAITING, "", ""
    placed.restore([place], row)
    made.calls[KEPT] = place
    channels = (channel,) if channel else ()
    return made, run(made, model.PbxSeen(PbxSnapshot(channels, frozenset({"1001"}), NOW)))


def living(application: str, bridge_id: str = "") -> ChannelInfo:
    return ChannelInfo(
        channel="Local/1001@callback-staff-00000001;1",
        uniqueid="kp-1.1-1",
        linkedid="kp-1.1-1",
        context="callback-place",
        extension="s",
        application=application,
        data="",
        state="Up",
        caller_number="",
        caller_name="",
        bridge_id=bridge_id,
        seconds=5.0,
        variables={},
    )


def test_a_waiting_place_is_back_at_once_after_a_restart() -> None:
    made, _ = restored("resting", None)
    (row,) = made.engine.waiting()
    assert (row.call_id, row.since) == (KEPT, NOW - 100)


def test_a_citizen_who_is_being_dialled_through_a_restart_is_not_dialled_again() -> None:
    made, out = restored("dialling", living("Dial"))
    assert rung(out) == []
    assert state(made) == "talking"
    run(made, PlaceHeard("kp-1.1-1", "talking"), now=NOW + 3)
    over = run(made, PlaceHeard("kp-1.1-1", "gone"), now=NOW + 9)
    assert said(over, events.PlaceEnded) == ["PlaceEnded"]


def test_an_agent_who_picked_up_unseen_is_not_taken_to_have_missed_the_call() -> None:
    made, out = restored("ringing", living("Dial"))
    assert said(out, events.PlaceDialled) == ["PlaceDialled"]
    assert state(made) == "talking"
    run(made, PlaceHeard("kp-1.1-1", "finished", status="BUSY"), now=NOW + 3)
    over = run(made, PlaceHeard("kp-1.1-1", "gone"), now=NOW + 3)
    assert said(over, events.PlaceTried) == ["PlaceTried"]


def test_a_talk_that_began_unseen_is_a_talk() -> None:
    made, out = restored("ringing", living("Dial", "bridge"))
    assert said(out, events.PlaceDialled) == ["PlaceDialled"]
    assert [e.call_id for e in out.events if isinstance(e, events.CallAnswered)] == [KEPT]
    over = run(made, PlaceHeard("kp-1.1-1", "gone"), now=NOW + 9)
    assert said(over, events.PlaceEnded) == ["PlaceEnded"]


def test_an_agent_whose_talk_ended_unseen_may_talk_with_another_by_now() -> None:
    made = core()
    place = model.Call(KEPT, "", "12319", NUMBER, "", NOW - 90, Stage.TALKING)
    place.queue, place.queued_at, place.offers = "hotline", NOW - 100, 1
    place.agent_id, place.offer_id, place.answered_at = "agent1", f"{KEPT}/1", NOW - 20
    place.recording = "talks/1"
    place.place = Place(A, NUMBER, NOW - 90, "talking", channel_id="kp-1.1-1")
    made.calls[KEPT] = place
    made.engine.handle(RestoreTalk(KEPT, "agent1", NOW - 20, "hotline"), NOW)
    citizen = replace(
        living("Queue", "bridge"),
        channel="PJSIP/citizens-2",
        uniqueid="1.2",
        context="hotline-fallback",
    )
    agent = replace(living("AppQueue", "bridge"), channel=PHONE, uniqueid="1.9", context="staff")
    seen = PbxSnapshot((citizen, agent), frozenset({"1001"}), NOW)
    out = run(made, model.PbxSeen(seen))
    assert said(out, events.PlaceEnded) == ["PlaceEnded"]
    (row,) = made.engine.agents()
    assert (row.state, row.call_id) == ("talking", B)


def test_a_phone_that_rings_through_a_restart_is_stopped_when_the_offer_is_refused() -> None:
    made, _ = restored("ringing", replace(living("AppDial"), channel=PHONE))
    out = run(made, model.AgentRefuses("agent1", f"{KEPT}/1"))
    assert out.commands == [model.HangUp(PHONE)]


def test_a_channel_that_died_unseen_is_a_try_of_unknown_outcome() -> None:
    made, out = restored("dialling", None)
    (tried,) = [e for e in out.events if isinstance(e, events.PlaceTried)]
    assert (tried.outcome, tried.again_at) == ("unknown", NOW + placed.TRY_AGAIN_S)
    assert made.engine.waiting() == ()


def test_no_place_is_rung_for_while_the_pbx_is_not_seen() -> None:
    made = core()
    rings(made, A, NUMBER)
    keeps(made)
    run(made, model.PbxUnseen("gone"))
    assert rung(ready(made)) == []
    seen = model.PbxSeen(PbxSnapshot((), frozenset({"1001"}), NOW + 1))
    assert rung(run(made, seen, now=NOW + 1)) != []


NUMBERS = [f"138001380{n:02}" for n in range(8)]
MOVES = st.lists(
    st.tuples(st.sampled_from(["ring", "keep", "hang_up", "wait"]), st.integers(0, 7)), max_size=60
)


@settings(max_examples=150, deadline=None)
@given(MOVES)
def test_kept_places_never_jump_and_never_fall_behind(moves: list[tuple[str, int]]) -> None:
    """Whoever keeps a place is served in the order in which everybody began to wait."""
    made, now, began = core(wrap_up_s=0.0), NOW, dict[str, float]()
    made.engine = Engine({"hotline": QueueRules(wrap_up_s=0.0, overflow_s=7200.0)})
    run(made, model.AgentAsks("agent1", "signed_on"))
    for number, (move, who) in enumerate(moves):
        now += 30.0
        call_id = next(
            (c.call_id for c in made.calls.values() if c.calling == NUMBERS[who] and not c.place),
            None,
        )
        if move == "ring" and call_id is None:
            call_id = f"pbx1-{number}.{who}"
            rings(made, call_id, NUMBERS[who], now=now)
            began.setdefault(NUMBERS[who], now)
        elif move == "keep" and call_id:
            keeps(made, call_id, NUMBERS[who], now=now)
        elif move == "hang_up" and call_id:
            run(made, model.CallerGone(call_id, ""), now=now)
            if not any(c.place and c.calling == NUMBERS[who] for c in made.calls.values()):
                began.pop(NUMBERS[who], None)
        else:
            run(made, model.TimePassed(), now=now)
    served = [made.calls[row.call_id].calling for row in made.engine.waiting()]
    assert served == sorted(began, key=lambda one: began[one])
    assert len(served) == len(set(served))
