"""Who may be asked for which call, and the offers that are due now.

An agent *matches* a call who serves its queue, has the skills it requires, and is admitted: by
the ring that is asked now, or, while the call is kept for its first agent, by being that agent
(:class:`hotline.acd.call.Admits`).

**Refusal memory.** An agent who refused or missed a call is not asked for it again while
another can take it: another agent who matches, has not refused it, and can take calls now or
soon without deciding to (:meth:`hotline.acd.agents.Roster.prospects`). When there is no such
agent, they may be asked again once the queue's ``ring_s`` has passed since they refused.

**Only what changed is looked at.** After each decision no ready agent may be asked for a waiting
call; so at the next one such a pair has an agent or a call that changed, or a refusal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heappush

from hotline.acd.agents import Agent, Roster
from hotline.acd.book import RuleBook
from hotline.acd.call import Call
from hotline.acd.ordered import Rank
from hotline.acd.queues import Lines
from hotline.acd.strategies import WAYS

Candidate = tuple[Rank, str, str]
"""A call's rank and id, and the changed agent who would take it (empty: any)."""


class Matching:
    """Finds pairs of calls and agents."""

    def __init__(self, rules: RuleBook, lines: Lines, roster: Roster) -> None:
        self._rules = rules
        self._lines = lines
        self._roster = roster

    def pairs(self, now: float) -> Iterable[tuple[Call, Agent]]:
        """The offers due now, the best call first, each with its best agent.

        Each pair must have left the indexes (been offered) before the next is drawn.
        """
        self._end_reservations(now)
        heap = [*self._for_agents(self._roster.take_changed()), *self._for_calls()]
        return self._drawn(heap, now) if heap else ()

    def _drawn(self, heap: list[Candidate], now: float) -> Iterator[tuple[Call, Agent]]:
        heapify(heap)
        while heap:
            _, call_id, agent_id = heappop(heap)
            call = self._lines.get(call_id)
            if call and call.stage == "waiting":
                agent = self._best(call, now)
                if agent:
                    yield call, agent
            if (agent := self._roster.get(agent_id)) and agent.state == "ready":
                for candidate in self._for_agents((agent,)):
                    heappush(heap, candidate)

    def next_asking(self) -> float | None:
        """When the first agent who refused a waiting call may be asked for it again.

        None when no ready agent will, unless something else happens first.
        """
        if not self._lines.with_refusals():
            return None
        instants = [
            again
            for queue in self._lines.with_refusals()
            if len(self._roster.ready(queue))
            for call in self._lines.refused(queue)
            if not self.another_can(call)
            for agent_id, again in call.ask_again.items()
            if agent_id in self._roster.ready(queue) and self.admits(call, agent_id)
        ]
        return min(instants, default=None)

    def admits(self, call: Call, agent_id: str) -> bool:
        """Whether the agent, who serves the call's queue, matches it otherwise too."""
        agent = self._roster.get(agent_id)
        return agent is not None and call.admits.agent(agent, call.queue)

    def may_be_asked(self, call: Call, agent_id: str, now: float) -> bool:
        """Whether no refusal stands between the two."""
        again = call.ask_again.get(agent_id)
        return again is None or (again <= now and not self.another_can(call))

    def another_can(self, call: Call) -> bool:
        """Whether someone who has not refused the call can take it now or soon."""
        return any(
            agent_id not in call.ask_again and self.admits(call, agent_id)
            for agent_id in self._roster.prospects(call.queue)
        )

    def _end_reservations(self, now: float) -> None:
        for call in self._lines.reserved():
            soon = call.first_agent in self._roster.prospects(call.queue)
            if not (soon and self.admits(call, call.first_agent)):
                self._lines.release(call, now)

    def _for_agents(self, agents: Iterable[Agent]) -> list[Candidate]:
        return [
            (*found, agent.agent_id)
            for agent in agents
            if agent.state == "ready" and (found := self._next_call(agent))
        ]

    def _for_calls(self) -> list[Candidate]:
        calls = self._lines.take_moved()
        for queue in self._lines.with_refusals():
            calls += self._lines.refused(queue)
        return [
            (call.rank, call.call_id, "") for call in calls if len(self._roster.ready(call.queue))
        ]

    def _next_call(self, agent: Agent) -> tuple[Rank, str] | None:
        best: tuple[Rank, str] | None = None
        for queue in agent.queues:
            for call in self._lines.heads(queue):
                row = call.rank, call.call_id
                if best is not None and row >= best:
                    break
                if call.admits.agent(agent, queue):
                    best = row
                    break
        return best

    def _best(self, call: Call, now: float) -> Agent | None:
        queue = call.queue
        ready = self._roster.ready(queue)
        if not len(ready):
            return None
        way = WAYS[self._rules.of(queue).strategy]
        may = (agent for agent in map(self._roster.get, ready) if self._may(call, agent, now))
        first = call.first_agent
        if way.lasting and not call.prefers:
            agent = next(may, None)
            if first and agent and first in ready and first != agent.agent_id:
                own = self._roster.get(first)
                return own if self._may(call, own, now) else agent
            return agent
        needs = call.requires + call.prefers
        return min(
            (agent for agent in may if agent),
            key=lambda agent: (
                agent.agent_id != first,
                sum(not agent.meets((need,)) for need in call.prefers),
                -agent.weight(queue),
                way.rank(agent, needs, now),
                agent.agent_id,
            ),
            default=None,
        )

    def _may(self, call: Call, agent: Agent | None, now: float) -> bool:
        return (
            agent is not None
            and call.admits.agent(agent, call.queue)
            and (not call.ask_again or self.may_be_asked(call, agent.agent_id, now))
        )
