"""A caller whom their agent lets hear music: on hold, or while somebody else is consulted.

The caller's leg stays in the talk's bridge and is set aside there by the dialplan
(``hotline-held``; of a kept place, whose citizen we rang, ``hotline-aside``), so who is in the
bridge otherwise goes on without them: an agent alone, an agent and a colleague. What AMI tells of
the music is the truth about it; what an agent asked for is not.
(:mod:`hotline.calls.holding` is about agents who were cut off: there the talk has no other side.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline import events
from hotline.calls.model import Call, Outcome, Stage
from hotline.handover import model
from hotline.handover.model import Mode

if TYPE_CHECKING:
    from hotline.calls.core import CallCore


def may_hold(call: Call, agent_id: str) -> bool:
    """Whether this agent can let the caller hear music now."""
    both = call.agent_channel != "" and call.channel != ""
    talks = call.stage is Stage.TALKING and call.agent_id == agent_id and both
    free = call.held_until is None and call.orphan is None and call.on_hold_since is None
    return talks and free


def hold(core: CallCore, given: model.AgentHolds, out: Outcome) -> None:
    """An agent wants it."""
    call = core.known(given.call_id, out)
    if call is None or not may_hold(call, given.agent_id):
        out.ignored.append(f"{given.agent_id} holds {given.call_id}, but cannot now")
        return
    out.commands.append(set_aside(call))


def set_aside(call: Call) -> model.HoldCaller:
    """What lets the caller hear music."""
    if call.place is not None:
        return model.HoldCaller(call.place.channel_id, we_rang=True)
    return model.HoldCaller(call.channel)


def bring_back(call: Call) -> model.TakeBack:
    """What ends the caller's music."""
    if call.place is not None:
        return model.TakeBack(call.place.channel_id, we_rang=True)
    return model.TakeBack(call.channel)


def take_back(core: CallCore, given: model.AgentTakesBack, out: Outcome) -> None:
    """An agent wants the caller back; with somebody consulted there, all three talk."""
    call = core.known(given.call_id, out)
    if call is None or call.on_hold_since is None or call.agent_id != given.agent_id:
        out.ignored.append(f"{given.agent_id} takes {given.call_id} back, which is not held")
        return
    out.commands.append(bring_back(call))


def stepped(core: CallCore, given: model.HoldStepped, now: float, out: Outcome) -> None:
    """The music began or ended."""
    call = core.known(given.call_id, out)
    if call is None:
        return
    if not given.held:
        ended(call, given.left, now, out)
    elif call.stage is Stage.TALKING:
        began(call, now, out)
    else:
        # The agent left in the same moment.
        out.commands.append(bring_back(call))


def began(call: Call, now: float, out: Outcome) -> None:
    """The caller hears music."""
    if call.on_hold_since is not None:
        return
    call.on_hold_since = now
    why = "consult" if call.handover and call.handover.mode is Mode.CONSULT else "agent"
    out.events.append(events.TalkHeld(call.call_id, call.agent_id, why))


def ended(call: Call, left: bool, now: float, out: Outcome) -> None:
    """They do no more; ``left``: because the agent's leg is gone."""
    if call.on_hold_since is None:
        return
    forget(call, now)
    handover = call.handover
    call.left_on_hold = left and handover is None
    # Whoever was consulted goes on with the caller.
    why = "left" if left and not (handover and handover.joined) else "back"
    out.events.append(events.TalkResumed(call.call_id, call.agent_id, why))


def forget(call: Call, now: float) -> None:
    """The talk, or its music, is over. What was music need not be in the recording."""
    if call.on_hold_since is not None:
        call.held_s += now - call.on_hold_since
    call.on_hold_since, call.left_on_hold = None, False


def was_left(call: Call) -> bool:
    """Whether the agent hung up while the caller heard music, alone."""
    return call.left_on_hold or call.on_hold_since is not None


def adopt(call: Call, held: bool, now: float, out: Outcome) -> None:
    """Believe what a snapshot shows of a caller who talks."""
    if call.stage is not Stage.TALKING or held == (call.on_hold_since is not None):
        return
    if held:
        began(call, now, out)
    else:
        ended(call, False, now, out)
