"""Citizens whom we rang, from the moment in which they are callers."""

from __future__ import annotations

from hotline import events
from hotline.calls import holding, model
from hotline.calls.model import Stage
from hotline.handover.model import AgentHandsOver, CallThird, LetGo, Mode, QueueAgain
from hotline.telephony.snapshot import ChannelInfo, PbxSnapshot
from tests.unit.calls.test_core import NOW, core, kinds, run
from tests.unit.calls.test_tasks import DUE, SEVEN
from tests.unit.calls.test_tasks import core as with_tasks

CITIZEN = "pbx1-17.3"
LEG, PHONE = "PJSIP/trunk-00000001", "PJSIP/1001-00000002"
BROUGHT = model.CitizenBrought(CITIZEN, LEG, "agent1", PHONE, "n-ob-1", "13812345678", "12319", "7")


def brought(agent_id: str = "agent1") -> tuple[model.Input, ...]:
    return (model.CitizenBrought(CITIZEN, LEG, agent_id, PHONE, "n-ob-1", "13812345678", "12319"),)


def test_an_agent_who_brings_a_citizen_talks_and_wraps_up_like_any() -> None:
    made = core()
    run(made, model.AgentAsks("agent1", "ready"))
    out = run(made, BROUGHT)
    assert kinds(out)[0] == "CallBrought"
    (row,) = [one for one in made.engine.agents() if one.agent_id == "agent1"]
    assert (row.state, row.call_id) == ("talking", CITIZEN)
    over = run(made, model.DialReturned(CITIZEN, "", "ANSWER"), now=NOW + 60)
    assert {"TalkEnded"} <= set(kinds(over))
    (row,) = [one for one in made.engine.agents() if one.agent_id == "agent1"]
    assert row.state == "wrap_up"


def test_whoever_takes_no_calls_hands_over_and_keeps_their_state() -> None:
    made = core()
    run(made, *brought("callback1"))
    asked = AgentHandsOver("callback1", CITIZEN, "110", Mode.THREE_WAY, "燃气", 30.0)
    out = run(made, asked)
    assert [c.channel for c in out.commands if isinstance(c, CallThird)] == [LEG]
    assert all(one.agent_id != "callback1" for one in made.engine.agents())


def test_a_citizen_is_sent_to_a_queue_before_those_who_only_wait() -> None:
    made = core()
    run(made, *brought("callback1"))
    out = run(made, AgentHandsOver("callback1", CITIZEN, "hotline", Mode.QUEUE, "", 30.0))
    assert LetGo(LEG, PHONE) in out.commands
    out = run(made, model.DialReturned(CITIZEN, "", "ANSWER"))
    assert model.Tell(CITIZEN, QueueAgain(failed=False)) in out.commands
    queued = run(made, model.MayWait(CITIZEN, ""))
    (told,) = [e for e in queued.events if isinstance(e, events.CallQueued)]
    assert (told.priority, told.reasons) == (3, ("transferred",))


def test_staff_who_are_cut_off_and_have_no_desk_leave_the_citizen_to_a_person() -> None:
    made = core()
    run(made, *brought("callback1"))
    run(made, model.DialReturned(CITIZEN, "", "ANSWER", holding.MOVED))
    assert made.calls[CITIZEN].stage is Stage.TALKING
    out = run(made, model.TimePassed(), now=NOW + holding.HOLD_S + 1)
    assert model.Tell(CITIZEN, QueueAgain(failed=False)) in out.commands


def test_who_is_brought_twice_is_one_call() -> None:
    made = core()
    run(made, BROUGHT)
    out = run(made, BROUGHT)
    assert (out.events, out.commands) == ([], [])


def test_a_task_goes_on_while_its_citizen_is_handed_over() -> None:
    made = with_tasks()
    run(made, DUE, model.AgentTakesTask("agent1", SEVEN))
    run(made, BROUGHT)
    (row,) = [one for one in made.engine.agents() if one.agent_id == "agent1"]
    assert row.state == "on_task"
    run(made, model.DialReturned(CITIZEN, "", "ANSWER"))
    assert [one.state for one in made.engine.agents() if one.agent_id == "agent1"] == ["on_task"]


def legs(context: str, application: str, with_: str) -> PbxSnapshot:
    """The citizen's leg in one bridge with another."""
    both = (("17.3", LEG, context, application), ("17.2", with_, "staff", "AppDial"))
    channels = tuple(
        ChannelInfo(name, unique, "ob-1", where, "s", doing, "", "Up", "", "", "b", 5.0, {})
        for unique, name, where, doing in both
    )
    return PbxSnapshot(channels, frozenset({"1001"}), NOW + 5)


def test_who_was_to_be_brought_when_the_controller_died_is_in_the_placed_call_still() -> None:
    made = core()
    run(made, BROUGHT)
    near = "Local/1001@callback-staff-00000001;1"
    out = run(made, model.PbxSeen(legs("citizens", "AppDial", near)), now=NOW + 6)
    assert made.calls == {}
    assert "CallEnded" in kinds(out)


def test_who_was_brought_is_with_the_agent_after_a_restart() -> None:
    made = core()
    run(made, BROUGHT)
    run(made, model.PbxSeen(legs("hotline-brought", "Bridge", PHONE)), now=NOW + 6)
    assert (made.calls[CITIZEN].stage, made.calls[CITIZEN].agent_channel) == (Stage.TALKING, PHONE)
