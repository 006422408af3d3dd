"""What a controller that starts asks the tables of the time before, in few and bounded queries:
callers wait for it.

Each raises :class:`hotline.storage.database.DatabaseUnavailable`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Row, Select, func, select

from hotline.acd.level import window_s
from hotline.acd.rules import QueueRules
from hotline.calls.counting import Waited
from hotline.calls.overflow import QUEUE
from hotline.events import CallOverflowed, CallParked, CallUnparked, HandoverStarted, OfferEnded
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.storage.records import Record
from hotline.storage.tables import CallRow, JournalRow, PresenceRow, ReportRow

# What is asked of each living call.
TOLD_OF_A_CALL = (OfferEnded, CallOverflowed, HandoverStarted, CallParked, CallUnparked)
# Of a very great city's window only the newest callers count after a restart, and moves from
# one queue to another are looked for among so many of the newest records.
CALLS, RECORDS = 10_000, 100_000
# Callers can have been in a menu for so long before they waited.
MENU_S = 1800.0
_AT_ONCE = 500


async def last_states(database: Database) -> dict[str, Record]:
    """The record of each signed-on agent's state, by agent."""
    query = (
        select(JournalRow)
        .join(PresenceRow, PresenceRow.seq == JournalRow.seq)
        .where(PresenceRow.state != "offline")
    )
    async with database.session() as session:
        rows = (await session.scalars(query)).all()
    return {row.agent_id: Record.of(row) for row in rows if row.agent_id}


async def told_of(database: Database, call_ids: Sequence[str]) -> dict[str, list[Record]]:
    """How the offers of each call ended, where it was sent on to, and its handovers, in order."""
    told: dict[str, list[Record]] = {call_id: [] for call_id in call_ids}
    kinds = [kind.__name__ for kind in TOLD_OF_A_CALL]
    async with database.session() as session:
        for some in _chunks(call_ids):
            query = select(JournalRow).where(
                JournalRow.call_id.in_(some), JournalRow.kind.in_(kinds)
            )
            for row in await session.scalars(query.order_by(JournalRow.seq)):
                told[str(row.call_id)].append(Record.of(row))
    return told


async def waits(
    journal: Journal,
    living: Iterable[CallRow],
    told: Mapping[str, Iterable[Record]],
    rules: Mapping[str, QueueRules],
    now: float,
) -> list[Waited]:
    """Everybody whom the service levels can have counted within their windows, and the living."""
    since = now - max((window_s(of) + of.target_s for of in rules.values()), default=0.0)
    moved: dict[str, list[Record]] = {call_id: list(records) for call_id, records in told.items()}
    after = max(0, journal.last_seq - RECORDS)
    for record in await journal.read(after, RECORDS, kinds=(CallOverflowed,), since=since):
        if (call_id := record.event.data()["call_id"]) not in told:
            moved.setdefault(call_id, []).append(record)
    async with journal.database.session() as session:
        rows = (await session.execute(_lately(since))).all()
    found = {row.call_id: _waited(row, row.reported_at, moved.get(row.call_id, ())) for row in rows}
    for row in living:
        if row.queue and row.queued_at is not None:
            found.setdefault(row.call_id, _waited(row, None, moved.get(row.call_id, ())))
    return list(found.values())


def _lately(since: float) -> Select[Any]:
    reported = select(func.min(ReportRow.started_at)).where(ReportRow.call_id == CallRow.call_id)
    return (
        select(
            CallRow.call_id,
            CallRow.queue,
            CallRow.queued_at,
            CallRow.arrived_at,
            CallRow.answered_at,
            CallRow.abandoned_at,
            CallRow.ended_at,
            reported.scalar_subquery().label("reported_at"),
        )
        .where(
            CallRow.arrived_at >= since - MENU_S,
            CallRow.queue.is_not(None),
            CallRow.queued_at.is_not(None),
        )
        .order_by(CallRow.arrived_at.desc())
        .limit(CALLS)
    )


def _waited(
    row: CallRow | Row[Any], reported_at: float | None, records: Collection[Record]
) -> Waited:
    sent = [
        (record.at, record.event) for record in records if isinstance(record.event, CallOverflowed)
    ]
    left = [row.abandoned_at, row.ended_at, reported_at]
    left += (at for at, event in sent if not event.to.startswith(QUEUE))
    return Waited(
        call_id=row.call_id,
        queue=row.queue or "",
        since=row.queued_at or row.arrived_at,
        known_at=row.arrived_at,
        answered_at=row.answered_at,
        left_at=min((at for at in left if at is not None), default=None),
        moves=tuple((at, event.queue) for at, event in sent if event.to.startswith(QUEUE)),
    )


def _chunks(names: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(names)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
