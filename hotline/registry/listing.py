"""Lists of cases: which, in what order, and how many there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.registry.model import Case, CaseFilter, CasePage
from hotline.storage.numbers import variants
from hotline.storage.records import storable
from hotline.storage.tables import CaseRow

LARGEST_PAGE = 500

SORTS: Mapping[str, ColumnElement[Any]] = {
    "opened_at": CaseRow.opened_at.expression,
    "changed_at": CaseRow.changed_at.expression,
    "case_number": CaseRow.case_number.expression,
    "state": CaseRow.state.expression,
    "urgency": case({"normal": 0, "urgent": 1, "critical": 2}, value=CaseRow.urgency, else_=0),
}
_SEARCHED = (
    CaseRow.case_number,
    CaseRow.address,
    CaseRow.description,
    CaseRow.caller_name,
    CaseRow.category_name,
)


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is sorted and which page of it is wanted; pages count from 1.

    Raises :class:`KeyError` for an unknown ``sort``, :class:`ValueError` for a page that is
    none.
    """

    sort: str
    descending: bool
    page: int
    size: int

    def __post_init__(self) -> None:
        if self.sort not in SORTS:
            raise KeyError(self.sort)
        if self.page < 1 or not 1 <= self.size <= LARGEST_PAGE:
            raise ValueError(f"page {self.page} of {self.size} rows")


async def find(session: AsyncSession, wanted: CaseFilter, order: Order) -> CasePage:
    """One page of the cases that are wanted."""
    conditions = list(_conditions(wanted))
    total = await session.scalar(select(func.count()).select_from(CaseRow).where(*conditions))
    column = SORTS[order.sort]
    # The number settles ties, so that no case is on two pages.
    rows = await session.scalars(
        select(CaseRow)
        .where(*conditions)
        .order_by(column.desc() if order.descending else column, CaseRow.case_number.desc())
        .offset((order.page - 1) * order.size)
        .limit(order.size)
    )
    return CasePage(tuple(Case.of(row) for row in rows), total or 0)


async def count_states(session: AsyncSession, wanted: CaseFilter) -> dict[str, int]:
    """How many of the cases that are wanted stand in each state, whichever are asked for."""
    conditions = _conditions(replace(wanted, states=frozenset()))
    query = select(CaseRow.state, func.count()).where(*conditions).group_by(CaseRow.state)
    return dict((await session.execute(query)).all())


def _conditions(wanted: CaseFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.states:
        yield CaseRow.state.in_(wanted.states)
    for column in ("kind", "urgency", "source", "opened_by"):
        if value := getattr(wanted, column):
            yield getattr(CaseRow, column) == value
    if wanted.since is not None:
        yield CaseRow.opened_at >= wanted.since
    if wanted.until is not None:
        yield CaseRow.opened_at < wanted.until
    if words := storable(wanted.text).strip():
        holds = [column.icontains(words, autoescape=True) for column in _SEARCHED]
        yield or_(*holds, CaseRow.caller_phone.in_(variants(words)))
