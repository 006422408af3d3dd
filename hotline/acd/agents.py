"""The agents who are signed on: their states, and who is free for which queue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Literal

from hotline.acd.memory import AgentMemory
from hotline.acd.model import (
    PAUSE_MISSED,
    PAUSE_UNREACHABLE,
    AgentBecame,
    Command,
    Need,
    State,
)
from hotline.acd.ordered import Deadlines, Ordered, Rank
from hotline.acd.views import AgentRow

BUSY: tuple[State, ...] = ("offered", "talking", "wrap_up", "on_task")
"""States in which a request is kept for afterwards, and that count as occupied."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a busy agent asked to become after the wrap-up, instead of ready."""

    state: Literal["paused", "offline"]
    reason: str = ""
    until: float | None = None


@dataclass(slots=True)
class Agent:
    """One agent.

    ``idled`` is the time spent ready since the last talk, before ``since``; ``busied`` the time
    spent busy since ``signed_on``, before ``since``. ``turn`` numbers their last offer.
    ``wrap_limit`` is how far a wrap-up may be extended.
    """

    agent_id: str
    queues: tuple[str, ...]
    state: State
    since: float
    reason: str = ""
    until: float | None = None
    call_id: str = ""
    offer_id: str = ""
    wish: Wish | None = None
    idled: float = 0.0
    weights: Mapping[str, int] = field(default_factory=dict)
    skills: Mapping[str, int] = field(default_factory=dict)
    signed_on: float = 0.0
    busied: float = 0.0
    turn: int = 0
    wrap_limit: float | None = None

    def weight(self, queue: str) -> int:
        """Their weight in a queue they serve."""
        return self.weights.get(queue, 1)

    def meets(self, needs: Iterable[Need]) -> bool:
        """Whether they have each skill at its level."""
        skills = self.skills
        return all(skills.get(need.skill, 0) >= need.level for need in needs)

    def occupancy(self, now: float) -> float:
        """The share of the time since they signed on that they were busy before ``since``."""
        time = now - self.signed_on
        return self.busied / time if time > 0 else 0.0

    @property
    def busy(self) -> bool:
        """Whether a request must wait for a talk, an offer or a wrap-up to end."""
        return self.state in BUSY


