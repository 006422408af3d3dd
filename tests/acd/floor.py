"""One engine with a clock, and short words for what examples make happen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from hotline.acd.engine import Engine
from hotline.acd.model import (
    AgentReady,
    AgentSignsOn,
    CallWaits,
    Command,
    Failure,
    Input,
    MakeOffer,
    OfferAnswered,
    OfferFailed,
    QueueRules,
    Tick,
)
from hotline.acd.views import AgentRow

Q = "hotline"
Kind = TypeVar("Kind")


class Floor:
    """``said`` is what the engine said to the last input."""

    def __init__(self, rules: Mapping[str, QueueRules] | None = None) -> None:
        self.engine = Engine(rules or {Q: QueueRules()})
        self.now = 0.0
        self.said: list[Command] = []

    def tell(self, *events: Input) -> list[Command]:
        """One decision on these inputs."""
        self.said = self.engine.adopt(events, self.now)
        return self.said

    def after(self, seconds: float) -> list[Command]:
        """Let time pass in one step."""
        self.now += seconds
        return self.tell(Tick())

    def work(self, *agents: str, queues: tuple[str, ...] = (Q,)) -> None:
        """These agents sign on and say ready, one second after the other."""
        for agent in agents:
            self.tell(AgentSignsOn(agent, queues))
            self.tell(AgentReady(agent))
            self.now += 1

    def call(self, call_id: str, priority: int = 0, queue: str = Q) -> list[Command]:
        """A caller starts to wait now."""
        return self.tell(CallWaits(call_id, queue, priority, self.now))

    def answer(self, call_id: str) -> list[Command]:
        """The agent who is offered the call answers."""
        return self.tell(OfferAnswered(self.offer(call_id)))

    def fail(self, call_id: str, failure: Failure) -> list[Command]:
        """The offer of the call fails."""
        return self.tell(OfferFailed(self.offer(call_id), failure))

    def offer(self, call_id: str) -> str:
        """The open offer of the call."""
        return next(row.offer_id for row in self.engine.agents() if row.call_id == call_id)

    def agent(self, agent_id: str) -> AgentRow:
        """The agent's row."""
        return next(row for row in self.engine.agents() if row.agent_id == agent_id)

    def offered(self) -> dict[str, str]:
        """Which agent each call was just offered to."""
        return {offer.call_id: offer.agent_id for offer in self.heard(MakeOffer)}

    def heard(self, kind: type[Kind]) -> list[Kind]:
        """What of this kind the engine said to the last input."""
        return [command for command in self.said if isinstance(command, kind)]
