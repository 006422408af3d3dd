"""What the engine was given, in the database: written with the events that follow from it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, Table, delete, func, insert, select

from hotline.acd.model import QueueRules
from hotline.replay.codec import encode_rules
from hotline.replay.tape import Entry
from hotline.storage.database import Database
from hotline.storage.tables_replay import EngineInputsRow, EngineStartRow

_INSERT = insert(cast("Table", EngineInputsRow.__table__))
_PAGE = 2000
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Start:
    """A start of the engine; ``version`` is the product's, ``engine`` its engine's digest."""

    start_id: int
    at: float
    version: str
    engine: str
    rules: Mapping[str, Any]


class EngineLog:
    """Writes one controller's inputs of the engine, within transactions of the journal."""

    def __init__(self, *, version: str, engine: str, keep_days: float) -> None:
        self._version = version
        self._engine = engine
        self._keep_days = keep_days
        self._start_id: int | None = None

    def begin(
        self,
        connection: Connection,
        now: float,
        rules: Mapping[str, QueueRules],
        entries: list[Entry],
    ) -> None:
        """Note the start of an engine with these rules and what it was given then, and forget
        what is too old.

        A start is kept while anything after it is: without it that could not be replayed.
        """
        values = {"at": now, "version": self._version, "engine": self._engine}
        started = insert(EngineStartRow).values(**values, rules=encode_rules(rules))
        made = connection.execute(started.returning(EngineStartRow.start_id))
        self._start_id = made.scalar_one()
        self.write(connection, entries)
        if self._keep_days:
            _forget(connection, now - self._keep_days * DAY_S)

    def write(self, connection: Connection, entries: list[Entry]) -> None:
        """Keep what the engine was given."""
        if self._start_id is None:
            raise RuntimeError("the engine's start is not noted")
        if entries:
            row = {"start_id": self._start_id, "at": entries[0][0], "entries": entries}
            connection.execute(_INSERT, row)


def _forget(connection: Connection, before: float) -> None:
    newest = select(func.max(EngineStartRow.start_id)).where(EngineStartRow.at <= before)
    if oldest := connection.execute(newest).scalar():
        for row in (EngineInputsRow, EngineStartRow):
            connection.execute(delete(row).where(row.start_id < oldest))


async def starts(database: Database, since: float, until: float) -> list[Start]:
    """The starts that a replay of this period needs: the last before it, and those within.

    Raises :class:`hotline.storage.database.DatabaseUnavailable`.
    """
    before = select(func.max(EngineStartRow.start_id)).where(EngineStartRow.at <= since)
    first = func.coalesce(before.scalar_subquery(), 0)
    query = select(EngineStartRow).where(
        EngineStartRow.start_id >= first, EngineStartRow.at < until
    )
    async with database.session() as session:
        rows = (await session.scalars(query.order_by(EngineStartRow.start_id))).all()
    return [Start(row.start_id, row.at, row.version, row.engine, row.rules) for row in rows]


async def entries_of(database: Database, start_id: int) -> AsyncIterator[Entry]:
    """What the engine was given since this start, in order.

    Raises :class:`hotline.storage.database.DatabaseUnavailable`.
    """
    seq = 0
    while True:
        query = (
            select(EngineInputsRow)
            .where(EngineInputsRow.start_id == start_id, EngineInputsRow.seq > seq)
            .order_by(EngineInputsRow.seq)
            .limit(_PAGE)
        )
        async with database.session() as session:
            rows = (await session.scalars(query)).all()
        for row in rows:
            seq = row.seq
            for entry in cast("list[Entry]", row.entries):
                yield entry
        if len(rows) < _PAGE:
            return
