"""A caller whose agent was cut off: an agent's page reloaded, or its browser died.

The talk goes on for caller, agent and engine; the caller hears music, and the same agent's phone is
rung as soon as it is there again. Who does not come back in time has ended the talk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline import events
from hotline.calls import model
from hotline.calls.model import Call, Outcome, Stage

if TYPE_CHECKING:
    from hotline.calls.core import CallCore

# Q.850: 41, temporary failure (our page says so when it is left); 44, no media came any more.
CUT_OFF = frozenset({"41", "44"})
HOLD_S = 20.0
RING_S = 10.0


def hold(core: CallCore, call: Call, now: float, out: Outcome) -> None:
    """Begin to hold the caller for their agent."""
    call.agent_channel = ""
    call.held_until = now + HOLD_S
    call.redialling = False
    out.events.append(events.TalkHeld(call.call_id, call.agent_id))
    redial(core, call, out)


def redial(core: CallCore, call: Call, out: Outcome) -> None:
    """Ring the agent's phone, if it is there and does not ring yet."""
    if call.redialling or not core.people.can_be_rung(call.agent_id):
        return
    call.redialling = True
    interfaces = core.people.interfaces(call.agent_id)
    verb = model.DialAgent(call.offer_id, interfaces, RING_S, call.recording)
    out.commands.append(model.Tell(call.call_id, verb))


def resume(call: Call, agent_channel: str, out: Outcome) -> None:
    """The agent is back."""
    call.agent_channel = agent_channel
    call.held_until = None
    call.redialling = False
    out.events.append(events.TalkResumed(call.call_id, call.agent_id))


def phones_changed(core: CallCore, out: Outcome) -> None:
    """Ring the agents who are there again."""
    for call in core.calls.values():
        if call.held_until is not None:
            redial(core, call, out)


def expire(core: CallCore, now: float, out: Outcome) -> None:
    """Give up those who did not come back."""
    for call in list(core.calls.values()):
        if call.held_until is not None and call.held_until <= now and not call.redialling:
            call.held_until = None
            core.end_talk(call, "agent", now, out)
            call.stage = Stage.RATING
            out.commands.append(model.Tell(call.call_id, model.AskRating()))


def next_deadline(core: CallCore) -> float | None:
    """When the first of them is given up."""
    held = [c.held_until for c in core.calls.values() if c.held_until and not c.redialling]
    return min(held, default=None)
