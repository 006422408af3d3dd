"""Who takes which call: a pure state machine.

``handle(input, now)`` returns commands. No I/O, no wall clock, no randomness: the same inputs
give the same commands, in production, in tests, in a simulation and in a replay. Inputs come
from a wire and may be late, doubled or unknown: one that cannot apply changes nothing and is
reported as :class:`~hotline.acd.model.Ignored`.

What holds after every decision, each a property test:

1. No waiting call and ready agent who matches it coexist, unless the agent may not be asked for
   this call again yet (:mod:`hotline.acd.matching`); nobody else is asked.
2. A call has one owner, an agent at most one call or offer; an offer ends exactly once, by
   answer, refusal, miss, an unreachable phone or the caller's hang-up.
3. A miss leads to a pause that ends by itself.
4. Calls are served by priority, then waiting time, with the bound on overtaking that
   :func:`hotline.acd.policy.call_order` states.
5. Wrap-up, pauses and requested next states can be restored from what was said.
6. A call that hung up is never offered, whatever arrives late.
7. Tasks go to agents whom no caller needs, and give way to calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any, get_args

from hotline.acd.agents import Agent, Roster
from hotline.acd.book import RuleBook
from hotline.acd.levels import Levels
from hotline.acd.matching import Matching
from hotline.acd.model import (
    AgentPauses,
    AgentReachable,
    AgentReady,
    AgentSignsOff,
    AgentSignsOn,
    CallGone,
    CallStopsWaiting,
    CallWaits,
    Choice,
    Command,
    ExtendWrapUp,
    Failure,
    Ignored,
    Input,
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
    Tick,
    UseRules,
    WaitReasons,
    WrapUpEnds,
)
from hotline.acd.offers import Offers
from hotline.acd.ordered import Rank
from hotline.acd.overflow import Overflow
from hotline.acd.presence import Presence
from hotline.acd.queues import Lines
from hotline.acd.reasons import Reasons
from hotline.acd.restore import Restore
from hotline.acd.strategies import WAYS
from hotline.acd.tasks import Tasks
from hotline.acd.views import AgentRow, ServiceLevel, TaskRow, WaitingRow

OFFER_OVER = "the offer is over, or never was"


class Engine:
    """The routing of all queues. ``rules`` names every queue there is.

    ``explain`` False leaves :attr:`MakeOffer.why` out and saves its work; decisions are the same.
    """

    def __init__(self, rules: Mapping[str, QueueRules], *, explain: bool = True) -> None:
        self._explain = explain
        self._now = 0.0
        self._said: list[Command] = []
        self._rules = book = RuleBook(rules)
        self._levels = Levels(book)
        self._lines = Lines(book, self._levels)
        self._roster = Roster(self._agent_order, self._say)
        self._offers = Offers(book, self._lines, self._roster, self._levels, self._say)
        self._tasks = Tasks(book, self._roster, self._levels, self._say)
        self._overflow = Overflow(book, self._lines, self._roster, self._levels, self._say)
        self._matching = Matching(book, self._lines, self._roster)
        self._reasons = Reasons(book, self._lines, self._roster, self._matching)
        presence = Presence(self._lines, self._roster, self._offers)
        restore = Restore(book, self._lines, self._roster, self._offers, self._tasks)
        # Each applies one input and returns why it cannot apply, empty when it did.
        self._apply: dict[type, Callable[[Any, float], str]] = {
            CallWaits: self._call_waits,
            CallStopsWaiting: self._call_stops_waiting,
            CallGone: self._call_gone,
            OfferAnswered: self._offer_answered,
            OfferFailed: self._offer_failed,
            TalkEnded: self._talk_ended,
            AgentSignsOn: presence.sign_on,
            AgentSignsOff: presence.sign_off,
            AgentReady: presence.ready,
            AgentPauses: presence.pause,
            AgentReachable: presence.reachable,
            WrapUpEnds: presence.end_wrap_up,
            ExtendWrapUp: presence.extend_wrap_up,
            UseRules: self._use_rules,
            TaskWaits: self._tasks.waits,
            TaskGone: self._tasks.gone,
            TaskStarted: self._tasks.started,
            TaskDone: self._tasks.done,
            Tick: lambda event, now: "",
            RestoreAgent: restore.agent,
            RestoreOffer: restore.offer,
            RestoreTalk: restore.talk,
            RestoreLevel: self._levels.restore,
        }

    def handle(self, event: Input, now: float) -> list[Command]:
        """Apply one input and all deadlines that have come, then decide."""
        return self.adopt((event,), now)

    def adopt(self, events: Iterable[Input], now: float) -> list[Command]:
        """Apply several inputs, then decide once.

        For a restart: callers who waited before keep their places, since none is offered
        before all are back. Agents come first, then talks and offers, then waiting calls.
        """
        self._now = self._levels.now = now
        for event in events:
            if why := self._apply[type(event)](event, now):
                self._say(Ignored(type(event).__name__, _subject(event), why))
        self._expire(now)
        for call, agent in self._matching.pairs(now):
            choice = self._reasons.of_choice(call, agent, now) if self._explain else None
            self._offers.make(call, agent, choice, now)
        self._overflow.apply(now)
        self._tasks.give_way()
        self._tasks.offer(now)
        said, self._said = self._said, []
        return said

    def next_deadline(self) -> float | None:
        """The earliest instant at which a :class:`Tick` would change something, None for none."""
        instants = [
            self._roster.timers.first(),
            self._offers.timers.first(),
            self._lines.overflows.first(),
            self._lines.steps.first(),
            self._matching.next_asking(),
            self._overflow.next_instant(self._now),
            self._tasks.next_instant(self._now),
        ]
        return min([instant for instant in instants if instant is not None], default=None)

    @property
    def rules(self) -> Mapping[str, QueueRules]:
        """The rules in force, by queue."""
        return self._rules

    def agents(self) -> tuple[AgentRow, ...]:
        """Every signed-on agent, by name."""
        return self._roster.rows()

    def waiting(self) -> tuple[WaitingRow, ...]:
        """Every caller without an agent in the order of being served; those being offered are
        among them."""
        return self._lines.rows()

    def tasks(self) -> tuple[TaskRow, ...]:
        """Every task that is not done, the oldest first."""
        return self._tasks.rows()

    def service_level(self, queue: str) -> ServiceLevel:
        """The queue's service level at the last decision."""
        return self._levels.of(queue).now()

    def explain(self, call_id: str) -> Choice | WaitReasons | None:
        """Why the call waits, as of the last decision; once offered, why that agent was chosen.
        None for a call that neither waits nor was offered."""
        call = self._lines.get(call_id)
        if call is None:
            return None
        return self._reasons.of_waiting(call, self._now) if call.stage == "waiting" else call.why

    def _agent_order(self, agent: Agent, queue: str) -> Rank:
        way = WAYS[self._rules.of(queue).strategy]
        lasting = way.rank(agent, (), self._now) if way.lasting else ()
        return (-float(agent.weight(queue)), *lasting)

    def _say(self, command: Command) -> None:
        self._said.append(command)

    # --- time ---------------------------------------------------------------------------

    def _expire(self, now: float) -> None:
        for offer_id in self._offers.timers.take_due(now):
            self._offers.expire(offer_id, now)
        for agent_id in self._roster.timers.take_due(now):
            if agent := self._roster.get(agent_id):
                self._roster.release(agent, now)
        self._lines.step(now)
        self._levels.settle()

    def _use_rules(self, event: UseRules, now: float) -> str:
        self._levels.settle()
        self._rules.use(event.rules)
        self._levels.use_rules()
        self._roster.reorder(self._rules)
        self._lines.reorder(now)
        return ""

    # --- calls --------------------------------------------------------------------------

    def _call_waits(self, event: CallWaits, now: float) -> str:
        if self._lines.is_gone(event.call_id):
            return "the caller hung up"
        call = self._lines.get(event.call_id)
        if call and call.stage != "left":
            return f"the call is {call.stage} already"
        self._lines.come(event, now)
        return ""

    def _call_stops_waiting(self, event: CallStopsWaiting, now: float) -> str:
        call = self._lines.get(event.call_id)
        if call is None or call.stage not in ("waiting", "offered"):
            return "the call does not wait"
        if offer := self._offers.get(call.offer_id):
            self._offers.cancel(offer, now)
        self._lines.take(call, "left")
        return ""

    def _call_gone(self, event: CallGone, now: float) -> str:
        if self._lines.is_gone(event.call_id):
            return "the caller hung up before"
        call = self._lines.get(event.call_id)
        if call and (offer := self._offers.get(call.offer_id)):
            self._offers.cancel(offer, now)
        elif call and call.stage == "talking":
            self._offers.end_talk(call, now)
        self._lines.forget(event.call_id, now)
        return ""

    def _offer_answered(self, event: OfferAnswered, now: float) -> str:
        offer = self._offers.get(event.offer_id)
        if offer is None:
            return OFFER_OVER
        self._offers.answer(offer, now)
        return ""

    def _offer_failed(self, event: OfferFailed, now: float) -> str:
        offer = self._offers.get(event.offer_id)
        if offer is None:
            return OFFER_OVER
        if event.outcome not in get_args(Failure):
            return f"an offer does not fail as {event.outcome!r}"
        self._offers.fail(offer, event.outcome, now)
        return ""

    def _talk_ended(self, event: TalkEnded, now: float) -> str:
        call = self._lines.get(event.call_id)
        if call is None or call.stage != "talking":
            return "there is no such talk"
        self._offers.end_talk(call, now)
        return ""


def _subject(event: Input) -> str:
    names = [field.name for field in fields(event)]
    return str(getattr(event, names[0])) if names else ""
