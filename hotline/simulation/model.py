"""What is simulated: who rings when and for what, who works when, under which rules.

Instants are seconds on the scenario's own clock (a day's file counts from midnight, recorded
calls keep their Unix seconds); durations are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import TypeAlias

import numpy as np

from hotline.acd.model import Need, QueueRules
from hotline.simulation.durations import Constant, Duration, Forever, Seconds


class ScenarioFault(ValueError):
    """The scenario cannot be simulated; the message says what to mend."""


@dataclass(frozen=True, slots=True)
class Rate:
    """From ``from_s`` until ``until_s`` callers come at random, ``per_hour`` on average."""

    from_s: float
    until_s: float
    per_hour: float

    def __post_init__(self) -> None:
        if not (isfinite(self.per_hour) and self.per_hour >= 0):
            raise ScenarioFault(f"a rate must be 0 or more calls an hour, not {self.per_hour}")
        if not self.from_s < self.until_s:
            raise ScenarioFault("a rate must hold for some time: its end is not after its begin")


@dataclass(frozen=True, slots=True)
class Rates:
    """Callers come by a Poisson process whose rate is constant within each piece."""

    pieces: tuple[Rate, ...]

    def draw(self, dice: np.random.Generator) -> Seconds:
        """The instants of one day, in order."""
        drawn = [
            dice.uniform(
                piece.from_s,
                piece.until_s,
                dice.poisson(piece.per_hour * (piece.until_s - piece.from_s) / 3600),
            )
            for piece in self.pieces
        ]
        return np.sort(np.concatenate(drawn)) if drawn else np.empty(0)


@dataclass(frozen=True, slots=True)
class Instants:
    """Callers come exactly then: the calls of a recorded period, in order."""

    at: tuple[float, ...]

    def __post_init__(self) -> None:
        if any(later < earlier for earlier, later in zip(self.at, self.at[1:], strict=False)):
            raise ScenarioFault("recorded calls must be in order of their instants")

    def draw(self, dice: np.random.Generator) -> Seconds:
        """The instants; nothing is left to chance."""
        return np.asarray(self.at, dtype=np.float64)


Arrivals: TypeAlias = Rates | Instants
"""When callers come."""


@dataclass(frozen=True, slots=True)
class Calls:
    """Callers of one kind: the same queue, urgency and needs.

    ``wrap_up`` None: the queue's own ``wrap_up_s``. With a distribution, agents say that they
    are done when it is over; the engine ends a longer one, as in production. ``answer`` is how
    long an agent lets the phone ring. ``call_ids`` and ``first_agents`` (each call's, empty for
    none) are those of recorded calls in their order; without them calls are numbered, and nobody
    is asked first.
    """

    queue: str
    arrivals: Arrivals
    talk: Duration
    wrap_up: Duration | None = None
    patience: Duration = field(default_factory=Forever)
    answer: Duration = field(default_factory=lambda: Constant(0.0))
    priority: int = 0
    requires: tuple[Need, ...] = ()
    prefers: tuple[Need, ...] = ()
    call_ids: tuple[str, ...] = ()
    first_agents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shift:
    """An agent's working times, each ``(from_s, until_s)``, and what they can be asked for.

    ``weights`` by queue (1 where not given) and ``skills`` (levels) as in the engine.
    """

    agent_id: str
    spans: tuple[tuple[float, float], ...]
    queues: tuple[str, ...]
    weights: Mapping[str, int] = field(default_factory=dict)
    skills: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        last = -np.inf
        for begin, end in self.spans:
            if not begin < end:
                raise ScenarioFault(f"a span of {self.agent_id} does not end after it begins")
            if begin < last:
                raise ScenarioFault(f"two spans of {self.agent_id} overlap or are out of order")
            last = end


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything one simulated period needs. Raises :class:`ScenarioFault`.

    Callers who come before ``start_s + warm_up_s`` or after ``end_s - cool_down_s`` are served
    but not counted. Who still waits at ``end_s`` is counted as waiting.
    """

    queues: Mapping[str, QueueRules]
    calls: tuple[Calls, ...]
    shifts: tuple[Shift, ...]
    start_s: float
    end_s: float
    interval_s: float = 1800.0
    warm_up_s: float = 0.0
    cool_down_s: float = 0.0

    def __post_init__(self) -> None:
        if not self.queues:
            raise ScenarioFault("there is no queue")
        if not self.interval_s > 0:
            raise ScenarioFault("the interval must be positive")
        if not self.counted_from_s < self.counted_until_s:
            raise ScenarioFault("nothing is left to count between warm-up and cool-down")
        named = [queue for shift in self.shifts for queue in shift.queues]
        for queue in (*(calls.queue for calls in self.calls), *named):
            if queue not in self.queues:
                raise ScenarioFault(f"there is no queue {queue!r}; there are {_list(self.queues)}")
        names = [shift.agent_id for shift in self.shifts]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise ScenarioFault(f"the agent {twice!r} has two shifts; give one shift two spans")

    @property
    def counted_from_s(self) -> float:
        """The first instant whose callers count."""
        return self.start_s + self.warm_up_s

    @property
    def counted_until_s(self) -> float:
        """The first instant whose callers no longer count."""
        return self.end_s - self.cool_down_s


def _list(names: Mapping[str, object]) -> str:
    return ", ".join(names)
