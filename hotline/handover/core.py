"""Handovers within the calls' state machine: who rings, who talks, and where the caller is.

A third, a service or a colleague, comes into the agent's talk by itself, from its own leg of the
dialplan: the caller's ``Dial()`` goes on while anybody else is in the bridge. So an agent who
leaves leaves the others talking, a third who leaves leaves the agent, and the controller may die at
any moment.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hotline import events
from hotline.calls import keeping
from hotline.calls import model as calls
from hotline.calls import overflow as leaving
from hotline.calls.model import Call, Outcome, Stage
from hotline.handover import colleagues, hold, model, parking, requeue
from hotline.handover.model import Handover, Mode, Step

if TYPE_CHECKING:
    from hotline.calls.core import CallCore

# The PBX tells of every third's end. Should it not, the agent is told this long after the ringing
# should have ended.
GRACE_S = 15.0
# From which stages a flow may connect the caller with a target.
BEFORE_TRANSFER = frozenset({Stage.ARRIVING, Stage.REPORTING, Stage.RATING})
FAILED_REASON = "handover_failed"
LEFT_REASON = "agent_left"

# Q.850 causes of a third that never answered, and Asterisk's DIALSTATUS.
_CAUSES = {"17": "busy", "21": "busy", **dict.fromkeys(("0", "16", "18", "19"), "no_answer")}
_STATUSES = {"BUSY": "busy", "NOANSWER": "no_answer", "CANCEL": "no_answer"}
_UNSEEN = "unknown"
PARKED = "parked"
PARTED = "parted"
# Q.850: 41, temporary failure (the page was left); 44, no media came any more.
CUT_OFF = frozenset({"41", "44"})
_TALKED = "talked"


def take(core: CallCore, given: model.HandoverInput, now: float, out: Outcome) -> None:
    """Take in what an agent or a flow wants, or what becomes of a third."""
    match given:
        case model.AgentHandsOver():
            _hand_over(core, given, now, out)
        case model.AgentDropsThird():
            _drop(core, given, out)
        case model.AgentHolds():
            hold.hold(core, given, out)
        case model.AgentTakesBack():
            hold.take_back(core, given, out)
        case model.AgentTakesParked():
            parking.take(core, given, now, out)
        case model.HoldStepped():
            hold.stepped(core, given, now, out)
        case model.WantsTransfer():
            _transfer(core, given, now, out)
        case model.TransferReturned():
            _transfer_over(core, given, now, out)
        case model.JoinReturned():
            _join_over(core, given, now, out)
        case model.ThirdStepped():
            _step(core, given, now, out)
        case model.ThirdGone():
            if (kept := core.consultations.pop(given.third, None)) is not None:
                out.commands.append(model.KeepConsultation(*kept, given.third))
            _third_gone(core, given, now, out)


def may_begin(call: Call, agent_id: str) -> bool:
    """Whether this agent can hand this call over now."""
    # Of a kept place the citizen's leg is there once they have answered.
    both = call.agent_channel != "" and call.channel != ""
    talks = call.stage is Stage.TALKING and call.agent_id == agent_id and both
    return talks and call.handover is None and call.held_until is None and call.orphan is None


# --- beginning -------------------------------------------------------------------------------


def _hand_over(core: CallCore, given: model.AgentHandsOver, now: float, out: Outcome) -> None:
    call = core.known(given.call_id, out)
    able = call is not None and may_begin(call, given.agent_id)
    if call is None or not able or not colleagues.can_be_asked(core, given.target):
        out.ignored.append(f"{given.agent_id} hands over {given.call_id}, but cannot now")
        return
    if given.mode is Mode.PARK:
        place = parking.free_place(core)
        if place is None or call.place is not None:
            out.ignored.append(f"{given.agent_id} parks {given.call_id}, but cannot now")
            return
        given = replace(given, target=str(place))
    handover = _begin(call, given, given.mode, now)
    out.events.append(_started(call, handover, given))
    if not handover.has_third:
        requeue.begin(call, out)
        return
    colleagues.ask(core, call, handover, now, out)
    if given.mode is Mode.CONSULT:
        core.consultations[handover.third] = (call.call_id, handover.handover_id)
    if given.mode is Mode.CONSULT and hold.may_hold(call, given.agent_id):
        out.commands.append(hold.set_aside(call))
    out.commands.append(
        model.CallThird(
            handover.handover_id,
            call.call_id,
            call.channel,
            call.calling,
            given.target,
            given.note,
            given.ring_s,
            handover.extension,
            given.mode is Mode.CONSULT,
        )
    )


def _transfer(core: CallCore, given: model.WantsTransfer, now: float, out: Outcome) -> None:
    call = core.known(given.call_id, out)
    if call is None or call.stage not in BEFORE_TRANSFER:
        return
    handover = _begin(call, given, Mode.OVERFLOW if given.overflow else Mode.FLOW, now)
    out.events.append(_started(call, handover, given))
    call.stage = Stage.HANDED_OVER
    call.recording = call.recording or core.talk_path(call, now)
    verb = model.Transfer(
        handover.handover_id, given.target, given.note, given.ring_s, call.recording
    )
    out.commands.append(calls.Tell(call.call_id, verb))


def _begin(
    call: Call, given: model.AgentHandsOver | model.WantsTransfer, mode: Mode, now: float
) -> Handover:
    call.handovers += 1
    handover_id = f"{call.call_id}/h{call.handovers}"
    call.handover = Handover(handover_id, given.target, mode, now, given.ring_s)
    call.handover.name, call.handover.note = given.name, given.note
    return call.handover


def _started(
    call: Call, handover: Handover, given: model.AgentHandsOver | model.WantsTransfer
) -> events.HandoverStarted:
    agent_id = given.agent_id if isinstance(given, model.AgentHandsOver) else ""
    return events.HandoverStarted(
        call.call_id,
        handover.handover_id,
        handover.target,
        handover.mode,
        agent_id,
        given.note,
        given.name,
    )


# --- the third -------------------------------------------------------------------------------


def _step(core: CallCore, given: model.ThirdStepped, now: float, out: Outcome) -> None:
    call = _call_of(core, given.third)
    if call is None or call.handover is None:
        # Nobody waits for them any more.
        out.commands.append(calls.HangUp(given.third))
        return
    handover = call.handover
    if given.step is Step.ANSWERED and handover.step is Step.RINGING:
        handover.step = Step.ANSWERED
        out.events.append(events.HandoverAnswered(call.call_id, handover.handover_id))
    elif given.step is Step.READY and handover.from_caller:
        joined(call, handover, now, out)
    elif given.step is Step.READY and not handover.joined:
        handover.step = Step.READY
        if call.stage is Stage.HANDED_OVER:
            _join(call, handover, out)
    elif given.step is Step.JOINED:
        joined(call, handover, now, out)


def _join(call: Call, handover: Handover, out: Outcome) -> None:
    verb = model.JoinThird(handover.handover_id, handover.third)
    out.commands.append(calls.Tell(call.call_id, verb))


def joined(call: Call, handover: Handover, now: float, out: Outcome) -> None:
    """The third is in one bridge with the caller."""
    if handover.joined_at is None:
        handover.joined_at = now
        out.events.append(events.HandoverJoined(call.call_id, handover.handover_id))
    handover.step = Step.JOINED
    if call.stage is not Stage.TALKING:
        handover.alone_since = handover.alone_since or now
        return
    handover.met = True
    if handover.mode is Mode.BLIND and call.agent_channel:
        out.commands.append(calls.HangUp(call.agent_channel))


def _third_gone(core: CallCore, given: model.ThirdGone, now: float, out: Outcome) -> None:
    call = _call_of(core, given.third)
    if call is None or call.handover is None:
        _colleague_gone(core, given, now, out)
        return
    together = call.handover.joined
    end(call, _outcome(call.handover, given.cause), now, out)
    if call.stage is not Stage.HANDED_OVER:
        return
    if call.place is not None:
        # Their bridge ends with either of them, and no dialplan of ours has the citizen's leg.
        keeping.talked(core, keeping.Kept(call, call.place), now, out)
    elif not together:
        _fetch_person(call, out)


def _colleague_gone(core: CallCore, given: model.ThirdGone, now: float, out: Outcome) -> None:
    """Perhaps the leg of a colleague who had taken the talk over."""
    call = next((c for c in core.calls.values() if c.agent_channel == given.third), None)
    if call is not None and call.on_hold_since is not None:
        # The dialplan watches the leg of who answered first.
        out.commands.append(hold.bring_back(call))
    leg_gone(core, given.third, now, out)


def _outcome(handover: Handover, cause: str) -> str:
    if handover.joined:
        return _TALKED
    if handover.cancelled:
        return "cancelled"
    if not cause:
        return _UNSEEN
    if handover.step is not Step.RINGING:
        return "hung_up"
    return _CAUSES.get(cause, "unreachable")


def _fetch_person(call: Call, out: Outcome) -> None:
    """The agent is gone and the third not to be had: the caller waits for a person again."""
    requeue.before_others(call, FAILED_REASON)
    out.commands.append(calls.Tell(call.call_id, model.QueueAgain()))


def _drop(core: CallCore, given: model.AgentDropsThird, out: Outcome) -> None:
    call = core.known(given.call_id, out)
    if call is None or call.handover is None or call.agent_id != given.agent_id:
        return
    if not call.handover.has_third:
        return
    call.handover.cancelled = True
    out.commands.append(calls.HangUp(call.handover.third))
    if call.handover.mode is Mode.CONSULT and call.on_hold_since is not None:
        out.commands.append(hold.bring_back(call))


# --- who leaves ------------------------------------------------------------------------------


def leg_gone(core: CallCore, channel: str, now: float, out: Outcome, code: str = "") -> None:
    """A leg that is no caller's ended, with Q.850's ``code``: perhaps of an agent who left caller
    and third talking, or of the citizen of a kept place."""
    living = core.calls.values()
    rung_back = next((c for c in living if c.place and channel and c.channel == channel), None)
    if rung_back is not None:
        outlived(rung_back, calls.CallerGone(rung_back.call_id, "", channel=channel), now, out)
        return
    call = next((c for c in living if c.agent_channel == channel), None)
    if call is None or not channel or call.stage is not Stage.TALKING:
        return
    if call.orphan is not None and call.place is None:
        # The recording ended with the caller.
        call.held_s += now - call.orphaned_at
        core.bury(call, call.orphan, now, out)
    elif call.handover is None or not call.handover.joined or call.orphan is not None:
        return
    elif code in CUT_OFF and call.on_hold_since is not None:
        part(call, now, out)
    elif not colleague_stays(core, call, now, out):
        agent_left(core, call, now, out)


def part(call: Call, now: float, out: Outcome) -> None:
    """The agent was cut off while the caller hears music: whoever they ask is told, and goes. The
    caller is then held for the agent as any other (:mod:`hotline.calls.holding`)."""
    handover = call.handover
    if handover is None:
        return
    rings = handover.step is Step.RINGING
    out.commands.append(calls.HangUp(handover.third) if rings else model.PartThird(handover.third))
    end(call, PARTED, now, out)


def colleague_stays(core: CallCore, call: Call, now: float, out: Outcome) -> bool:
    """Whether the talk is from now on the colleague's who is in it, since the agent left."""
    if not colleagues.may_take_over(core, call):
        return False
    core.end_talk(call, "handover", now, out)
    colleagues.take_over(core, call, now, out)
    end(call, "taken_over", now, out)
    return True


