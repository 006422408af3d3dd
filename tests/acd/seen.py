"""What an onlooker knows of calls and agents from the inputs alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

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
    Need,
    OfferAnswered,
    OfferFailed,
    QueueRules,
    RestoreAgent,
    RestoreLevel,
    RestoreOffer,
    RestoreTalk,
    TalkEnded,
    TaskDone,
    TaskGone,
    TaskStarted,
    TaskWaits,
    UseRules,
)
from tests.acd.seen_level import SeenLevel


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
    requires: tuple[Need, ...] = ()
    prefers: tuple[Need, ...] = ()
    first_agent: str = ""
    entered: float = 0.0
    reserved: bool = False
    counted: bool = False


BUSY = ("offered", "talking", "wrap_up", "on_task")


@dataclass
class SeenTask:
    """A task as the inputs and commands tell of it."""

    queue: str
    since: float
    requires: tuple[Need, ...] = ()
    stage: str = "waiting"
    agent_id: str = ""


@dataclass(frozen=True)
class Work:
    """What an agent signed on for."""

    queues: tuple[str, ...]
    weights: Mapping[str, int]
    skills: Mapping[str, int]

    def meets(self, needs: tuple[Need, ...]) -> bool:
        """Whether the skills suffice for all of these."""
        return all(self.skills.get(need.skill, 0) >= need.level for need in needs)


@dataclass
class SeenAgent:
    """An agent as the inputs and commands tell of them."""

    work: Work
    now: AgentBecame
    signed_on: float
    turn: int
    idled: float = 0.0
    busied: float = 0.0
    wrap_limit: float | None = None

    @property
    def queues(self) -> tuple[str, ...]:
        """The queues they serve."""
        return self.work.queues

    def becomes(self, now: AgentBecame) -> None:
        """The state they were in ends, and is counted."""
        if now.state == "talking":
            self.idled = 0.0
        elif self.now.state == "ready":
            self.idled = self.idle(max(now.since, self.now.since))
        if self.now.state in BUSY:
            self.busied += max(0.0, now.since - self.now.since)
        self.now = now

    def idle(self, at: float) -> float:
        """Seconds ready since the last talk or miss."""
        return self.idled + (at - self.now.since if self.now.state == "ready" else 0.0)


class Seen:
    """Plain dictionaries of calls and agents; :meth:`hear` takes in what went into the engine."""

    def __init__(self, rules: Mapping[str, QueueRules]) -> None:
        self.rules = dict(rules)
        self.ever = defaultdict(QueueRules, rules)
        self.fresh: set[str] = set()
        self.tasks: dict[str, SeenTask] = {}
        self.level = SeenLevel(self.ever)
        self.calls: dict[str, SeenCall] = {}
        self.agents: dict[str, SeenAgent] = {}
        self.work_of: dict[str, Work] = {}
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
                applies = self._hear_gone(call_id, at)
            case CallStopsWaiting(call_id):
                applies = self._hear_leaving(call_id, at)
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
            case RestoreLevel():
                self.level.hear(event)
                applies = True
            case _:
                applies = self._hear_agent(event, at)
        return applies

    def _hear_agent(self, event: Input, at: float) -> bool:
        match event:
            case AgentSignsOn() | RestoreAgent():
                self._hear_work(event)
            case UseRules(rules):
                self.count_late(at)
                self._hear_rules(rules)
            case TaskWaits() | TaskGone() | TaskStarted() | TaskDone():
                return self._hear_task(event)
            case AgentReachable(agent_id, reachable):
                (self.unreachable.discard if reachable else self.unreachable.add)(agent_id)
            case _:
                return getattr(event, "agent_id", None) in {None, *self.agents}
        return True

    def _hear_work(self, event: AgentSignsOn | RestoreAgent) -> None:
        queues = tuple(q for q in event.queues if q in self.rules)
        work = self.work_of[event.agent_id] = Work(queues, event.weights, event.skills)
        if event.agent_id in self.agents:
            self.agents[event.agent_id].work = work
        if isinstance(event, RestoreAgent) and event.state == "on_task":
            queue = next(iter(queues), "")
            task = self.tasks.setdefault(event.call_id, SeenTask(queue, event.since))
            task.stage, task.agent_id = "started", event.agent_id

    def _hear_rules(self, rules: Mapping[str, QueueRules]) -> None:
        self.rules = dict(rules)
        self.ever.update(rules)
        for agent_id, work in self.work_of.items():
            queues = tuple(queue for queue in work.queues if queue in rules)
            self.work_of[agent_id] = replace(work, queues=queues)
            if agent_id in self.agents:
                self.agents[agent_id].work = self.work_of[agent_id]

    def _hear_task(self, event: TaskWaits | TaskGone | TaskStarted | TaskDone) -> bool:
        task = self.tasks.get(event.task_id)
        if isinstance(event, TaskWaits):
            new = task is None and event.queue in self.rules
            if new:
                self.tasks[event.task_id] = SeenTask(event.queue, event.since, event.requires)
            return new
        stages: tuple[str, ...] = ("waiting", "offered")
        if isinstance(event, TaskStarted | TaskDone):
            stages = ("offered",) if isinstance(event, TaskStarted) else ("started",)
        if task is None or task.stage not in stages:
            return False
        if isinstance(event, TaskStarted):
            task.stage = "started"
        elif task.stage != "offered":  # an offered one is taken back first, visibly
            del self.tasks[event.task_id]
        return True

    def count_late(self, at: float) -> None:
        """Count the unanswered whose target has passed."""
        unanswered = [row for row in self.calls.items() if row[1].stage in ("waiting", "offered")]
        self.level.late(unanswered, at)

    def answered(self, call: SeenCall, at: float) -> None:
        """The call has an agent; those who were late before count before."""
        if at <= call.since + self.ever[call.queue].target_s and not call.counted:
            call.counted = True
            self.count_late(at)
            self.level.in_time(call.queue, at)
        else:
            self.count_late(at)

    def leave(self, call: SeenCall, at: float) -> None:
        """The call waits no longer."""
        if call.stage in ("waiting", "offered"):
            self.count_late(at)
        call.stage, call.agent_id = "left", ""

    def enter(self, call: SeenCall, at: float) -> None:
        """The call waits, for its first agent alone if they have not refused it."""
        call.stage, call.agent_id, call.offer_id = "waiting", "", ""
        first_s = self.ever[call.queue].first_s
        asked = call.first_agent in call.refused
        call.reserved = bool(call.first_agent) and not asked and call.entered + first_s > at

    def _hear_waiting(self, event: CallWaits | RestoreOffer, at: float) -> bool:
        call = self.calls.get(event.call_id)
        if event.call_id in self.gone:
            return False
        if call and call.stage != "left":
            return False
        priority = min(max(event.priority, BOTTOM_PRIORITY), TOP_PRIORITY)
        seen = SeenCall(event.queue, priority, min(event.since, at))
        seen.offers = max(event.offers, call.offers if call else 0)
        ring_s, when = self.ever[event.queue].ring_s, [*event.refused_at, *[at] * 9]
        refused = {name: min(at, when[n]) + ring_s for n, name in enumerate(event.refused_by)}
        seen.refused = refused | (call.refused if call else {})
        seen.counted = event.counted or (call.counted if call else False)
        seen.requires, seen.prefers = event.requires, event.prefers
        seen.first_agent = event.first_agent
        seen.entered = seen.since if event.entered is None else min(event.entered, at)
        self.calls[event.call_id] = seen
        self.enter(seen, at)
        if isinstance(event, CallWaits) and not event.admitted:
            self.fresh.add(event.call_id)
        return True

    def _hear_gone(self, call_id: str, at: float) -> bool:
        if call_id in self.gone:
            return False
        self.gone.add(call_id)
        if call := self.calls.get(call_id):
            self.leave(call, at)
            del self.calls[call_id]
        return True

    def _hear_leaving(self, call_id: str, at: float) -> bool:
        call = self.calls.get(call_id)
        if call is None or call.stage not in ("waiting", "offered"):
            return False
        self.leave(call, at)
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
        if event.agent_id not in self.work_of or not fits:
            return False
        if (agent and agent.now.state in ("offered", "talking", "on_task")) or (
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
        if event.call_id in self.gone or event.agent_id not in self.work_of:
            return False
        if call and (call.stage, call.agent_id) == ("talking", event.agent_id):
            known = event.queue in self.rules or call.queue not in self.rules
            news = known and event.queue not in ("", call.queue)
            call.queue = event.queue if news else call.queue
            return news
        if (call and call.stage == "talking") or (agent and agent.now.state == "talking"):
            return False
        names = [event.queue, call.queue if call else "", *self.work_of[event.agent_id].queues]
        usable = [*(name for name in names if name in self.rules), event.queue]
        if call and call.stage in ("waiting", "offered"):
            self.answered(call, event.since)
        call = self.calls.setdefault(event.call_id, SeenCall(usable[0], 0, event.since))
        call.stage, call.agent_id, call.offer_id = "talking", event.agent_id, ""
        return True

    def tie(self, offer: MakeOffer, at: float) -> None:
        """The call rings at the agent."""
        call = self.calls[offer.call_id]
        call.stage, call.agent_id, call.offer_id = "offered", offer.agent_id, offer.offer_id
        rules = self.ever[offer.queue]
        self.open[offer.offer_id] = (offer, at + rules.ring_s + rules.offer_grace_s)
        self.made.add(offer.offer_id)
