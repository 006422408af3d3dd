"""What is counted, the rates made of it, and periods: plain, frozen data without I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from fractions import Fraction

Counts = Mapping[str, int]
"""How many cases fulfil each count's definition. A count that is not in it is unknown."""

_MONTH = re.compile(r"(\d{4})-(\d{2})")
FIRST_YEAR, LAST_YEAR = 1971, 2999


class BadCounts(ValueError):
    """Counts that no cases can have; the message says which."""


@dataclass(frozen=True, slots=True)
class CountDefinition:
    """A count: its names, and which cases it counts."""

    id: str
    zh: str
    en: str
    meaning_zh: str
    meaning_en: str


@dataclass(frozen=True, slots=True)
class RateDefinition:
    """A rate: the count above the line, the count below it, and whose rule that is.

    ``of`` is the rate that this one is an alternative to, empty for the one in use. ``better``
    is ``higher``, ``lower`` or ``neither``; ``also`` are other names of the same rate.
    """

    id: str
    zh: str
    en: str
    numerator: str
    denominator: str
    source: str
    in_use: bool
    better: str
    of: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TimeDefinition:
    """A mean time: its names, and from when to when."""

    id: str
    zh: str
    en: str
    meaning_zh: str
    meaning_en: str


@dataclass(frozen=True, slots=True)
class Definitions:
    """Everything that a period is judged by, in the order in which it is shown."""

    counts: tuple[CountDefinition, ...]
    rates: tuple[RateDefinition, ...]
    times: tuple[TimeDefinition, ...]
    repeat_metres: float
    repeat_days: float
    public_sources: frozenset[str]

    def rate(self, name: str) -> RateDefinition:
        """A rate by its id. Raises :class:`KeyError`."""
        for rate in self.rates:
            if rate.id == name:
                return rate
        raise KeyError(name)

    def count(self, name: str) -> CountDefinition:
        """A count by its id. Raises :class:`KeyError`."""
        for count in self.counts:
            if count.id == name:
                return count
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate as it came out; None stands for what is unknown."""

    definition: RateDefinition
    numerator: int | None
    denominator: int | None

    @property
    def value(self) -> Fraction | None:
        """The rate itself; None when a count is unknown or the denominator is 0."""
        if self.numerator is None or not self.denominator:
            return None
        return Fraction(self.numerator, self.denominator)

    @property
    def doubtful(self) -> bool:
        """Whether more than all fulfil it: the counts do not belong together."""
        return self.value is not None and self.value > 1


@dataclass(frozen=True, slots=True)
class MeanTime:
    """A mean over the cases of which both ends are known; ``unknown`` are the others.

    ``seconds`` is their sum.
    """

    known: int
    unknown: int
    seconds: float

    def __add__(self, other: MeanTime) -> MeanTime:
        """Over the cases of both."""
        return MeanTime(
            self.known + other.known, self.unknown + other.unknown, self.seconds + other.seconds
        )

    @property
    def mean(self) -> float | None:
        """Seconds; None when nothing is known."""
        return self.seconds / self.known if self.known else None


@dataclass(frozen=True, slots=True)
class Line:
    """What one unit, street, class, district or source amounts to. ``key`` is empty for the
    cases that have none.

    ``listed``: the name is from the city's lists; otherwise somebody may have typed it.
    """

    key: str
    name: str
    counts: Counts
    times: Mapping[str, MeanTime] = field(default_factory=dict)
    listed: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the city's calendar."""

    year: int
    month: int

    @classmethod
    def read(cls, text: str) -> Month:
        """The month that is written as ``2026-11``. Raises :class:`ValueError`."""
        match = _MONTH.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is no month such as 2026-11")
        year, month = int(match[1]), int(match[2])
        if not (1 <= month <= 12 and FIRST_YEAR <= year <= LAST_YEAR):
            raise ValueError(f"{text!r} is no month such as 2026-11")
        return cls(year, month)

    @classmethod
    def at(cls, instant: float, zone: tzinfo) -> Month:
        """The month in which the instant lies."""
        day = datetime.fromtimestamp(instant, zone)
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    def plus(self, months: int) -> Month:
        """So many months later; earlier when negative."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(year, month + 1)

    def begins(self, zone: tzinfo) -> float:
        """Its first instant, Unix seconds."""
        return datetime(self.year, self.month, 1, tzinfo=zone).timestamp()

    def period(self, zone: tzinfo) -> Period:
        """All of it."""
        return Period(self.begins(zone), self.plus(1).begins(zone))


@dataclass(frozen=True, slots=True)
class Period:
    """From ``since`` to before ``until``, Unix seconds."""

    since: float
    until: float

    def __post_init__(self) -> None:
        if not self.since < self.until:
            raise ValueError("a period ends after it begins")
