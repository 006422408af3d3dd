"""What the routing engine is told of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hotline.acd import model as acd
from hotline.config import Config
from hotline.routing.model import Queue, RoutingPlan


def plan_of(config: Config) -> RoutingPlan:
    """Version 0: the configured queue, served by every agent."""
    queue = config.queue
    title = {"zh": "市民热线", "en": "Hotline"} if queue.name == "hotline" else {"zh": queue.name}
    return RoutingPlan.model_validate(
        {
            "queues": [
                {
                    "name": queue.name,
                    "title": title,
                    "ring_s": queue.ring_seconds,
                    "wrap_up_s": queue.wrap_up_seconds,
                    "wrap_up_extra_s": queue.wrap_up_extra_seconds,
                    "overflow_s": queue.overflow_seconds,
                    "miss_pause_s": queue.miss_pause_seconds,
                    "first_s": _first_s(config),
                }
            ]
        }
    )


def _first_s(config: Config) -> float:
    """How long a call of the configured queue is kept for its first agent."""
    queue = config.queue
    if not queue.first_agent_days:
        return 0.0
    # Who is not served in time leaves a report: nobody is to wait for one agent until then.
    return min(queue.first_agent_seconds, queue.overflow_seconds / 2)


@dataclass(frozen=True, slots=True)
class Served:
    """What an agent serves: weights by queue, levels by skill."""

    weights: Mapping[str, int]
    skills: Mapping[str, int] = field(default_factory=dict)

    @property
    def queues(self) -> tuple[str, ...]:
        """The queues' names."""
        return tuple(self.weights)


@dataclass(frozen=True, slots=True)
class Routing:
    """A plan in force as calls ask it. ``home`` is the queue of calls without one of their own;
    agents who are not in the plan serve it with weight 1."""

    plan: RoutingPlan
    home: str

    def rules(self) -> dict[str, acd.QueueRules]:
        """The engine's rules by queue."""
        return {queue.name: rules_of(queue) for queue in self.plan.queues}

    def queue(self, name: str) -> str:
        """This queue when there is one of that name, else the home queue."""
        return name if name in self.plan.by_queue else self.home

    def ring_s(self, queue: str) -> float:
        """How long a phone rings for a call of this queue."""
        return self.plan.by_queue[self.queue(queue)].ring_s

    def served_by(self, agent_id: str) -> Served:
        """What an agent serves; queues that are no more are left out."""
        agent = self.plan.by_agent.get(agent_id)
        if agent is None:
            return Served({self.home: 1})
        known = self.plan.by_queue
        weights = {name: weight for name, weight in agent.queues.items() if name in known}
        return Served(weights, dict(agent.skills))

    def requires(self, queue: str) -> tuple[acd.Need, ...]:
        """The skills that calls of this queue require."""
        needs = self.plan.by_queue[self.queue(queue)].requires
        return tuple(acd.Need(need.skill, need.level) for need in needs)

    def prefers(self, queue: str) -> tuple[acd.Need, ...]:
        """The skills that calls of this queue prefer."""
        needs = self.plan.by_queue[self.queue(queue)].prefers
        return tuple(acd.Need(need.skill, need.level) for need in needs)


@dataclass(frozen=True, slots=True)
class PlanInForce:
    """Calls are shared by this plan from now on: an input of the calls' core."""

    routing: Routing


def alone(queue: str, ring_s: float = 20.0) -> Routing:
    """One queue that everybody serves."""
    only = Queue(name=queue, title={"zh": queue}, ring_s=ring_s)
    return Routing(RoutingPlan(queues=(only,)), queue)


def rules_of(queue: Queue) -> acd.QueueRules:
    """One queue's rules for the engine."""
    return acd.QueueRules(
        ring_s=queue.ring_s,
        wrap_up_s=queue.wrap_up_s,
        overflow_s=queue.overflow_s,
        miss_pause_s=queue.miss_pause_s,
        aging_s=queue.aging_s,
        strategy=queue.strategy,
        rings=tuple(acd.Ring(one.after_s, one.weight, one.preferred) for one in queue.rings),
        limit=queue.limit,
        overflow=tuple(acd.OverflowRule(o.when, o.value, o.to) for o in queue.overflow),
        target_s=queue.target_s,
        target_share=queue.target_share,
        target_window_s=queue.target_window_s,
        first_s=queue.first_s,
        wrap_up_extra_s=queue.wrap_up_extra_s,
        task_spare=queue.task_spare,
    )
