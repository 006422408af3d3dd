"""The routing plan: queues, skills, teams, agents and the roster, as one frozen value.

A plan says who may be offered which calls and in which order agents are asked. It is published
whole, as one version. :mod:`hotline.routing.check` finds what cannot work in it, and
:mod:`hotline.routing.rules` tells the routing engine of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

QUEUE_NAME = r"^[a-z0-9_-]{1,32}$"
CODE = r"^[a-z0-9][a-z0-9_-]{0,31}$"
MOST_QUEUES, MOST_SKILLS, MOST_AGENTS, MOST_TEAMS = 50, 100, 2000, 200
TOP_WEIGHT, TOP_LEVEL = 9, 5
ELSEWHERE = ("queue", "target", "report")

Strategy = Literal["longest_idle", "least_occupied", "round_robin", "best_skill"]
When = Literal["wait", "length", "nobody", "target"]
Language = Literal["zh", "en"]
QueueName = Annotated[str, Field(pattern=QUEUE_NAME)]
Code = Annotated[str, Field(pattern=CODE)]
AgentId = Annotated[str, Field(min_length=1, max_length=64)]
Title = dict[Language, Annotated[str, Field(min_length=1, max_length=60)]]
Weight = Annotated[int, Field(ge=1, le=TOP_WEIGHT)]
Level = Annotated[int, Field(ge=1, le=TOP_LEVEL)]
Seconds = Annotated[float, Field(ge=1, le=3600)]
Spare = Annotated[float, Field(ge=0, le=3600)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Need(_Part):
    """A skill that a queue's calls require or prefer, at this level or above."""

    skill: Code
    level: Level = 1


class Ring(_Part):
    """Who is asked from ``after_s`` of waiting on: agents with at least this weight in the queue,
    and while ``preferred`` only those who meet what its calls prefer."""

    after_s: Annotated[float, Field(ge=0, le=3600)]
    weight: Weight = 1
    preferred: bool = False


class Overflow(_Part):
    """When callers are sent elsewhere, and where to.

    ``value`` is the number of waiting callers for ``length``, else seconds of waiting: at least
    so long, and (``nobody``) nobody is on duty who could take the call, or (``target``) the
    queue's service level is below its target. ``to``: ``queue:NAME``, ``target:CODE`` of a
    handover target, or ``report``.
    """

    when: When
    value: Annotated[float, Field(ge=0, le=100_000)] = 0
    to: Annotated[str, Field(pattern=r"^(queue:|target:).{1,48}$|^report$")]

    @property
    def queue(self) -> str:
        """The queue it leads to; empty for elsewhere."""
        return self.to.removeprefix("queue:") if self.to.startswith("queue:") else ""

    @property
    def target(self) -> str:
        """The handover target it leads to; empty for elsewhere."""
        return self.to.removeprefix("target:") if self.to.startswith("target:") else ""


class Queue(_Part):
    """A queue. Durations in seconds, as :class:`hotline.acd.model.QueueRules` explains them."""

    name: QueueName
    title: Title = Field(min_length=1)
    strategy: Strategy = "longest_idle"
    ring_s: Seconds = 20
    wrap_up_s: Spare = 30
    wrap_up_extra_s: Spare = 0
    overflow_s: Annotated[float, Field(ge=1, le=14_400)] = 90
    miss_pause_s: Seconds = 60
    aging_s: Spare = 60
    first_s: Spare = 0
    limit: Annotated[int, Field(ge=0, le=100_000)] = 0
    target_s: Seconds = 15
    target_share: Annotated[float, Field(gt=0, le=1)] = 0.95
    target_window_s: Annotated[float, Field(ge=60, le=86_400)] = 1800
    task_spare: Annotated[int, Field(ge=0, le=1000)] = 1
    requires: Annotated[tuple[Need, ...], Field(max_length=10)] = ()
    prefers: Annotated[tuple[Need, ...], Field(max_length=10)] = ()
    rings: Annotated[tuple[Ring, ...], Field(max_length=10)] = ()
    overflow: Annotated[tuple[Overflow, ...], Field(max_length=10)] = ()


class Skill(_Part):
    """Something an agent can do at a level of 1–5: a dialect, a subject, an authority."""

    code: Code
    title: Title = Field(min_length=1)


class Team(_Part):
    """Agents who work together."""

    code: Code
    title: Title = Field(min_length=1)


class Agent(_Part):
    """What an agent serves: the weight (1–9, higher is asked first) by queue, the level (1–5) by
    skill. ``agent_id`` is a user's login name; ``team`` empty: none."""

    agent_id: AgentId
    team: str = Field("", max_length=32)
    queues: dict[QueueName, Weight] = Field(default_factory=dict)
    skills: dict[Code, Level] = Field(default_factory=dict)


class Shifts(_Part):
    """When an agent is planned to work: seven days, Monday first, and dates that differ.

    Each day reads as in the duty calendar: ``08:30-12:00 14:00-18:00``, empty for a day off.
    """

    week: tuple[str, str, str, str, str, str, str] = ("",) * 7
    days: dict[Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")], str] = Field(
        default_factory=dict, max_length=400
    )


class RoutingPlan(_Part):
    """Everything together. Agents who are not in it serve the home queue with weight 1, so that
    a new colleague takes calls from the first minute."""

    queues: Annotated[tuple[Queue, ...], Field(max_length=MOST_QUEUES)]
    skills: Annotated[tuple[Skill, ...], Field(max_length=MOST_SKILLS)] = ()
    teams: Annotated[tuple[Team, ...], Field(max_length=MOST_TEAMS)] = ()
    agents: Annotated[tuple[Agent, ...], Field(max_length=MOST_AGENTS)] = ()
    roster: dict[AgentId, Shifts] = Field(default_factory=dict, max_length=MOST_AGENTS)

    @cached_property
    def by_queue(self) -> dict[str, Queue]:
        """The queues by name."""
        return {queue.name: queue for queue in self.queues}

    @cached_property
    def by_agent(self) -> dict[str, Agent]:
        """The agents by id."""
        return {agent.agent_id: agent for agent in self.agents}

    def serving(self, queue: str) -> Iterator[Agent]:
        """The agents who are named for a queue."""
        return (agent for agent in self.agents if queue in agent.queues)


@dataclass(frozen=True, slots=True)
class PublishedPlan:
    """A plan with its version; 0 is the one that ``hotline.toml`` gives."""

    version: int
    plan: RoutingPlan


def written(plan: RoutingPlan) -> dict[str, object]:
    """The plan as JSON values, without what stands at its default; queues name every rule."""
    data: dict[str, object] = plan.model_dump(mode="json", exclude_defaults=True)
    data["queues"] = [queue.model_dump(mode="json") for queue in plan.queues]
    return data
