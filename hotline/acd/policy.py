"""Which call is next.

The rank of a call does not change while it waits, so that the engine keeps calls sorted instead
of comparing everyone at each decision. Who is asked for it: :mod:`hotline.acd.strategies`.
"""

from __future__ import annotations

from hotline.acd.ordered import Rank
from hotline.acd.rules import QueueRules


def call_order(since: float, priority: int, rules: QueueRules) -> Rank:
    """Priority, then waiting time, with aging; one order over all queues.

    A step of priority is worth ``aging_s`` of waiting: a call ranks as if it had come
    ``priority * aging_s`` earlier. Since all calls age alike, the order of two never changes.

    **The bound on overtaking.** A call ``d`` that came after a call ``c`` passes it only if
    ``d.since - c.since <= d.priority * d.aging_s - c.priority * c.aging_s``. So ``c`` can be
    passed only by calls that come within ``W = 9 * A - c.priority * c.aging_s`` seconds after
    it, with 9 the top priority and ``A`` the longest ``aging_s`` of any queue: with one queue and
    the default 60 s, within 9 minutes of an ordinary call and 12 of one at the bottom, and never
    by a call that is not more urgent. From then on ``c`` moves only forward.

    The bound speaks of an agent who may take both calls at that instant: serves both queues, has
    the skills both require, is admitted by both rings, is not shut out by a first agent's
    reservation, and has refused neither. What excludes an agent from ``c`` comes before it: a
    call for a rare skill waits for that skill, however many others are served meanwhile.
    """
    return (since - priority * rules.aging_s,)