def agent_left(core: CallCore, call: Call, now: float, out: Outcome) -> None:
    """The caller goes on without the agent, who wraps up."""
    core.end_talk(call, "handover", now, out)
    call.stage = Stage.HANDED_OVER
    if call.handover is not None and call.handover.joined:
        call.handover.alone_since = now


def dial_returned(core: CallCore, call: Call, cut_off: bool, now: float, out: Outcome) -> bool:
    """The caller is alone: everybody else left the talk. False: no handover is concerned.

    ``cut_off``: the agent's phone was lost; they are waited for unless a third was there.
    """
    handover = call.handover
    if call.stage is Stage.TALKING and handover is not None:
        if not handover.has_third:
            core.end_talk(call, "handover", now, out)
            _sent_on(core, call, handover, now, out)
            return True
        if cut_off and handover.mode is Mode.CONSULT and not handover.joined:
            part(call, now, out)
        if cut_off and not handover.joined:
            call.left_on_hold = False
            return False
        agent_left(core, call, now, out)
        # A third who has left, too, ends the joining at once.
        if handover.step in (Step.READY, Step.JOINED):
            _join(call, handover, out)
        return True
    if call.stage is Stage.TALKING and hold.was_left(call) and not cut_off:
        core.end_talk(call, "agent", now, out)
        requeue.before_others(call, LEFT_REASON)
        out.commands.append(calls.Tell(call.call_id, model.QueueAgain(failed=False)))
        return True
    if call.stage is not Stage.HANDED_OVER:
        # Whose agent comes back is not left any more.
        call.left_on_hold = False
        return False
    if handover is not None:
        _join(call, handover, out)
    else:
        _rate(call, out)
    return True


