"""Colleagues who are asked into a talk: agents by their screen, others by their telephone only.

An agent who is asked takes no call meanwhile, and who stays with the caller when the one who asked
leaves has the talk from then on, wrap-up included. A supervisor, or an agent who is not on duty,
talks on as another service does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline import events
from hotline.acd import model as acd
from hotline.acd.views import AgentRow
from hotline.calls.model import Call, CallerGone, Outcome
from hotline.calls.people import Person
from hotline.handover.model import GoesOn, Handover, extension_of, is_third
from hotline.telephony.snapshot import ChannelInfo

if TYPE_CHECKING:
    from hotline.calls.core import CallCore

# Why somebody who is asked takes no call.
PAUSE = "consult"
_FREE = frozenset({"ready", "paused"})


def of(core: CallCore, handover: Handover | None) -> Person | None:
    """The agent who is asked; None for services, queues and people who take no calls."""
    if handover is None or not handover.extension:
        return None
    return core.people.of_endpoint(handover.extension)


def asked(core: CallCore, agent_id: str) -> Call | None:
    """The call into which this agent is asked, ringing or talking."""
    calls = (call for call in core.calls.values() if call.handover is not None)
    return next((c for c in calls if (p := of(core, c.handover)) and p.agent_id == agent_id), None)


def can_be_asked(core: CallCore, target: str) -> bool:
    """Whether the colleague behind this target is no agent in a talk, nor asked already."""
    extension = extension_of(target)
    person = core.people.of_endpoint(extension) if extension else None
    if person is None:
        return True
    row = _row(core, person.agent_id)
    return (row is None or row.state in _FREE) and asked(core, person.agent_id) is None


def ask(core: CallCore, call: Call, handover: Handover, now: float, out: Outcome) -> None:
    """An agent's telephone is about to ring: no call is to ring there, too."""
    person = of(core, handover)
    if person is None:
        return
    out.events.append(events.HandoverOffered(call.call_id, handover.handover_id, person.agent_id))
    row = _row(core, person.agent_id)
    if row is not None and row.state == "ready":
        core.consulted.add(person.agent_id)
        core.ask(acd.AgentPauses(person.agent_id, PAUSE), now, out)


def release(core: CallCore, now: float, out: Outcome) -> None:
    """Those whom nobody asks any more take calls again."""
    for agent_id in [one for one in core.consulted if asked(core, one) is None]:
        core.consulted.discard(agent_id)
        row = _row(core, agent_id)
        if row is not None and (row.state, row.reason) == ("paused", PAUSE):
            core.ask(acd.AgentReady(agent_id), now, out)


def restore(core: CallCore) -> None:
    """Know again whom the last controller let take no calls."""
    states = core.states.values()
    paused = (one for one in states if (one.state, one.reason) == ("paused", PAUSE))
    core.consulted = {one.agent_id for one in paused}


def may_take_over(core: CallCore, call: Call) -> bool:
    """Whether the colleague who is in the talk has it when the agent leaves."""
    handover, person = call.handover, of(core, call.handover)
    if handover is None or person is None or call.orphan is not None or call.place is not None:
        return False
    row = _row(core, person.agent_id)
    return handover.joined and row is not None and row.state in _FREE


def take_over(core: CallCore, call: Call, now: float, out: Outcome) -> None:
    """The colleague's talk begins; the agent's is over (:meth:`CallCore.end_talk` was called),
    and so is the handover."""
    handover, person = call.handover, of(core, call.handover)
    if handover is None or person is None:
        return
    before, call.agent_id, call.agent_channel = call.agent_id, person.agent_id, handover.third
    call.answered_at, call.agent_cause = now, ""
    out.commands.append(GoesOn(call.channel))
    out.events.append(events.TalkTakenOver(call.call_id, person.agent_id, before))
    given: list[acd.Input] = []
    if person.agent_id in core.consulted:
        # Else they would be back in this pause after the wrap-up.
        core.consulted.discard(person.agent_id)
        given.append(acd.AgentReady(person.agent_id))
    talk = acd.RestoreTalk(call.call_id, person.agent_id, now, core.routing.queue(call.queue))
    core.ask_together((*given, talk), now, out)


def phone_gone(core: CallCore, given: CallerGone) -> None:
    """A phone was hung up: perhaps that of a colleague who has a talk, whose own leg in it is a
    local channel, which does not tell how."""
    person = core.people.of_channel(given.channel)
    for call in core.calls.values():
        if person and call.agent_id == person.agent_id and is_third(call.agent_channel):
            call.agent_cause = given.code


def goes_on(call: Call, partner: ChannelInfo | None) -> bool:
    """Whether a snapshot shows a caller with the colleague who took the talk over before."""
    if partner is None or call.handover is not None or not call.agent_id:
        return False
    call.agent_channel = partner.uniqueid
    return True


def _row(core: CallCore, agent_id: str) -> AgentRow | None:
    return next((row for row in core.engine.agents() if row.agent_id == agent_id), None)
