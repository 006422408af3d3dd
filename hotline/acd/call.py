"""One call: which queue, since when, for whom, and who would not take it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from hotline.acd.agents import Agent
from hotline.acd.model import Choice, Need, QueueRules
from hotline.acd.ordered import Rank


class Admits(NamedTuple):
    """Whom a call takes now: calls of one queue that admit the same agents stand in one line.

    ``only`` is the first agent it is kept for, to whom weight and ``prefers`` do not apply.
    """

    requires: tuple[Need, ...]
    prefers: tuple[Need, ...]
    weight: int
    only: str

    def agent(self, agent: Agent, queue: str) -> bool:
        """Whether the agent, who serves the queue, is one of them."""
        if self.requires and not agent.meets(self.requires):
            return False
        if self.only:
            return agent.agent_id == self.only
        if self.weight > 1 and agent.weight(queue) < self.weight:
            return False
        return not self.prefers or agent.meets(self.prefers)


EVERYONE = Admits((), (), 1, "")


@dataclass(slots=True)
class Call:
    """One call until it is gone.

    ``left`` means that it waits no longer (overflowed, or its talk ended) but may come back.
    ``ask_again`` holds the agents who refused or missed it, each with the instant from which
    they may be asked again if nobody else can take it. ``entered`` is since when it is in its
    queue. ``reserved`` while it is kept for its first agent. ``counted`` once the service level
    knows it. ``why`` is the choice of its latest offer.
    """

    call_id: str
    queue: str
    priority: int
    since: float
    stage: Literal["waiting", "offered", "talking", "left"] = "left"
    agent_id: str = ""
    offer_id: str = ""
    offers: int = 0
    ask_again: dict[str, float] = field(default_factory=dict)
    requires: tuple[Need, ...] = ()
    prefers: tuple[Need, ...] = ()
    first_agent: str = ""
    entered: float = 0.0
    ring: int = 0
    reserved: bool = False
    counted: bool = False
    admits: Admits = EVERYONE
    rank: Rank = ()
    why: Choice | None = None


def ring_at(call: Call, rules: QueueRules, now: float) -> int:
    """The index of the ring that is asked once the call has waited until ``now``."""
    asked = 0
    for index, ring in enumerate(rules.rings):
        if call.entered + ring.after_s <= now:
            asked = index
    return asked
