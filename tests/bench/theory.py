"""The simulator beside theory: Erlang C and Erlang A, at twelve loads each.

The production engine is played with Poisson arrivals, exponential talks and no wrap-up, and each
closed form is held against the simulation's interval. Each replication begins with an empty
hotline; who comes before six times the slowest relaxation is not counted, and what is counted
lasts at least thirty times as long: waits under load come in long waves, and replications of a
few waves would be too skewed for Student's t. Each load has its own dice; with common dice one
unlucky draw would repeat itself at every load.

**How a miss is judged.** With 84 comparisons at 99 % about one miss is expected of a perfect
simulator. Two verdicts are given: how many closed forms lie outside their own 99 % interval, with
the chance of that many or more by luck alone (as if they were independent; the figures of one load
are not, so that misses come in groups); and whether all lie within the *simultaneous* 99 %
intervals, each widened (Bonferroni: at ``1 - 0.01 / 84``) so that a perfect simulator misses any of
them in at most one run of a hundred. The seeds begin with the project's number and were not
chosen.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

from scipy.stats import binom

from hotline.acd.erlang import erlang_c
from hotline.acd.erlang_a import erlang_a
from hotline.acd.model import QueueRules
from hotline.simulation.durations import Exponential, Forever
from hotline.simulation.model import Calls, Rate, Rates, Scenario, Shift
from hotline.simulation.result import Estimate, Result
from hotline.simulation.run import run as simulate

WITHIN_S = 15.0
WARM_UP_RELAXATIONS = 6
COUNTED_RELAXATIONS = 30
REPLICATIONS = 30
COUNTED_CALLS = 2_500
CONFIDENCE = 0.99


@dataclass(frozen=True, slots=True)
class Load:
    """One queue in balance. ``patience_s`` None: nobody gives up (Erlang C)."""

    calls_per_hour: float
    aht_s: float
    agents: int
    patience_s: float | None = None

    @property
    def name(self) -> str:
        """What it is called in the report."""
        gives_up = f", patience {self.patience_s:g} s" if self.patience_s else ""
        return f"{self.calls_per_hour:g}/h of {self.aht_s:g} s, {self.agents} agents{gives_up}"

    @property
    def relaxation_s(self) -> float:
        """How long the queue remembers its beginning, about: the inverse of M/M/n's slowest rate,
        or of the slower of finishing and giving up."""
        arriving, clearing = self.calls_per_hour / 3600, self.agents / self.aht_s
        if self.patience_s:
            return max(self.aht_s, self.patience_s)
        return max(self.aht_s, 1 / (sqrt(clearing) - sqrt(arriving)) ** 2)

    @property
    def longest_wait_s(self) -> float:
        """So long nobody waits, but for one in many millions: callers go on coming until the last
        who counts has left."""
        if self.patience_s:
            return 15 * self.patience_s
        return 20 * self.aht_s / (self.agents - self.calls_per_hour * self.aht_s / 3600)

    def scenario(self, counted_calls: int = COUNTED_CALLS) -> Scenario:
        """The same as a scenario."""
        warm_up = WARM_UP_RELAXATIONS * self.relaxation_s
        waves = COUNTED_RELAXATIONS * self.relaxation_s
        counted = max(counted_calls / self.calls_per_hour * 3600, waves)
        end = warm_up + counted + self.longest_wait_s
        calls = Calls(
            queue="q",
            arrivals=Rates((Rate(0, end, self.calls_per_hour),)),
            talk=Exponential(self.aht_s),
            patience=Exponential(self.patience_s) if self.patience_s else Forever(),
        )
        shifts = (Shift(f"a{number:03}", ((0, end),), ("q",)) for number in range(self.agents))
        return Scenario(
            queues={"q": QueueRules(wrap_up_s=0, overflow_s=1e9, target_s=WITHIN_S)},
            calls=(calls,),
            shifts=tuple(shifts),
            start_s=0,
            end_s=end,
            interval_s=end,
            warm_up_s=warm_up,
            cool_down_s=self.longest_wait_s,
        )


PATIENT = (
    Load(30, 300, 4),
    Load(60, 300, 8),
    Load(60, 300, 10),
    Load(200, 180, 12),
    Load(200, 180, 14),
    Load(240, 300, 24),
    Load(240, 300, 25),
    Load(420, 300, 42),
    Load(420, 300, 40),
    Load(900, 240, 68),
    Load(1962, 300, 175),
    Load(3600, 200, 218),
)
IMPATIENT = (
    Load(30, 300, 3, 180),
    Load(60, 300, 5, 120),
    Load(60, 300, 6, 180),
    Load(200, 180, 8, 120),
    Load(200, 180, 14, 120),
    Load(240, 300, 18, 240),
    Load(240, 300, 22, 60),
    Load(420, 300, 30, 180),
    Load(480, 300, 40, 180),
    Load(900, 240, 60, 120),
    Load(1962, 300, 164, 180),
    Load(3600, 200, 190, 90),
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One closed form and what the simulation says of it."""

    load: str
    figure: str
    closed: float
    simulated: Estimate

    def within(self, confidence: float) -> bool:
        """Whether the closed form lies in the interval of this confidence."""
        interval = self.simulated.interval(confidence)
        return interval is not None and interval[0] <= self.closed <= interval[1]


