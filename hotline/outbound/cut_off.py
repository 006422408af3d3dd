"""Citizens whom the PBX cut off are to be rung back: each gets a promise, due at once."""

from __future__ import annotations

from sqlalchemy import select

from hotline import events
from hotline.clock import Clock
from hotline.outbound.model import CUT_OFF
from hotline.outbound.promises import OPEN
from hotline.registry.forms import dialable
from hotline.storage.journal import Journal
from hotline.storage.numbers import canonical
from hotline.storage.records import Record
from hotline.storage.tables import CallRow
from hotline.storage.tables_help import PromiseRow

# A controller that starts looks so far back for whom the one before had yet to list.
LOOK_BACK_S = 86_400.0
# Nobody talked with them.
SYSTEM = "system"
_KINDS = frozenset({events.CallCutOff})


class CutOffCallers:
    """Makes the promises. Of one call there is one, however often it is told."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock

    async def run(self) -> None:
        """List whoever was cut off, now and from now on; until cancelled."""
        now, last_seq = self._clock.now(), self._journal.last_seq
        before = await self._journal.read(kinds=_KINDS, since=now - LOOK_BACK_S)
        for record in before:
            await self._take(record)
        async for record in self._journal.follow(last_seq, kinds=_KINDS):
            await self._take(record)

    async def _take(self, record: Record) -> None:
        if isinstance(record.event, events.CallCutOff):
            await self._promise(record.event, record.at)

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
            row = PromiseRow(
                phone=phone,
                due_at=at,
                note=CUT_OFF,
                call_id=event.call_id,
                made_by=event.agent_id or SYSTEM,
                made_at=tx.now,
                state=OPEN,
                attempts=0,
                why="",
            )
            tx.session.add(row)
            # The event names it, and flushing gives it its number.
            await tx.session.flush()
            made = (row.promise_id, row.made_by, at, CUT_OFF, event.call_id)
            tx.add(events.PromiseMade(*made))
