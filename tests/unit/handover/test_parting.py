"""An agent whose page is reloaded while they ask somebody: the caller keeps the music."""

from __future__ import annotations

from hotline import events
from hotline.calls import model
from hotline.calls.model import Stage
from hotline.handover import model as handover
from hotline.telephony.snapshot import ChannelInfo, PbxSnapshot
from tests.unit.handover.test_colleagues import (
    CITIZEN,
    CUT_OFF,
    H1,
    LI,
    MUSIC,
    MUSIC_LEFT,
    NOW,
    TAKES_BACK,
    THIRD,
    THIRD_GONE,
    ZHANG,
    A,
    asks,
    consulting,
    kinds,
    run,
    state,
    talking,
)

PAGE_LEFT = model.CallerGone("pbx1-1.2", "Temporary failure", channel=ZHANG, code="41")
BACK = model.DialAnswered(A, "PJSIP/1001-web-00000009")


def test_who_is_asked_is_told_and_goes_when_the_agents_page_is_reloaded() -> None:
    made = consulting()
    out = run(made, PAGE_LEFT, now=NOW + 20)
    assert handover.PartThird(THIRD) in out.commands
    assert events.HandoverEnded(A, H1, "parted", 10.0) in out.events
    assert "TalkTakenOver" not in kinds(out)
    out = run(made, THIRD_GONE, MUSIC_LEFT, CUT_OFF, now=NOW + 23)
    assert events.TalkHeld(A, "agent1", "cut_off") in out.events
    assert made.calls[A].stage is Stage.TALKING
    assert state(made, "agent2") == ("ready", "")
    out = run(made, BACK, now=NOW + 26)
    assert events.TalkResumed(A, "agent1") in out.events
    # And later the talk ends as any does.
    over = run(made, model.DialReturned(A, f"{A}/1", "ANSWER", "16"), now=NOW + 60)
    assert model.Tell(A, model.GoOn("talked")) in over.commands


def test_who_still_rings_is_rung_no_more_when_the_agents_page_is_reloaded() -> None:
    made = talking()
    run(made, asks(), MUSIC, now=NOW + 10)
    out = run(made, MUSIC_LEFT, CUT_OFF, now=NOW + 12)
    assert model.HangUp(THIRD) in out.commands
    assert events.HandoverEnded(A, H1, "parted", 0.0) in out.events
    assert events.TalkHeld(A, "agent1", "cut_off") in out.events


def test_with_the_caller_in_the_talk_a_reload_leaves_them_with_the_third_as_before() -> None:
    made = consulting()
    run(made, TAKES_BACK, handover.HoldStepped(A, False), now=NOW + 15)
    out = run(made, PAGE_LEFT, now=NOW + 20)
    assert "TalkTakenOver" in kinds(out)


def test_a_controller_that_comes_back_after_the_reload_parts_them_too() -> None:
    made = consulting()
    variables = {"HOTLINE_STAGE": "dial", "HOTLINE_HELD": "1"}
    caller = _leg("1.1", CITIZEN, "hotline-held", variables)
    third = _leg(THIRD, "Local/1002@callback-staff-1;1", "hotline-third", {})
    snapshot = PbxSnapshot((caller, third), frozenset({"1001", "1002"}), NOW + 20)
    out = run(made, model.PbxSeen(snapshot), now=NOW + 20)
    assert handover.PartThird(THIRD) in out.commands
    assert "TalkTakenOver" not in kinds(out)
    assert LI not in made.calls[A].agent_channel


def test_an_agent_who_was_on_hold_when_their_page_was_reloaded_ends_the_talk_as_any() -> None:
    made = talking()
    run(made, handover.AgentHolds("agent1", A), MUSIC, MUSIC_LEFT, CUT_OFF, now=NOW + 10)
    run(made, BACK, now=NOW + 13)
    out = run(made, model.DialReturned(A, f"{A}/1", "ANSWER", "16"), now=NOW + 60)
    assert model.Tell(A, model.GoOn("talked")) in out.commands


def _leg(unique_id: str, name: str, context: str, variables: dict[str, str]) -> ChannelInfo:
    return ChannelInfo(
        channel=name,
        uniqueid=unique_id,
        linkedid="1.1",
        context=context,
        extension="s",
        application="Dial",
        data="",
        state="Up",
        caller_number="13800138000",
        caller_name="",
        bridge_id="b1",
        seconds=20.0,
        variables=variables,
    )
