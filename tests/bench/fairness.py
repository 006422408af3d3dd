"""The longest overtaking among simulated calls, beside the bound that the engine states.

Three queues (with other agings, one with widening rings), calls of all priorities, a third of
which require a skill, and a load that swings between calm and a storm in which callers wait for
a quarter of an hour. At each offer an onlooker looks for the caller who came longest before and
whom the same agent might have taken: by how much the offered call was allowed to pass, and by how
much it did. ``python -m tests.bench.fairness --calls 10000000 --jobs 2`` for a longer run.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import defaultdict, deque
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from heapq import heappop, heappush

from hotline.acd.engine import Engine
from hotline.acd.model import (
    BOTTOM_PRIORITY,
    TOP_PRIORITY,
    AgentReady,
    AgentSignsOn,
    CallGone,
    CallWaits,
    Command,
    Input,
    MakeOffer,
    Need,
    OfferAnswered,
    QueueRules,
    Ring,
    TalkEnded,
)

CALLS = 1_000_000
AGENTS = 40
TALK_S, PATIENCE_S = 120.0, 1_200.0
SWING_S = 7_200.0
"""Half of this the load is calm, half of it is a storm."""
CALM, STORM = 0.6, 1.8
"""Calls offered over calls that the agents can take."""
RULES = {
    "hotline": QueueRules(wrap_up_s=0, overflow_s=1e9),
    "urgent": QueueRules(wrap_up_s=0, overflow_s=1e9, aging_s=90, strategy="round_robin"),
    "wide": QueueRules(
        wrap_up_s=0, overflow_s=1e9, aging_s=20, rings=(Ring(0, weight=3), Ring(30))
    ),
}
QUEUES = tuple(RULES)
PRIORITIES = (0, 0, 0, 0, 1, 3, TOP_PRIORITY, BOTTOM_PRIORITY)
SKILL = "dialect"
LONGEST_AGING_S = max(rules.aging_s for rules in RULES.values())
Kind = tuple[str, int, int]
"""Queue, level required (0: none) and priority."""


@dataclass(slots=True)
class Found:
    """The longest overtaking, and how near any came to its own bound (1.0: reached)."""

    calls: int = 0
    offers: int = 0
    passing: int = 0
    longest_s: float = 0.0
    nearest: float = 0.0
    beyond: int = 0
    longest_wait_s: float = 0.0


class Hotline:
    """One simulated hotline and its onlooker."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._engine = Engine(RULES, explain=False)
        self._happens: list[tuple[float, int, str, str]] = []
        self._count = 0
        self._agents: dict[str, AgentSignsOn] = {}
        self._waiting: dict[str, tuple[Kind, float]] = {}
        self._came: defaultdict[Kind, deque[tuple[float, str]]] = defaultdict(deque)
        self.found = Found()

    def run(self, calls: int) -> Found:
        """Simulate until so many calls have come."""
        for number in range(AGENTS):
            queues = tuple(self._dice.sample(QUEUES, self._dice.randint(1, 3)))
            skills = {SKILL: self._dice.randint(1, 5)} if number % 2 else {}
            agent = AgentSignsOn(f"agent{number:02}", queues, {"wide": 1 + number % 5}, skills)
            self._agents[agent.agent_id] = agent
            self._tell(0.0, agent, AgentReady(agent.agent_id))
        self._later(0.0, "comes", "")
        while self.found.calls < calls:
            now, _, what, call_id = heappop(self._happens)
            if what == "comes":
                self._comes(now)
            elif what == "ends":
                self._tell(now, TalkEnded(call_id), CallGone(call_id))
            elif call_id in self._waiting:
                del self._waiting[call_id]
                self._tell(now, CallGone(call_id))
        return self.found

    def _comes(self, now: float) -> None:
        self.found.calls += 1
        call_id = f"c{self.found.calls}"
        level = self._dice.choice((0, 0, 0, 0, 1, 3))
        kind = (self._dice.choice(QUEUES), level, self._dice.choice(PRIORITIES))
        self._waiting[call_id] = kind, now
        self._came[kind].append((now, call_id))
        needs = (Need(SKILL, level),) if level else ()
        self._tell(now, CallWaits(call_id, kind[0], kind[2], now, requires=needs))
        self._later(now + self._dice.expovariate(1 / PATIENCE_S), "leaves", call_id)
        load = CALM if now % SWING_S < SWING_S / 2 else STORM
        self._later(now + self._dice.expovariate(load * AGENTS / TALK_S), "comes", "")

    def _tell(self, now: float, *events: Input) -> None:
        commands: list[Command] = self._engine.adopt(events, now)
        for command in commands:
            if isinstance(command, MakeOffer):
                self._look(command, now)
                self._engine.handle(OfferAnswered(command.offer_id), now)
                talk_s = self._dice.expovariate(1 / TALK_S)
                self._later(now + talk_s, "ends", command.call_id)

    def _look(self, offer: MakeOffer, now: float) -> None:
        found, agent = self.found, self._agents[offer.agent_id]
        _, since = self._waiting.pop(offer.call_id)
        found.offers += 1
        found.longest_wait_s = max(found.longest_wait_s, now - since)
        for kind, came in self._came.items():
            while came and came[0][1] not in self._waiting:
                came.popleft()
            if came and came[0][0] < since and _may_take(agent, kind, now - came[0][0]):
                self._overtaken(kind, since - came[0][0])

    def _overtaken(self, kind: Kind, by_s: float) -> None:
        queue, _, priority = kind
        bound = TOP_PRIORITY * LONGEST_AGING_S - priority * RULES[queue].aging_s
        found = self.found
        found.passing += 1
        found.longest_s = max(found.longest_s, by_s)
        found.nearest = max(found.nearest, by_s / bound) if bound else found.nearest
        found.beyond += by_s > bound

    def _later(self, at: float, what: str, call_id: str) -> None:
        self._count += 1
        heappush(self._happens, (at, self._count, what, call_id))


