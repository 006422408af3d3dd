"""Writes a casebook into the database, with its journal, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from heapq import heappop, heappush
from itertools import count, groupby, islice
from typing import Any, TypeVar

from sqlalchemy import insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from hotline import events
from hotline.demo.casebook import SyntheticCase
from hotline.events import Event
from hotline.storage.database import Database
from hotline.storage.tables import Base, CaseNumberRow, CaseRow, JournalRow

_BATCH = 2_000
# The bare tables: mapping classes would cost as much as writing does.
_CASES = Base.metadata.tables[CaseRow.__tablename__]
_JOURNAL = Base.metadata.tables[JournalRow.__tablename__]

T = TypeVar("T")
Also = Callable[[AsyncSession, Sequence[dict[str, Any]]], Awaitable[None]]


async def fill(
    database: Database,
    cases: Iterable[SyntheticCase],
    *,
    also: Sequence[Also] = (),
    told: Callable[[int], None] = lambda written: None,
) -> int:
    """Write ``cases``, which come by when they were opened; returns how many they were.

    ``also`` writes more of each batch in its transaction, ``told`` is told how many have been
    written. The hotline must not run: the journal is written past its one writer. Raises
    :class:`hotline.storage.database.DatabaseUnavailable`.
    """
    written, happened = 0, _Happened()
    for batch in _batched(cases):
        rows = [dict(one.columns) for one in batch]
        journal = [entry for one in batch for entry in happened.until(one)]
        async with database.writing() as session:
            await session.execute(insert(_CASES), rows)
            await session.execute(insert(_JOURNAL), journal)
            await _count(session, rows)
            for write in also:
                await write(session, rows)
        written += len(rows)
        told(written)
    async with database.writing() as session:
        for rest in _batched(happened.rest()):
            await session.execute(insert(_JOURNAL), rest)
    return written


async def _count(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Let the numbers of each day go on after those that were given out."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    days = [
        {"day": day, "last": max(int(row["case_number"][8:]) for row in of_day)}
        for day, of_day in groupby(rows, lambda row: row["case_number"][:8])
    ]
    statement = dialect.insert(CaseNumberRow)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["day"], set_={"last": statement.excluded.last}
        ),
        days,
    )


class _Happened:
    """What happened to many cases, told in one order."""

    def __init__(self) -> None:
        self._coming: list[tuple[float, int, Event]] = []
        self._serial = count()

    def until(self, case: SyntheticCase) -> Iterator[dict[str, Any]]:
        """What happened before the case was opened and has not been told yet; its own steps
        are told in their time."""
        columns = case.columns
        number, opened_at = columns["case_number"], columns["opened_at"]
        while self._coming and self._coming[0][0] < opened_at:
            yield self._next()
        opened = events.CaseOpened(number, "", columns["source"], case.began, columns["opened_by"])
        self._expect(opened_at, opened)
        for step in case.steps:
            moved = events.CaseMoved(
                number, step.action, step.source, step.target, step.by, step.why
            )
            self._expect(step.at, moved)

    def rest(self) -> Iterator[dict[str, Any]]:
        """What has not been told yet."""
        while self._coming:
            yield self._next()

    def _expect(self, at: float, event: Event) -> None:
        heappush(self._coming, (at, next(self._serial), event))

    def _next(self) -> dict[str, Any]:
        at, _, event = heappop(self._coming)
        return _entry(at, event)


def _entry(at: float, event: Event) -> dict[str, Any]:
    data = event.data()
    keys = {"call_id": None, "agent_id": None, "case_number": data["case_number"]}
    return {"at": at, "kind": event.kind, "data": data, **keys}


def _batched(many: Iterable[T]) -> Iterator[list[T]]:
    coming = iter(many)
    while batch := list(islice(coming, _BATCH)):
        yield batch
