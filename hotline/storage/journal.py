"""The journal: every event, durable, in one order, readable from any point on.

An event and what it means for the tables are written in one transaction; only then is it
published to those who follow. There is one writer at a time.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.clock import Clock
from hotline.events import Event, event_from
from hotline.storage import journal_reading
from hotline.storage.database import Database, DatabaseUnavailable
from hotline.storage.projections import project
from hotline.storage.records import Record, storable, storable_as_it_is
from hotline.storage.tables import JournalRow

# Followers no further behind than this are served from memory, others from the table.
RECENT = 10_000
_BATCH = 500
_INSERT = insert(JournalRow)
_INSERT_AND_TELL = _INSERT.returning(JournalRow.seq, sort_by_parameter_order=True)

T = TypeVar("T")
Kinds = frozenset[type[Event]]


class JournalUnavailable(DatabaseUnavailable):
    """Nothing can be written or read now: full disk, locked out, connection gone.

    The same events may be appended again later; what was stored after all is not stored twice.
    """


class Transaction:
    """Rows and events that are written together or not at all.

    ``session`` does not flush by itself. ``records`` are the events with their places, filled
    in once the transaction is committed.
    """

    def __init__(self, session: AsyncSession, now: float) -> None:
        self.session = session
        self.now = now
        self.records: list[Record] = []
        self._entries: list[tuple[float, Event]] = []

    def add(self, event: Event, at: float | None = None) -> None:
        """Journal ``event``, which happened at ``at`` (None: now)."""
        self._entries.append((self.now if at is None else at, _clean(event)))

    @property
    def entries(self) -> Sequence[tuple[float, Event]]:
        """What has been added so far, in order."""
        return self._entries


@dataclass(frozen=True, slots=True)
class _Unsure:
    """Entries whose commit broke off: they stand in the table after ``seq``, or nowhere."""

    seq: int
    entries: Sequence[tuple[float, Event]]


class Journal:
    """The journal in ``database``; ``open`` it before use.

    ``on_written`` is told how many seconds each durable write took.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        recent: int = RECENT,
        on_written: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        self.database = database
        self._on_written = on_written
        self._clock = clock
        self._recent_size = recent
        self._recent: list[Record] = []
        # Every record after this one is in _recent.
        self._floor = 0
        self._last_seq: int | None = None
        # Followers that wait, by the kinds they wait for (None: any).
        self._waiting: dict[Kinds | None, asyncio.Event] = {}
        self._unsure: _Unsure | None = None

    async def open(self) -> None:
        """Find the journal's end. Raises :class:`JournalUnavailable`."""
        with _unavailable():
            async with self.database.session() as session:
                last = await session.scalar(select(func.max(JournalRow.seq)))
        self._last_seq = self._floor = last or 0

    @property
    def last_seq(self) -> int:
        """The number of the last record, 0 when there is none."""
        if self._last_seq is None:
            raise RuntimeError("the journal is not open")
        return self._last_seq

    async def append(
        self,
        *happened: Event,
        at: float | None = None,
        also: Callable[[Connection], None] | None = None,
    ) -> list[Record]:
        """Write the events, which happened at ``at`` (None: now), and publish them.

        ``also`` writes more in the same transaction. When it returns all survives a crash of
        anything. An append that has begun is finished even when its caller is cancelled. Raises
        :class:`JournalUnavailable`.
        """
        return await uninterrupted(self._append(happened, at, also))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Write rows and events together at the end; an exception writes nothing.

        Not to be opened inside another one. Raises :class:`JournalUnavailable`.
        """
        with _unavailable():
            async with self.database.writer() as session:
                tx = Transaction(session, self._clock.now())
                yield tx
                began = time.perf_counter()
                await uninterrupted(self._commit(tx))
                self._on_written(time.perf_counter() - began)

    async def read(
        self,
        after: int = 0,
        limit: int = 1000,
        *,
        kinds: Collection[type[Event]] | None = None,
        call_id: str | None = None,
        case_number: str | None = None,
        since: float | None = None,
    ) -> list[Record]:
        """The first ``limit`` records after ``after``, in order, that match all that is given.

        ``since`` is Unix seconds. Raises :class:`JournalUnavailable`.
        """
        query = journal_reading.wanted(
            after, limit, kinds=kinds, call_id=call_id, case_number=case_number, since=since
        )
        with _unavailable():
            async with self.database.session() as session:
                return journal_reading.records(await session.execute(query))

    async def follow(
        self, after: int | None = None, kinds: Kinds | None = None
    ) -> AsyncIterator[Record]:
        """Every record after ``after`` (None: from now on) as it comes, without gap or duplicate;
        those of ``kinds`` when given: who follows few of them is not woken for the others.

        An ``after`` beyond the end counts as the end: the database may have been restored from
        a backup. Raises :class:`JournalUnavailable` when old records cannot be read.
        """
        position = self.last_seq if after is None else min(after, self.last_seq)
        while True:
            news = self._waiting.setdefault(kinds, asyncio.Event())
            floor = self._floor
            if position < floor:
                batch = await self.read(position, _BATCH, kinds=kinds)
            else:
                batch = self._recent_after(position)
            for record in batch:
                position = record.seq
                if kinds is None or type(record.event) in kinds:
                    yield record
            if position < floor and len(batch) < _BATCH:
                # Whatever else stands up to there is of other kinds.
                position = floor
            elif not batch:
                await news.wait()

    def _recent_after(self, position: int) -> list[Record]:
        if position >= self.last_seq:
            return []
        start = bisect_right(self._recent, position, key=lambda record: record.seq)
        return self._recent[start : start + _BATCH]

    async def _append(
        self,
        happened: Sequence[Event],
        at: float | None,
        also: Callable[[Connection], None] | None,
    ) -> list[Record]:
        now = self._clock.now() if at is None else at
        entries = [(now, _clean(event)) for event in happened]
        reached_commit, retried = False, False

        def write(connection: Connection) -> list[Record]:
            nonlocal reached_commit, retried
            retried = self._unsure is not None and _begins_with(entries, self._unsure.entries)
            stored = _stored_after_all(connection, self._unsure) if retried else []
            records = [*stored, *_write(connection, entries[len(stored) :])]
            # What was stored after all was stored with its own.
            if also is not None and not stored:
                also(connection)
            reached_commit = True
            return records

        began = time.perf_counter()
        try:
            with _unavailable():
                records = await self.database.write(write)
        except BaseException:
            if reached_commit:
                self._unsure = _Unsure(self.last_seq, entries)
            raise
        self._on_written(time.perf_counter() - began)
        if retried:
            self._unsure = None
        self._publish(records)
        return records

    async def _commit(self, tx: Transaction) -> None:
        await tx.session.flush()
        connection = await tx.session.connection()
        tx.records = await connection.run_sync(_write, tx.entries)
        try:
            await tx.session.commit()
        except BaseException:
            self._unsure = _Unsure(self.last_seq, tx.entries)
            raise
        self._publish(tx.records)

    def _publish(self, committed: list[Record]) -> None:
        records = [record for record in committed if record.seq > self.last_seq]
        if not records:
            return
        if records[0].seq != self.last_seq + 1:
            # Others stand between: a commit whose answer was lost, or another process's.
            self._recent.clear()
            self._floor = records[0].seq - 1
        self._recent += records
        self._last_seq = records[-1].seq
        if len(self._recent) > 2 * self._recent_size:
            del self._recent[: -self._recent_size]
            self._floor = self._recent[0].seq - 1
        self._wake({type(record.event) for record in records})

    def _wake(self, happened: set[type[Event]]) -> None:
        for kinds in tuple(self._waiting):
            if kinds is None or not kinds.isdisjoint(happened):
                self._waiting.pop(kinds).set()


def _clean(event: Event) -> Event:
    data = event.data()
    if all(map(storable_as_it_is, data.values())):
        return event
    kept = storable(data)
    return event if kept == data else event_from(event.kind, kept)


def _write(connection: Connection, entries: Sequence[tuple[float, Event]]) -> list[Record]:
    """Store the entries and what they mean for the tables, in the connection's transaction."""
    if not entries:
        return []
    seqs = _insert(connection, [_row(at, event) for at, event in entries])
    records = [Record(seq, at, event) for seq, (at, event) in zip(seqs, entries, strict=True)]
    project(connection, records)
    return records


