"""A plan played against a period's calls, day by day, by the production engine.

Both plans are given the very same callers, talks and patience, so what differs is the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any

from hotline.routing.past import Past, PastCall, clipped
from hotline.routing.roster import bounds, rostered
from hotline.routing.rules import Routing
from hotline.simulation.durations import Duration, Empirical, Exponential, Forever, Observed
from hotline.simulation.model import Calls, Instants, Scenario, Shift
from hotline.simulation.result import Result, Row
from hotline.simulation.run import run

HALF_HOURS = 48
INTERVAL_S = 1800.0
SEED = 12319
SUMS = ("offered", "answered", "abandoned", "overflowed", "within")

Counts = dict[str, float]


class Side:
    """One plan on a period: :meth:`play` each day, then :meth:`told`."""

    def __init__(self, routing: Routing, past: Past, zone: tzinfo) -> None:
        self._routing = routing
        self._past = past
        self._zone = zone
        self._talks = tuple(call.talk_s for call in past.calls if call.talk_s is not None)
        self._patience = _patience(past.calls)
        self._queues: dict[str, list[Counts]] = {}
        self._agents: dict[str, Counts] = {}

    @property
    def presence(self) -> str:
        """Where it is known from who works when: ``roster`` or ``recorded``."""
        return "roster" if self._routing.plan.roster else "recorded"

    def play(self, day: date) -> None:
        """Run one day's callers; a day without any says nothing."""
        begin, end = bounds(day, self._zone)
        calls = [call for call in self._past.calls if begin <= call.at < end]
        if not calls:
            return
        scenario = Scenario(
            queues=self._routing.rules(),
            calls=tuple(self._kinds(calls)),
            shifts=tuple(self._shifts(day, begin, end)),
            start_s=begin,
            end_s=end,
            interval_s=INTERVAL_S,
        )
        self._add(run(scenario, 1, SEED))

    def told(self) -> dict[str, Any]:
        """What came of all days, by half hour of the day, queue and agent."""
        return {
            "presence": self.presence,
            "queues": self._queues,
            "agents": [{"agent_id": name, **sums} for name, sums in sorted(self._agents.items())],
        }

    def _kinds(self, calls: Sequence[PastCall]) -> Iterator[Calls]:
        kinds: dict[tuple[str, int], list[PastCall]] = {}
        for call in calls:
            kinds.setdefault((self._routing.queue(call.queue), call.priority), []).append(call)
        for (queue, priority), own in kinds.items():
            yield Calls(
                queue=queue,
                arrivals=Instants(tuple(call.at for call in own)),
                talk=Observed(
                    tuple(call.talk_s or 0.0 for call in own),
                    tuple(call.talk_s is None for call in own),
                    Empirical(self._talks),
                ),
                wrap_up=Empirical(self._past.wrap_ups) if self._past.wrap_ups else None,
                patience=Observed(
                    tuple(call.waited_s for call in own),
                    tuple(not call.abandoned for call in own),
                    self._patience,
                ),
                priority=priority,
                requires=self._routing.requires(queue),
                prefers=self._routing.prefers(queue),
                first_agents=tuple(call.first_agent for call in own),
            )

    def _shifts(self, day: date, begin: float, end: float) -> Iterator[Shift]:
        if self._routing.plan.roster:
            spans = rostered(self._routing.plan, day, self._zone)
        else:
            spans = {name: list(own) for name, own in self._past.spans.items()}
        for agent_id, own in sorted(spans.items()):
            served = self._routing.served_by(agent_id)
            there = clipped(own, begin, end)
            if there and served.queues:
                yield Shift(agent_id, there, served.queues, served.weights, served.skills)

    def _add(self, result: Result) -> None:
        for queue, spans in result.queue_intervals.items():
            kept = self._queues.setdefault(queue, [_nothing() for _ in range(HALF_HOURS)])
            for span in spans:
                moment = datetime.fromtimestamp(span.from_s, self._zone)
                half_hour = moment.hour * 2 + moment.minute // 30
                _add_row(kept[half_hour], span.row)
        for load in result.agents:
            sums = self._agents.setdefault(
                load.agent_id, {"answered": 0.0, "busy_s": 0.0, "duty_s": 0.0}
            )
            for name in sums:
                sums[name] += getattr(load, name).mean


def compare(
    past: Past,
    sides: Mapping[str, Routing],
    days: Sequence[date],
    zone: tzinfo,
    progress: Callable[[int], None],
) -> dict[str, Any]:
    """Play every plan of ``sides`` on the same days; ``progress`` counts the plays done."""
    players = {name: Side(routing, past, zone) for name, routing in sides.items()}
    done = 0
    for day in days:
        for player in players.values():
            player.play(day)
            done += 1
            progress(done)
    return {name: player.told() for name, player in players.items()}


def _patience(calls: Sequence[PastCall]) -> Duration:
    """Who was answered would have waited longer: waits over those who gave up, as the simulator
    estimates it."""
    gave_up = sum(call.abandoned for call in calls)
    waited = sum(call.waited_s for call in calls)
    return Exponential(waited / gave_up) if gave_up and waited else Forever()


def _nothing() -> Counts:
    return {**dict.fromkeys(SUMS, 0.0), "waited_s": 0.0}


def _add_row(sums: Counts, row: Row) -> None:
    for name in SUMS:
        sums[name] += getattr(row, name).mean
    sums["waited_s"] += row.asa_s.mean * row.answered.mean if row.asa_s else 0.0
