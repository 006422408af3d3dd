"""Open cases counted for the map and the wall: one query each, over the index of open cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from hotline.registry import listing
from hotline.registry.due import DUE, SOON_S
from hotline.registry.model import CaseFilter
from hotline.storage.database import Database
from hotline.storage.tables import CaseRow

DAY_S = 86_400.0
AGES_S = (DAY_S, 3 * DAY_S, 7 * DAY_S)
"""Cases are told apart by age: younger than each of these, and older than the last."""


@dataclass(frozen=True, slots=True)
class GridCount:
    """The open cases of a unit grid; ``grid`` is empty for those nobody has located.

    ``ages`` counts them by age, the youngest first (see :data:`AGES_S`); ``oldest`` is when the
    oldest was opened, in Unix seconds.
    """

    grid: str
    street: str
    cases: int
    overdue: int
    ages: tuple[int, int, int, int]
    oldest: float


@dataclass(frozen=True, slots=True)
class UnitCount:
    """The open cases of a unit; ``unit_id`` is empty for those that no unit was given."""

    unit_id: str
    cases: int
    overdue: int
    soon: int


class Picture:
    """Counts open cases.

    Raises :class:`hotline.storage.database.DatabaseUnavailable`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_grid(self, wanted: CaseFilter, now: float) -> tuple[GridCount, ...]:
        """The open cases that are wanted, by the grid they lie in."""
        opened = CaseRow.opened_at
        young = [_how_many(opened > now - age) for age in AGES_S]
        query = select(
            CaseRow.grid,
            CaseRow.street,
            func.count(),
            _how_many(now >= DUE),
            *young,
            func.min(opened),
        ).group_by(CaseRow.grid, CaseRow.street)
        async with self._database.session() as session:
            query = await listing.narrow(session, query, replace(wanted, still_open=True))
            rows = (await session.execute(query)).all()
        return tuple(_grid(row) for row in rows)

    async def by_unit(self, now: float) -> tuple[UnitCount, ...]:
        """The open cases of each unit, those with the most overdue first."""
        overdue = _how_many(now >= DUE)
        soon = _how_many((now < DUE) & (now + SOON_S >= DUE))
        query = select(CaseRow.unit_id, func.count(), overdue, soon).group_by(CaseRow.unit_id)
        async with self._database.session() as session:
            query = await listing.narrow(session, query, CaseFilter(still_open=True))
            rows = (await session.execute(query.order_by(overdue.desc(), CaseRow.unit_id))).all()
        return tuple(UnitCount(unit, cases, late, soon) for unit, cases, late, soon in rows)


def _grid(row: Sequence[Any]) -> GridCount:
    grid, street, cases, overdue, day, three, week, oldest = row
    ages = (day, three - day, week - three, cases - week)
    return GridCount(grid, street, cases, overdue, ages, oldest)


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
