"""How long a waiting caller has still to wait, foretold from the queue as it is now. Pure.

Agents finish what they are at, then take the callers ahead one by one. How many will have become
free after ``t`` seconds is a renewal equation over the handling times (talk and wrap-up) seen
lately: a talk that already lasts is conditioned on how long it does. Callers ahead hang up at the
rate at which callers did lately. The estimate is when the expected number of agents who became free
reaches the caller's turn.

Left out, since nobody knows them: more urgent callers who are still to come, and breaks that nobody
announced. Both make waits longer than told; the score shows by how much.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

STEP_S = 10.0
HORIZON_S = 3600.0
"""Nothing is foretold beyond; who waits longer waits "more than an hour"."""
FEWEST_TIMES = 5
"""With fewer handling times than this nothing is known of how long a talk takes."""
_STEPS = int(HORIZON_S / STEP_S)
# Fewer samples that lasted as long: what is left is drawn as if the talk had just begun.
_FEWEST_LONGER = 3

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Serving:
    """An agent who will take callers of the queue.

    ``free``: at once; ``busy``: has been with a caller for ``seconds``; ``until``: becomes free in
    at most ``seconds`` (a wrap-up); ``at``: in ``seconds`` (a timed pause, a shift that begins).
    """

    how: Literal["free", "busy", "until", "at"]
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Recent:
    """What was seen lately: sorted handling times in seconds, and how many of those who wait
    hang up in a second."""

    handling_s: tuple[float, ...]
    hang_up_rate: float = 0.0

    @classmethod
    def of(cls, handling_s: Iterable[float], hang_up_rate: float = 0.0) -> Recent:
        """From handling times in any order."""
        return cls(tuple(sorted(handling_s)), hang_up_rate)


@dataclass(frozen=True, slots=True)
class Changes:
    """What the roster says of the next hour: in how many seconds agents go home, and others
    come."""

    leaving: Sequence[float] = ()
    coming: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a caller can be told: callers ahead of them, and how many seconds they have still to
    wait; None: unknown, :data:`HORIZON_S`: that or longer."""

    ahead: int
    seconds: float | None


class Forecast:
    """When agents become free, for all places of a queue at once."""

    def __init__(
        self, agents: Sequence[Serving], recent: Recent, changes: Changes = Changes()
    ) -> None:
        agents = [*agents, *(Serving("at", seconds) for seconds in changes.coming)]
        self._known = bool(agents) and len(recent.handling_s) >= FEWEST_TIMES
        self._hang_up = min(0.5, recent.hang_up_rate * STEP_S)
        self._freed = _freed(agents, recent, changes.leaving).tolist() if self._known else []

    def wait(self, ahead: int) -> float | None:
        """Seconds until the caller with so many before them has an agent, as far as known."""
        if not self._known:
            return None
        to_go = float(ahead + 1)
        for step, freed in enumerate(self._freed):
            if freed >= to_go:
                return max(0.0, (step - 1 + to_go / freed) * STEP_S) if step else 0.0
            to_go -= freed
            to_go -= self._hang_up * max(0.0, to_go - 1)
        return HORIZON_S


def _freed(agents: Sequence[Serving], recent: Recent, leaving: Sequence[float]) -> Floats:
    """The expected number of agents who become free in each step; the first is "at once"."""
    times = recent.handling_s
    first = np.zeros(_STEPS + 1)
    for (how, seconds), count in _alike(agents).items():
        first += count * _first(how, seconds, times)
    again = np.diff(_passed(0.0, times))
    freed = np.zeros(_STEPS + 1)
    staying = _staying(agents, leaving)
    for step in range(_STEPS + 1):
        renewed = float(freed[:step] @ again[step - 1 :: -1][:step]) if step else 0.0
        freed[step] = (first[step] + renewed) * staying[step]
    return freed


def _staying(agents: Sequence[Serving], leaving: Sequence[float]) -> Floats:
    """Which share of the agents who worked until each step go on."""
    came = np.zeros(_STEPS + 1)
    for agent in agents:
        came[min(_STEPS, int(agent.seconds / STEP_S)) if agent.how == "at" else 0] += 1.0
    left = np.zeros(_STEPS + 1)
    for seconds in leaving:
        left[min(_STEPS, max(0, int(seconds / STEP_S)))] += 1.0
    worked = np.cumsum(came)
    here = np.maximum(worked - np.cumsum(left), 0.0)
    return here / np.maximum(worked, 1.0)


def _alike(agents: Sequence[Serving]) -> Counter[tuple[str, float]]:
    """Agents in the same condition, to the step: a city has hundreds."""
    return Counter((agent.how, round(agent.seconds / STEP_S) * STEP_S) for agent in agents)


def _first(how: str, seconds: float, times: Sequence[float]) -> Floats:
    """How likely the agent becomes free for the first time in each step."""
    first = np.zeros(_STEPS + 1)
    match how:
        case "free":
            first[0] = 1.0
        case "at":
            step = int(seconds / STEP_S)
            if step <= _STEPS:
                first[step] = 1.0
        case "until":
            steps = min(_STEPS, max(1, round(seconds / STEP_S)))
            first[1 : steps + 1] = 1.0 / steps
        case _:
            first[1:] = np.diff(_passed(seconds, times))
    return first


def _passed(elapsed: float, times: Sequence[float]) -> Floats:
    """How likely a handling that lasts ``elapsed`` seconds already is over by each step."""
    before = bisect_right(times, elapsed)
    longer = len(times) - before
    if longer < _FEWEST_LONGER:
        elapsed, before, longer = 0.0, 0, len(times)
    ends = elapsed + STEP_S * np.arange(_STEPS + 1)
    passed: Floats = (np.searchsorted(times, ends, side="right") - before) / longer
    return passed
