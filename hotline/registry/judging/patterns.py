"""When and where cases come up: by hour and weekday, by month, and places that come up again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.registry.judging.counting import Scope, live
from hotline.registry.judging.model import Month
from hotline.storage.tables import CaseRow

# Whole in every zone whose offset is whole half hours.
SLOT_S = 1_800
WEEK = 7
HOURS = 24
MOST_PLACES = 20
_SEASONS = {12: "winter", 1: "winter", 2: "winter", 3: "spring", 4: "spring", 5: "spring"} | {
    6: "summer", 7: "summer", 8: "summer", 9: "autumn", 10: "autumn", 11: "autumn"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A unit grid in which cases of one class came up more than once."""

    grid: str
    street: str
    category: str
    cases: int
    first_at: float
    last_at: float


@dataclass(frozen=True, slots=True)
class Patterns:
    """Cases by when they were opened. ``week``: seven weekdays from Monday, 24 hours each;
    ``days``: by local date; ``months``; ``seasons``; and the places that come up again most."""

    week: tuple[tuple[int, ...], ...]
    days: dict[str, int]
    months: dict[str, int]
    seasons: dict[str, int]
    places: tuple[Place, ...]


async def patterns_of(session: AsyncSession, scope: Scope, zone: tzinfo) -> Patterns:
    """The patterns of the cases that were opened in the period."""
    # floor(): a cast alone would round in PostgreSQL.
    slot = cast(func.floor(CaseRow.opened_at / SLOT_S), BigInteger).label("slot")
    query = (
        select(slot, func.count())
        .where(live(), scope.holds(CaseRow.opened_at), *scope.only)
        .group_by("slot")
        .order_by("slot")
    )
    slots = [(int(row[0]), int(row[1])) for row in (await session.execute(query)).all()]
    return _told(slots, zone, await places_again(session, scope))


def _told(slots: Sequence[tuple[int, int]], zone: tzinfo, places: tuple[Place, ...]) -> Patterns:
    week = [[0] * HOURS for _ in range(WEEK)]
    days: Counter[str] = Counter()
    months: Counter[str] = Counter()
    seasons: Counter[str] = Counter()
    for slot, cases in slots:
        at = datetime.fromtimestamp(slot * SLOT_S, zone)
        week[at.weekday()][at.hour] += cases
        days[at.date().isoformat()] += cases
        months[str(Month(at.year, at.month))] += cases
        seasons[_SEASONS[at.month]] += cases
    return Patterns(
        tuple(tuple(day) for day in week), dict(days), dict(months), dict(seasons), places
    )


async def places_again(session: AsyncSession, scope: Scope) -> tuple[Place, ...]:
    """The grids in which one class came up most often, and at least twice."""
    cases: ColumnElement[Any] = func.count()
    query = (
        select(
            CaseRow.grid,
            func.max(CaseRow.street),
            func.max(CaseRow.category_name),
            cases,
            func.min(CaseRow.opened_at),
            func.max(CaseRow.opened_at),
        )
        .where(
            live(),
            scope.holds(CaseRow.opened_at),
            CaseRow.grid != "",
            CaseRow.category_code.is_not(None),
            *scope.only,
        )
        .group_by(CaseRow.grid, CaseRow.standard, CaseRow.category_code)
        .having(cases > 1)
        .order_by(cases.desc(), CaseRow.grid, CaseRow.category_code)
        .limit(MOST_PLACES)
    )
    rows = (await session.execute(query)).all()
    return tuple(Place(row[0], row[1] or "", row[2] or "", *row[3:]) for row in rows)