def _insert(connection: Connection, rows: list[dict[str, Any]]) -> Sequence[int]:
    """Store journal rows; the numbers that they were given."""
    if connection.dialect.name == "sqlite":
        # Quicker than RETURNING. Nobody else writes meanwhile, so their numbers follow on.
        connection.execute(_INSERT, rows)
        last = connection.exec_driver_sql("SELECT last_insert_rowid()").scalar_one()
        return range(last - len(rows) + 1, last + 1)
    return connection.scalars(_INSERT_AND_TELL, rows).all()


def _begins_with(
    entries: Sequence[tuple[float, Event]], earlier: Sequence[tuple[float, Event]]
) -> bool:
    """Whether who tries again does so with the same events first."""
    wanted = [event for _, event in earlier]
    return [event for _, event in entries[: len(wanted)]] == wanted


def _stored_after_all(connection: Connection, unsure: _Unsure | None) -> list[Record]:
    """The entries' records, when their try stored them and only its answer was lost."""
    if unsure is None or not unsure.entries:
        return []
    query = select(JournalRow.__table__).where(JournalRow.seq > unsure.seq)
    rows = connection.execute(query.order_by(JournalRow.seq).limit(_BATCH))
    later = [Record(row.seq, row.at, event_from(row.kind, dict(row.data))) for row in rows]
    for start in range(len(later) - len(unsure.entries) + 1):
        found = later[start : start + len(unsure.entries)]
        if [(record.at, record.event) for record in found] == list(unsure.entries):
            return found
    return []


def _row(at: float, event: Event) -> dict[str, Any]:
    data = event.data()
    keys = {name: data.get(name) or None for name in ("call_id", "agent_id", "case_number")}
    return {"at": at, "kind": event.kind, "data": data, **keys}


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except JournalUnavailable:
        raise
    except DatabaseUnavailable as error:
        raise JournalUnavailable(error.why) from error


async def uninterrupted(work: Coroutine[Any, Any, T]) -> T:
    """Await ``work`` to its end even when the caller is cancelled meanwhile."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        raise