def _sent_on(core: CallCore, call: Call, handover: Handover, now: float, out: Outcome) -> None:
    if handover.mode is Mode.PARK:
        end(call, PARKED, now, out)
        parking.arrive(core, call, handover, now, out)
        return
    requeue.arrive(core, call, handover, now)
    end(call, requeue.QUEUED, now, out)
    out.commands.append(calls.Tell(call.call_id, model.QueueAgain(failed=False)))


def _rate(call: Call, out: Outcome) -> None:
    call.stage = Stage.RATING
    out.commands.append(calls.Tell(call.call_id, calls.GoOn("talked")))


def _join_over(core: CallCore, given: model.JoinReturned, now: float, out: Outcome) -> None:
    call = core.known(given.call_id, out)
    if call is None or call.stage is not Stage.HANDED_OVER:
        return
    missed = given.status != "SUCCESS" and (call.handover is None or not call.handover.met)
    # Whatever we believed of the third: the caller is back.
    end(call, "hung_up" if missed else _TALKED, now, out)
    if missed:
        _fetch_person(call, out)
    else:
        _rate(call, out)


def _transfer_over(core: CallCore, given: model.TransferReturned, now: float, out: Outcome) -> None:
    call = core.known(given.call_id, out)
    if call is None or call.stage is not Stage.HANDED_OVER:
        return
    talked = given.status == "ANSWER"
    if talked and call.handover is not None and not call.handover.joined:
        # The dialplan's word can overtake AMI's.
        joined(call, call.handover, now, out)
    overflow = call.handover is not None and call.handover.mode is Mode.OVERFLOW
    end(call, _TALKED if talked else _STATUSES.get(given.status, "unreachable"), now, out)
    call.stage = Stage.ARRIVING
    if overflow and talked:
        leaving.forget(call)
    elif overflow:
        # In the queue that sent them there, where all its time begins anew.
        call.entered_at = now
        _fetch_person(call, out)
        return
    exit_name = ("overflow" if overflow else "done") if talked else "failed"
    out.commands.append(calls.Tell(call.call_id, calls.GoOn(exit_name)))


