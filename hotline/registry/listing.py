"""Lists of cases: which, in what order, and how many there are.

Made for a million cases: open ones are few and stand in an index of their own
(``ix_cases_open``), the others are read newest first and never counted. docs/desks.md tells what
is bounded and how a page says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, case, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.registry.due import DUE
from hotline.registry.model import Case, CaseFilter, CasePage
from hotline.registry.searching import counting, index
from hotline.storage.numbers import variants
from hotline.storage.records import storable
from hotline.storage.tables import ENDED, OPEN, SUPERVISED, CaseRow

LARGEST_PAGE = 500
# How far a list can be leafed through; who wants more narrows it.
DEEPEST = 10_000
# So many of the newest are put into an order that no index knows.
SORTED = 5_000
# So many of the newest cases that hold a text are looked at by a list.
SEARCHED = 1_000

SORTS: Mapping[str, ColumnElement[Any]] = {
    "opened_at": CaseRow.opened_at.expression,
    "changed_at": CaseRow.changed_at.expression,
    "case_number": CaseRow.case_number.expression,
    "state": CaseRow.state.expression,
    "urgency": case({"normal": 0, "urgent": 1, "critical": 2}, value=CaseRow.urgency, else_=0),
    "due": DUE,
    "supervision": CaseRow.supervision.expression,
}
_INDEXED = frozenset({"opened_at", "changed_at", "case_number"})
_EQUAL = (
    "kind", "urgency", "source", "opened_by", "unit_id", "owner", "district", "street",
    "community", "grid",
)  # fmt: skip
_STATES = frozenset({"states", "still_open"})
# SQLite knows nothing of how many cases are open, and would look at all.
_BY_OPEN = "INDEXED BY ix_cases_open"


Q = TypeVar("Q", bound=Select[*tuple[Any, ...]])


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

    @property
    def offset(self) -> int:
        """How many cases stand before the page."""
        return min((self.page - 1) * self.size, DEEPEST)


async def find(session: AsyncSession, wanted: CaseFilter, order: Order) -> CasePage:
    """One page of the cases that are wanted."""
    numbers = await _numbers(session, wanted)
    page = _sorted(wanted, order, _numbered(wanted, numbers))
    # One more tells whether there are more, without counting them.
    query = page.offset(order.offset).limit(order.size + 1)
    found = (await session.scalars(query)).all()
    cases = await rows(session, found[: order.size])
    if len(found) <= order.size and (found or order.page == 1):
        return CasePage(cases, order.offset + len(found))
    total = await _total(session, wanted, numbers)
    if total is None:
        return CasePage(cases, order.offset + len(found), exact=False)
    return CasePage(cases, total)


def page_of(wanted: CaseFilter, order: Order) -> Select[str]:
    """The query of the numbers of a list that no text narrows, in order."""
    return _sorted(wanted, order, _numbered(wanted, None))


async def numbers_of(session: AsyncSession, wanted: CaseFilter, limit: int) -> list[str]:
    """The numbers of the newest cases that are wanted, newest first."""
    order = Order("opened_at", descending=True, page=1, size=1)
    conditions = _numbered(wanted, await _numbers(session, wanted))
    return list((await session.scalars(_sorted(wanted, order, conditions).limit(limit))).all())


async def narrow(session: AsyncSession, query: Q, wanted: CaseFilter) -> Q:
    """The query of cases with what is wanted of them."""
    numbers = await _numbers(session, wanted)
    return _hinted(query.where(*_numbered(wanted, numbers)), wanted)


async def count_states(session: AsyncSession, wanted: CaseFilter) -> dict[str, int]:
    """How many of the cases that are wanted stand in each state, whichever are asked for.

    Cases that have ended are only counted when nothing but the state narrows the list, or a text
    does: see :func:`counts_all`.
    """
    anywhere = replace(wanted, states=frozenset(), still_open=False)
    if not _narrowed(anywhere):
        return await counting.counts(session)
    numbers = await _numbers(session, anywhere)
    if not counts_all(anywhere):
        anywhere = replace(anywhere, still_open=True)
    query = _hinted(
        select(CaseRow.state, func.count())
        .where(*_numbered(anywhere, numbers))
        .group_by(CaseRow.state),
        anywhere,
    )
    return dict((await session.execute(query)).all())


def counts_all(wanted: CaseFilter) -> bool:
    """Whether :func:`count_states` counts ended cases as well."""
    return bool(wanted.text.strip()) or not _narrowed(wanted)


async def _total(
    session: AsyncSession, wanted: CaseFilter, numbers: list[str] | None
) -> int | None:
    """How many there are in all; None when telling would take too long."""
    if not _narrowed(wanted):
        counted = await counting.counts(session)
        return sum(n for state, n in counted.items() if _in_states(wanted, state))
    if numbers is None and not _is_open(wanted):
        return None
    query = select(func.count()).select_from(CaseRow).where(*_numbered(wanted, numbers))
    return await session.scalar(_hinted(query, wanted)) or 0


async def rows(session: AsyncSession, numbers: Sequence[str]) -> tuple[Case, ...]:
    """The cases of these numbers, in their order."""
    found = await session.scalars(select(CaseRow).where(CaseRow.case_number.in_(numbers)))
    by_number = {row.case_number: row for row in found}
    return tuple(Case.of(by_number[number]) for number in numbers if number in by_number)


def _sorted(wanted: CaseFilter, order: Order, conditions: list[ColumnElement[bool]]) -> Select[str]:
    column = SORTS[order.sort]
    # The number settles ties, so that no case is on two pages.
    ordering = (
        (column.desc() if order.descending else column).nulls_last()
        if order.sort == "due"
        else (column.desc() if order.descending else column),
        CaseRow.case_number.desc() if order.descending else CaseRow.case_number,
    )
    query = select(CaseRow.case_number).where(*conditions)
    if order.sort in _INDEXED or _is_open(wanted):
        return _hinted(query, wanted, order.sort).order_by(*ordering)
    newest = query.order_by(CaseRow.opened_at.desc()).limit(SORTED).subquery()
    among = select(CaseRow.case_number).where(CaseRow.case_number.in_(select(newest)))
    return among.order_by(*ordering)


def _hinted(query: Q, wanted: CaseFilter, sort: str = "") -> Q:
    if not _is_open(wanted):
        return query
    # Newest first with hardly a filter, their own order finds them sooner.
    plain = sort in _INDEXED and not _narrowed(wanted)
    covered = not wanted.opened_by and not wanted.text.strip() and not plain
    return query.with_hint(CaseRow, _BY_OPEN, "sqlite") if covered else query


def _is_open(wanted: CaseFilter) -> bool:
    return wanted.still_open or (bool(wanted.states) and wanted.states.isdisjoint(ENDED)) or any(
        (wanted.suspended, wanted.overdue_at is not None, wanted.due_since is not None,
         wanted.due_until is not None)
    )  # fmt: skip


def _in_states(wanted: CaseFilter, state: str) -> bool:
    if wanted.still_open and state in ENDED:
        return False
    return not wanted.states or state in wanted.states


def _narrowed(wanted: CaseFilter) -> bool:
    """Whether anything but the state narrows the list."""
    plain = CaseFilter()
    return any(
        getattr(wanted, each.name) != getattr(plain, each.name)
        for each in fields(CaseFilter)
        if each.name not in _STATES
    )


async def _numbers(session: AsyncSession, wanted: CaseFilter) -> list[str] | None:
    """The newest cases that hold the text; None when there is none."""
    words = storable(wanted.text).strip()
    if not words:
        return None
    found = await index.find(session, words, SEARCHED)
    return list(dict.fromkeys([*await named(session, words, SEARCHED), *found]))


async def named(session: AsyncSession, words: str, limit: int, *, phones: bool = True) -> list[str]:
    """The numbers of cases that somebody names by a whole telephone number, by the case's number,
    or by its beginning from eight digits (a day) on; newest first."""
    said = [CaseRow.caller_phone.in_(variants(words))] if phones else []
    if words.isascii() and words.isdigit() and 8 <= len(words) <= 20:
        said.append(CaseRow.case_number.between(words, words + "9" * (20 - len(words))))
    if not said:
        return []
    query = select(CaseRow.case_number).where(or_(*said))
    return list(
        (await session.scalars(query.order_by(CaseRow.case_number.desc()).limit(limit))).all()
    )


def _numbered(wanted: CaseFilter, numbers: list[str] | None) -> list[ColumnElement[bool]]:
    held = [] if numbers is None else [CaseRow.case_number.in_(numbers)]
    return [*held, *_conditions(wanted)]


def _conditions(wanted: CaseFilter) -> Iterator[ColumnElement[bool]]:
    if _is_open(wanted):
        # In these words, as the index says it.
        yield text(OPEN)  # type: ignore[misc]
    if wanted.states:
        yield CaseRow.state.in_(sorted(wanted.states))
    for column in _EQUAL:
        if value := getattr(wanted, column):
            yield getattr(CaseRow, column) == value
    if wanted.category:
        yield CaseRow.category_code == wanted.category
    if wanted.supervised:
        # In these words, as the index of them says it.
        yield text(SUPERVISED)  # type: ignore[misc]
    if wanted.suspended:
        yield CaseRow.suspended_at.is_not(None)
    yield from _bounds(wanted)


def _bounds(wanted: CaseFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.since is not None:
        yield CaseRow.opened_at >= wanted.since
    if wanted.until is not None:
        yield CaseRow.opened_at < wanted.until
    if wanted.due_since is not None:
        yield wanted.due_since <= DUE
    if wanted.due_until is not None:
        yield wanted.due_until > DUE
    if wanted.overdue_at is not None:
        yield wanted.overdue_at >= DUE
