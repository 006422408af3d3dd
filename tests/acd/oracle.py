"""What an onlooker can tell of the engine, and whether its promises hold.

Independent of the engine: it knows the inputs that went in and the commands that came out,
keeps plain dictionaries, and compares everyone with everyone. A promise that does not hold is
noted under its name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from hotline.acd.model import (
    TOP_PRIORITY,
    AgentBecame,
    Command,
    Ignored,
    Input,
    MakeOffer,
    OfferConcluded,
    OfferTask,
    Overflowed,
    QueueRules,
    RestoreAgent,
    RestoreOffer,
    RestoreTalk,
    TaskWithdrawn,
    WithdrawOffer,
    WrapUpEnds,
)
from tests.acd.elsewhere import Elsewhere
from tests.acd.promises import (
    P1,
    P1_ONLY,
    P2_ONCE,
    P2_OWNER,
    P3_MEMORY,
    P3_MISS,
    P4_AGENT,
    P4_BOUND,
    P4_ORDER,
    P5,
    P6,
    P_IGNORED,
    P_OVERFLOW,
    P_PHONE,
)
from tests.acd.seen import BUSY, SeenAgent, SeenCall

STEPS: dict[str, set[str]] = {
    "ready": {"offered", "on_task", "paused", "offline"},
    "on_task": {"ready", "paused", "offline"},
    "offered": {"talking", "ready", "paused", "offline"},
    "talking": {"wrap_up", "ready", "paused", "offline"},
    "wrap_up": {"ready", "paused", "offline"},
    "paused": {"ready", "paused", "offline"},
}


class Oracle(Elsewhere):
    """Watches one engine; ``broken`` lists what went wrong, by promise."""

    def __init__(self, rules: Mapping[str, QueueRules]) -> None:
        super().__init__(rules)
        self.withdrawn: set[str] = set()
        self.counts: Counter[str] = Counter()
        self.queue_of: dict[str, str] = {}
        self.turns = 0
        self.remembered: dict[str, SeenAgent] = {}
        self.overtaken_s = 0.0
        self._events: tuple[Input, ...] = ()
        self._settled = False

    def observe(self, events: Iterable[Input], at: float, commands: Iterable[Command]) -> None:
        """Take in one decision: what was put in, and what came out."""
        self._events = tuple(events)
        self._settled = False
        commands = list(commands)
        futile = [event for event in self._events if not self.hear(event, at)]
        ignored = Counter(command.kind for command in commands if isinstance(command, Ignored))
        for event in futile:
            self.expect(ignored[type(event).__name__] > 0, P_IGNORED, event)
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
                self.expect(fresh, P2_ONCE, command)
                self.withdrawn.add(offer_id)
            case AgentBecame():
                self._see_agent(command, at)
            case Overflowed(call_id):
                self._settle(at)
                free = self.calls[call_id].stage == "waiting" and not self.takers(call_id, at)
                self.expect(free and self.is_sent(command, at), P_OVERFLOW, command)
                self.leave(self.calls[call_id], at)
            case OfferTask():
                self._settle(at)
                self.see_task(command, at)
            case TaskWithdrawn():
                self.see_task_back(command)
            case Ignored():
                pass

    def _settle(self, at: float) -> None:
        """What time alone has changed, once the inputs are taken in."""
        if self._settled:
            return
        self._settled = True
        self.count_late(at)
        for _, call in self.waiting():
            first_s = self.ever[call.queue].first_s
            agent = self.agents.get(call.first_agent)
            soon = agent is not None and self.can_take(call, call.first_agent)
            meets = agent is not None and agent.work.meets(call.requires)
            call.reserved = call.reserved and soon and meets and call.entered + first_s > at

    def _see_offer(self, offer: MakeOffer, at: float) -> None:
        self._settle(at)
        self.expect(offer.call_id not in self.gone, P6, offer)
        call, agent = self.calls.get(offer.call_id), self.agents.get(offer.agent_id)
        if call is None or agent is None:
            self.expect(False, P2_OWNER, offer)
            return
        free = call.stage == "waiting" and agent.now.state == "ready"
        self.expect(free, P2_OWNER, offer)
        self.expect(offer.offer_id not in self.made, P2_ONCE, offer)
        self.expect(self.may_be_asked(offer.call_id, offer.agent_id, at), P3_MEMORY, offer)
        self.expect(self.matches(call, offer.agent_id, at), P1_ONLY, offer)
        self._check_order(offer, call, at)
        self._check_choice(offer, call, at)
        self.turns += 1
        agent.turn = self.turns
        call.offers += 1
        self.tie(offer, at)

    def _check_order(self, offer: MakeOffer, call: SeenCall, at: float) -> None:
        longest = max(rules.aging_s for rules in self.rules.values())
        for other_id, other in self.waiting():
            if other_id == offer.call_id:
                continue
            takers = self.takers(other_id, at)
            if takers:
                first = (self._place(call), offer.call_id) <= (self._place(other), other_id)
                self.expect(first, P4_ORDER, offer)
            if offer.agent_id in takers and call.since > other.since:
                ahead = call.since - other.since
                bound = TOP_PRIORITY * longest - other.priority * self.ever[other.queue].aging_s
                self.expect(ahead <= bound, P4_BOUND, (offer, other, ahead, bound))
                self.overtaken_s = max(self.overtaken_s, ahead)

    def _place(self, call: SeenCall) -> float:
        return call.since - call.priority * self.ever[call.queue].aging_s

    def _check_choice(self, offer: MakeOffer, call: SeenCall, at: float) -> None:
        rules, takers = self.rules[offer.queue], self.takers(offer.call_id, at)
        ranks = {name: self.rank(name, call, rules.strategy, at) for name in takers}
        best = min(ranks, key=lambda name: ranks[name], default="")
        self.expect(best == offer.agent_id, P4_AGENT, (offer, best, ranks))
        passed = sum(reason.count for reason in offer.why.passed) if offer.why else 0
        ready = [
            agent
            for agent in self.agents.values()
            if agent.now.state == "ready" and offer.queue in agent.queues
        ]
        free = offer.why.free if offer.why else 0
        self.expect(free == len(takers) and free + passed == len(ready), P4_AGENT, offer)

    def _see_conclusion(self, end: OfferConcluded, at: float) -> None:
        offer, _ = self.open.pop(end.offer_id, (None, 0.0))
        self.expect(offer is not None, P2_ONCE, end)
        told = any(getattr(event, "offer_id", "") == end.offer_id for event in self._events)
        talks = any(isinstance(event, RestoreTalk) for event in self._events)
        stopped = end.offer_id in self.withdrawn
        self.expect(stopped or told or (talks and end.outcome == "answered"), P2_ONCE, end)
        call = self.calls.get(end.call_id)
        if end.outcome == "missed":
            self.agents[end.agent_id].idled = 0.0
        if call is None:
            self.expect(end.outcome == "withdrawn", P6, end)
            return
        if end.outcome in ("refused", "missed"):
            call.refused[end.agent_id] = at + self.ever[call.queue].ring_s
        if end.outcome == "answered":
            self.answered(call, at)
            call.stage, call.agent_id, call.offer_id = "talking", end.agent_id, ""
        elif call.stage == "offered":
            self.enter(call, at)

    def _see_agent(self, now: AgentBecame, at: float) -> None:
        agent = self.agents.get(now.agent_id)
        if agent is None:
            self._see_new_agent(now, at)
            return
        was = agent.now
        agent.becomes(now)
        self._check_step(was, now, at)
        if now.state == "offline":
            del self.agents[now.agent_id], self.work_of[now.agent_id]

    def _see_new_agent(self, now: AgentBecame, at: float) -> None:
        work = self.work_of[now.agent_id]
        if before := self.remembered.pop(now.agent_id, None):
            before.becomes(now)
            self.agents[now.agent_id] = replace(before, work=work, wrap_limit=None)
            return
        self.turns += 1
        self.agents[now.agent_id] = SeenAgent(work, now, at, self.turns)

    def _check_step(self, was: AgentBecame, now: AgentBecame, at: float) -> None:
        if (was.state, was.since) == (now.state, now.since) and now.state != "paused":
            limit = self.agents[now.agent_id].wrap_limit
            if now.until is not None and limit is not None:
                self.expect(now.until <= limit, P5, (was, now))
            return  # only what they asked for next has changed, or the wrap-up was extended
        named = [e for e in self._events if getattr(e, "agent_id", "") == now.agent_id]
        if not any(isinstance(event, RestoreAgent | RestoreOffer | RestoreTalk) for event in named):
            self.expect(now.state in STEPS[was.state], P2_OWNER, (was, now))
        if was.state in BUSY and now.state not in BUSY and was.next_state:
            asked = (was.next_state, was.next_reason)
            self.expect((now.state, now.reason) == asked, P5, (was, now))
        if was.state == "wrap_up":
            over = was.until is not None and was.until <= at
            ended = any(isinstance(e, WrapUpEnds | RestoreTalk | RestoreOffer) for e in named)
            self.expect(over or ended, P5, (was, now))
        if now.state == "wrap_up":
            rules = self.ever[self.queue_of[now.agent_id]]
            until = now.since + rules.wrap_up_s
            self.agents[now.agent_id].wrap_limit = until + rules.wrap_up_extra_s
            self.expect(now.until == until, P5, now)
        if was.state == "talking" and now.state != "wrap_up":
            rules = self.ever[self.queue_of[now.agent_id]]
            self.expect(rules.wrap_up_s == 0, P5, (was, now))
        if now.state == "paused" and now.reason == "missed":
            self.expect(now.until is not None and now.until > at, P3_MISS, now)

    # --- what must hold after each decision --------------------------------------------------

    def _look(self, at: float) -> None:
        self._settle(at)
        for call_id, _ in self.waiting():
            for agent_id in self.takers(call_id, at):
                self.expect(False, P1, (call_id, agent_id))
        self.look_for_overflows(at)
        self.look_at_tasks(at)
        owners = Counter(c.agent_id for c in self.calls.values() if c.stage in BUSY[:2])
        for agent_id, agent in self.agents.items():
            self._check_phone(agent_id, agent.now)
            tied = agent.now.state in ("offered", "talking")
            self.expect(owners[agent_id] == int(tied), P2_OWNER, (agent_id, owners))
            if tied:
                self._check_owner(agent_id, agent.now)
            timed = agent.now.state in ("paused", "wrap_up") and agent.now.until is not None
            over = timed and (agent.now.until or 0.0) <= at
            self.expect(not over, P3_MISS if agent.now.reason == "missed" else P5, agent.now)
        for offer, limit in self.open.values():
            self.expect(limit > at, P2_ONCE, offer)

    def _check_phone(self, agent_id: str, now: AgentBecame) -> None:
        gone = agent_id in self.unreachable
        self.expect(not (gone and now.state == "ready"), P_PHONE, now)
        if now.reason == "unreachable":
            self.expect(not gone or now.until is None, P_PHONE, now)
        if now.state == "offered" and (gone or now.next_state == "offline"):
            self.expect(self.calls[now.call_id].offer_id in self.withdrawn, P_PHONE, now)

    def _check_owner(self, agent_id: str, now: AgentBecame) -> None:
        call = self.calls.get(now.call_id)
        self.queue_of[agent_id] = call.queue if call else ""
        right = call is not None and (call.stage, call.agent_id) == (now.state, agent_id)
        self.expect(right, P2_OWNER, (now, call))
