"""How far the told wait is from the real one, on simulated Mondays, storms and shift changes,
beside the naive estimate (the last hour's mean wait).

One caller in ten never hangs up and is scored: of those who do, nobody knows how long they would
have waited. Both estimates are asked at the same moments: on entering, and each 45 s after that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

import numpy as np

from hotline import events
from hotline.acd.engine import Engine
from hotline.acd.model import AgentBecame, Command, Input, QueueRules
from hotline.routing.model import Queue, RoutingPlan, Shifts
from hotline.routing.rules import Routing
from hotline.simulation.drawing import draw
from hotline.simulation.durations import Exponential, Forever, Lognormal
from hotline.simulation.model import Calls, Rate, Rates, Scenario, Shift
from hotline.simulation.observing import Observer
from hotline.simulation.playing import Play
from hotline.simulation.sample import Outcome
from hotline.waiting.estimate import HORIZON_S
from hotline.waiting.lately import Lately
from hotline.waiting.looking import Looking
from hotline.waiting.score import Score, Told, score
from hotline.waiting.shifts import ShiftChanges
from hotline.waiting.telling import EVERY_S, said_seconds

QUEUE = "hotline"
# When the scenarios' time begins.
DAY = "1970-01-01"
HOUR = 3600.0
REPLICATIONS = 20
RULES = QueueRules(wrap_up_s=60.0, overflow_s=3 * HOUR)
TALK = Lognormal(180.0, 130.0)
WRAP_UP = Exponential(30.0)
PATIENCE = Exponential(600.0)

Rows = Sequence[tuple[float, float, float]]


def run() -> dict[str, object]:
    """Measure both estimates on each scenario."""
    return {name: _measure(made) for name, made in _scenarios().items()}


class Watch(Observer):
    """Asks for estimates as the product does, and keeps what became of them."""

    def __init__(self, roster: Routing) -> None:
        self._lately = Lately()
        self._roster = roster
        self._asked: dict[str, list[tuple[float, float | None, float | None]]] = {}
        self._next: dict[str, float] = {}
        self._entered: dict[str, float] = {}
        self.ours: list[Told] = []
        self.naive: list[Told] = []

    def begins(self, replication: int, engine: Engine) -> None:
        shifts = ShiftChanges(lambda: self._roster, engine.agents, UTC)
        self._looking = Looking(lambda: engine, self._lately, shifts)

    def entered(self, call_id: str, queue: str, at: float) -> None:
        self._entered[call_id] = at
        if call_id.startswith("1-"):
            self._ask(call_id, at)

    def decided(self, inputs: Sequence[Input], at: float, commands: Sequence[Command]) -> None:
        for command in commands:
            if isinstance(command, AgentBecame):
                state = events.AgentStateChanged(command.agent_id, command.state, command.since)
                self._lately.apply(state, at)
        for call_id in [one for one, due in self._next.items() if due <= at]:
            self._ask(call_id, at)

    def _ask(self, call_id: str, at: float) -> None:
        found = self._looking.outlook(call_id, at)
        if found is not None and not (found.ahead == 0 and call_id not in self._asked):
            asked = self._asked.setdefault(call_id, [])
            asked.append((at, found.seconds, self._lately.mean_wait(at)))
        self._next[call_id] = at + EVERY_S

    def left(self, call_id: str, at: float, outcome: Outcome) -> None:
        waited = at - self._entered.pop(call_id, at)
        if outcome == Outcome.ANSWERED:
            self._lately.apply(events.CallAnswered(call_id, "", waited), at)
        elif outcome == Outcome.ABANDONED:
            self._lately.apply(events.CallAbandoned(call_id, QUEUE, waited), at)
        self._next.pop(call_id, None)
        for asked, ours, naive in self._asked.pop(call_id, []):
            if ours is None or naive is None or ours >= HORIZON_S:
                continue
            self.ours.append(Told(ours, said_seconds(ours), at - asked))
            self.naive.append(Told(naive, said_seconds(naive), at - asked))


def _scenarios() -> dict[str, tuple[Scenario, Routing]]:
    day = ((0.0, 1.0, 110.0), (1.0, 2.5, 200.0), (2.5, 4.0, 140.0), (4.0, 6.0, 110.0))
    storm = ((0.0, 2.0, 90.0), (2.0, 2.75, 420.0), (2.75, 5.0, 110.0))
    steady = ((0.0, 6.0, 170.0),)
    # The early shift goes ten minutes before the late one has its headsets on.
    early, late = ((0.0, 3 * HOUR),), ((3 * HOUR + 600, 6 * HOUR),)
    changing = (*_team("a", 9, early), *_team("b", 8, late), *_team("c", 4, ((0.0, 6 * HOUR),)))
    return {
        "monday": (_scenario(day, _team("a", 12, ((0.0, 6 * HOUR),))), _roster(())),
        "storm": (_scenario(storm, _team("a", 10, ((0.0, 5 * HOUR),))), _roster(())),
        "shift_change_known": (_scenario(steady, changing), _roster(changing)),
        "shift_change_unknown": (_scenario(steady, changing), _roster(())),
    }


def _roster(shifts: Sequence[Shift]) -> Routing:
    """A plan whose roster says when these agents work."""
    days = {shift.agent_id: " ".join(map(_hours, shift.spans)) for shift in shifts}
    roster = {agent_id: Shifts(days={DAY: hours}) for agent_id, hours in days.items()}
    queue = Queue(name=QUEUE, title={"zh": QUEUE})
    return Routing(RoutingPlan(queues=(queue,), roster=roster), QUEUE)


def _hours(span: tuple[float, float]) -> str:
    clock = (f"{int(at // HOUR):02}:{int(at % HOUR // 60):02}" for at in span)
    return "-".join(clock)


def _team(name: str, size: int, spans: tuple[tuple[float, float], ...]) -> tuple[Shift, ...]:
    return tuple(Shift(f"{name}{number}", spans, (QUEUE,)) for number in range(size))


def _scenario(rows: Rows, shifts: tuple[Shift, ...]) -> Scenario:
    def callers(share: float) -> Rates:
        return Rates(tuple(Rate(a * HOUR, b * HOUR, rate * share) for a, b, rate in rows))

    return Scenario(
        queues={QUEUE: RULES},
        calls=(
            Calls(QUEUE, callers(0.9), TALK, WRAP_UP, PATIENCE),
            Calls(QUEUE, callers(0.1), TALK, WRAP_UP, Forever()),
        ),
        shifts=shifts,
        start_s=0.0,
        end_s=rows[-1][1] * HOUR,
    )


def _measure(made: tuple[Scenario, Routing]) -> dict[str, object]:
    scenario, roster = made
    ours: list[Told] = []
    naive: list[Told] = []
    for number, seed in enumerate(np.random.SeedSequence(12319).spawn(REPLICATIONS)):
        watch = Watch(roster)
        play = Play(scenario, draw(scenario, seed), watch)
        watch.begins(number, play.engine)
        play.run()
        ours += watch.ours
        naive += watch.naive
    waits = [one.waited_s for one in ours if one.waited_s is not None]
    return {
        "replications": REPLICATIONS,
        "estimates": len(ours),
        "mean_wait_s": round(float(np.mean(waits)), 1) if waits else None,
        "estimate": _told(score(ours)),
        "naive": _told(score(naive)),
    }


def _told(found: Score) -> dict[str, object]:
    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, 1)

    return {
        "mean_error_s": rounded(found.mean_error),
        "bias_s": rounded(found.bias),
        "p90_error_s": rounded(found.p90_error),
        "waited_longer": found.longer,
        "compared": found.compared,
    }
