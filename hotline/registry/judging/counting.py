"""Counting cases in the database: one pass over the cases that a period concerns.

Each count is defined in ``definitions.toml``; here stands the same as SQL, for SQLite and
PostgreSQL alike. A past period counts as things stood at its end as far as a case's row tells:
what was done later does not change it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    and_,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.registry.judging.model import Definitions, Line, MeanTime, Period
from hotline.storage.tables import OPEN, CaseRow, JournalRow

TOTAL = "total"
DIMENSIONS = ("unit", "street", "district", "class", "source")
"""What a period can be counted by."""

# Not bound as parameters: PostgreSQL would not see the same expression in GROUP BY.
_NONE: ColumnElement[str] = literal_column("''")
_COLON: ColumnElement[str] = literal_column("':'")

KEYS: Mapping[str, ColumnElement[Any]] = {
    TOTAL: _NONE,
    # A unit that is in no list has a name only.
    "unit": case((CaseRow.unit_id != _NONE, CaseRow.unit_id), else_=CaseRow.unit),
    # As expressions: SQLite would group by an index of the column, and read the whole table.
    "street": CaseRow.street + _NONE,
    "district": CaseRow.district + _NONE,
    "class": case(
        (
            CaseRow.category_code.is_not(None),
            func.coalesce(CaseRow.standard, _NONE) + _COLON + CaseRow.category_code,
        ),
        else_=_NONE,
    ),
    "source": CaseRow.source + _NONE,
}
_NAMES: Mapping[str, ColumnElement[Any]] = {
    "unit": CaseRow.unit.expression,
    "class": CaseRow.category_name.expression,
}
# The ends of each mean time, over the cases that were closed in the period.
SPANS = {
    "file": (CaseRow.opened_at, CaseRow.filed_at),
    "dispatch": (CaseRow.filed_at, CaseRow.dispatched_at),
    "handle": (CaseRow.dispatched_at, CaseRow.handled_at),
    "close": (CaseRow.handled_at, CaseRow.closed_at),
    "total": (CaseRow.opened_at, CaseRow.closed_at),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Which cases are counted: those that a period concerns, narrowed by more conditions."""

    period: Period
    definitions: Definitions
    only: tuple[ColumnElement[bool], ...] = ()

    def holds(self, column: Any) -> ColumnElement[bool]:
        """That an instant lies in the period."""
        return and_(column >= self.period.since, column < self.period.until)


def live() -> ColumnElement[bool]:
    """That a case counts at all: it is not void, and not merged into another one."""
    # Not compared with '': SQLite would then read nearly the whole table by that index.
    return and_(CaseRow.state != "void", func.length(CaseRow.merged_into) == 0)


def conditions(scope: Scope) -> dict[str, ColumnElement[bool]]:
    """When a case is in each count (without ``repeat``, ``open`` and ``suspended``)."""
    until = scope.period.until
    reported, dispatched = scope.holds(CaseRow.opened_at), scope.holds(CaseRow.dispatched_at)
    to_handle = and_(CaseRow.dispatched_at < until, scope.holds(CaseRow.handle_due_at))
    handled = and_(to_handle, CaseRow.handled_at < until)
    to_close = scope.holds(CaseRow.close_due_at)
    closed = and_(to_close, CaseRow.closed_at < until)
    ended = scope.holds(CaseRow.closed_at)
    without = and_(CaseRow.handle_due_at.is_(None), CaseRow.suspended_at.is_(None))
    public = CaseRow.source.in_(sorted(scope.definitions.public_sources))
    return {
        "report": reported,
        "accept": and_(reported, CaseRow.state != "to_verify"),
        "filed": and_(reported, CaseRow.filed_at < until),
        "public": and_(reported, public),
        "dispatched": dispatched,
        "accurate_dispatch": and_(dispatched, CaseRow.returns == 0),
        "no_limit": and_(dispatched, without),
        "should_dispose": to_handle,
        "disposed": handled,
        "intime_disposed": and_(handled, CaseRow.handled_at <= CaseRow.handle_due_at),
        "rework": and_(to_handle, CaseRow.reworks > 0),
        "extended": and_(to_handle, CaseRow.extensions > 0),
        "should_close": to_close,
        "closed": closed,
        "intime_closed": and_(closed, CaseRow.closed_at <= CaseRow.close_due_at),
        "ended": ended,
        "forced": and_(ended, CaseRow.forced.is_(True)),
    }


async def count(session: AsyncSession, scope: Scope, by: str = TOTAL) -> tuple[Line, ...]:
    """What the period amounts to by ``total`` or one of :data:`DIMENSIONS`, ordered by key.

    ``repeat`` is not among the counts: see :mod:`hotline.registry.judging.repeats`. Raises
    :class:`KeyError` for another dimension.
    """
    return (await count_by(session, scope, (by,)))[by]


async def count_by(
    session: AsyncSession, scope: Scope, dimensions: Sequence[str]
) -> dict[str, tuple[Line, ...]]:
    """As :func:`count`, by each of several dimensions: the cases are read once for all."""
    wanted = conditions(scope)
    rows = (await session.execute(_counted(scope, wanted, dimensions))).all()
    standing = await _standing(session, scope, dimensions)
    names = list(wanted)
    return {
        by: _lines([row[1:] for row in rows if row[0] == by], names, standing[by])
        for by in dimensions
    }