def outlived(call: Call, given: calls.CallerGone, now: float, out: Outcome) -> bool:
    """Whether agent and third talk on after the caller hung up: the third may still need what
    the agent knows, and the call ends when the agent leaves."""
    handover = call.handover
    if handover is None or not handover.joined or not given.seen:
        return False
    if call.stage is not Stage.TALKING or not call.agent_channel:
        return False
    if call.orphan is None:
        hold.forget(call, now)
        call.orphan, call.orphaned_at = given, now
        out.events.append(events.CallerLeft(call.call_id))
    return True


# --- ends ------------------------------------------------------------------------------------


def end(call: Call, outcome: str, now: float, out: Outcome) -> None:
    """A handover is over; nothing for a call that has none."""
    handover, call.handover = call.handover, None
    if handover is None:
        return
    talked = now - handover.joined_at if handover.joined_at is not None else 0.0
    if handover.alone_since is not None:
        # With the agent in the talk it is the talk's time already.
        call.talked_s += now - handover.alone_since
    out.events.append(
        events.HandoverEnded(call.call_id, handover.handover_id, outcome, max(0.0, talked))
    )


def end_with_call(call: Call, now: float, out: Outcome) -> None:
    """The call ends, and with it the handover."""
    handover = call.handover
    if handover is None:
        return
    if not handover.from_caller and handover.has_third:
        out.commands.append(calls.HangUp(handover.third))
    end(call, _TALKED if handover.joined else "caller_gone", now, out)


def next_deadline(core: CallCore) -> float | None:
    """When :func:`tick` is due next."""
    return min((_due(h) for _, h in _ringing(core)), default=None)


def tick(core: CallCore, now: float, out: Outcome) -> None:
    """Give up thirds of whom nothing was heard."""
    for _, handover in list(_ringing(core)):
        if _due(handover) <= now:
            out.commands.append(calls.HangUp(handover.third))
            _third_gone(core, model.ThirdGone(handover.third, "18"), now, out)


def _ringing(core: CallCore) -> list[tuple[Call, Handover]]:
    return [
        (call, call.handover)
        for call in core.calls.values()
        if call.handover is not None
        and call.handover.step is Step.RINGING
        and not call.handover.from_caller
        and call.handover.has_third
    ]


def _due(handover: Handover) -> float:
    return handover.started_at + handover.ring_s + GRACE_S


def _call_of(core: CallCore, third: str) -> Call | None:
    living = (call for call in core.calls.values() if call.handover is not None)
    return next((c for c in living if c.handover and c.handover.third == third), None)