def _may_take(agent: AgentSignsOn, kind: Kind, waited_s: float) -> bool:
    queue, level, _ = kind
    if queue not in agent.queues or agent.skills.get(SKILL, 0) < level:
        return False
    asked = [ring for ring in RULES[queue].rings if ring.after_s <= waited_s]
    return not asked or agent.weights.get(queue, 1) >= asked[-1].weight


def _one(seed: int, calls: int) -> Found:
    return Hotline(seed).run(calls)


def run(calls: int = CALLS, jobs: int = 1, seed: int = 12319) -> dict[str, object]:
    """Simulate ``calls`` calls, in ``jobs`` processes with a seed each."""
    began = time.perf_counter()
    seeds, parts = range(seed, seed + jobs), [calls // jobs] * jobs
    if jobs == 1:
        founds = [_one(seed, calls)]
    else:
        with ProcessPoolExecutor(jobs) as pool:
            founds = list(pool.map(_one, seeds, parts))
    steps = TOP_PRIORITY - BOTTOM_PRIORITY
    return {
        "calls": sum(found.calls for found in founds),
        "offers": sum(found.offers for found in founds),
        "offers_that_passed_somebody": sum(found.passing for found in founds),
        "longest_wait_s": round(max(found.longest_wait_s for found in founds), 1),
        "longest_overtaking_s": round(max(found.longest_s for found in founds), 1),
        "bound_s": steps * LONGEST_AGING_S,
        "nearest_to_its_own_bound": round(max(found.nearest for found in founds), 4),
        "beyond_the_bound": sum(found.beyond for found in founds),
        "seed": seed,
        "seconds": round(time.perf_counter() - began, 1),
    }


def main() -> None:
    """Run with the counts given, and print the result as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fairness", description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--seed", type=int, default=12319)
    options = parser.parse_args()
    print(json.dumps(run(options.calls, options.jobs, options.seed), indent=2))


if __name__ == "__main__":
    main()
