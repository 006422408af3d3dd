"""Tells of clocks that are soon over, and of those that are: each thing once, also what was
missed while nothing ran."""

from __future__ import annotations

import asyncio

from sqlalchemy import Select, func, select

from hotline import events
from hotline.clock import Clock
from hotline.registry.clocks import course
from hotline.registry.clocks.calendar import from_seconds, to_seconds
from hotline.registry.clocks.calendars import WorkCalendars
from hotline.registry.clocks.limits import read_limit
from hotline.registry.clocks.model import Alarm, AlarmRules
from hotline.storage.journal import Journal, Transaction
from hotline.storage.tables import CaseRow
from hotline.storage.tables_clocks import CaseClockRow

BATCH = 100
LATE_S = 60.0
"""What is told so much after its time is marked as late."""


class ClockBell:
    """Sleeps until the earliest instant at which something is due."""

    def __init__(
        self, journal: Journal, clock: Clock, calendars: WorkCalendars, rules: AlarmRules
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._calendars = calendars
        self._rules = rules
        self._earliest: float | None = None
        self._sooner = asyncio.Event()

    def heed(self, at: float) -> None:
        """Something will be due at ``at``, if the transaction that says so is committed."""
        if self._earliest is None or at < self._earliest:
            self._earliest = at
            self._sooner.set()

    async def run(self) -> None:
        """Tell what is due, for ever.

        Raises when the database is out of reach: begin again later.
        """
        await self.tell_due()
        while True:
            self._sooner.clear()
            wait = None if self._earliest is None else self._earliest - self._clock.now()
            if wait is not None and wait <= 0:
                await self.tell_due()
                continue
            timer = None if wait is None else self._clock.call_later(wait, self._sooner.set)
            try:
                await self._sooner.wait()
            finally:
                if timer is not None:
                    timer.cancel()

    async def tell_due(self) -> int:
        """Tell whatever is due now, in batches; how many clocks that were."""
        told = 0
        while True:
            async with self._journal.transaction() as tx:
                found = (await tx.session.execute(_due_by(tx.now))).all()
                for clock, unit_id, owner in found:
                    self._tell(tx, clock, unit_id, owner)
                await tx.session.flush()
                # Inside the transaction: nobody else writes between the look and its use.
                self._earliest = await tx.session.scalar(select(func.min(CaseClockRow.next_at)))
            told += len(found)
            if len(found) < BATCH:
                return told
            await asyncio.sleep(0)

    def _tell(self, tx: Transaction, clock: CaseClockRow, unit_id: str, owner: str) -> None:
        calendar, limit = self._calendars.current, read_limit(clock.limit_text)
        started, due = from_seconds(clock.started_at), from_seconds(clock.due_at)
        plan = course.alarms(started, due, limit, self._rules, calendar)
        while clock.told < len(plan) and to_seconds(plan[clock.told][0]) <= tx.now:
            at, alarm = to_seconds(plan[clock.told][0]), plan[clock.told][1]
            late = tx.now - at > LATE_S
            tx.add(_event(clock, alarm, unit_id, owner, late=late))
            entry = {"what": alarm.value, "at": tx.now, "late": late}
            clock.trace = [*clock.trace, entry]
            _stamp(clock, alarm, tx.now)
            clock.told += 1
        more = clock.told < len(plan)
        clock.next_at = to_seconds(plan[clock.told][0]) if more else None


def _due_by(now: float) -> Select[CaseClockRow, str, str]:
    return (
        select(CaseClockRow, CaseRow.unit_id, CaseRow.owner)
        .join(CaseRow, CaseRow.case_number == CaseClockRow.case_number)
        .where(CaseClockRow.next_at <= now)
        .order_by(CaseClockRow.next_at, CaseClockRow.clock_id)
        .limit(BATCH)
    )


def _event(
    clock: CaseClockRow, alarm: Alarm, unit_id: str, owner: str, *, late: bool
) -> events.Event:
    number, kind, due = clock.case_number, clock.kind, clock.due_at
    if alarm is Alarm.WARN:
        return events.ClockWarned(number, kind, due, unit_id, owner, late)
    if alarm is Alarm.BREACH:
        return events.ClockBreached(number, kind, due, unit_id, owner, late)
    return events.ClockEscalated(number, kind, alarm.value, due, unit_id, owner, late)


def _stamp(clock: CaseClockRow, alarm: Alarm, now: float) -> None:
    if alarm is Alarm.WARN:
        clock.warned_at = now
    elif alarm is Alarm.BREACH:
        clock.breached_at = now
    else:
        clock.escalated_at = now
