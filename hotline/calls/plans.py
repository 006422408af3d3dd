"""A routing plan comes into force among living calls and agents on duty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline.acd import model as acd
from hotline.calls.model import Outcome
from hotline.routing.rules import PlanInForce, Routing

if TYPE_CHECKING:
    from hotline.calls.core import CallCore


def take(core: CallCore, given: PlanInForce, now: float, out: Outcome) -> None:
    """Share calls by another plan from now on: one decision, so that nobody is offered a call by
    half of it. Talks, offers and places stay as they are.

    Who asked to sign off keeps that wish; they will be asked for nothing any more.
    """
    core.routing = given.routing
    told: list[acd.Input] = [acd.UseRules(given.routing.rules())]
    for row in core.engine.agents():
        now_serves = sign_on(given.routing, row.agent_id)
        serves = acd.AgentSignsOn(row.agent_id, row.queues, row.weights, row.skills)
        if row.next_state != "offline" and serves != now_serves:
            told.append(now_serves)
    core.ask_together(told, now, out)


def sign_on(routing: Routing, agent_id: str) -> acd.AgentSignsOn:
    """What the engine is told of an agent who signs on, or whose plan changed."""
    served = routing.served_by(agent_id)
    return acd.AgentSignsOn(agent_id, served.queues, served.weights, served.skills)
