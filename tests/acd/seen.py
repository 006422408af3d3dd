"""What an onlooker knows of calls and agents from the inputs alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hotline.acd.model import (
    BOTTOM_PRIORITY,
    TOP_PRIORITY,
    AgentBecame,
    AgentReachable,
    AgentSignsOn,
    CallGone,
    CallStopsWaiting,
    CallWaits,
    Input,
    MakeOffer,
    OfferAnswered,
    OfferFailed,
    QueueRules,
    RestoreAgent,
    RestoreOffer,
    RestoreTalk,
    TalkEnded,
)


@dataclass
class SeenCall:
    """A call as the inputs and commands tell of it.

    ``refused`` has, for each agent who refused it, when they may be asked again at the earliest.
    """

    queue: str
    priority: int
    since: float
    stage: str = "waiting"
    agent_id: str = ""
    offer_id: str = ""
    offers: int = 0
    refused: dict[str, float] = field(default_factory=dict)


@dataclass
class SeenAgent:
    """An agent as the inputs and commands tell of them."""

    queues: tuple[str, ...]
    now: AgentBecame
    idled: float = 0.0

    def idle(self, at: float) -> float:
        """Seconds ready since the last talk or miss."""
        return self.idled + (at - self.now.since if self.now.state == "ready" else 0.0)


class Seen:
    """Plain dictionaries of calls and agents; :meth:`hear` takes in what went into the engine."""

    def __init__(self, rules: Mapping[str, QueueRules]) -> None:
        self.rules = rules
        self.calls: dict[str, SeenCall] = {}
        self.agents: dict[str, SeenAgent] = {}
        self.queues_of: dict[str, tuple[str, ...]] = {}
        self.unreachable: set[str] = set()
        self.gone: set[str] = set()
        self.open: dict[str, tuple[MakeOffer, float]] = {}
        self.made: set[str] = set()

    def hear(self, event: Input, at: float) -> bool:
        """Take an input in; False when it cannot apply."""
        match event:
            case CallWaits():
                applies = self._hear_waiting(event, at)
            case CallGone(call_id):
                applies = self._hear_gone(call_id)
            case CallStopsWaiting(call_id):
                applies = self._hear_leaving(call_id)
            case OfferAnswered(offer_id):
                applies = offer_id in self.open
            case OfferFailed(offer_id, outcome):
                applies = offer_id in self.open and outcome in ("refused", "missed", "unreachable")
            case TalkEnded(call_id):
                applies = self._hear_talk_end(call_id)
            case RestoreOffer():
                applies = self._hear_offer(event, at)
            case RestoreTalk():
                applies = self._hear_talk(event)
            case _:
                applies = self._hear_agent(event)
        return applies

    def _hear_agent(self, event: Input) -> bool:
        match event:
            case AgentSignsOn(agent_id, queues) | RestoreAgent(agent_id, queues):
                self.queues_of[agent_id] = tuple(q for q in queues if q in self.rules)
                if agent_id in self.agents:
                    self.agents[agent_id].queues = self.queues_of[agent_id]
            case AgentReachable(agent_id, reachable):
                (self.unreachable.discard if reachable else self.unreachable.add)(agent_id)
            case _:
                return getattr(event, "agent_id", None) in {None, *self.agents}
        return True

    def _hear_waiting(self, event: CallWaits | RestoreOffer, at: float) -> bool:
        call = self.calls.get(event.call_id)
        if event.call_id in self.gone or event.queue not in self.rules:
            return False
        if call and call.stage != "left":
            return False
        priority = min(max(event.priority, BOTTOM_PRIORITY), TOP_PRIORITY)
        seen = SeenCall(event.queue, priority, min(event.since, at))
        seen.offers = max(event.offers, call.offers if call else 0)
        refused = dict.fromkeys(event.refused_by, at + self.rules[event.queue].ring_s)
        seen.refused = refused | (call.refused if call else {})
        self.calls[event.call_id] = seen
        return True

    def _hear_gone(self, call_id: str) -> bool:
        if call_id in self.gone:
            return False
        self.gone.add(call_id)
        self.calls.pop(call_id, None)
        return True

    def _hear_leaving(self, call_id: str) -> bool:
        call = self.calls.get(call_id)
        if call is None or call.stage not in ("waiting", "offered"):
            return False
        call.stage, call.agent_id = "left", ""
        return True

    def _hear_talk_end(self, call_id: str) -> bool:
        call = self.calls.get(call_id)
        if call is None or call.stage != "talking":
            return False
        call.stage, call.agent_id = "left", ""
        return True

    def _hear_offer(self, event: RestoreOffer, at: float) -> bool:
        agent, call = self.agents.get(event.agent_id), self.calls.get(event.call_id)
        fits = event.offer_id == f"{event.call_id}/{event.offers}"
        if event.agent_id not in self.queues_of or not fits:
            return False
        if (agent and agent.now.state in ("offered", "talking")) or (
            call and (call.stage != "left" or event.offers <= call.offers)
        ):
            return False
        if not self._hear_waiting(event, at):
            return False
        offer = MakeOffer(event.offer_id, event.call_id, event.agent_id, event.queue, at)
        self.tie(offer, at)
        return True

    def _hear_talk(self, event: RestoreTalk) -> bool:
        call, agent = self.calls.get(event.call_id), self.agents.get(event.agent_id)
        if event.call_id in self.gone or event.agent_id not in self.queues_of:
            return False
        if call and (call.stage, call.agent_id) == ("talking", event.agent_id):
            news = event.queue in self.rules and event.queue != call.queue
            call.queue = event.queue if news else call.queue
            return news
        if (call and call.stage == "talking") or (agent and agent.now.state == "talking"):
            return False
        names = [event.queue, call.queue if call else "", *self.queues_of[event.agent_id]]
        usable = [name for name in names if name in self.rules]
        if not usable:
            return False
        call = self.calls.setdefault(event.call_id, SeenCall(usable[0], 0, event.since))
        call.stage, call.agent_id, call.offer_id = "talking", event.agent_id, ""
        return True

    def tie(self, offer: MakeOffer, at: float) -> None:
        """The call rings at the agent."""
        call = self.calls[offer.call_id]
        call.stage, call.agent_id, call.offer_id = "offered", offer.agent_id, offer.offer_id
        self.open[offer.offer_id] = (offer, at)
        self.made.add(offer.offer_id)
