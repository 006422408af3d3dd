"""How long one decision takes: 500 agents, 3,000 callers waiting in 20 queues, 20 skills.

Four calls in five require a skill at some level, half of those two.

A decision is everything between an input and the commands, and the next deadline. The same
inputs go to the engine and to plain scans in the same run; both must make the same offers. Each is
timed by the wall and by the processor: on a busy machine the wall shows the others' work too.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterator
from time import perf_counter_ns, thread_time_ns
from typing import NamedTuple, TypeVar

from hotline.acd.engine import Engine
from hotline.acd.model import (
    AgentReady,
    AgentSignsOn,
    CallGone,
    CallWaits,
    Command,
    Input,
    MakeOffer,
    Need,
    OfferAnswered,
    OfferFailed,
    QueueRules,
    TalkEnded,
    WrapUpEnds,
)
from tests.bench.scan import Scan

AGENTS = 500
WAITING = 3_000
QUEUES = tuple(f"q{number:02}" for number in range(20))
SKILLS = tuple(f"skill{number:02}" for number in range(20))
RULES = {name: QueueRules(ring_s=1e6, wrap_up_s=1e6, overflow_s=1e9) for name in QUEUES}
WARM_UP, STEPS = 500, 5_000
T = TypeVar("T")


class Row(NamedTuple):
    """One input's times in microseconds, and whether it led to an offer."""

    engine_wall: float
    engine_cpu: float
    scan_wall: float
    scan_cpu: float
    offered: bool


class Workload:
    """A hotline in a storm: everyone talks, thousands wait, and who gets free is asked at once."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._calls = 0
        self._waiting: set[str] = set()
        self._next: deque[Input] = deque()
        self._talks: dict[str, str] = {}
        self.now = 0.0

    @property
    def waiting(self) -> int:
        """How many callers nobody has answered."""
        return len(self._waiting)

    def agents(self) -> Iterator[AgentSignsOn]:
        """Each agent with three queues, and eight skills at any level."""
        for number in range(AGENTS):
            queues = tuple(self._dice.sample(QUEUES, 3))
            skills = {name: self._dice.randint(1, 5) for name in self._dice.sample(SKILLS, 8)}
            yield AgentSignsOn(f"agent{number:03}", queues, {}, skills)

    def step(self) -> Input:
        """The next thing that happens."""
        self.now += 0.01
        if self._next:
            return self._next.popleft()
        if len(self._waiting) < WAITING:
            return self._arrival()
        if self._dice.random() < 0.2:
            call_id = self._dice.choice(sorted(self._waiting))
            self._waiting.discard(call_id)
            return CallGone(call_id)
        call_id, agent_id = self._dice.choice(list(self._talks.items()))
        del self._talks[call_id]
        self._next += [WrapUpEnds(agent_id)]
        return TalkEnded(call_id)

    def react(self, offers: list[tuple[str, str, str]]) -> None:
        """Let agents answer the offers made, one in ten refusing."""
        for offer_id, call_id, agent_id in offers:
            if self._dice.random() < 0.1:
                self._next.append(OfferFailed(offer_id, "refused"))
            else:
                self._next.append(OfferAnswered(offer_id))
                self._waiting.discard(call_id)
                self._talks[call_id] = agent_id

    def _arrival(self) -> Input:
        self._calls += 1
        call_id = f"call{self._calls}"
        self._waiting.add(call_id)
        priority = self._dice.choice((0, 0, 0, 1, 3))
        queue, names = self._dice.choice(QUEUES), self._dice.choice((0, 1, 1, 2, 2))
        needs = [Need(name, self._dice.randint(1, 3)) for name in self._dice.sample(SKILLS, names)]
        return CallWaits(call_id, queue, priority, self.now, requires=tuple(needs))


def run(seed: int = 12319) -> dict[str, object]:
    """Measure both on the same inputs; times in microseconds."""
    work, engine, scan = Workload(seed), Engine(RULES), Scan(RULES)
    for agent in work.agents():
        engine.adopt((agent, AgentReady(agent.agent_id)), work.now)
        scan.ready(agent, work.now)
    while work.waiting < WAITING:
        _both(work, engine, scan)
    for _ in range(WARM_UP):
        _both(work, engine, scan)
    rows = [_both(work, engine, scan) for _ in range(STEPS)]
    offered = [row for row in rows if row.offered]
    return {
        "agents": AGENTS,
        "waiting": len(engine.waiting()),
        "queues": len(QUEUES),
        "skills": len(SKILLS),
        "decisions": len(rows),
        "offers": len(offered),
        "every_input": _compare(rows),
        "inputs_that_made_an_offer": _compare(offered),
    }


def _both(work: Workload, engine: Engine, scan: Scan) -> Row:
    event, now = work.step(), work.now

    def decide() -> list[Command]:
        commands = engine.handle(event, now)
        engine.next_deadline()
        return commands

    def decide_by_scan() -> list[tuple[str, str]]:
        pairs = scan.handle(event, now)
        scan.next_deadline()
        return pairs

    engine_wall, engine_cpu, commands = _timed(decide)
    scan_wall, scan_cpu, pairs = _timed(decide_by_scan)
    made = [command for command in commands if isinstance(command, MakeOffer)]
    if [(offer.call_id, offer.agent_id) for offer in made] != pairs:
        raise AssertionError(f"on {event} the engine offered {made}, the scan {pairs}")
    work.react([(offer.offer_id, offer.call_id, offer.agent_id) for offer in made])
    return Row(engine_wall, engine_cpu, scan_wall, scan_cpu, bool(made))


def _timed(call: Callable[[], T]) -> tuple[float, float, T]:
    wall, cpu = perf_counter_ns(), thread_time_ns()
    result = call()
    return (perf_counter_ns() - wall) / 1_000, (thread_time_ns() - cpu) / 1_000, result


def _compare(rows: list[Row]) -> dict[str, object]:
    return {
        "wall": _side_by_side([row.engine_wall for row in rows], [row.scan_wall for row in rows]),
        "cpu": _side_by_side([row.engine_cpu for row in rows], [row.scan_cpu for row in rows]),
    }


def _side_by_side(engine: list[float], scan: list[float]) -> dict[str, dict[str, float]]:
    return {
        name: {
            "engine_us": round(_at(engine, quantile), 1),
            "scan_us": round(_at(scan, quantile), 1),
            "scan_over_engine": round(_at(scan, quantile) / _at(engine, quantile), 1),
        }
        for name, quantile in (("p50", 0.5), ("p99", 0.99))
    }


def _at(values: list[float], quantile: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(quantile * len(ordered)))]
