"""Parked callers: an agent leaves, the caller hears music in a numbered place, and any agent takes
them from there.

A way out of a talk as to a queue (:mod:`hotline.handover.requeue`), without a queue: the routing
engine hears of the caller again when somebody's phone is rung for them. Whoever nobody takes in
time is rung back to the agent who parked them, if that one is free, and waits before all others if
not. Without a controller the dialplan looks for a person.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hotline import events
from hotline.acd import model as acd
from hotline.acd.views import AgentRow
from hotline.calls import model as calls
from hotline.calls import returning
from hotline.calls.model import Call, Outcome, Stage
from hotline.handover import colleagues, model, requeue
from hotline.handover.model import Handover, Parked

if TYPE_CHECKING:
    from hotline.calls.core import CallCore

REASON = "parked"


def free_place(core: CallCore) -> int | None:
    """The first place that nobody is in or on the way to; None when all are taken."""
    taken = {call.parked.place for call in core.calls.values() if call.parked}
    taken |= {
        int(call.handover.target)
        for call in core.calls.values()
        if call.handover is not None and call.handover.mode is model.Mode.PARK
    }
    places = range(1, core.rules.park_places + 1)
    return next((place for place in places if place not in taken), None)


def in_place(core: CallCore, place: int) -> Call | None:
    """The caller who is parked there."""
    parked = (call for call in core.calls.values() if call.parked is not None)
    return next((call for call in parked if call.parked and call.parked.place == place), None)


def may_take(core: CallCore, call: Call, agent_id: str) -> bool:
    """Whether this agent's phone can be rung for a parked caller now."""
    return call.stage is Stage.PARKED and _row(core, agent_id, ("ready", "paused")) is not None


def arrive(core: CallCore, call: Call, handover: Handover, now: float, out: Outcome) -> None:
    """The agent has left, and the caller is in their place."""
    call.stage = Stage.PARKED
    until = now + core.rules.park_s
    call.parked = Parked(int(handover.target), call.agent_id, now, until)
    out.events.append(
        events.CallParked(call.call_id, call.parked.place, call.agent_id, until, handover.note)
    )


def settle(core: CallCore, call: Call, now: float, out: Outcome) -> None:
    """The caller is back from the dialplan's own path after a restart."""
    call.stage = Stage.PARKED
    call.agent_id = call.agent_id or (call.parked.by if call.parked else "")
    returning.seen(core, call.call_id, now, out)


def take(core: CallCore, given: model.AgentTakesParked, now: float, out: Outcome) -> None:
    """An agent wants a parked caller."""
    call = core.known(given.call_id, out)
    if call is None or not may_take(core, call, given.agent_id):
        out.ignored.append(f"{given.agent_id} takes {given.call_id}, but cannot now")
        return
    _ring(core, call, given.agent_id, now, out)


def _ring(core: CallCore, call: Call, agent_id: str, now: float, out: Outcome) -> bool:
    call.offers += 1
    call.offer_id, call.agent_id = f"{call.call_id}/{call.offers}", agent_id
    call.offered_at, call.stage = now, Stage.OFFERED
    call.ringing, call.refused, call.unwanted = set(), False, False
    call.rung_by_dialplan = False
    offered = events.CallOffered(call.call_id, agent_id, call.offer_id, by="parked")
    told = Outcome(events=[offered])
    # The service level has them already.
    core.ask(replace(returning.offer(core, call, now), counted=True), now, told)
    if not any(row.call_id == call.call_id for row in core.engine.agents()):
        call.stage = Stage.PARKED
        return False
    out.merge(told)
    interfaces = core.people.interfaces(agent_id)
    ring_s = core.routing.ring_s(call.queue)
    verb = calls.DialAgent(call.offer_id, interfaces, ring_s, call.recording)
    out.commands.append(calls.Tell(call.call_id, verb))
    return True


def not_taken(core: CallCore, call: Call, outcome: acd.Failure, now: float, out: Outcome) -> None:
    """The phone that was rung for a parked caller was not answered: they are where they were."""
    over = acd.OfferFailed(call.offer_id, outcome)
    core.ask_together((over, acd.CallStopsWaiting(call.call_id)), now, out)
    if call.parked is None:
        return
    call.stage, call.agent_id = Stage.PARKED, call.parked.by
    tick(core, now, out)


def taken(call: Call, out: Outcome) -> None:
    """Somebody talks with the caller."""
    _leave(call, "taken", call.agent_id, out)


def gone(call: Call, out: Outcome) -> None:
    """The caller hung up."""
    _leave(call, "caller_gone", "", out)


def _leave(call: Call, outcome: str, agent_id: str, out: Outcome) -> None:
    parked, call.parked = call.parked, None
    if parked is not None:
        out.events.append(events.CallUnparked(call.call_id, parked.place, outcome, agent_id))


def next_deadline(core: CallCore) -> float | None:
    """When :func:`tick` is due next."""
    return min((due for _, due in _due(core)), default=None)


def tick(core: CallCore, now: float, out: Outcome) -> None:
    """Ring back, or let wait before all others, whom nobody took in time."""
    for call, due in _due(core):
        if due > now or call.parked is None:
            continue
        parked = call.parked
        if not parked.rung_back and _row(core, parked.by, ("ready", "paused", "wrap_up")):
            parked.rung_back = True
            if _ring(core, call, parked.by, now, out):
                continue
        _leave(call, "queued", "", out)
        requeue.before_others(call, REASON)
        out.commands.append(calls.Tell(call.call_id, model.QueueAgain(failed=False)))


def _due(core: CallCore) -> list[tuple[Call, float]]:
    return [
        (call, call.parked.until)
        for call in core.calls.values()
        if call.parked is not None and call.stage is Stage.PARKED
    ]


def _row(core: CallCore, agent_id: str, states: tuple[str, ...]) -> AgentRow | None:
    if not core.people.can_be_rung(agent_id) or colleagues.asked(core, agent_id) is not None:
        return None
    rows = (row for row in core.engine.agents() if row.agent_id == agent_id)
    return next((row for row in rows if row.state in states), None)


def restore(call: Call, happened: events.CallParked | events.CallUnparked, at: float) -> None:
    """Know again what the journal tells of a caller's place."""
    if isinstance(happened, events.CallUnparked):
        call.parked = None
    else:
        call.parked = Parked(happened.place, happened.agent_id, at, happened.until)
