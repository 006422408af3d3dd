"""How long talks, wrap-ups, ringing and patience last: distributions, drawn all at once."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite, log, sqrt
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Seconds: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Constant:
    """Always ``seconds``. Raises :class:`ValueError` below 0."""

    seconds: float

    def __post_init__(self) -> None:
        _at_least_zero(self.seconds, "a constant duration")

    def draw(self, dice: np.random.Generator, count: int) -> Seconds:
        """``count`` durations; the dice are not thrown."""
        return np.full(count, self.seconds)


@dataclass(frozen=True, slots=True)
class Exponential:
    """Without memory, ``mean_s`` on average. Raises :class:`ValueError` unless positive."""

    mean_s: float

    def __post_init__(self) -> None:
        _positive(self.mean_s, "the mean of an exponential duration")

    def draw(self, dice: np.random.Generator, count: int) -> Seconds:
        """``count`` independent durations."""
        return dice.exponential(self.mean_s, count)


@dataclass(frozen=True, slots=True)
class Lognormal:
    """A product of many chances: ``mean_s`` on average, with the standard deviation ``sd_s``.

    Talk times are commonly so. Raises :class:`ValueError` unless both are positive.
    """

    mean_s: float
    sd_s: float

    def __post_init__(self) -> None:
        _positive(self.mean_s, "the mean of a lognormal duration")
        _positive(self.sd_s, "the standard deviation of a lognormal duration")

    def draw(self, dice: np.random.Generator, count: int) -> Seconds:
        """``count`` independent durations."""
        variance = log(1 + (self.sd_s / self.mean_s) ** 2)
        return dice.lognormal(log(self.mean_s) - variance / 2, sqrt(variance), count)


@dataclass(frozen=True, slots=True)
class Empirical:
    """Drawn from what was measured, each value as likely. Raises :class:`ValueError` for none."""

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError("an empirical duration needs at least one value")
        for value in self.values:
            _at_least_zero(value, "an empirical duration")

    def draw(self, dice: np.random.Generator, count: int) -> Seconds:
        """``count`` independent draws with replacement."""
        return dice.choice(np.asarray(self.values, dtype=np.float64), count)


@dataclass(frozen=True, slots=True)
class Observed:
    """Each call's own duration, in the order of the calls.

    Where ``beyond`` is true only a lower limit is known (a caller who was answered after 20 s
    had patience for more): the rest is drawn from ``otherwise``. Raises :class:`ValueError`
    when the two do not have equal lengths.
    """

    values: tuple[float, ...]
    beyond: tuple[bool, ...]
    otherwise: Duration

    def __post_init__(self) -> None:
        if len(self.values) != len(self.beyond):
            raise ValueError("each observed duration needs to be known or a lower limit")
        for value in self.values:
            _at_least_zero(value, "an observed duration")

    def draw(self, dice: np.random.Generator, count: int) -> Seconds:
        """The durations of the calls. Raises :class:`ValueError` for another count of calls."""
        if count != len(self.values):
            raise ValueError(f"{len(self.values)} durations were observed for {count} calls")
        more = np.where(self.beyond, self.otherwise.draw(dice, count), 0.0)
        return np.asarray(self.values, dtype=np.float64) + more


@dataclass(frozen=True, slots=True)
class Forever:
    """Never ends: the patience of a caller who does not hang up."""

    def draw(self, dice: np.random.Generator, count: int) -> Seconds:
        """``count`` infinities."""
        return np.full(count, inf)


Duration: TypeAlias = Constant | Exponential | Lognormal | Empirical | Observed | Forever
"""How long something lasts, in seconds."""


def _positive(value: float, what: str) -> None:
    if not (isfinite(value) and value > 0):
        raise ValueError(f"{what} must be a positive number of seconds, not {value}")


def _at_least_zero(value: float, what: str) -> None:
    if not (isfinite(value) and value >= 0):
        raise ValueError(f"{what} must be 0 or more seconds, not {value}")
