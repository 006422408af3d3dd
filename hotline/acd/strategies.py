"""Who of the free agents is asked: one small function for each strategy.

A strategy ranks agents; the lowest rank is asked first, and equal ranks go by the agent's name,
so that nothing is left to chance. Before the strategy come, in this order: the call's first
agent, who meets more of what the call prefers, and the agent's weight in the queue. The widening
rings are a rule of their own (:func:`hotline.acd.call.ring_at`) and go with any strategy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hotline.acd.agents import Agent
from hotline.acd.ordered import Rank
from hotline.acd.rules import Need, Strategy

Needs = tuple[Need, ...]


def longest_idle(agent: Agent, needs: Needs, now: float) -> Rank:
    """The agent who has been ready longest since their last talk.

    A pause stops this clock and does not reset it, so a pause neither gains nor costs a place.
    A talk resets it; so does a missed offer, for else an absent agent would be first in line
    for every caller.
    """
    return (agent.since - agent.idled,)


def least_occupied(agent: Agent, needs: Needs, now: float) -> Rank:
    """The agent who was busy for the smallest share of the time since they signed on.

    Busy is: offered, talking, wrap-up, on a task. A pause counts as time not busy. Of equal
    shares the longest idle.
    """
    return (agent.occupancy(now), agent.since - agent.idled)


def round_robin(agent: Agent, needs: Needs, now: float) -> Rank:
    """The agent whose last offer, from whatever queue, is the furthest back.

    Who signs on joins at the end.
    """
    return (float(agent.turn),)


def best_skill(agent: Agent, needs: Needs, now: float) -> Rank:
    """The agent with the highest sum of levels in the skills that the call asks for.

    Of equal sums the longest idle, so that a call that asks for nothing goes by idle time.
    """
    levels = sum(agent.skills.get(need.skill, 0) for need in needs)
    return (-float(levels), agent.since - agent.idled)


@dataclass(frozen=True, slots=True)
class Way:
    """A strategy's rank; ``lasting`` when it stays the same while the agent is ready, for any
    call, so that the ready agents can be kept sorted."""

    rank: Callable[[Agent, Needs, float], Rank]
    lasting: bool


WAYS: Mapping[Strategy, Way] = {
    "longest_idle": Way(longest_idle, lasting=True),
    "least_occupied": Way(least_occupied, lasting=False),
    "round_robin": Way(round_robin, lasting=True),
    "best_skill": Way(best_skill, lasting=False),
}
"""Every strategy by its name in the rules."""
