"""A bulletin as rows and titles, for the page, the workbook and the paper alike. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from hotline.registry.judging.bulletin import Bulletin
from hotline.registry.judging.model import (
    CountDefinition,
    Counts,
    Definitions,
    Line,
    MeanTime,
    Rate,
    RateDefinition,
    TimeDefinition,
)
from hotline.registry.judging.ranking import Ranked, rank
from hotline.registry.judging.rates import growth, percent, points, rate_of

Words = Callable[..., str]
"""A text of the catalogue in the reader's language: ``t(key, name=value)``."""

MOST_CLASSES = 15
LINE_RATES = ("filing", "dispatch_accuracy", "handling", "handling_in_time", "closing",
              "closing_in_time", "rework", "repeat")  # fmt: skip
LINE_COUNTS = ("report", "filed", "dispatched", "should_dispose", "disposed", "should_close",
               "closed", "intime_closed", "rework", "open", "suspended")  # fmt: skip


def in_language(thing: CountDefinition | RateDefinition | TimeDefinition, language: str) -> str:
    """The name of what is defined."""
    return thing.zh if language == "zh" else thing.en


def meaning(thing: CountDefinition | TimeDefinition, language: str) -> str:
    """What is counted, or from when to when."""
    return thing.meaning_zh if language == "zh" else thing.meaning_en


@dataclass(frozen=True, slots=True)
class RateRow:
    """A rate of the month beside the month before and the same month a year before."""

    name: str
    formula: str
    rate: Rate
    before: Rate
    last_year: Rate

    @property
    def change(self) -> str:
        """环比, in percentage points."""
        return points(self.rate.value, self.before.value)

    @property
    def change_of_year(self) -> str:
        """同比, in percentage points."""
        return points(self.rate.value, self.last_year.value)

    @property
    def shown(self) -> str:
        """The rate as it is written."""
        return percent(self.rate.value)


@dataclass(frozen=True, slots=True)
class CountRow:
    """A count of the month beside earlier ones; None where there was nothing, or none is told."""

    id: str
    name: str
    meaning: str
    value: int | None
    before: int | None
    last_year: int | None

    @property
    def change(self) -> str:
        """环比, in per cent."""
        return growth(self.value, self.before)

    @property
    def change_of_year(self) -> str:
        """同比, in per cent."""
        return growth(self.value, self.last_year)


@dataclass(frozen=True, slots=True)
class TimeRow:
    """A mean time, by the wall's clock and in working time."""

    name: str
    meaning: str
    time: MeanTime
    working: MeanTime


def rate_rows(found: Bulletin, definitions: Definitions, language: str) -> tuple[RateRow, ...]:
    """Every rate, alternatives after the one that is in use."""
    return tuple(
        RateRow(
            in_language(definition, language),
            formula(definition, definitions, language),
            rate_of(definition, found.total.counts),
            rate_of(definition, found.before or {}),
            rate_of(definition, found.last_year or {}),
        )
        for definition in definitions.rates
    )


def formula(definition: RateDefinition, definitions: Definitions, language: str) -> str:
    """``结案数 ÷ 应结案数``."""
    parts = (definition.numerator, definition.denominator)
    return " ÷ ".join(in_language(definitions.count(part), language) for part in parts)


def count_rows(found: Bulletin, definitions: Definitions, language: str) -> tuple[CountRow, ...]:
    """Every count."""

    def of(counts: Counts | None, name: str) -> int | None:
        return (counts or {}).get(name)

    return tuple(
        CountRow(
            each.id,
            in_language(each, language),
            meaning(each, language),
            of(found.total.counts, each.id),
            of(found.before, each.id),
            of(found.last_year, each.id),
        )
        for each in definitions.counts
    )


def time_rows(
    line: Line,
    definitions: Definitions,
    language: str,
    working: Mapping[str, MeanTime] = MappingProxyType({}),
) -> tuple[TimeRow, ...]:
    """Every mean time of a line, unknown ones too."""
    nothing = MeanTime(0, 0, 0.0)
    return tuple(
        TimeRow(
            in_language(each, language),
            meaning(each, language),
            line.times.get(each.id, nothing),
            working.get(each.id, nothing),
        )
        for each in definitions.times
    )


def title_of(dimension: str, line: Line, t: Words) -> str:
    """What a line is called; a source by its own word."""
    if not line.key:
        return t("judging.none")
    return t(f"case.source.{line.key}") if dimension == "source" else line.name


def ranked(
    found: Bulletin, dimension: str, definitions: Definitions, by: str = "closing_in_time"
) -> tuple[Ranked, ...]:
    """The units or streets of the month in order. Raises :class:`KeyError` for another rate."""
    return rank(found.by[dimension], definitions.rate(by))


def busiest(lines: Sequence[Line], most: int = MOST_CLASSES) -> tuple[Line, ...]:
    """Those with the most reported cases."""
    order = sorted(lines, key=lambda line: (-line.counts["report"], line.key))
    return tuple(line for line in order if line.counts["report"])[:most]


def days_of(found: Bulletin) -> Iterator[tuple[int, int]]:
    """Each day of the month and how many cases were opened on it."""
    first, after = _date(found, 0), _date(found, 1)
    for day in range(1, (after - first).days + 1):
        yield day, found.patterns.days.get(f"{found.month}-{day:02}", 0)


def _date(found: Bulletin, later: int) -> date:
    month = found.month.plus(later)
    return date(month.year, month.month, 1)


def hours(seconds: float | None) -> float | None:
    """Seconds as hours."""
    return None if seconds is None else seconds / 3600