def compare(load: Load, result: Result) -> Iterator[Comparison]:
    """Each closed form of the load beside the simulation's estimate."""
    total = result.total
    for figure, value in _closed(load).items():
        simulated: Estimate | None = getattr(total, figure)
        if simulated is None:
            raise AssertionError(f"{load.name}: {figure} was not measured")
        yield Comparison(load.name, figure, value, simulated)


def run(seed: int = 12319) -> dict[str, object]:
    """All comparisons, and the two verdicts."""
    rows: list[Comparison] = []
    for number, load in enumerate((*PATIENT, *IMPATIENT)):
        print(f"  {load.name} …", file=sys.stderr, flush=True)
        rows += compare(load, simulate(load.scenario(), REPLICATIONS, seed + number))
    wide = 1 - (1 - CONFIDENCE) / len(rows)
    misses = [row for row in rows if not row.within(CONFIDENCE)]
    return {
        "loads": {"erlang_c": len(PATIENT), "erlang_a": len(IMPATIENT)},
        "replications": REPLICATIONS,
        "seed": seed,
        "comparisons": len(rows),
        "outside_their_own_99": len(misses),
        "expected_outside_by_chance": round(len(rows) * (1 - CONFIDENCE), 2),
        "chance_of_so_many_or_more": round(
            float(binom.sf(len(misses) - 1, len(rows), 1 - CONFIDENCE)), 4
        ),
        "all_within_simultaneous_99": all(row.within(wide) for row in rows),
        "rows": [_told(row, wide) for row in rows],
    }


def _closed(load: Load) -> dict[str, float]:
    if load.patience_s is None:
        patient = erlang_c(load.calls_per_hour, load.aht_s, load.agents, WITHIN_S)
        known = (patient.p_wait, patient.asa_s, patient.service_level)
        p_wait, asa_s, level = (value for value in known if value is not None)
        return {"delayed_share": p_wait, "asa_s": asa_s, "service_level": level}
    found = erlang_a(load.calls_per_hour, load.aht_s, load.patience_s, load.agents, WITHIN_S)
    return {
        "delayed_share": found.p_wait,
        "asa_s": found.asa_served_s,
        "service_level": found.sl_answered_in_t_over_offered,
        "abandon_share": found.p_abandon,
    }


def _told(row: Comparison, wide: float) -> dict[str, object]:
    low, high = row.simulated.interval(CONFIDENCE) or (None, None)
    return {
        "load": row.load,
        "figure": row.figure,
        "closed_form": row.closed,
        "simulated": row.simulated.mean,
        "ci99": [low, high],
        "within_99": row.within(CONFIDENCE),
        "within_simultaneous_99": row.within(wide),
    }
