"""What the charts of the judging pages are drawn from; see ``src/judging/charts.ts``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from hotline.registry.judging.bulletin import Bulletin
from hotline.registry.judging.patterns import HOURS, Patterns
from hotline.registry.judging.presenting import Words, busiest, days_of, title_of
from hotline.registry.judging.ranking import Ranked

MOST_BARS = 20


@dataclass(frozen=True, slots=True)
class Figure:
    """One chart: ``bars`` across, ``columns`` upright, or a ``week`` of days and hours."""

    kind: str
    name: str
    names: Sequence[str] = ()
    values: Sequence[float] = ()
    percent: bool = False
    rows: Sequence[str] = ()
    cells: Sequence[Sequence[int]] = ()
    # The heads of the table that stands for it.
    heads: Sequence[str] = field(default=())

    def as_data(self) -> dict[str, Any]:
        """As the script takes it."""
        return asdict(self)

    @property
    def table(self) -> Iterable[tuple[str, float]]:
        """The names with their values."""
        return zip(self.names, self.values, strict=True)


def days(found: Bulletin, t: Words) -> Figure:
    """Cases by day of the month."""
    pairs = list(days_of(found))
    return Figure(
        "columns",
        t("judging.column.reported"),
        [str(day) for day, _ in pairs],
        [cases for _, cases in pairs],
        heads=(t("judging.column.day"), t("judging.column.reported")),
    )


def months(found: Patterns, t: Words) -> Figure:
    """Cases by month."""
    return Figure(
        "columns",
        t("judging.column.reported"),
        list(found.months),
        list(found.months.values()),
        heads=(t("judging.column.month"), t("judging.column.reported")),
    )


def shares(found: Bulletin, dimension: str, t: Words) -> Figure:
    """The classes or sources with the most cases."""
    lines = busiest(found.by[dimension], 10)
    return Figure(
        "bars",
        t("judging.column.reported"),
        [title_of(dimension, line, t) for line in lines],
        [line.counts["report"] for line in lines],
        heads=(t(f"judging.by.{dimension}"), t("judging.column.reported")),
    )


def standing(order: Sequence[Ranked], dimension: str, name: str, t: Words) -> Figure:
    """Those who have a place, by their rate in per cent."""
    shown = [each for each in order if each.place is not None][:MOST_BARS]
    return Figure(
        "bars",
        name,
        [title_of(dimension, each.line, t) for each in shown],
        [round(float(100 * (each.rate.value or 0)), 2) for each in shown],
        percent=True,
        heads=(t(f"judging.by.{dimension}"), name),
    )


def week(found: Patterns, t: Words) -> Figure:
    """Cases by weekday and hour."""
    return Figure(
        "week",
        t("judging.column.reported"),
        [f"{hour:02}" for hour in range(HOURS)],
        rows=[t(f"judging.weekday.{day}") for day in range(len(found.week))],
        cells=found.week,
    )
