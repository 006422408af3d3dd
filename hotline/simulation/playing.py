"""One replication: the production engine on a clock that jumps from event to event."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from itertools import count
from math import inf
from typing import Any

from hotline.acd.engine import Engine
from hotline.acd.model import (
    AgentBecame,
    AgentReady,
    AgentSignsOff,
    AgentSignsOn,
    CallGone,
    CallWaits,
    ExtendWrapUp,
    Input,
    MakeOffer,
    OfferAnswered,
    OfferConcluded,
    OfferFailed,
    Overflowed,
    Tick,
    WrapUpEnds,
)
from hotline.simulation.drawing import Drawn
from hotline.simulation.model import Scenario, Shift
from hotline.simulation.observing import Observer
from hotline.simulation.sample import Outcome, Sample

HANDLING = frozenset(("offered", "talking", "wrap_up"))
TICK = Tick()


class Play:
    """Plays one replication. The wire and the people are simulated, the decisions are real.

    The heap holds ``(instant, number, what, subject)``; what no longer applies when its instant
    comes (an abandonment of a caller who talks) is dropped there instead of searched for.
    """

    def __init__(self, scenario: Scenario, drawn: Drawn, observer: Observer | None) -> None:
        self._scenario = scenario
        self._drawn = drawn
        self._observer = observer
        self.engine = Engine(scenario.queues, explain=False)
        self._sample = Sample.empty(drawn.kind, drawn.at)
        self._index = {name: index for index, name in enumerate(drawn.call_ids)}
        self._agents = {shift.agent_id: number for number, shift in enumerate(scenario.shifts)}
        self._handling: dict[str, float] = {}
        self._on_duty: dict[str, float] = {}
        self._offers: dict[int, str] = {}
        self._wrap_ups: dict[str, str] = {}
        self._been: dict[int, set[str]] = {}
        self._extras = any(rules.wrap_up_extra_s > 0 for rules in scenario.queues.values())
        self._heap: list[tuple[float, int, Any, Any]] = []
        self._numbers = count()
        self._decided_at, self._deadline, self._asks_anew = -inf, inf, True
        self._hear: dict[type, Callable[[Any, float], None]] = {
            MakeOffer: self._offer_made,
            OfferConcluded: self._offer_concluded,
            AgentBecame: self._agent_became,
            Overflowed: self._overflowed,
        }

    def run(self) -> Sample:
        """Play from the scenario's start to its end."""
        self._plan_shifts()
        heap, arrivals, end = self._heap, self._drawn.at, self._scenario.end_s
        coming, callers = 0, len(arrivals)
        while True:
            arrival = arrivals[coming] if coming < callers else inf
            planned = heap[0][0] if heap else inf
            now = min(arrival, planned)
            if self._due_before(now):
                if self._deadline > end:
                    break
                self._tell(TICK, self._deadline)
            elif now > end:
                break
            elif planned <= arrival:
                _, _, happen, subject = heappop(heap)
                happen(subject, now)
            else:
                self._arrive(coming, now)
                coming += 1
        self._close(end)
        return self._sample

    def _due_before(self, now: float) -> bool:
        # After a decision nothing is due at its own instant, and what is due changes by
        # decisions alone: the engine is asked only when that can matter.
        if now <= self._decided_at:
            return False
        if self._asks_anew:
            deadline = self.engine.next_deadline()
            self._deadline = inf if deadline is None else deadline
            self._asks_anew = False
        return self._deadline < now

    # --- what happens by itself -------------------------------------------------------------

    def _plan_shifts(self) -> None:
        for shift in self._scenario.shifts:
            for begin, end in shift.spans:
                self._plan(begin, self._sign_on, shift)
                self._plan(end, self._sign_off, shift.agent_id)

    def _plan(self, at: float, happen: Any, subject: Any) -> None:
        heappush(self._heap, (at, next(self._numbers), happen, subject))

    def _sign_on(self, shift: Shift, now: float) -> None:
        on = AgentSignsOn(shift.agent_id, shift.queues, shift.weights, shift.skills)
        if shift.agent_id in self._on_duty:
            # Still busy since the last span: ready follows, once the wish to leave is taken back.
            self._tell(on, now)
        else:
            self._tell_all((on, AgentReady(shift.agent_id)), now)

    def _sign_off(self, agent_id: str, now: float) -> None:
        self._tell(AgentSignsOff(agent_id), now)

    def _arrive(self, call: int, now: float) -> None:
        drawn = self._drawn
        queue = self._scenario.calls[drawn.kind[call]].queue
        self._tell(self._waits(call, queue), now)
        if self._sample.outcome[call] == Outcome.WAITING and drawn.patience[call] != inf:
            self._plan(now + drawn.patience[call], self._abandon, call)
        if self._observer:
            self._observer.entered(drawn.call_ids[call], queue, now)

    def _waits(self, call: int, queue: str, entered: float | None = None) -> CallWaits:
        drawn = self._drawn
        calls = self._scenario.calls[drawn.kind[call]]
        return CallWaits(
            call_id=drawn.call_ids[call],
            queue=queue,
            priority=calls.priority,
            since=drawn.at[call],
            requires=calls.requires,
            prefers=calls.prefers,
            first_agent=drawn.first_agents[call],
            entered=entered,
        )

    def _move(self, move: tuple[int, str], now: float) -> None:
        call, queue = move
        if self._sample.outcome[call] == Outcome.WAITING:
            self._tell(self._waits(call, queue, now), now)

    def _abandon(self, call: int, now: float) -> None:
        if self._sample.outcome[call] == Outcome.WAITING:
            self._leave(call, now, Outcome.ABANDONED)
            self._offers.pop(call, None)
            self._tell(CallGone(self._drawn.call_ids[call]), now)

    def _answer(self, offer: tuple[int, str], now: float) -> None:
        call, offer_id = offer
        if self._offers.get(call) == offer_id:
            self._tell(OfferAnswered(offer_id), now)

    def _miss(self, offer: tuple[int, str], now: float) -> None:
        call, offer_id = offer
        if self._offers.get(call) == offer_id:
            self._tell(OfferFailed(offer_id, "missed"), now)

    def _hang_up(self, call: int, now: float) -> None:
        self._tell(CallGone(self._drawn.call_ids[call]), now)

    def _finish(self, wrap_up: tuple[str, str], now: float) -> None:
        agent_id, call_id = wrap_up
        if self._wrap_ups.get(agent_id) == call_id:
            self._tell(WrapUpEnds(agent_id), now)

    # --- what the engine says ---------------------------------------------------------------

    def _tell(self, event: Input, now: float) -> None:
        self._tell_all((event,), now)

    def _tell_all(self, events: Sequence[Input], now: float) -> None:
        commands = self.engine.adopt(events, now)
        self._decided_at, self._asks_anew = now, True
        if self._observer:
            self._observer.decided(events, now, commands)
        hear = self._hear
        for command in commands:
            if heard := hear.get(type(command)):
                heard(command, now)

    def _offer_made(self, offer: MakeOffer, now: float) -> None:
        call = self._index[offer.call_id]
        self._offers[call] = offer.offer_id
        answer = self._drawn.answer[call]
        if now + answer < offer.until:
            self._plan(now + answer, self._answer, (call, offer.offer_id))
        else:
            self._plan(offer.until, self._miss, (call, offer.offer_id))

    def _offer_concluded(self, offer: OfferConcluded, now: float) -> None:
        call = self._index[offer.call_id]
        self._offers.pop(call, None)
        if offer.outcome == "answered":
            self._leave(call, now, Outcome.ANSWERED)
            self._sample.agent[call] = self._agents[offer.agent_id]
            self._plan(now + self._drawn.talk[call], self._hang_up, call)

    def _agent_became(self, became: AgentBecame, now: float) -> None:
        agent_id, state = became.agent_id, became.state
        if state == "wrap_up":
            self._wrap_up(became, now)
        else:
            self._wrap_ups.pop(agent_id, None)
        if state in HANDLING:
            self._handling.setdefault(agent_id, now)
        elif (begin := self._handling.pop(agent_id, None)) is not None:
            self._sample.handled.add(self._agents[agent_id], begin, now)
        if state != "offline":
            self._on_duty.setdefault(agent_id, now)
        elif (begin := self._on_duty.pop(agent_id, None)) is not None:
            self._sample.on_duty.add(self._agents[agent_id], begin, now)

    def _wrap_up(self, became: AgentBecame, now: float) -> None:
        agent_id, call_id = became.agent_id, became.call_id
        done = became.since + self._drawn.wrap_up[self._index[call_id]]
        begins = self._wrap_ups.get(agent_id) != call_id
        self._wrap_ups[agent_id] = call_id
        if became.until is None or done < became.until:
            self._plan(done, self._finish, (agent_id, call_id))
        elif begins and self._extras and became.until < done < inf:
            self._plan(now, self._extend, (agent_id, call_id, done - became.until))

    def _extend(self, wish: tuple[str, str, float], now: float) -> None:
        agent_id, call_id, by_s = wish
        if self._wrap_ups.get(agent_id) == call_id:
            self._tell(ExtendWrapUp(agent_id, by_s), now)

    def _overflowed(self, overflow: Overflowed, now: float) -> None:
        call = self._index[overflow.call_id]
        been, queue = self._been.setdefault(call, set()), overflow.to.removeprefix("queue:")
        been.add(overflow.queue)
        # Two full queues that name each other must not pass a caller to and fro for ever.
        if overflow.to.startswith("queue:") and queue not in been:
            self._plan(now, self._move, (call, queue))
            return
        self._leave(call, now, Outcome.OVERFLOWED)
        self._plan(now, self._hang_up, call)

    def _leave(self, call: int, now: float, outcome: Outcome) -> None:
        self._sample.outcome[call] = outcome
        self._sample.left[call] = now
        if self._observer:
            self._observer.left(self._drawn.call_ids[call], now, outcome)

    def _close(self, end: float) -> None:
        sample = self._sample
        for call, outcome in enumerate(sample.outcome):
            if outcome == Outcome.WAITING:
                sample.left[call] = end
        for agent_id, begin in self._handling.items():
            sample.handled.add(self._agents[agent_id], begin, end)
        for agent_id, begin in self._on_duty.items():
            sample.on_duty.add(self._agents[agent_id], begin, end)
        if self._observer:
            self._observer.ends(end)
