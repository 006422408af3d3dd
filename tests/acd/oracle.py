"""What an onlooker can tell of the engine, and whether its promises hold.

Independent of the engine: it knows the inputs that went in and the commands that came out,
keeps plain dictionaries, and compares everyone with everyone. A promise that does not hold is
noted under its name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from hotline.acd.model import (
    TOP_PRIORITY,
    AgentBecame,
    Command,
    Ignored,
    Input,
    MakeOffer,
    OfferConcluded,
    Overflowed,
    QueueRules,
    RestoreAgent,
    RestoreOffer,
    RestoreTalk,
    WithdrawOffer,
    WrapUpEnds,
)
from tests.acd.seen import Seen, SeenAgent, SeenCall

P1 = "a waiting call and an agent who may take it never coexist"
P2_OWNER = "a call has one owner and an agent one call"
P2_ONCE = "an offer ends exactly once"
P3_MEMORY = "a refuser is not asked again while another can take the call"
P3_MISS = "a miss leads to a pause that ends by itself"
P4_ORDER = "calls go by priority, then waiting time"
P4_BOUND = "nobody is overtaken beyond the stated bound"
P4_IDLE = "the longest idle agent is asked"
P5 = "wrap-up, pauses and requested next states are kept"
P6 = "a call that hung up is never offered"
P_PHONE = "an agent whose phone cannot be rung, or who leaves, is not asked"
P_OVERFLOW = "a caller waits no longer than the overflow time"
P_IGNORED = "an input that cannot apply is reported"

STEPS: dict[str, set[str]] = {
    "ready": {"offered", "paused", "offline"},
    "offered": {"talking", "ready", "paused", "offline"},
    "talking": {"wrap_up", "ready", "paused", "offline"},
    "wrap_up": {"ready", "paused", "offline"},
    "paused": {"ready", "paused", "offline"},
}
BUSY = ("offered", "talking", "wrap_up")


class Oracle(Seen):
    """Watches one engine; ``broken`` lists what went wrong, by promise."""

    def __init__(self, rules: Mapping[str, QueueRules]) -> None:
        super().__init__(rules)
        self.withdrawn: set[str] = set()
        self.counts: Counter[str] = Counter()
        self.queue_of: dict[str, str] = {}
        self.overtaken_s = 0.0
        self.broken: defaultdict[str, list[str]] = defaultdict(list)
        self._events: tuple[Input, ...] = ()

    def observe(self, events: Iterable[Input], at: float, commands: Iterable[Command]) -> None:
        """Take in one decision: what was put in, and what came out."""
        self._events = tuple(events)
        commands = list(commands)
        futile = [event for event in self._events if not self.hear(event, at)]
        ignored = Counter(command.kind for command in commands if isinstance(command, Ignored))
        for event in futile:
            self._expect(ignored[type(event).__name__] > 0, P_IGNORED, event)
        for command in commands:
            self.counts[type(command).__name__] += 1
            self._see(command, at)
        self._look(at)

    # --- what came out ----------------------------------------------------------------------

    def _see(self, command: Command, at: float) -> None:
        match command:
            case MakeOffer():
                self._see_offer(command, at)
            case OfferConcluded():
                self._see_conclusion(command, at)
            case WithdrawOffer(offer_id):
                fresh = offer_id in self.open and offer_id not in self.withdrawn
                self._expect(fresh, P2_ONCE, command)
                self.withdrawn.add(offer_id)
            case AgentBecame():
                self._see_agent(command, at)
            case Overflowed(call_id):
                call = self.calls[call_id]
                late = at >= call.since + self.rules[call.queue].overflow_s
                free = call.stage == "waiting" and not self._takers(call_id, at)
                self._expect(free and late, P_OVERFLOW, command)
                call.stage = "left"
            case Ignored():
                pass

    def _see_offer(self, offer: MakeOffer, at: float) -> None:
        self._expect(offer.call_id not in self.gone, P6, offer)
        call, agent = self.calls.get(offer.call_id), self.agents.get(offer.agent_id)
        if call is None or agent is None:
            self._expect(False, P2_OWNER, offer)
            return
        free = call.stage == "waiting" and agent.now.state == "ready"
        self._expect(free, P2_OWNER, offer)
        self._expect(offer.offer_id not in self.made, P2_ONCE, offer)
        self._expect(self._may_be_asked(offer.call_id, offer.agent_id, at), P3_MEMORY, offer)
        self._expect(offer.queue in agent.queues, P3_MEMORY, offer)
        self._check_order(offer, call, at)
        self._check_idle(offer, agent, at)
        call.offers += 1
        self.tie(offer, at)

    def _check_order(self, offer: MakeOffer, call: SeenCall, at: float) -> None:
        longest = max(rules.aging_s for rules in self.rules.values())
        for other_id, other in self._waiting():
            if other_id == offer.call_id:
                continue
            takers = self._takers(other_id, at)
            if takers:
                first = (self._place(call), offer.call_id) <= (self._place(other), other_id)
                self._expect(first, P4_ORDER, offer)
            if offer.agent_id in takers and call.since > other.since:
                ahead = call.since - other.since
                bound = TOP_PRIORITY * longest - other.priority * self.rules[other.queue].aging_s
                self._expect(ahead <= bound, P4_BOUND, (offer, other, ahead, bound))
                self.overtaken_s = max(self.overtaken_s, ahead)

    def _place(self, call: SeenCall) -> float:
        return call.since - call.priority * self.rules[call.queue].aging_s

    def _check_idle(self, offer: MakeOffer, agent: SeenAgent, at: float) -> None:
        for other_id in self._takers(offer.call_id, at):
            other = self.agents[other_id]
            mine, theirs = (agent.idle(at), other_id), (other.idle(at), offer.agent_id)
            self._expect(mine >= theirs, P4_IDLE, (offer, other_id, mine, theirs))

    def _see_conclusion(self, end: OfferConcluded, at: float) -> None:
        offer, _ = self.open.pop(end.offer_id, (None, 0.0))
        self._expect(offer is not None, P2_ONCE, end)
        told = any(getattr(event, "offer_id", "") == end.offer_id for event in self._events)
        talks = any(isinstance(event, RestoreTalk) for event in self._events)
        stopped = end.offer_id in self.withdrawn
        self._expect(stopped or told or (talks and end.outcome == "answered"), P2_ONCE, end)
        call = self.calls.get(end.call_id)
        if end.outcome == "missed":
            self.agents[end.agent_id].idled = 0.0
        if call is None:
            self._expect(end.outcome == "withdrawn", P6, end)
            return
        if end.outcome in ("refused", "missed"):
            call.refused[end.agent_id] = at + self.rules[call.queue].ring_s
        if end.outcome == "answered":
            call.stage, call.agent_id, call.offer_id = "talking", end.agent_id, ""
        elif call.stage == "offered":
            call.stage, call.agent_id, call.offer_id = "waiting", "", ""

    def _see_agent(self, now: AgentBecame, at: float) -> None:
        agent = self.agents.get(now.agent_id)
        if agent is None:
            self.agents[now.agent_id] = SeenAgent(self.queues_of[now.agent_id], now)
            return
        was = agent.now
        if now.state == "talking":
            agent.idled = 0.0
        elif was.state == "ready":
            agent.idled = agent.idle(max(now.since, was.since))
        agent.now = now
        self._check_step(was, now, at)
        if now.state == "offline":
            del self.agents[now.agent_id], self.queues_of[now.agent_id]

    def _check_step(self, was: AgentBecame, now: AgentBecame, at: float) -> None:
        if (was.state, was.since) == (now.state, now.since) and now.state != "paused":
            return  # only what they asked for next has changed
        named = [e for e in self._events if getattr(e, "agent_id", "") == now.agent_id]
        if not any(isinstance(event, RestoreAgent | RestoreOffer | RestoreTalk) for event in named):
            self._expect(now.state in STEPS[was.state], P2_OWNER, (was, now))
        if was.state in BUSY and now.state not in BUSY and was.next_state:
            asked = (was.next_state, was.next_reason)
            self._expect((now.state, now.reason) == asked, P5, (was, now))
        if was.state == "wrap_up":
            over = was.until is not None and was.until <= at
            ended = any(isinstance(e, WrapUpEnds | RestoreTalk | RestoreOffer) for e in named)
            self._expect(over or ended, P5, (was, now))
        if now.state == "wrap_up":
            wrap_up_s = self.rules[self.queue_of[now.agent_id]].wrap_up_s
            self._expect(now.until == now.since + wrap_up_s, P5, now)
        if was.state == "talking" and now.state != "wrap_up":
            rules = self.rules[self.queue_of[now.agent_id]]
            self._expect(rules.wrap_up_s == 0, P5, (was, now))
        if now.state == "paused" and now.reason == "missed":
            self._expect(now.until is not None and now.until > at, P3_MISS, now)

    # --- what must hold after each decision --------------------------------------------------

    def _look(self, at: float) -> None:
        for call_id, call in self._waiting():
            for agent_id in self._takers(call_id, at):
                self._expect(False, P1, (call_id, agent_id))
            due = call.since + self.rules[call.queue].overflow_s
            self._expect(due > at, P_OVERFLOW, (call_id, due))
        owners = Counter(c.agent_id for c in self.calls.values() if c.stage in BUSY[:2])
        for agent_id, agent in self.agents.items():
            self._check_phone(agent_id, agent.now)
            tied = agent.now.state in ("offered", "talking")
            self._expect(owners[agent_id] == int(tied), P2_OWNER, (agent_id, owners))
            if tied:
                self._check_owner(agent_id, agent.now)
            timed = agent.now.state in ("paused", "wrap_up") and agent.now.until is not None
            over = timed and (agent.now.until or 0.0) <= at
            self._expect(not over, P3_MISS if agent.now.reason == "missed" else P5, agent.now)
        for offer, made in self.open.values():
            rules = self.rules[offer.queue]
            limit = made + rules.ring_s + rules.offer_grace_s
            self._expect(limit > at, P2_ONCE, offer)

    def _check_phone(self, agent_id: str, now: AgentBecame) -> None:
        gone = agent_id in self.unreachable
        self._expect(not (gone and now.state == "ready"), P_PHONE, now)
        if now.reason == "unreachable":
            self._expect(not gone or now.until is None, P_PHONE, now)
        if now.state == "offered" and (gone or now.next_state == "offline"):
            self._expect(self.calls[now.call_id].offer_id in self.withdrawn, P_PHONE, now)

    def _check_owner(self, agent_id: str, now: AgentBecame) -> None:
        call = self.calls.get(now.call_id)
        self.queue_of[agent_id] = call.queue if call else ""
        right = call is not None and (call.stage, call.agent_id) == (now.state, agent_id)
        self._expect(right, P2_OWNER, (now, call))

    def _waiting(self) -> list[tuple[str, SeenCall]]:
        return [row for row in self.calls.items() if row[1].stage == "waiting"]

    def _takers(self, call_id: str, at: float) -> list[str]:
        return [
            agent_id
            for agent_id, agent in self.agents.items()
            if agent.now.state == "ready"
            and self.calls[call_id].queue in agent.queues
            and self._may_be_asked(call_id, agent_id, at)
        ]

    def _may_be_asked(self, call_id: str, agent_id: str, at: float) -> bool:
        call = self.calls[call_id]
        if agent_id not in call.refused:
            return True
        others = set(self.agents) - set(call.refused)
        if any(self._can_take(call, other) for other in others):
            return False
        return at >= call.refused[agent_id]

    def _can_take(self, call: SeenCall, agent_id: str) -> bool:
        agent = self.agents[agent_id]
        if call.queue not in agent.queues or agent_id in self.unreachable:
            return False
        if agent.now.state == "paused":
            engines = agent.now.reason in ("missed", "unreachable")
            return engines and agent.now.until is not None
        return not agent.now.next_state

    def _expect(self, holds: bool, promise: str, what: object) -> None:
        if not holds:
            self.broken[promise].append(f"{what}")
