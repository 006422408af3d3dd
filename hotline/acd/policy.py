"""Which call is next, and which agent is asked: small functions that can be exchanged.

A policy gives ranks that do not change while a call waits or an agent stays ready, so that the
engine keeps them sorted instead of comparing everyone at each decision.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hotline.acd.agents import Agent
from hotline.acd.model import QueueRules
from hotline.acd.ordered import Rank
from hotline.acd.queues import Call


def call_order(call: Call, rules: QueueRules) -> Rank:
    """Priority, then waiting time, with aging; one order over all queues.

    A step of priority is worth ``aging_s`` of waiting: a call ranks as if it had come
    ``priority * aging_s`` earlier. Since all calls age alike, the order of two never changes.

    **The bound on overtaking.** A call ``d`` that came after a call ``c`` passes it only if
    ``d.since - c.since <= d.priority * d.aging_s - c.priority * c.aging_s``. So ``c`` can be
    passed only by calls that come within ``W = 9 * A - c.priority * c.aging_s`` seconds after
    it, with 9 the top priority and ``A`` the longest ``aging_s`` of any queue: with one queue and
    the default 60 s, within 9 minutes of an ordinary call and 12 of one at the bottom, and never
    by a call that is not more urgent. From then on ``c`` moves only forward.

    The bound speaks of calls that the same agent may take; refusals (see
    :mod:`hotline.acd.matching`) come before it.
    """
    return (call.since - call.priority * rules.aging_s,)


def longest_idle(agent: Agent) -> Rank:
    """The agent who has been ready longest since their last talk.

    A pause stops this clock and does not reset it, so a pause neither gains nor costs a place.
    A talk resets it; so does a missed offer, for else an absent agent would be first in line
    for every caller. After a restart it starts anew.
    """
    return (agent.since - agent.idled,)


@dataclass(frozen=True, slots=True)
class Policy:
    """The two choices of a decision."""

    call_order: Callable[[Call, QueueRules], Rank] = call_order
    agent_order: Callable[[Agent], Rank] = longest_idle
