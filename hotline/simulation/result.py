"""What many replications say together, with confidence intervals.

**How sure.** Each replication is one independent observation. A mean over them gets Student's
t interval with ``replications - 1`` degrees of freedom. A ratio (service level, mean wait,
occupancy) is the sum of its numerators over the sum of its denominators, with the delta method's
standard error and the same t (A. M. Law, *Simulation Modeling and Analysis*, ch. 9): so that a
quiet replication does not count as much as a busy one. One replication gives no interval.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, isnan, sqrt

import numpy as np
from scipy.stats import t as student

from hotline.simulation.measuring import QUANTILES, Column, Measure, Replication, Tally
from hotline.simulation.model import Scenario


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over ``count`` replications; ``error`` is its standard error, None from one alone.

    ``lowest`` and ``highest`` are what the quantity can be at all, and cut the intervals.
    """

    mean: float
    error: float | None
    count: int
    lowest: float = 0.0
    highest: float = inf

    def interval(self, confidence: float) -> tuple[float, float] | None:
        """The two-sided interval, such as of 0.95; None from one replication."""
        if self.error is None:
            return None
        reach = float(student.ppf((1 + confidence) / 2, self.count - 1)) * self.error
        return max(self.lowest, self.mean - reach), min(self.highest, self.mean + reach)


@dataclass(frozen=True, slots=True)
class Row:
    """One group of callers over all replications; None where there was nothing to measure.

    ``service_level`` is answered within the queue's target over offered, ``within`` its
    numerator. ``asa_s`` and the quantiles are of the callers answered; ``longest_s`` of all.
    ``occupancy`` is the agents' time from offers to the ends of wrap-ups over their time signed
    on, ``agents`` how many were signed on on average.
    """

    offered: Estimate
    answered: Estimate
    abandoned: Estimate
    overflowed: Estimate
    waiting: Estimate
    within: Estimate
    longest_s: Estimate | None
    p50_wait_s: Estimate | None
    p90_wait_s: Estimate | None
    p95_wait_s: Estimate | None
    service_level: Estimate | None
    abandon_share: Estimate | None
    delayed_share: Estimate | None
    asa_s: Estimate | None
    occupancy: Estimate | None
    agents: Estimate | None


@dataclass(frozen=True, slots=True)
class AgentLoad:
    """One agent over all replications; seconds are of the counted time."""

    agent_id: str
    answered: Estimate
    busy_s: Estimate
    duty_s: Estimate
    occupancy: Estimate | None


@dataclass(frozen=True, slots=True)
class Span:
    """What callers who came from ``from_s`` until ``until_s`` met."""

    from_s: float
    until_s: float
    row: Row


@dataclass(frozen=True, slots=True)
class Result:
    """All groups of one scenario. ``queue_intervals`` has each queue's own intervals."""

    seed: int
    replications: int
    total: Row
    intervals: tuple[Span, ...]
    queues: dict[str, Row]
    queue_intervals: dict[str, tuple[Span, ...]]
    agents: tuple[AgentLoad, ...]


def summarise(
    scenario: Scenario, measure: Measure, replications: Sequence[Replication], seed: int
) -> Result:
    """Put the replications together."""
    spans = list(zip(measure.edges.tolist(), measure.edges.tolist()[1:], strict=False))
    lasted = [until - begin for begin, until in spans]
    whole = measure.edges[-1] - measure.edges[0]
    by_interval = [one.intervals for one in replications]
    by_queue = [one.queue_intervals for one in replications]
    queues = dict(enumerate(measure.queues))
    return Result(
        seed=seed,
        replications=len(replications),
        total=_row([one.total for one in replications], 0, float(whole)),
        intervals=tuple(
            Span(*span, _row(by_interval, index, lasted[index])) for index, span in enumerate(spans)
        ),
        queues={
            name: _row([one.queues for one in replications], index, float(whole))
            for index, name in queues.items()
        },
        queue_intervals={
            name: tuple(
                Span(*span, _row(by_queue, index * len(spans) + number, lasted[number]))
                for number, span in enumerate(spans)
            )
            for index, name in queues.items()
        },
        agents=_agents(scenario, replications),
    )


def mean_of(values: Column, *, highest: float = inf) -> Estimate | None:
    """The mean of what the replications measured, those that measured nothing left out."""
    known = values[~np.isnan(values)]
    if not len(known):
        return None
    error = float(np.std(known, ddof=1)) / sqrt(len(known)) if len(known) > 1 else None
    return Estimate(float(np.mean(known)), error, len(known), highest=highest)


def ratio_of(above: Column, below: Column, *, highest: float = inf) -> Estimate | None:
    """The sum of ``above`` over the sum of ``below``; None when that is nothing or unknown."""
    whole = float(np.sum(below))
    if isnan(whole) or whole <= 0:
        return None
    ratio, count = float(np.sum(above)) / whole, len(above)
    error = None
    if count > 1:
        off = above - ratio * below
        error = sqrt(float(off @ off) / (count - 1) * count) / whole
    return Estimate(ratio, error, count, highest=highest)


def _row(tallies: Sequence[Tally], group: int, lasted_s: float) -> Row:
    def column(of: Callable[[Tally], Column]) -> Column:
        return np.array([of(tally)[group] for tally in tallies])

    offered, answered = column(lambda tally: tally.offered), column(lambda tally: tally.answered)
    within = column(lambda tally: tally.within)
    abandoned = column(lambda tally: tally.abandoned)
    duty = column(lambda tally: tally.duty_s)
    p50, p90, p95 = (
        mean_of(np.array([t.quantiles[name][group] for t in tallies])) for name in QUANTILES
    )
    return Row(
        offered=_known(offered),
        answered=_known(answered),
        abandoned=_known(abandoned),
        overflowed=_known(column(lambda tally: tally.overflowed)),
        waiting=_known(column(lambda tally: tally.waiting)),
        within=_known(within),
        longest_s=mean_of(column(lambda tally: tally.longest_s)),
        p50_wait_s=p50,
        p90_wait_s=p90,
        p95_wait_s=p95,
        service_level=ratio_of(within, offered, highest=1.0),
        abandon_share=ratio_of(abandoned, offered, highest=1.0),
        delayed_share=ratio_of(column(lambda tally: tally.delayed), offered, highest=1.0),
        asa_s=ratio_of(column(lambda tally: tally.waited_answered_s), answered),
        occupancy=ratio_of(column(lambda tally: tally.busy_s), duty, highest=1.0),
        agents=mean_of(duty / lasted_s),
    )


def _agents(scenario: Scenario, replications: Sequence[Replication]) -> tuple[AgentLoad, ...]:
    answered = np.array([one.agents.answered for one in replications])
    busy = np.array([one.agents.busy_s for one in replications])
    duty = np.array([one.agents.duty_s for one in replications])
    return tuple(
        AgentLoad(
            agent_id=shift.agent_id,
            answered=_known(answered[:, number]),
            busy_s=_known(busy[:, number]),
            duty_s=_known(duty[:, number]),
            occupancy=ratio_of(busy[:, number], duty[:, number], highest=1.0),
        )
        for number, shift in enumerate(scenario.shifts)
    )


def _known(values: Column) -> Estimate:
    estimate = mean_of(values)
    if estimate is None:
        raise ValueError("no replication was played")
    return estimate
