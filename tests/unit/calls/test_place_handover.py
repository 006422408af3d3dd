"""Handing the citizen of a kept place over to another service, without a wire."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hotline import events
from hotline.calls import model, placed, wire
from hotline.calls.core import CallCore
from hotline.calls.model import Outcome, Stage
from hotline.handover import model as handover
from hotline.handover.model import CallThird, Mode, Step, ThirdGone, ThirdStepped
from hotline.storage.tables_waits import KeptPlaceRow
from hotline.telephony.ami import AmiEvent
from hotline.telephony.snapshot import ChannelInfo, PbxSnapshot
from hotline.waiting.model import LOST, PlaceHeard
from tests.unit.calls.test_keeping import KEPT, NOW, NUMBER, PHONE, core, kept_and_rung, run, state

CITIZEN = "PJSIP/trunk-00000009"
OWN = "kp-1.1-1"
THIRD = f"ho-{KEPT}-h1"
AGENT_GONE = model.CallerGone("pbx1-8.8", "", channel=PHONE)
CITIZEN_GONE = model.CallerGone("pbx1-9.9", "", channel=CITIZEN)
PLACE_GONE = PlaceHeard(OWN, "gone")


def wants(mode: Mode = Mode.THREE_WAY) -> handover.AgentHandsOver:
    return handover.AgentHandsOver("agent1", KEPT, "110", mode, "漏气", 30.0, "110 报警")


def dialling() -> CallCore:
    made = core()
    kept_and_rung(made, NOW)
    run(made, PlaceHeard(OWN, "picked_up", channel=PHONE))
    return made


def talking() -> CallCore:
    made = dialling()
    run(made, PlaceHeard(OWN, "talking", channel=CITIZEN))
    return made


def three() -> CallCore:
    made = talking()
    steps = (ThirdStepped(THIRD, step) for step in (Step.ANSWERED, Step.READY, Step.JOINED))
    run(made, wants(), *steps, now=NOW + 10)
    return made


def ends(out: Outcome) -> list[str]:
    kinds = (events.TalkEnded, events.HandoverEnded, events.PlaceEnded, events.CallEnded)
    return [event.kind for event in out.events if isinstance(event, kinds)]


def checked(out: Outcome) -> list[float]:
    return [one.talked_s for one in out.commands if isinstance(one, model.CheckRecording)]


def test_nobody_is_handed_over_before_they_answered() -> None:
    assert run(dialling(), wants()).events == []


def test_the_service_comes_to_the_citizens_own_leg() -> None:
    (rung,) = [c for c in run(talking(), wants()).commands if isinstance(c, CallThird)]
    assert (rung.channel, rung.calling) == (CITIZEN, NUMBER)


@pytest.mark.parametrize(
    "news", [(PLACE_GONE,), (AGENT_GONE, PLACE_GONE), (PLACE_GONE, AGENT_GONE)]
)
def test_an_agent_who_leaves_three_wraps_up_and_the_others_talk_on(
    news: tuple[model.Input, ...],
) -> None:
    made = three()
    left = run(made, *news, now=NOW + 40)
    assert ends(left) == ["TalkEnded"]
    assert (made.calls[KEPT].stage, state(made)) == (Stage.HANDED_OVER, "wrap_up")
    over = run(made, CITIZEN_GONE, ThirdGone(THIRD, "16"), now=NOW + 100)
    assert ends(over) == ["HandoverEnded", "PlaceEnded", "CallEnded"]
    assert checked(over) == [100.0]
    assert KEPT not in made.calls


def test_an_agent_who_wanted_to_leave_is_let_go_when_the_service_has_joined() -> None:
    made = talking()
    out = run(made, wants(Mode.BLIND), ThirdStepped(THIRD, Step.JOINED))
    assert model.HangUp(PHONE) in out.commands


def test_a_citizen_who_hangs_up_leaves_the_agent_with_the_service() -> None:
    made = three()
    out = run(made, CITIZEN_GONE, now=NOW + 30)
    assert [event.kind for event in out.events] == ["CallerLeft"]
    assert state(made) == "talking"
    over = run(made, AGENT_GONE, PLACE_GONE, now=NOW + 50)
    assert ends(over) == ["TalkEnded", "HandoverEnded", "PlaceEnded", "CallEnded"]
    assert model.HangUp(THIRD) in over.commands
    assert checked(over) == [30.0]


def test_a_service_that_cannot_be_had_leaves_the_talk_as_it_was() -> None:
    made = talking()
    out = run(made, wants(), ThirdGone(THIRD, "17"), now=NOW + 5)
    assert [e.outcome for e in out.events if isinstance(e, events.HandoverEnded)] == ["busy"]
    assert ends(run(made, PLACE_GONE, now=NOW + 9)) == ["TalkEnded", "PlaceEnded", "CallEnded"]


def test_an_agent_who_leaves_while_the_service_rings_ends_the_ringing() -> None:
    made = talking()
    run(made, wants())
    over = run(made, AGENT_GONE, PLACE_GONE, now=NOW + 9)
    assert model.HangUp(THIRD) in over.commands
    assert ends(over) == ["TalkEnded", "HandoverEnded", "PlaceEnded", "CallEnded"]


# --- after a restart ----------------------------------------------------------------------


def channel(uniqueid: str, name: str, bridge_id: str) -> ChannelInfo:
    return ChannelInfo(
        channel=name, uniqueid=uniqueid, linkedid=OWN, context="callback-place", extension="s",
        application="Dial", data="", state="Up", caller_number="", caller_name="",
        bridge_id=bridge_id, seconds=5.0, variables={},
    )  # fmt: skip


def restarted(stage: Stage, *channels: ChannelInfo, joined: bool) -> tuple[CallCore, Outcome]:
    """A new controller, a minute later, that finds a talk of the journal and these channels."""
    made = core()
    place = model.Call(KEPT, "", "12319", NUMBER, "", NOW - 90, stage)
    place.queue, place.queued_at, place.offers = "hotline", NOW - 100, 1
    place.agent_id, place.offer_id, place.recording = "agent1", f"{KEPT}/1", "talks/1"
    place.answered_at = NOW
    if joined:
        place.handover = handover.Handover(f"{KEPT}/h1", "110", Mode.THREE_WAY, NOW + 1, 30.0)
        place.handover.step, place.handover.joined_at = Step.JOINED, NOW + 5
    row = KeptPlaceRow(
        call_id=KEPT, origin="pbx1-1.1", number=NUMBER, kept_at=NOW - 90, step="dialling", tries=0,
        again_at=None, channel_id=OWN, called_at=NOW - 10,
    )  # fmt: skip
    placed.restore([place], row)
    made.calls[KEPT] = place
    seen = PbxSnapshot(channels, frozenset({"1001"}), NOW + 60)
    return made, run(made, model.PbxSeen(seen), now=NOW + 60)


LOCAL = "Local/1001@callback-staff-00000001"
TWO_BRIDGES = (
    channel(OWN, f"{LOCAL};1", "b1"),
    channel("9.9", CITIZEN, "b1"),
    channel(f"{OWN};2", f"{LOCAL};2", "b2"),
    channel("8.8", PHONE, "b2"),
)


def test_after_a_restart_the_legs_are_known_and_a_service_can_be_rung() -> None:
    made, _ = restarted(Stage.TALKING, *TWO_BRIDGES, joined=False)
    call = made.calls[KEPT]
    assert (call.channel, call.agent_channel) == (CITIZEN, PHONE)
    (rung,) = [c for c in run(made, wants()).commands if isinstance(c, CallThird)]
    assert rung.channel == CITIZEN


# --- what the PBX tells -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "fields", "means"),
    [
        (
            "DialBegin",
            {"Uniqueid": f"{OWN};2", "DestChannel": PHONE},
            model.PhoneRings(KEPT, PHONE),
        ),
        ("DialBegin", {"DestUniqueid": OWN, "DestChannel": f"{LOCAL};1"}, None),
        (
            "DialEnd",
            {"DestUniqueid": OWN, "DestChannel": f"{LOCAL};1", "DialStatus": "ANSWER"},
            None,
        ),
        (
            "DialEnd",
            {"Uniqueid": f"{OWN};2", "DestChannel": PHONE, "DialStatus": "BUSY"},
            None,
        ),
        (
            "DialEnd",
            {"Uniqueid": f"{OWN};2", "DestChannel": PHONE, "DialStatus": "ANSWER"},
            PlaceHeard(OWN, "picked_up", channel=PHONE),
        ),
        (
            "DialEnd",
            {"Uniqueid": OWN, "DestChannel": CITIZEN, "DialStatus": "ANSWER"},
            PlaceHeard(OWN, "talking", channel=CITIZEN),
        ),
        (
            "UserEvent",
            {"Uniqueid": "9.9", "UserEvent": "HotlineAside", "Call": OWN, "Why": "agent"},
            PlaceHeard(OWN, "aside", status="agent"),
        ),
        (
            "UserEvent",
            {"Uniqueid": OWN, "UserEvent": "HotlinePlace", "Outcome": "ANSWER", "Lost": "1"},
            PlaceHeard(OWN, "finished", status=LOST),
        ),
        ("Hangup", {"Uniqueid": OWN, "Cause": "17"}, PlaceHeard(OWN, "gone", cause="17")),
    ],
)
def test_the_phone_and_the_citizen_are_told_apart(
    name: str, fields: dict[str, str], means: model.Input | None
) -> None:
    assert wire.read("pbx1", AmiEvent(name, fields)) == means


def test_who_was_left_with_the_service_before_or_during_a_restart_talks_on() -> None:
    together = (channel("9.9", CITIZEN, "b1"), channel(THIRD, "PJSIP/trunk-0000000a", "b1"))
    for stage, told in ((Stage.HANDED_OVER, []), (Stage.TALKING, ["TalkEnded"])):
        made, out = restarted(stage, *together, joined=True)
        assert ends(out) == told
        assert made.calls[KEPT].stage is Stage.HANDED_OVER
        over = run(made, ThirdGone(THIRD, "16"), now=NOW + 90)
        assert ends(over) == ["HandoverEnded", "PlaceEnded", "CallEnded"]


def test_a_talk_with_the_service_that_ended_unseen_is_over() -> None:
    made, out = restarted(Stage.HANDED_OVER, joined=True)
    assert ends(out) == ["HandoverEnded", "PlaceEnded", "CallEnded"]
    assert KEPT not in made.calls


# --- music --------------------------------------------------------------------------------


def aside(why: str) -> PlaceHeard:
    return PlaceHeard(OWN, "aside", status=why)


def held(out: Outcome) -> list[tuple[str, str]]:
    kinds = events.TalkHeld | events.TalkResumed
    return [(event.kind, event.why) for event in out.events if isinstance(event, kinds)]


def test_a_citizen_who_was_rung_back_can_be_held() -> None:
    made = talking()
    (asked,) = run(made, handover.AgentHolds("agent1", KEPT)).commands
    assert asked == handover.HoldCaller(OWN, we_rang=True)
    assert held(run(made, aside("agent"), now=NOW + 20)) == [("TalkHeld", "agent")]
    (asked,) = run(made, handover.AgentTakesBack("agent1", KEPT)).commands
    assert asked == handover.TakeBack(OWN, we_rang=True)
    assert held(run(made, aside(""), now=NOW + 30)) == [("TalkResumed", "back")]


def test_an_agent_who_is_cut_off_has_their_citizen_back_without_our_help() -> None:
    made = talking()
    out = run(made, aside("cut_off"), now=NOW + 20)
    assert (held(out), out.commands) == ([("TalkHeld", "cut_off")], [])
    assert run(made, model.TimePassed(), now=NOW + 22).commands == []
    back = run(made, PlaceHeard(OWN, "picked_up", channel="PJSIP/1001-9"), now=NOW + 23)
    assert held(back) == [("TalkResumed", "back")]
    call = made.calls[KEPT]
    assert (call.agent_channel, call.held_since, call.held_s) == ("PJSIP/1001-9", None, 3.0)


def test_a_citizen_whose_agent_does_not_come_back_is_to_be_rung_again() -> None:
    made = talking()
    run(made, aside("cut_off"), now=NOW + 20)
    lost = PlaceHeard(OWN, "finished", status=LOST)
    out = run(made, lost, PLACE_GONE, now=NOW + 45)
    cut = [event for event in out.events if isinstance(event, events.CallCutOff)]
    assert [event.agent_id for event in cut] == ["agent1"]
    assert ends(out) == ["TalkEnded", "PlaceEnded", "CallEnded"]


def test_a_restart_finds_the_citizen_with_music() -> None:
    own, citizen, far, _ = TWO_BRIDGES
    citizen = replace(citizen, variables={"HOTLINE_WHY": "cut_off"})
    made, out = restarted(Stage.TALKING, own, citizen, replace(far, bridge_id=""), joined=False)
    assert held(out) == [("TalkHeld", "cut_off")]
    back = run(made, PlaceHeard(OWN, "picked_up", channel=PHONE), now=NOW + 63)
    assert held(back) == [("TalkResumed", "back")]