class Roster:
    """Every signed-on agent, indexed by what decisions ask for.

    All changes of state go through :meth:`become`, which keeps the indexes, the timer and the
    idle clock right and says :class:`AgentBecame`.
    """

    def __init__(self, order: Callable[[Agent, str], Rank], say: Callable[[Command], None]) -> None:
        self._order = order
        self._say = say
        self._agents: dict[str, Agent] = {}
        self._unreachable: set[str] = set()
        self._ready: defaultdict[str, Ordered] = defaultdict(Ordered)
        self._prospects: defaultdict[str, set[str]] = defaultdict(set)
        self._members: defaultdict[str, set[str]] = defaultdict(set)
        self._changed_ids: dict[str, None] = {}
        self._turns = 0
        self.timers = Deadlines()

    def get(self, agent_id: str) -> Agent | None:
        """The agent, None when not signed on."""
        return self._agents.get(agent_id)

    def reachable(self, agent_id: str) -> bool:
        """Whether a phone of theirs can be rung, as far as reported."""
        return agent_id not in self._unreachable

    def report(self, agent_id: str, *, reachable: bool) -> bool:
        """Keep whether a phone of theirs can be rung; False when that was known."""
        if self.reachable(agent_id) == reachable:
            return False
        (self._unreachable.discard if reachable else self._unreachable.add)(agent_id)
        if agent := self._agents.get(agent_id):
            self._index(agent)
        return True

    def ready(self, queue: str) -> Ordered:
        """The ready agents of a queue, the next one first."""
        return self._ready[queue]

    def prospects(self, queue: str) -> Set[str]:
        """The agents of a queue who can take a call now or soon without deciding to.

        Signed on, reachable, and ready, offered, talking, in a wrap-up that readiness follows,
        or in a pause that the engine made and will end.
        """
        return self._prospects[queue]

    def members(self, queue: str) -> Set[str]:
        """The agents who are signed on and serve the queue, in whatever state."""
        return self._members[queue]

    def take_changed(self) -> list[Agent]:
        """The agents whose state, queues or skills changed since this was last asked."""
        if not self._changed_ids:
            return []
        changed, self._changed_ids = self._changed_ids, {}
        return [self._agents[agent_id] for agent_id in changed if agent_id in self._agents]

    def enter(self, agent: Agent, now: float, memory: AgentMemory | None = None) -> None:
        """Sign an agent on, in the state they come with: at the end of the turns, unless they are
        remembered from before a restart."""
        self._agents[agent.agent_id] = agent
        if memory is None:
            agent.signed_on = now
            self.take_turn(agent)
        else:
            agent.signed_on, agent.idled, agent.busied, agent.turn = memory
            self._turns = max(self._turns, agent.turn)
        self._changed(agent)

    def serve(
        self,
        agent: Agent,
        queues: tuple[str, ...],
        weights: Mapping[str, int],
        skills: Mapping[str, int],
    ) -> None:
        """Let the agent work for these queues instead, with these weights and skills."""
        self._unindex(agent)
        agent.queues, agent.weights, agent.skills = queues, dict(weights), dict(skills)
        self._index(agent)

    def reorder(self, queues: Container[str]) -> None:
        """The order of agents has changed, and only these queues are served."""
        for agent in self._agents.values():
            kept = tuple(queue for queue in agent.queues if queue in queues)
            self.serve(agent, kept, agent.weights, agent.skills)

    def take_turn(self, agent: Agent) -> None:
        """Put the agent at the end of the turns."""
        self._turns += 1
        agent.turn = self._turns

    def become(
        self,
        agent: Agent,
        state: State,
        now: float,
        *,
        reason: str = "",
        until: float | None = None,
        call_id: str = "",
        offer_id: str = "",
    ) -> None:
        """Change the agent's state; ``offline`` forgets them, a talk how long they idled."""
        if agent.state == "ready":
            agent.idled += max(0.0, now - agent.since)
        elif agent.busy:
            agent.busied += max(0.0, now - agent.since)
        if state == "talking":
            agent.idled = 0.0
        agent.state, agent.since, agent.reason, agent.until = state, now, reason, until
        agent.call_id, agent.offer_id = call_id, offer_id
        self._changed(agent)

    def pause_unreachable(self, agent: Agent, now: float, until: float | None) -> None:
        """Pause an agent whose phone cannot be rung; ``until`` holds only while it is not known
        to be gone, for then its return is what ends the pause."""
        until = until if self.reachable(agent.agent_id) else None
        self.become(agent, "paused", now, reason=PAUSE_UNREACHABLE, until=until)

    def ask(self, agent: Agent, wish: Wish | None) -> None:
        """Keep what a busy agent asked to become."""
        agent.wish = wish
        self._changed(agent)

    def extend(self, agent: Agent, until: float) -> None:
        """Let the state the agent is in end by itself at another instant."""
        agent.until = until
        self._changed(agent)

    def release(self, agent: Agent, now: float) -> None:
        """Let the agent become what they asked for, else ready (or paused when unreachable)."""
        wish, agent.wish = agent.wish, None
        if wish:
            self.become(agent, wish.state, now, reason=wish.reason, until=wish.until)
        elif self.reachable(agent.agent_id):
            self.become(agent, "ready", now)
        else:
            self.pause_unreachable(agent, now, None)

    def rows(self) -> tuple[AgentRow, ...]:
        """Every signed-on agent by name."""
        return tuple(self._row(agent) for _, agent in sorted(self._agents.items()))

    def _changed(self, agent: Agent) -> None:
        if agent.state == "offline":
            self._unindex(agent)
            del self._agents[agent.agent_id]
            self.timers.set(agent.agent_id, None)
        else:
            self._index(agent)
            timed = agent.state in ("paused", "wrap_up")
            self.timers.set(agent.agent_id, agent.until if timed else None)
        self._say(_became(agent))

    def _index(self, agent: Agent) -> None:
        agent_id, ready, prospect = agent.agent_id, agent.state == "ready", self._is_prospect(agent)
        self._changed_ids[agent_id] = None
        for queue in agent.queues:
            self._members[queue].add(agent_id)
            if ready:
                self._ready[queue].put(agent_id, self._order(agent, queue))
            else:
                self._ready[queue].drop(agent_id)
            if prospect:
                self._prospects[queue].add(agent_id)
            else:
                self._prospects[queue].discard(agent_id)

    def _unindex(self, agent: Agent) -> None:
        for queue in agent.queues:
            self._ready[queue].drop(agent.agent_id)
            self._prospects[queue].discard(agent.agent_id)
            self._members[queue].discard(agent.agent_id)

    def _is_prospect(self, agent: Agent) -> bool:
        if not self.reachable(agent.agent_id):
            return False
        if agent.state == "paused":
            return agent.until is not None and agent.reason in (PAUSE_MISSED, PAUSE_UNREACHABLE)
        return agent.wish is None

    def _row(self, agent: Agent) -> AgentRow:
        became = _became(agent)
        return AgentRow(
            agent_id=agent.agent_id,
            queues=agent.queues,
            state=agent.state,
            since=agent.since,
            reason=agent.reason,
            until=agent.until,
            call_id=agent.call_id,
            offer_id=agent.offer_id,
            next_state=became.next_state,
            next_reason=became.next_reason,
            next_until=became.next_until,
            reachable=self.reachable(agent.agent_id),
            weights=agent.weights,
            skills=agent.skills,
        )


def _became(agent: Agent) -> AgentBecame:
    wish = agent.wish
    return AgentBecame(
        agent.agent_id,
        agent.state,
        agent.since,
        agent.reason,
        agent.until,
        agent.call_id,
        wish.state if wish else "",
        wish.reason if wish else "",
        wish.until if wish else None,
        AgentMemory(agent.signed_on, agent.idled, agent.busied, agent.turn),
    )
