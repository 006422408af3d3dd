"""Open clocks worked out anew when the working calendar changes: in batches, each case with a
trace of what it was before, what it is now, and by which revision."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import bindparam, select, update

from hotline import events
from hotline.registry.amending import amend
from hotline.registry.clocks.calendars import WorkCalendars
from hotline.registry.clocks.keeper import DUE_COLUMNS, reckon
from hotline.registry.clocks.model import AlarmRules, ClockKind
from hotline.storage.journal import Journal, Transaction
from hotline.storage.tables import CaseRow
from hotline.storage.tables_clocks import CaseClockRow, WorkCalendarRow

BATCH = 120
"""Clocks in one transaction, and the others of their cases: few enough that callers and screens
wait for none of them."""


class Recomputer:
    """Brings open clocks up to the calendar in force. What a restart interrupts goes on after it:
    each clock keeps the revision that it was worked out by."""

    def __init__(
        self,
        journal: Journal,
        calendars: WorkCalendars,
        rules: AlarmRules,
        heed: Callable[[float], None] = lambda at: None,
    ) -> None:
        self._journal = journal
        self._calendars = calendars
        self._rules = rules
        self._heed = heed

    async def run(self) -> None:
        """Whenever the calendar has changed, for ever.

        Raises when the database is out of reach: begin again later.
        """
        while True:
            self._calendars.changed.clear()
            await self.catch_up()
            await self._calendars.changed.wait()

    async def catch_up(self) -> int:
        """Bring every open clock up to the current revision; how many cases' limits moved."""
        moved = 0
        while True:
            batch = await self._batch()
            if batch is None:
                return moved
            moved += batch

    async def _batch(self) -> int | None:
        """Some cases; how many of them moved, None when none is left."""
        async with self._journal.transaction() as tx:
            revision = self._calendars.current.revision
            clocks = await _outdated(tx, revision)
            if not clocks:
                for row in await tx.session.scalars(_UNFINISHED):
                    row.recomputed_at = tx.now
                return None
            of_case: dict[str, list[CaseClockRow]] = defaultdict(list)
            for clock in clocks:
                of_case[clock.case_number].append(clock)
            wanted = select(CaseRow).where(CaseRow.case_number.in_(of_case))
            rows = {row.case_number: row for row in await tx.session.scalars(wanted)}
            saved = await tx.session.get(WorkCalendarRow, revision)
            why = saved.why if saved else ""
            moved = 0
            for number, own in of_case.items():
                moved += await self._case(tx, rows[number], own, why)
                # Calls have their turn between cases, other writers between batches.
                await asyncio.sleep(0)
            await _store(tx, clocks)
            if saved is not None:
                saved.moved += moved
            return moved

    async def _case(
        self, tx: Transaction, row: CaseRow, clocks: Sequence[CaseClockRow], why: str
    ) -> bool:
        changes: list[dict[str, Any]] = []
        columns: dict[str, float | None] = {}
        for clock in clocks:
            before = clock.due_at
            reckon(clock, self._calendars, self._rules, tx.now)
            if clock.next_at is not None:
                self._heed(clock.next_at)
            if clock.due_at == before:
                continue
            change = {"before": before, "after": clock.due_at}
            entry = {"what": "recomputed", "at": tx.now, "why": why, **change}
            clock.trace = [*clock.trace, {**entry, "revision": clock.calendar_revision}]
            changes.append({"clock": clock.kind, **change})
            column = DUE_COLUMNS.get(ClockKind(clock.kind))
            if column and clock.paused_at is None:
                columns[column] = clock.due_at
        if not changes:
            return False
        revision = self._calendars.current.revision
        tx.add(events.ClocksRecomputed(row.case_number, revision, why, tuple(changes)))
        await amend(tx, row, columns)
        return True


async def _outdated(tx: Transaction, revision: int) -> Sequence[CaseClockRow]:
    """All open clocks of the next cases that follow an earlier revision."""
    old = (CaseClockRow.ended_at.is_(None), CaseClockRow.calendar_revision < revision)
    numbers = (
        select(CaseClockRow.case_number)
        .where(*old)
        .order_by(CaseClockRow.calendar_revision, CaseClockRow.case_number)
        .limit(BATCH)
    )
    cases = set(await tx.session.scalars(numbers))
    if not cases:
        return ()
    wanted = select(CaseClockRow).where(*old, CaseClockRow.case_number.in_(cases))
    clocks = (await tx.session.scalars(wanted)).all()
    # Written together below: the session would write them one by one.
    for clock in clocks:
        tx.session.expunge(clock)
    return clocks


async def _store(tx: Transaction, clocks: Sequence[CaseClockRow]) -> None:
    rows = [
        {"of": clock.clock_id} | {f"new_{name}": getattr(clock, name) for name in _RECKONED}
        for clock in clocks
    ]
    await (await tx.session.connection()).execute(_STORE, rows)


_RECKONED = ("due_at", "told", "next_at", "calendar_revision", "trace")
_STORE = (
    update(CaseClockRow)
    .where(CaseClockRow.__table__.c.clock_id == bindparam("of"))
    .values({name: bindparam(f"new_{name}") for name in _RECKONED})
)
_UNFINISHED = select(WorkCalendarRow).where(WorkCalendarRow.recomputed_at.is_(None))
