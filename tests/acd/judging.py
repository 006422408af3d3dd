"""Who may take a call and who should, by comparing everyone with everyone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from hotline.acd.model import Need, QueueRules
from tests.acd.seen import Seen, SeenCall


class Judge(Seen):
    """Says who may take what and who should; ``broken`` lists what went wrong, by promise."""

    def __init__(self, rules: Mapping[str, QueueRules]) -> None:
        super().__init__(rules)
        self.broken: defaultdict[str, list[str]] = defaultdict(list)

    def expect(self, holds: bool, promise: str, what: object) -> None:
        """Note a promise that does not hold."""
        if not holds:
            self.broken[promise].append(f"{what}")

    def waiting(self) -> list[tuple[str, SeenCall]]:
        """The waiting calls."""
        return [row for row in self.calls.items() if row[1].stage == "waiting"]

    def takers(self, call_id: str, at: float) -> list[str]:
        """The ready agents who may be asked for the call."""
        return [
            agent_id
            for agent_id, agent in self.agents.items()
            if agent.now.state == "ready"
            and self.matches(self.calls[call_id], agent_id, at)
            and self.may_be_asked(call_id, agent_id, at)
        ]

    def matches(self, call: SeenCall, agent_id: str, at: float) -> bool:
        """Whether the agent serves the queue, has the skills, and is admitted."""
        work = self.agents[agent_id].work
        if call.queue not in work.queues or not work.meets(call.requires):
            return False
        if call.reserved:
            return agent_id == call.first_agent
        rings = self.ever[call.queue].rings
        asked = [ring for ring in rings if call.entered + ring.after_s <= at]
        if not asked:
            return True
        enough = work.weights.get(call.queue, 1) >= asked[-1].weight
        return enough and (not asked[-1].preferred or work.meets(call.prefers))

    def may_be_asked(self, call_id: str, agent_id: str, at: float) -> bool:
        """Whether no refusal stands between the two."""
        call = self.calls[call_id]
        if agent_id not in call.refused:
            return True
        others = set(self.agents) - set(call.refused)
        if any(self.can_take(call, it) and self.matches(call, it, at) for it in others):
            return False
        return at >= call.refused[agent_id]

    def can_take(self, call: SeenCall, agent_id: str) -> bool:
        """Whether the agent can take calls of its queue now or soon without deciding to."""
        agent = self.agents[agent_id]
        if call.queue not in agent.queues or agent_id in self.unreachable:
            return False
        if agent.now.state == "paused":
            engines = agent.now.reason in ("missed", "unreachable")
            return engines and agent.now.until is not None
        return not agent.now.next_state

    def rank(self, name: str, call: SeenCall, strategy: str, at: float) -> tuple[object, ...]:
        """Where the agent stands among those who may be asked; the lowest is asked."""
        unmet = sum(not self.agents[name].work.meets((need,)) for need in call.prefers)
        ways = self.by_strategy(name, call.requires + call.prefers, strategy, at)
        weight = self.agents[name].work.weights.get(call.queue, 1)
        return name != call.first_agent, unmet, -weight, ways, name

    def by_strategy(
        self, name: str, needs: tuple[Need, ...], strategy: str, at: float
    ) -> tuple[float, ...]:
        """The part of the rank that the strategy gives."""
        agent = self.agents[name]
        if strategy == "round_robin":
            return (agent.turn,)
        if strategy == "least_occupied":
            time = at - agent.signed_on
            return (agent.busied / time if time else 0.0, -agent.idle(at))
        if strategy == "best_skill":
            return (-sum(agent.work.skills.get(n.skill, 0) for n in needs), -agent.idle(at))
        return (-agent.idle(at),)
