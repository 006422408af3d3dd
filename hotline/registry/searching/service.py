"""Keeps the index and the counts with every change of a case, and makes up for older cases."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.clock import Clock
from hotline.registry.companions import Companion, Taken
from hotline.registry.searching import counting, index
from hotline.storage.database import Database, DatabaseUnavailable
from hotline.storage.journal import Transaction
from hotline.storage.tables import CaseRow
from hotline.storage.tables_search import CaseWordsRow

# Each batch holds the writers up for a moment; calls go on between them.
_BATCH = 200
_PAUSE_S = 0.2
_AGAIN_S = 30.0
_REBUILD_BATCH = 2_000
_BEYOND = "~"

_log = structlog.get_logger(__name__)


class SearchKeeper(Companion):
    """Hears of every change of a case and keeps its words and the counts of states."""

    async def opened(self, tx: Transaction, row: CaseRow) -> None:
        """A new case has words, and is one more in its state."""
        await index.add(tx.session, [_columns(row)])
        await counting.shift(tx.session, row.state, 1)

    async def changed(self, tx: Transaction, row: CaseRow, before: Mapping[str, Any]) -> None:
        """Other words, when one of the searched columns changed."""
        if not index.TOUCHING.isdisjoint(before):
            await index.put(tx.session, _columns(row))

    async def moved(self, tx: Transaction, row: CaseRow, step: Taken) -> None:
        """One less in the state before, one more in the state after."""
        if step.source != step.target:
            await counting.shift(tx.session, step.source, -1)
            await counting.shift(tx.session, step.target, 1)


class Backfill:
    """Makes the words of cases that are older than the index, newest first, while the hotline
    runs; ``missing`` tells the pages how many are still to come (None: not known yet)."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.missing: int | None = None

    async def run(self) -> None:
        """Work until nothing is missing, then rest; a database that is away is tried again."""
        while True:
            try:
                await self._work()
                await asyncio.Event().wait()
            except DatabaseUnavailable as error:
                _log.warning("the search index waits for the database", why=error.why)
                await self._clock.sleep(_AGAIN_S)

    async def _work(self) -> None:
        self.missing = await _missing(self._database)
        if not self.missing:
            return
        _log.info("the search index lacks older cases", missing=self.missing)
        below = _BEYOND
        while below:
            async with self._database.writing() as session:
                done, below = await index.add_missing(session, below, _BATCH)
            self.missing = max(0, self.missing - done)
            await self._clock.sleep(_PAUSE_S if done else 0)
        self.missing = 0
        _log.info("the search index is whole")


async def rebuild(
    database: Database, told: Callable[[int, int], None] = lambda done, total: None
) -> int:
    """Make the index and the counts anew; returns how many cases were read.

    ``told`` is told after each batch how many of how many are done. To be run while no hotline
    is. Raises :class:`hotline.storage.database.DatabaseUnavailable`.
    """
    async with database.writing() as session:
        await counting.recount(session)
        await index.empty(session)
        total = await session.scalar(select(func.count()).select_from(CaseRow)) or 0
    done, below = 0, _BEYOND
    while below:
        async with database.writing() as session:
            made, below = await index.add_missing(session, below, _REBUILD_BATCH)
        done += made
        told(done, total)
    return done


async def index_batch(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Index and count cases that were written past the registry, in the transaction that writes
    them; ``rows`` hold their columns by name."""
    await index.add(session, rows)
    for state, cases in Counter(row["state"] for row in rows).items():
        await counting.shift(session, state, cases)


async def _missing(database: Database) -> int:
    async with database.session() as session:
        cases = sum((await counting.counts(session)).values())
        words = await session.scalar(select(func.count()).select_from(CaseWordsRow)) or 0
    return max(0, cases - words)


def _columns(row: CaseRow) -> dict[str, Any]:
    names = ("case_number", "anonymous", "confidential", *index.SEARCHED)
    return {name: getattr(row, name) for name in names}
