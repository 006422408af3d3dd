"""A caller whose agent was cut off: an agent's page reloaded, or its browser died.

The talk goes on for caller, agent and engine; the caller hears music, and the same agent's phone is
rung as soon as it is there again. When that agent does not come back in time, the caller waits
for a person again, before all who only wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline import events
from hotline.calls import model
from hotline.calls.model import Call, Outcome
from hotline.handover import requeue
from hotline.handover.model import QueueAgain

if TYPE_CHECKING:
    from hotline.calls.core import CallCore

# Q.850: 41, temporary failure (our page says so when it is left); 44, no media came any more.
CUT_OFF = frozenset({"41", "44"})
# With this a leg is ended that is to be rung again elsewhere.
MOVED = "41"
HOLD_S = 20.0
# Whoever is there answers by itself; a phone whose network was cut may be rung in vain, and is
# there again a moment later.
RING_S = 5.0
# Why a caller waits once more.
REASON = "cut_off"
# A page that is left stays registered for a moment; ringing it would be in vain.
SETTLE_S = 1.0


def hold(core: CallCore, call: Call, now: float, out: Outcome) -> None:
    """Begin to hold the caller for their agent."""
    call.agent_channel = ""
    call.held_until = now + HOLD_S
    call.held_since = now
    try_later(call, now)
    out.events.append(events.TalkHeld(call.call_id, call.agent_id))


def try_later(call: Call, now: float) -> None:
    """The phone does not ring (any more); ring it again in a moment."""
    call.redial_at = now + SETTLE_S


def _redial(core: CallCore, call: Call, out: Outcome) -> None:
    if call.redial_at is None or not core.people.can_be_rung(call.agent_id):
        return
    call.redial_at = None
    interfaces = core.people.interfaces(call.agent_id)
    verb = model.DialAgent(call.offer_id, interfaces, RING_S, call.recording)
    out.commands.append(model.Tell(call.call_id, verb))


def release(call: Call, now: float) -> None:
    """The holding is over, whatever comes next."""
    if call.held_since is not None:
        call.held_s += now - call.held_since
    call.held_until = call.held_since = call.redial_at = None


def resume(call: Call, agent_channel: str, now: float, out: Outcome) -> None:
    """The agent is back."""
    call.agent_channel = agent_channel
    release(call, now)
    out.events.append(events.TalkResumed(call.call_id, call.agent_id))


def phones_changed(core: CallCore, out: Outcome) -> None:
    """Ring the agents who are there again."""
    for call in core.calls.values():
        if call.held_until is not None:
            _redial(core, call, out)


def tick(core: CallCore, now: float, out: Outcome) -> None:
    """Ring those again whose time has come, and give up those who did not come back."""
    for call in list(core.calls.values()):
        if call.held_until is None or call.redial_at is None:
            continue
        if call.held_until <= now:
            give_up(core, call, now, out)
        elif call.redial_at <= now:
            _redial(core, call, out)


def give_up(core: CallCore, call: Call, now: float, out: Outcome) -> None:
    """The agent did not come back in time: let the caller wait for whoever is free first."""
    core.end_talk(call, "handover", now, out)
    requeue.before_others(call, REASON)
    out.commands.append(model.Tell(call.call_id, QueueAgain(failed=False)))


def next_deadline(core: CallCore) -> float | None:
    """When :func:`tick` is due next."""
    due: list[float] = []
    for call in core.calls.values():
        if call.held_until is not None and call.redial_at is not None:
            can = core.people.can_be_rung(call.agent_id)
            due.append(min(call.held_until, call.redial_at) if can else call.held_until)
    return min(due, default=None)
