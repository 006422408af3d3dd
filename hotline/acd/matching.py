"""Who may be asked for which call, and the offers that are due now.

**Refusal memory.** An agent who refused or missed a call is not asked for it again while
another can take it: another agent of its queue who has not refused it and can take calls now
or soon without deciding to (:meth:`hotline.acd.agents.Roster.prospects`). When there is no
such agent, they may be asked again once the queue's ``ring_s`` has passed since they refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heappush

from hotline.acd.agents import Agent, Roster
from hotline.acd.ordered import Rank
from hotline.acd.queues import Call, Lines


def pairs(
    queues: Iterable[str], lines: Lines, roster: Roster, now: float
) -> Iterator[tuple[Call, Agent]]:
    """The offers due now, the best call first, each with its best agent.

    Each pair must have left the indexes (been offered) before the next is drawn. Walks the
    queues that have both waiting calls and ready agents as one line, and passes over a call
    only when all its ready agents refused it.
    """
    heads: list[tuple[Rank, str, str, int]] = []
    for queue in queues:
        if len(roster.ready(queue)) and (row := lines.waiting(queue).row(0)):
            heads.append((*row, queue, 0))
    heapify(heads)
    while heads:
        _, call_id, queue, index = heappop(heads)
        if not len(roster.ready(queue)):
            continue
        call = lines.get(call_id)
        agent = _best(call, roster, now) if call else None
        if call and agent:
            yield call, agent
        else:
            index += 1
        if row := lines.waiting(queue).row(index):
            heappush(heads, (*row, queue, index))


def next_asking(queues: Iterable[str], lines: Lines, roster: Roster) -> float | None:
    """When the first agent who refused a waiting call may be asked for it again.

    None when no ready agent will, unless something else happens first.
    """
    instants = [
        again
        for queue in queues
        if len(roster.ready(queue))
        for call in lines.refused(queue)
        if not _another_can(call, roster)
        for agent_id, again in call.ask_again.items()
        if agent_id in roster.ready(queue)
    ]
    return min(instants, default=None)


def _best(call: Call, roster: Roster, now: float) -> Agent | None:
    for agent_id in roster.ready(call.queue):
        if _may_be_asked(call, agent_id, roster, now):
            return roster.get(agent_id)
    return None


def _may_be_asked(call: Call, agent_id: str, roster: Roster, now: float) -> bool:
    again = call.ask_again.get(agent_id)
    return again is None or (again <= now and not _another_can(call, roster))


def _another_can(call: Call, roster: Roster) -> bool:
    prospects = roster.prospects(call.queue)
    return len(prospects) > sum(agent_id in prospects for agent_id in call.ask_again)
