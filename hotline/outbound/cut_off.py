"""Citizens whom the PBX cut off are to be rung back: each gets a promise, due at once. Who rings in
again and talks with somebody need not be rung any more: their promise ends by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline import events
from hotline.clock import Clock
from hotline.outbound.model import CUT_OFF, Wanted
from hotline.outbound.promises import OPEN, RANG_AGAIN, put_down
from hotline.registry.forms import dialable
from hotline.storage.journal import Journal
from hotline.storage.numbers import canonical, variants
from hotline.storage.records import Record
from hotline.storage.tables import CallRow
from hotline.storage.tables_help import PromiseRow

# A controller that starts looks so far back for whom the one before had yet to list.
LOOK_BACK_S = 86_400.0
# Nobody talked with them.
SYSTEM = "system"
_CUT = frozenset({events.CallCutOff})
_KINDS = _CUT | {events.CallAnswered}


class CutOffCallers:
    """Makes the promises, and ends them. Of one call there is one, however often it is told."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock

    async def run(self) -> None:
        """List whoever was cut off, and take those off who rang again, now and from now on; until
        cancelled."""
        now, last_seq = self._clock.now(), self._journal.last_seq
        before = await self._journal.read(kinds=_CUT, since=now - LOOK_BACK_S)
        for record in before:
            await self._take(record)
        await self._settle()
        async for record in self._journal.follow(last_seq, kinds=_KINDS):
            await self._take(record)

    async def _take(self, record: Record) -> None:
        if isinstance(record.event, events.CallCutOff):
            await self._promise(record.event, record.at)
        elif isinstance(record.event, events.CallAnswered):
            await self._settle(record.event.call_id)

    async def _promise(self, event: events.CallCutOff, at: float) -> None:
        async with self._journal.transaction() as tx:
            call = await tx.session.get(CallRow, event.call_id)
            listed = select(PromiseRow.promise_id).where(
                PromiseRow.call_id == event.call_id, PromiseRow.note == CUT_OFF
            )
            if call is None or await tx.session.scalar(listed) is not None:
                return
            phone = canonical(call.calling)
            if not dialable(phone):
                return
            wanted = Wanted(phone, None, event.call_id)
            await put_down(tx, wanted, at, CUT_OFF, event.agent_id or SYSTEM)

    async def _settle(self, answered: str = "") -> None:
        """End the promises to those who have talked with somebody since: by the call ``answered``,
        or (empty) by any."""
        async with self._journal.database.session() as session:
            if not await _open(session):
                return
            call = await session.get(CallRow, answered) if answered else None
        async with self._journal.transaction() as tx:
            for row in await _open(tx.session):
                again = await _rang_again(tx.session, row) if call is None else call
                if again is None or not _talked(row, again):
                    continue
                by = again.agent_id or SYSTEM
                row.state, row.ended_by, row.ended_at = RANG_AGAIN, by, tx.now
                about = (row.call_id or "", row.case_number or "")
                tx.add(
                    events.PromiseEnded(row.promise_id, RANG_AGAIN, by, "", *about, again.call_id)
                )


async def _open(session: AsyncSession) -> Sequence[PromiseRow]:
    query = select(PromiseRow).where(PromiseRow.state == OPEN, PromiseRow.note == CUT_OFF)
    return (await session.scalars(query)).all()


async def _rang_again(session: AsyncSession, row: PromiseRow) -> CallRow | None:
    query = select(CallRow).where(
        CallRow.calling.in_(variants(row.phone)),
        CallRow.arrived_at >= row.due_at,
        CallRow.answered_at.is_not(None),
    )
    return (await session.scalars(query.order_by(CallRow.arrived_at).limit(1))).first()


def _talked(row: PromiseRow, call: CallRow) -> bool:
    since = call.answered_at is not None and call.answered_at > row.due_at
    return since and canonical(call.calling) == row.phone
