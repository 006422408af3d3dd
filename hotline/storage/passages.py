"""How callers walked the flows, kept by the hour: written behind the journal, read in a blink.

Not one of :mod:`hotline.storage.projections`: a caller's step must not wait for its counting.
The counts and how far in the journal they reach are written in one transaction, so a crash
between loses nothing and counts nothing twice.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.clock import Clock
from hotline.ivr.counts import COUNTED, ENTERED, HOUR_S, NodeCount, Passage, PassageTally, by_node
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.storage.records import Record
from hotline.storage.tables import JournalRow
from hotline.storage.tables_flows import BlindIntervalRow, CountedRow, FlowPassageRow

PROJECTION = "flow_passages"
WRITE_EVERY_S = 10.0
_BATCH = 5000
_KINDS = tuple(kind.__name__ for kind in COUNTED)


@dataclass(frozen=True, slots=True)
class FlowCounts:
    """One flow in a period. ``whole`` counts the flow itself, ``versions`` how many callers
    entered each version, ``blind`` the times of which the figures are unknown (Unix seconds)."""

    nodes: dict[str, NodeCount]
    whole: NodeCount
    versions: dict[int, int] = field(default_factory=dict)
    blind: Sequence[tuple[float, float]] = ()


class Passages:
    """Counts while calls go on (``run``), and tells what was counted."""

    def __init__(self, database: Database, journal: Journal, clock: Clock) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock
        self._tally = PassageTally()
        self._unwritten: Counter[Passage] = Counter()
        self._seq = self._written_seq = 0
        self._written_at = clock.now()
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """Count each record from the last one written on, for ever.

        May be called again after it failed. Raises
        :class:`hotline.storage.journal.JournalUnavailable`, :class:`DatabaseUnavailable`.
        """
        async with self._turn:
            self._tally, self._unwritten = PassageTally(), Counter()
            self._seq = self._written_seq = seq = await _counted(self._database)
        async for record in self._journal.follow(seq, frozenset(COUNTED)):
            await self._take(record)
            if self._clock.now() - self._written_at >= WRITE_EVERY_S:
                await self.write()

    async def write(self) -> None:
        """Write what is counted and not written. Raises :class:`DatabaseUnavailable`."""
        async with self._turn:
            self._unwritten += self._tally.drain()
            if self._seq != self._written_seq:
                async with self._database.writing() as session:
                    await _add(session, self._unwritten, self._seq)
                self._unwritten, self._written_seq = Counter(), self._seq
            self._written_at = self._clock.now()

    async def counts(
        self, flow: str, since: float, until: float, version: int | None = None
    ) -> FlowCounts:
        """Those who entered a node of ``flow`` from the hour of ``since`` to before ``until``.

        ``version`` None: all versions. Raises :class:`DatabaseUnavailable`.
        """
        await self.write()
        row = FlowPassageRow
        first, last = int(since // HOUR_S), int(-(-until // HOUR_S))
        within = (row.flow == flow, row.hour >= first, row.hour < last)
        chosen = within if version is None else (*within, row.version == version)
        times = func.sum(row.times)
        async with self._database.session() as session:
            found = await session.execute(
                select(row.node, row.exit, times).where(*chosen).group_by(row.node, row.exit)
            )
            nodes = by_node({(node, name): int(count) for node, name, count in found})
            entered = (*within, row.node == "", row.exit == ENTERED)
            seen = await session.execute(
                select(row.version, times).where(*entered).group_by(row.version)
            )
            versions = {number: int(count) for number, count in sorted(tuple(row) for row in seen)}
            blind = await _blind(session, since, until)
        return FlowCounts(nodes, nodes.pop("", NodeCount()), versions, blind)

    async def entered(self, since: float) -> dict[str, int]:
        """How many callers entered each flow since the hour of ``since``.

        Raises :class:`DatabaseUnavailable`.
        """
        await self.write()
        row = FlowPassageRow
        wanted = (row.hour >= int(since // HOUR_S), row.node == "", row.exit == ENTERED)
        async with self._database.session() as session:
            found = await session.execute(
                select(row.flow, func.sum(row.times)).where(*wanted).group_by(row.flow)
            )
            return {flow: int(count) for flow, count in found}

    async def _take(self, record: Record) -> None:
        if isinstance(record.event, COUNTED) and not self._tally.knows(record.event):
            call_id: str = getattr(record.event, "call_id", "")
            earlier = await self._journal.read(kinds=COUNTED, call_id=call_id)
            self._tally.recall(call_id, [one for one in earlier if one.seq < record.seq])
        async with self._turn:
            self._tally.apply(record)
            self._seq = record.seq


async def rebuild(database: Database) -> int:
    """Count anew from the whole journal; returns how many records were read.

    To be run while no controller is. Raises :class:`DatabaseUnavailable`.
    """
    tally, after, read = PassageTally(), 0, 0
    async with database.writing() as session:
        await session.execute(delete(FlowPassageRow))
        while rows := await _rows(session, after):
            for record in rows:
                tally.apply(record)
            after, read = rows[-1].seq, read + len(rows)
            await _add(session, tally.drain(), after)
    return read


async def _rows(session: AsyncSession, after: int) -> Sequence[Record]:
    wanted = (JournalRow.seq > after, JournalRow.kind.in_(_KINDS))
    rows = await session.scalars(
        select(JournalRow).where(*wanted).order_by(JournalRow.seq).limit(_BATCH)
    )
    records = [Record.of(row) for row in rows]
    session.expunge_all()
    return records


async def _counted(database: Database) -> int:
    async with database.session() as session:
        row = await session.get(CountedRow, PROJECTION)
        return row.seq if row else 0


async def _add(session: AsyncSession, counts: Counter[Passage], seq: int) -> None:
    insert = _insert(session)
    if counts:
        statement = insert(FlowPassageRow)
        sum_up = {"times": FlowPassageRow.times + statement.excluded.times}
        keys = ["flow", "hour", "version", "node", "exit"]
        await session.execute(
            statement.on_conflict_do_update(index_elements=keys, set_=sum_up), _values(counts)
        )
    mark = insert(CountedRow).values(projection=PROJECTION, seq=seq)
    await session.execute(
        mark.on_conflict_do_update(index_elements=["projection"], set_={"seq": seq})
    )


def _values(counts: Counter[Passage]) -> list[dict[str, Any]]:
    return [
        {
            "flow": passage.flow,
            "hour": passage.hour,
            "version": passage.version,
            "node": passage.node,
            "exit": passage.exit,
            "times": times,
        }
        for passage, times in counts.items()
    ]


def _insert(session: AsyncSession) -> Any:
    return (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert


async def _blind(session: AsyncSession, since: float, until: float) -> list[tuple[float, float]]:
    row = BlindIntervalRow
    found = await session.execute(
        select(row.since, row.until).where(row.until > since, row.since < until)
    )
    return _joined((begin, end) for begin, end in found)


def _joined(intervals: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for since, until in sorted(intervals):
        if joined and since <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], until))
        else:
            joined.append((since, until))
    return joined
