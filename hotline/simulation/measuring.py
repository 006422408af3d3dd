"""What one replication's columns come to, for all callers, each interval and each queue."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from hotline.simulation.model import Scenario
from hotline.simulation.sample import Outcome, Sample, Spells

Column: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = NDArray[np.int64]

QUANTILES = {"p50_wait_s": 0.50, "p90_wait_s": 0.90, "p95_wait_s": 0.95}
"""Of the waits of callers who were answered: the shortest wait not exceeded by that share."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums by group (an interval, a queue), for one replication; one entry a group.

    ``within`` counts the callers answered within their queue's ``target_s``. ``delayed`` those
    who were not answered at once. Waits are sums over the answered; ``longest_s`` is of all
    callers, NaN where nobody came. Quantiles are NaN where nobody was answered. ``busy_s`` and
    ``duty_s`` are agents' seconds, NaN for groups that are no intervals.
    """

    offered: Column
    answered: Column
    abandoned: Column
    overflowed: Column
    waiting: Column
    within: Column
    delayed: Column
    waited_answered_s: Column
    waited_all_s: Column
    longest_s: Column
    quantiles: dict[str, Column]
    busy_s: Column
    duty_s: Column


@dataclass(frozen=True, slots=True)
class Loads:
    """What each agent of the scenario did in one replication, in the order of the shifts."""

    answered: Column
    busy_s: Column
    duty_s: Column


@dataclass(frozen=True, slots=True)
class Replication:
    """One replication, measured; the agents' seconds are of the counted time only."""

    total: Tally
    intervals: Tally
    queues: Tally
    queue_intervals: Tally
    agents: Loads


class Measure:
    """Measures the replications of one scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self.queues = tuple(scenario.queues)
        self._queue_of = np.array([self.queues.index(calls.queue) for calls in scenario.calls])
        targets = [scenario.queues[queue].target_s for queue in self.queues]
        self._target_of = np.array([targets[queue] for queue in self._queue_of])
        begin, end = scenario.counted_from_s, scenario.counted_until_s
        count = max(1, ceil((end - begin) / scenario.interval_s - 1e-9))
        self.edges = np.minimum(begin + scenario.interval_s * np.arange(count + 1), end)

    def __call__(self, sample: Sample) -> Replication:
        """The sums of one replication."""
        at = np.asarray(sample.at)
        counted = (at >= self.edges[0]) & (at < self.edges[-1])
        rows = np.flatnonzero(counted)
        kind = np.asarray(sample.kind, dtype=np.int64)[rows]
        callers = _Callers(
            wait=np.asarray(sample.left)[rows] - at[rows],
            outcome=np.asarray(sample.outcome)[rows],
            target=self._target_of[kind] if len(kind) else np.empty(0),
        )
        count = len(self.edges) - 1
        interval = np.searchsorted(self.edges, at[rows], side="right") - 1
        queue = self._queue_of[kind] if len(kind) else np.empty(0, dtype=np.int64)
        busy, duty = self._seconds(sample.handled), self._seconds(sample.on_duty)
        everyone = np.zeros(len(rows), dtype=np.int64)
        both = queue * count + interval
        agents = np.asarray(sample.agent, dtype=np.int64)[rows]
        return Replication(
            total=callers.tally(everyone, 1, busy.sum(keepdims=True), duty.sum(keepdims=True)),
            intervals=callers.tally(interval, count, busy, duty),
            queues=callers.tally(queue, len(self.queues)),
            queue_intervals=callers.tally(both, len(self.queues) * count),
            agents=self._loads(sample, agents),
        )

    def _seconds(self, spells: Spells) -> Column:
        """How many agent-seconds of the spells fall into each interval."""
        begin, end = np.asarray(spells.begin), np.asarray(spells.end)
        reached = [np.sum(np.clip(end, None, e) - np.clip(begin, None, e)) for e in self.edges]
        return np.diff(np.asarray(reached, dtype=np.float64))

    def _loads(self, sample: Sample, agents: Labels) -> Loads:
        count = len(self._scenario.shifts)
        return Loads(
            answered=_count(agents[agents >= 0], count),
            busy_s=self._by_agent(sample.handled, count),
            duty_s=self._by_agent(sample.on_duty, count),
        )

    def _by_agent(self, spells: Spells, count: int) -> Column:
        begin = np.clip(np.asarray(spells.begin), self.edges[0], self.edges[-1])
        end = np.clip(np.asarray(spells.end), self.edges[0], self.edges[-1])
        agents = np.asarray(spells.agent, dtype=np.int64)
        return np.bincount(agents, weights=end - begin, minlength=count).astype(np.float64)


@dataclass(frozen=True, slots=True)
class _Callers:
    wait: Column
    outcome: Labels
    target: Column

    def tally(
        self, group: Labels, count: int, busy: Column | None = None, duty: Column | None = None
    ) -> Tally:
        answered = self.outcome == Outcome.ANSWERED
        instant = answered & (self.wait <= 0)
        longest = np.full(count, np.nan)
        np.fmax.at(longest, group, self.wait)
        unknown = np.full(count, np.nan)
        return Tally(
            offered=_count(group, count),
            answered=_count(group[answered], count),
            abandoned=_count(group[self.outcome == Outcome.ABANDONED], count),
            overflowed=_count(group[self.outcome == Outcome.OVERFLOWED], count),
            waiting=_count(group[self.outcome == Outcome.WAITING], count),
            within=_count(group[answered & (self.wait <= self.target)], count),
            delayed=_count(group[~instant], count),
            waited_answered_s=_sum(group[answered], self.wait[answered], count),
            waited_all_s=_sum(group, self.wait, count),
            longest_s=longest,
            quantiles=_quantiles(group[answered], self.wait[answered], count),
            busy_s=unknown if busy is None else busy,
            duty_s=unknown if duty is None else duty,
        )


def _count(group: Labels, count: int) -> Column:
    return np.bincount(group, minlength=count).astype(np.float64)


def _sum(group: Labels, values: Column, count: int) -> Column:
    return np.bincount(group, weights=values, minlength=count).astype(np.float64)


def _quantiles(group: Labels, values: Column, count: int) -> dict[str, Column]:
    ordered = values[np.lexsort((values, group))]
    sizes = np.bincount(group, minlength=count)
    starts = np.cumsum(sizes) - sizes
    filled = sizes > 0
    result: dict[str, Column] = {}
    for name, share in QUANTILES.items():
        result[name] = np.full(count, np.nan)
        rank = np.ceil(share * sizes[filled]).astype(np.int64) - 1
        result[name][filled] = ordered[starts[filled] + rank]
    return result
