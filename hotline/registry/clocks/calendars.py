"""The working calendar in force: its revisions, each with who made it, when and why."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, tzinfo

from sqlalchemy import select

from hotline import events
from hotline.calendar.hours import BadHours, write_day
from hotline.config import Config
from hotline.registry.clocks import files
from hotline.registry.clocks.calendar import BadCalendar, WorkCalendar, read_hours
from hotline.registry.clocks.limit_book import WHY_LENGTH
from hotline.registry.model import SYSTEM, Actor, BadForm
from hotline.storage.journal import Journal, Transaction
from hotline.storage.records import storable
from hotline.storage.tables_clocks import WorkCalendarRow

_BETWEEN = re.compile(r"[\s,，、;；]+")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MOST_DAYS = 1000
_CONFIGURED = "hotline.toml"


class CalendarConflict(Exception):
    """Somebody else saved another calendar meanwhile."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A calendar as it was saved. ``recomputed_at`` is None while open clocks still follow an
    earlier one; ``moved`` counts the cases whose limits it moved."""

    revision: int
    calendar: WorkCalendar
    why: str
    made_by: str
    made_at: float
    recomputed_at: float | None
    moved: int


@dataclass(frozen=True, slots=True)
class CalendarWords:
    """A calendar as it was typed: days as ``2026-10-01``, with blanks or commas between them."""

    hours: str
    official: bool
    holidays: str
    workdays: str

    def read(self, zone: tzinfo) -> WorkCalendar:
        """What was typed. Raises :class:`hotline.registry.model.BadForm`."""
        faults = {}
        try:
            hours = read_hours(self.hours)
        except BadHours as fault:
            faults["hours"] = fault.key
        except BadCalendar as fault:
            faults["hours"] = fault.key
        days = {}
        for name in ("holidays", "workdays"):
            try:
                days[name] = _dates(getattr(self, name))
            except ValueError:
                faults[name] = "calendar_day"
        if not faults and days["holidays"] & days["workdays"]:
            faults["workdays"] = "calendar_both"
        if faults:
            raise BadForm(faults)
        return WorkCalendar(zone, hours, days["holidays"], days["workdays"], official=self.official)

    @classmethod
    def of(cls, calendar: WorkCalendar) -> CalendarWords:
        """A calendar as a form holds it."""
        days = (" ".join(_written(kept)) for kept in (calendar.holidays, calendar.workdays))
        return cls(write_day(calendar.hours), calendar.official, *days)


class WorkCalendars:
    """Answers from memory; ``open`` it before use.

    Whatever reaches the database raises
    :class:`hotline.storage.database.DatabaseUnavailable` when there is none.
    """

    def __init__(self, journal: Journal, config: Config) -> None:
        self._journal = journal
        self._zone = config.zone
        self._configured = files.configured(config)
        self.current = self._configured
        self.changed = asyncio.Event()
        """Set when open clocks may follow an earlier calendar than the current one."""

    async def open(self) -> None:
        """Take in the latest revision. What somebody saved goes before the configured calendar;
        without that, a configured one that is new becomes a revision of its own."""
        async with self._journal.database.session() as session:
            row = await session.scalar(_LATEST)
        saved = None if row is None else self._of(row)
        by_hand = saved is not None and saved.made_by != SYSTEM.user_id
        if saved is None or not (by_hand or _same(saved.calendar, self._configured)):
            async with self._journal.transaction() as tx:
                made = await self._add(tx, self._configured, SYSTEM, _CONFIGURED)
                if saved is None:
                    made.recomputed_at = tx.now
            saved = self._of(made)
        self.current = saved.calendar
        self.changed.set()

    async def history(self, limit: int = 50) -> list[Revision]:
        """The revisions, the latest first."""
        async with self._journal.database.session() as session:
            return [self._of(row) for row in await session.scalars(_IN_ORDER.limit(limit))]

    async def save(self, words: CalendarWords, revision: int, by: Actor, why: str) -> Revision:
        """Count by another calendar from now on; ``revision`` is the one that was changed.

        Raises :class:`hotline.registry.model.BadForm`, :class:`CalendarConflict`.
        """
        reason = storable(why).strip()
        if not reason or len(reason) > WHY_LENGTH:
            raise BadForm({"why": "too_long" if reason else "required"})
        calendar = words.read(self._zone)
        async with self._journal.transaction() as tx:
            latest = await tx.session.scalar(_LATEST)
            if latest is not None and latest.revision != revision:
                raise CalendarConflict
            row = await self._add(tx, calendar, by, reason)
        saved = self._of(row)
        self.current = saved.calendar
        self.changed.set()
        return saved

    async def _add(
        self, tx: Transaction, calendar: WorkCalendar, by: Actor, why: str
    ) -> WorkCalendarRow:
        row = WorkCalendarRow(
            hours=write_day(calendar.hours),
            official=calendar.official,
            holidays=_written(calendar.holidays),
            workdays=_written(calendar.workdays),
            why=why,
            made_by=by.user_id,
            made_at=tx.now,
            moved=0,
        )
        tx.session.add(row)
        # Flushed for its number, which the event names.
        await tx.session.flush()
        tx.add(
            events.WorkCalendarChanged(
                row.revision,
                row.hours,
                row.official,
                by.user_id,
                why,
                tuple(row.holidays),
                tuple(row.workdays),
            )
        )
        return row

    def _of(self, row: WorkCalendarRow) -> Revision:
        calendar = WorkCalendar(
            self._zone,
            read_hours(row.hours),
            frozenset(map(date.fromisoformat, row.holidays)),
            frozenset(map(date.fromisoformat, row.workdays)),
            row.official,
            row.revision,
        )
        return Revision(
            row.revision,
            calendar,
            row.why,
            row.made_by,
            row.made_at,
            row.recomputed_at,
            row.moved,
        )


_IN_ORDER = select(WorkCalendarRow).order_by(WorkCalendarRow.revision.desc())
_LATEST = _IN_ORDER.limit(1)


def _same(one: WorkCalendar, other: WorkCalendar) -> bool:
    return CalendarWords.of(one) == CalendarWords.of(other)


def _written(days: Iterable[date]) -> list[str]:
    return [day.isoformat() for day in sorted(days)]


def _dates(typed: str) -> frozenset[date]:
    parts = [part for part in _BETWEEN.split(typed) if part]
    if len(parts) > _MOST_DAYS or not all(_DATE.fullmatch(part) for part in parts):
        raise ValueError(typed)
    return frozenset(map(date.fromisoformat, parts))
