"""The same routing by plain scans: what the engine's indexes are measured against.

Knows only what the bench's workload needs. Lists are searched and sorted at each decision, as
one would write it first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hotline.acd.model import (
    AgentSignsOn,
    CallGone,
    CallWaits,
    Input,
    Need,
    OfferAnswered,
    OfferFailed,
    QueueRules,
    TalkEnded,
    WrapUpEnds,
)


@dataclass(slots=True)
class ScannedCall:
    """A call in a list."""

    call_id: str
    queue: str
    place: float
    overflow: float
    offers: int = 0
    again: dict[str, float] = field(default_factory=dict)
    requires: tuple[Need, ...] = ()


@dataclass(slots=True)
class ScannedAgent:
    """An agent in a list."""

    agent_id: str
    queues: tuple[str, ...]
    skills: Mapping[str, int]
    state: str
    since: float
    until: float | None = None
    idled: float = 0.0
    call: ScannedCall | None = None

    def matches(self, call: ScannedCall) -> bool:
        """Whether the agent serves the call's queue and has the skills."""
        return call.queue in self.queues and all(
            self.skills.get(need.skill, 0) >= need.level for need in call.requires
        )


class Scan:
    """Waiting calls and agents in two lists."""

    def __init__(self, rules: Mapping[str, QueueRules]) -> None:
        self._rules = rules
        self._waiting: list[ScannedCall] = []
        self._agents: list[ScannedAgent] = []

    def ready(self, agent: AgentSignsOn, now: float) -> None:
        """Add an agent who is ready."""
        row = ScannedAgent(agent.agent_id, agent.queues, agent.skills, "ready", now)
        self._agents.append(row)

    def handle(self, event: Input, now: float) -> list[tuple[str, str]]:
        """Apply one input; the offers to be made, as call and agent."""
        self._apply(event, now)
        offers = []
        while (pair := self._best(now)) is not None:
            call, agent = pair
            self._waiting.remove(call)
            call.offers += 1
            agent.idled += now - agent.since
            agent.state, agent.call, agent.since = "offered", call, now
            agent.until = now + self._rules[call.queue].ring_s
            offers.append((call.call_id, agent.agent_id))
        return offers

    def next_deadline(self) -> float | None:
        """The earliest instant at which anything falls due."""
        untils = [agent.until for agent in self._agents if agent.until is not None]
        return min([*untils, *(call.overflow for call in self._waiting)], default=None)

    def _best(self, now: float) -> tuple[ScannedCall, ScannedAgent] | None:
        ready = [agent for agent in self._agents if agent.state == "ready"]
        if not ready:
            return None
        ready.sort(key=lambda agent: (agent.since - agent.idled, agent.agent_id))
        for call in sorted(self._waiting, key=lambda call: (call.place, call.call_id)):
            for agent in ready:
                if agent.matches(call) and self._may_be_asked(call, agent, now):
                    return call, agent
        return None

    def _may_be_asked(self, call: ScannedCall, agent: ScannedAgent, now: float) -> bool:
        again = call.again.get(agent.agent_id)
        if again is None:
            return True
        others = (it for it in self._agents if it.matches(call))
        return again <= now and all(it.agent_id in call.again for it in others)

    def _apply(self, event: Input, now: float) -> None:
        match event:
            case CallWaits(call_id, queue, priority, since):
                rules = self._rules[queue]
                place = since - priority * rules.aging_s
                call = ScannedCall(call_id, queue, place, since + rules.overflow_s)
                call.requires = event.requires
                self._waiting.append(call)
            case CallGone(call_id):
                self._waiting = [call for call in self._waiting if call.call_id != call_id]
            case OfferAnswered(offer_id):
                agent = self._ringing(offer_id)
                agent.state, agent.since, agent.until, agent.idled = "talking", now, None, 0.0
            case OfferFailed(offer_id):
                self._refused(self._ringing(offer_id), now)
            case TalkEnded(call_id):
                self._wrap_up(call_id, now)
            case WrapUpEnds(agent_id):
                agent = next(it for it in self._agents if it.agent_id == agent_id)
                agent.state, agent.since, agent.until = "ready", now, None

    def _ringing(self, offer_id: str) -> ScannedAgent:
        return next(
            agent
            for agent in self._agents
            if agent.call
            and agent.state == "offered"
            and f"{agent.call.call_id}/{agent.call.offers}" == offer_id
        )

    def _refused(self, agent: ScannedAgent, now: float) -> None:
        if agent.call:
            agent.call.again[agent.agent_id] = now + self._rules[agent.call.queue].ring_s
            self._waiting.append(agent.call)
        agent.state, agent.since, agent.until, agent.call = "ready", now, None, None

    def _wrap_up(self, call_id: str, now: float) -> None:
        for agent in self._agents:
            if agent.state == "talking" and agent.call and agent.call.call_id == call_id:
                rules = self._rules[agent.call.queue]
                agent.state, agent.since, agent.call = "wrap_up", now, None
                agent.until = now + rules.wrap_up_s
