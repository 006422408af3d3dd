"""A small world around the engine that does anything at any time, right or wrong.

Driven by Hypothesis (which shrinks what it finds) and by the soak run (which goes on for long).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Literal

from hotline.acd.engine import Engine
from hotline.acd.model import (
    AgentBecame,
    AgentPauses,
    AgentReachable,
    AgentReady,
    AgentSignsOff,
    AgentSignsOn,
    CallGone,
    CallStopsWaiting,
    CallWaits,
    Command,
    ExtendWrapUp,
    Failure,
    Ignored,
    Input,
    MakeOffer,
    OfferAnswered,
    OfferFailed,
    Overflowed,
    QueueRules,
    RestoreAgent,
    RestoreOffer,
    RestoreTalk,
    TalkEnded,
    TaskDone,
    TaskGone,
    TaskStarted,
    TaskWaits,
    Tick,
    UseRules,
    WrapUpEnds,
)
from tests.acd.oracle import Oracle
from tests.acd.plans import NEEDS, PLANS, QUEUE_SETS, RULES, SKILLS, WEIGHTS
from tests.acd.promises import P5, P_IGNORED
from tests.acd.seen import SeenAgent, SeenCall

ENGAGED = ("talking", "on_task")
AGENTS = ("a1", "a2", "a3", "a4", "a5")
Ending = Failure | Literal["answered"]
DEADLINE = "next_deadline is exact"


class World:
    """One engine, its onlooker, and the time. Every method is one thing that may happen."""

    def __init__(self, rules: Mapping[str, QueueRules] = RULES) -> None:
        self.oracle = Oracle(rules)
        self.engine = Engine(rules)
        self.rules = dict(rules)
        self.now = 1_000.0
        self.log: list[tuple[float, tuple[Input, ...], tuple[Command, ...]]] = []
        self.keep_log = True
        self.inputs = 0
        self._calls: list[str] = []
        self._offers: list[str] = []
        self._tasks: list[str] = []
        self._count = 0
        self._restarted = False

    def put(self, *events: Input) -> list[Command]:
        """Give the engine these inputs as one decision, and look at what it does."""
        commands = self.engine.adopt(events, self.now)
        self.inputs += len(events)
        if self.keep_log:
            self.log.append((self.now, events, tuple(commands)))
        self._offers += [it.offer_id for it in commands if isinstance(it, MakeOffer)]
        self.oracle.observe(events, self.now, commands)
        return commands

    def pass_time(self, seconds: float) -> None:
        """Let time go by, waking the engine when it asked to be woken."""
        end = self.now + seconds
        while (at := self.engine.next_deadline()) is not None and at <= end:
            self._wake(at)
            if self.oracle.broken:
                return  # an instant that does not pass would be waited for without end
        self.now = end
        self._expect(not self._tick(), DEADLINE, f"something changed before {at}")

    def _tick(self) -> bool:
        """Whether the mere time has changed anything."""
        before = self.engine.waiting()
        return bool(self.put(Tick())) or self.engine.waiting() != before

    def oversleep(self, seconds: float) -> None:
        """Let time go by without waking the engine, as a stopped process would."""
        self.now += seconds
        self.put(Tick())

    def _wake(self, at: float) -> None:
        self._expect(at > self.now, DEADLINE, f"{at} has passed")
        if (before := (self.now + at) / 2) > self.now:
            self.now = before
            self._expect(not self._tick(), DEADLINE, f"something changed before {at}")
        self.now = at
        self._expect(self._tick(), DEADLINE, f"nothing changed at {at}")

    # --- calls --------------------------------------------------------------------------

    def call_waits(self, queue: int, priority: int, waited: float, which: int = 0) -> None:
        """A new caller, ``waited`` seconds after they came; ``which`` is what they need."""
        self._count += 1
        call_id = f"c{self._count}"
        self._calls.append(call_id)
        name = ("hotline", "urgent", "no-such-queue")[queue % 3]
        requires, prefers = NEEDS[which % len(NEEDS)]
        first = ("", *AGENTS)[which // 2 % 6]
        entered = None if which % 3 else self.now
        since = self.now - waited
        call = CallWaits(call_id, name, priority, since, (), 0, requires, prefers, first, entered)
        self.put(call)

    def call_waits_again(self, which: int, queue: int) -> None:
        """A late or doubled report, or a caller who comes back."""
        if call_id := _pick(self._calls, which):
            made = sum(offer.startswith(f"{call_id}/") for offer in self.oracle.made)
            # Without a restart the engine itself must remember.
            offers = made if self._restarted else 0
            name = ("hotline", "urgent")[queue % 2]
            self.put(CallWaits(call_id, name, 1, self.now, offers=offers, admitted=which % 2 == 0))

    def call_gone(self, which: int) -> None:
        """A caller hangs up (perhaps again)."""
        if call_id := _pick(self._calls, which):
            self.put(CallGone(call_id))

    def call_stops_waiting(self, which: int) -> None:
        """A caller is taken elsewhere for a while."""
        if call_id := _pick(self._calls, which):
            self.put(CallStopsWaiting(call_id))

    def call_gone_early(self) -> None:
        """A hang-up reported before the call was."""
        self._count += 1
        call_id = f"c{self._count}"
        self._calls.append(call_id)
        self.put(CallGone(call_id))

    def talk_ended(self, which: int) -> None:
        """A talk ends, or one is said to."""
        talks = [key for key, call in self.oracle.calls.items() if call.stage == "talking"]
        if call_id := _pick(talks or self._calls, which):
            self.put(TalkEnded(call_id))

    def open_offer_ends(self, which: int, outcome: Ending) -> None:
        """The wire reports how a ringing ended."""
        if offer_id := _pick(list(self.oracle.open), which):
            self.put(_end(offer_id, outcome))

    def any_offer_ends(self, which: int, outcome: Ending) -> None:
        """The wire reports late, twice, or about an offer that never was."""
        self.put(_end(_pick(self._offers, which) or "nothing/1", outcome))

    # --- agents -------------------------------------------------------------------------

    def sign_on(self, agent: int, queues: int) -> None:
        """An agent signs on, perhaps once more, perhaps for other queues."""
        skills, weights = SKILLS[(agent + queues) % 4], WEIGHTS[queues % 3]
        self.put(AgentSignsOn(AGENTS[agent % 5], QUEUE_SETS[queues % 4], weights, skills))

    def agent_does(self, agent: int, what: int) -> None:
        """An agent presses a button, whether it makes sense or not."""
        name = AGENTS[agent % 5]
        events: Sequence[Input] = (
            AgentReady(name),
            AgentPauses(name, "meal"),
            AgentPauses(name, "rest", self.now + 45),
            WrapUpEnds(name),
            AgentSignsOff(name),
            AgentReachable(name, False),
            AgentReachable(name, True),
            ExtendWrapUp(name, 15),
        )
        self.put(events[what % len(events)])

    # --- tasks and rules --------------------------------------------------------------------

    def task_waits(self, queue: int) -> None:
        """A callback is due, perhaps long since."""
        self._count += 1
        self._tasks.append(f"t{self._count}")
        name = ("hotline", "urgent", "no-such-queue")[queue % 3]
        requires, _ = NEEDS[queue % len(NEEDS)]
        self.put(TaskWaits(self._tasks[-1], name, self.now - queue, requires))

    def task_step(self, which: int, what: int) -> None:
        """Something is reported of a task, whether it makes sense or not."""
        stage = ("offered", "started", "offered", "")[what % 4]
        known = [key for key, task in self.oracle.tasks.items() if task.stage == stage]
        if task_id := _pick(known or self._tasks, which):
            steps = (TaskStarted(task_id), TaskDone(task_id), TaskGone(task_id))
            self.put(steps[what % 3])

    def engaged_agent_does(self, which: int, what: int) -> None:
        """An agent who talks or works on a task presses a button."""
        names = [key for key, it in self.oracle.agents.items() if it.now.state in ENGAGED]
        if name := _pick(names, which):
            self.agent_does(AGENTS.index(name), what)

    def use_rules(self, which: int) -> None:
        """A new plan comes into force."""
        self.rules = PLANS[which % len(PLANS)]
        self.put(UseRules(self.rules))

    # --- the wire at its worst ------------------------------------------------------------

    def say_twice(self) -> None:
        """The last input arrives once more, at once."""
        _, events, commands = self.log[-1] if self.log else (0.0, (), ())
        if len(events) != 1 or isinstance(events[0], ExtendWrapUp):
            return
        if any(isinstance(command, Overflowed) for command in commands):
            return  # a caller who came back too late may come back once more
        before = (self.engine.agents(), self.engine.waiting())
        again = self.put(*events)
        told = [command for command in again if not isinstance(command, Ignored)]
        same = before == (self.engine.agents(), self.engine.waiting()) and not told
        self._expect(same, P_IGNORED, f"{events} twice gave {told}")

    def pbx_shows_talk(self, call: int, agent: int, queue: int) -> None:
        """Healing: the PBX shows a talk, perhaps one that the engine knows nothing of."""
        if call_id := _pick(self._calls, call):
            name = ("", "hotline", "urgent", "no-such-queue")[queue % 4]
            self.put(RestoreTalk(call_id, AGENTS[agent % 5], self.now - 3, name))

    def restart(self, ringing_survives: bool) -> None:
        """The process dies; another takes over from what was journalled."""
        self._restarted = True
        before, old = self.oracle, self.engine
        self.engine, self.oracle = Engine(self.rules), Oracle(self.rules)
        self.oracle.made, self.oracle.broken = before.made, before.broken
        self.oracle.counts, self.oracle.overtaken_s = before.counts, before.overtaken_s
        self.oracle.remembered, self.oracle.turns = before.agents, before.turns
        # An id is used once: what hung up before the restart cannot be reported after it.
        self._calls = [call_id for call_id in self._calls if call_id not in before.gone]
        self.log.clear()
        self.put(*(AgentReachable(name, False) for name in sorted(before.unreachable)))
        agents = [_restore(agent) for agent in before.agents.values()]
        offers = self._ringing(before) if ringing_survives else []
        ringing = {offer.call_id for offer in offers}
        # Started tasks come back with their agents.
        tasks = [
            TaskWaits(task_id, task.queue, task.since, task.requires)
            for task_id, task in before.tasks.items()
            if task.stage != "started"
        ]
        waiting = self._left_waiting(before, ringing)
        levels = before.level.journalled(self.rules, self.now)
        states = {agent_id: agent.now for agent_id, agent in before.agents.items()}
        self.put(*levels, *agents, *_talks(before), *offers, *waiting, *tasks)
        self._compare(states, old)

    def _ringing(self, before: Oracle) -> list[RestoreOffer]:
        rows = ((offer, before.calls[offer.call_id]) for offer, _ in before.open.values())
        return [
            RestoreOffer(
                offer.offer_id,
                offer.agent_id,
                offer.call_id,
                call.queue,
                call.priority,
                call.since,
                tuple(call.refused),
                call.offers,
                call.requires,
                call.prefers,
                call.first_agent,
                call.entered,
                self._refused_at(call),
                call.counted,
            )
            for offer, call in rows
        ]

    def _refused_at(self, call: SeenCall) -> tuple[float, ...]:
        ring_s = self.oracle.ever[call.queue].ring_s
        return tuple(again - ring_s for again in call.refused.values())

    def _left_waiting(self, before: Oracle, ringing: set[str]) -> list[CallWaits]:
        # The newest first, to show that the order of adoption does not matter.
        return [
            CallWaits(
                call_id,
                call.queue,
                call.priority,
                call.since,
                tuple(call.refused),
                call.offers,
                call.requires,
                call.prefers,
                call.first_agent,
                call.entered,
                admitted=True,
                refused_at=self._refused_at(call),
                counted=call.counted,
            )
            for call_id, call in reversed(before.calls.items())
            if call.stage in ("waiting", "offered") and call_id not in ringing
        ]

    def _compare(self, states: Mapping[str, AgentBecame], old: Engine) -> None:
        for agent_id, was in states.items():
            held = was.state in ("paused", "wrap_up", "talking", "on_task")
            same = agent_id in self.oracle.agents and self.oracle.agents[agent_id].now == was
            self._expect(same or not held, P5, f"{was} after a restart")
        # A call that rings while its queue is no more has the rules that the old engine remembered.
        places = [row.call_id for row in old.waiting() if row.queue in self.rules]
        now = [row.call_id for row in self.engine.waiting() if row.queue in self.rules]
        self._expect(now == [call_id for call_id in places if call_id in now], P5, "places")

    def _expect(self, holds: bool, promise: str, what: str) -> None:
        if not holds:
            self.oracle.broken[promise].append(what)


def _pick(names: Sequence[str], which: int) -> str | None:
    return names[-1 - which % len(names)] if names else None


def _end(offer_id: str, outcome: Ending) -> Input:
    if outcome == "answered":
        return OfferAnswered(offer_id)
    return OfferFailed(offer_id, outcome)


def _restore(was: SeenAgent) -> RestoreAgent:
    work = was.work
    now = {field.name: getattr(was.now, field.name) for field in fields(was.now)}
    return RestoreAgent(queues=work.queues, weights=work.weights, skills=work.skills, **now)


def _talks(before: Oracle) -> list[RestoreTalk]:
    return [
        RestoreTalk(call_id, call.agent_id, before.agents[call.agent_id].now.since, call.queue)
        for call_id, call in before.calls.items()
        if call.stage == "talking"
    ]