def _counted(
    scope: Scope, wanted: Mapping[str, ColumnElement[bool]], dimensions: Sequence[str]
) -> CompoundSelect[*tuple[Any, ...]]:
    """For each dimension and key: a name, every count, how many spans are known and their sum."""
    ended = wanted["ended"]
    concerned = or_(
        *(wanted[name] for name in ("report", "dispatched", "should_dispose", "should_close")),
        ended,
    )
    held = (
        select(
            *(KEYS[by].label(f"key_{by}") for by in dimensions),
            *(_NAMES[by].label(f"name_{by}") for by in dimensions if by in _NAMES),
            *(case((holds, 1)).label(f"in_{name}") for name, holds in wanted.items()),
            *(
                case((and_(ended, until >= since), until - since)).label(f"span_{name}")
                for name, (since, until) in SPANS.items()
            ),
        )
        .where(live(), concerned, *scope.only)
        .cte("held")
    ).c
    columns: list[ColumnElement[Any]] = [func.count(held[f"in_{name}"]) for name in wanted]
    for name in SPANS:
        columns += [func.count(held[f"span_{name}"]), func.sum(held[f"span_{name}"])]
    queries = []
    for by in dimensions:
        key = held[f"key_{by}"]
        called = func.max(held[f"name_{by}"] if by in _NAMES else key)
        query = select(literal(by), func.max(key) if by == TOTAL else key, called, *columns)
        queries.append(query if by == TOTAL else query.group_by(key))
    return union_all(*queries)


def _lines(
    rows: Sequence[Sequence[Any]], names: list[str], standing: Mapping[str, dict[str, int]]
) -> tuple[Line, ...]:
    found = [_line(row, names, standing) for row in rows]
    seen = {line.key for line in found}
    found += [Line(k, k, dict.fromkeys(names, 0) | c) for k, c in standing.items() if k not in seen]
    return tuple(sorted(found, key=lambda line: line.key))


def summed(lines: Sequence[Line]) -> Line:
    """All lines of a dimension together: each case is in one of them."""
    counts: Counter[str] = Counter()
    times: dict[str, MeanTime] = {}
    for line in lines:
        counts.update(line.counts)
        for name, time in line.times.items():
            times[name] = times.get(name, MeanTime(0, 0, 0.0)) + time
    return Line("", "", dict(counts), times)


def _line(row: Sequence[Any], names: list[str], standing: Mapping[str, dict[str, int]]) -> Line:
    key = row[0] or ""
    counts = dict(zip(names, row[2 : 2 + len(names)], strict=True))
    spans = row[2 + len(names) :]
    ended = counts["ended"]
    times = {
        name: MeanTime(spans[2 * n], ended - spans[2 * n], spans[2 * n + 1] or 0.0)
        for n, name in enumerate(SPANS)
    }
    return Line(key, row[1] or key, counts | standing.get(key, {"open": 0, "suspended": 0}), times)


async def _standing(
    session: AsyncSession, scope: Scope, dimensions: Sequence[str]
) -> dict[str, dict[str, dict[str, int]]]:
    """Cases in hand now, and the suspended among them: a row does not tell when it once was."""
    until = scope.period.until
    # SQLite knows nothing of how few cases are open, and would look at all.
    held = (
        select(
            *(KEYS[by].label(f"key_{by}") for by in dimensions),
            case((CaseRow.suspended_at < until, 1)).label("suspended"),
        )
        .where(live(), text(OPEN), CaseRow.filed_at < until, *scope.only)
        .with_hint(CaseRow, "INDEXED BY ix_cases_open", "sqlite")
        .cte("held")
    ).c
    queries = []
    for by in dimensions:
        key = held[f"key_{by}"]
        counts = func.count(), func.count(held.suspended)
        query = select(literal(by), func.max(key) if by == TOTAL else key, *counts)
        queries.append(query if by == TOTAL else query.group_by(key))
    rows = (await session.execute(union_all(*queries))).all()
    found: dict[str, dict[str, dict[str, int]]] = {by: {} for by in dimensions}
    for by, key, opened, suspended in rows:
        found[by][key or ""] = {"open": opened, "suspended": suspended}
    return found


async def time_to_verify(session: AsyncSession, scope: Scope) -> MeanTime:
    """From opening to the first verification, of the cases that were closed in the period.

    Those that were never verified are unknown: an agent who speaks with the citizen needs not.
    """
    ended = (live(), scope.holds(CaseRow.closed_at), *scope.only)
    total = await session.scalar(select(func.count()).select_from(CaseRow).where(*ended)) or 0
    first = (
        select(CaseRow.opened_at, func.min(JournalRow.at).label("at"))
        .join(JournalRow, JournalRow.case_number == CaseRow.case_number)
        .where(
            *ended,
            JournalRow.kind == "CaseMoved",
            JournalRow.data["action"].as_string() == "verify",
        )
        .group_by(CaseRow.case_number, CaseRow.opened_at)
        .subquery()
    )
    found = select(func.count(), func.sum(first.c.at - first.c.opened_at))
    known, seconds = (await session.execute(found)).one()
    return MeanTime(known, total - known, seconds or 0.0)
