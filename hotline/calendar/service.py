"""The duty calendar in force: kept in memory, saved in the database, every change journalled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline import events
from hotline.calendar.hours import BadHours, Week, every_day, read_day, read_week, write_week
from hotline.calendar.model import DutyCalendar, HolidayRule, QueueHours, QueueState, Special, What
from hotline.clock import local
from hotline.config import Config
from hotline.storage.journal import Journal, Transaction
from hotline.storage.records import storable
from hotline.storage.tables_calendar import DutyHoursRow, SpecialRow

LONGEST_TEXT = 300
LONGEST_SPECIAL_S = 366 * 86_400.0
_ONE_FIGURE = re.compile(r"^(\S+[ T])(\d:)")
# What months and time zones can be reckoned with, of years of four figures.
_YEARS = range(1900, 9000)
DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class CalendarFault(ValueError):
    """What was typed cannot be kept: each faulty field with the key of its message."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {key}" for field, key in faults.items()))
        self.faults = dict(faults)


class CalendarConflict(Exception):
    """Somebody else saved the queue's hours meanwhile."""


class NoSuchSpecial(LookupError):
    """No closure or opening in force has this id."""


class CalendarService:
    """Answers from memory; ``load`` it before use.

    ``defaults`` are the queues with the hours of each day that hold until somebody saves others.
    Whatever reaches the database raises
    :class:`hotline.storage.database.DatabaseUnavailable` when there is none.
    """

    def __init__(self, journal: Journal, zone: tzinfo, defaults: Mapping[str, str]) -> None:
        self._journal = journal
        self._zone = zone
        self._defaults = {queue: QueueHours(every_day(typed)) for queue, typed in defaults.items()}
        self._hours_of_new = next(iter(self._defaults.values()), QueueHours(every_day("")))
        self._calendar = DutyCalendar(zone, self._defaults)

    @classmethod
    def of(cls, config: Config, journal: Journal) -> CalendarService:
        """The calendar of the configured queue."""
        return cls(journal, config.zone, {config.queue.name: config.queue.open})

    async def serve(self, queues: Iterable[str]) -> None:
        """These queues are there from now on. One that is new has the hours of the first, until
        somebody saves others; the saved hours of one that is gone wait for its return."""
        self._defaults = {queue: self._defaults.get(queue, self._hours_of_new) for queue in queues}
        # At once, so that nobody asks in vain while the database is read.
        known = {**self._defaults, **self._calendar.queues}
        kept = {queue: known[queue] for queue in self._defaults}
        self._calendar = DutyCalendar(self._zone, kept, self._calendar.specials)
        await self.load()

    async def load(self) -> None:
        """Take in what is saved."""
        async with self._journal.database.session() as session:
            self._calendar = await self._read(session)

    # --- asked ----------------------------------------------------------------------------

    @property
    def calendar(self) -> DutyCalendar:
        """The calendar in force."""
        return self._calendar

    @property
    def queues(self) -> Sequence[str]:
        """The queues whose hours are known."""
        return tuple(self._defaults)

    def is_open(self, queue: str, at: float) -> bool:
        """Whether ``queue`` is on duty. Raises KeyError for a queue without hours."""
        return self._calendar.is_open(queue, at)

    def state(self, queue: str, at: float) -> QueueState:
        """As :meth:`DutyCalendar.state`."""
        return self._calendar.state(queue, at)

    def facts(self, at: float) -> dict[str, object]:
        """What a flow can branch on and say.

        ``queue.NAME.open`` and ``queue.NAME.why`` (see :class:`Why`), ``calendar.holiday`` and
        ``calendar.holiday_en`` (its name, empty for none), ``calendar.workday``,
        ``calendar.known`` (False: this year's holidays are unknown, and the day counts as a plain
        one), ``announcement`` and ``announcement_en``: what the closures and openings in force
        tell callers, empty for nothing in that language.
        """
        calendar = self._calendar
        day = calendar.day(at)
        facts: dict[str, object] = {
            "calendar.holiday": day.name,
            "calendar.holiday_en": day.name_en,
            "calendar.workday": day.worked,
            "calendar.known": day.known,
        }
        for queue in self._defaults:
            facts[f"queue.{queue}.open"] = calendar.is_open(queue, at)
            facts[f"queue.{queue}.why"] = calendar.why(queue, at).value
        for name, language, separator in (
            ("announcement", "zh", "、"),
            ("announcement_en", "en", ", "),
        ):
            facts[name] = separator.join(self.announcements(at, language))
        return facts

    def announcements(self, at: float, language: str) -> Sequence[str]:
        """What the closures and openings in force tell callers, each text once."""
        found = [self._calendar.special(queue, at) for queue in self._defaults]
        texts = (special.text(language) for special in found if special)
        return list(dict.fromkeys(text for text in texts if text))

    # --- changed --------------------------------------------------------------------------

    async def set_hours(
        self, queue: str, days: Sequence[str], holidays: str, version: int, by: str
    ) -> QueueHours:
        """Save a queue's week: seven texts, Monday first.

        ``version`` is the one that was changed from. Raises :class:`CalendarFault` (by the names
        of :data:`DAY_NAMES`), :class:`CalendarConflict`, KeyError for an unknown queue.
        """
        before = self._defaults[queue]
        week, rule = read_typed_week(days), _rule(holidays)
        async with self._journal.transaction() as tx:
            row = await tx.session.get(DutyHoursRow, queue)
            if (row.version if row else 0) != version:
                raise CalendarConflict(queue)
            if row is None:
                row = DutyHoursRow(queue=queue)
                tx.session.add(row)
            else:
                before = _hours(row)
            row.week, row.holidays = write_week(week), rule.value
            row.version, row.changed_by, row.changed_at = version + 1, by, tx.now
            tx.add(
                events.DutyHoursChanged(
                    queue,
                    tuple(row.week),
                    rule.value,
                    by,
                    tuple(write_week(before.week)),
                    before.holidays.value,
                )
            )
            fresh = await self._flushed(tx)
        self._calendar = fresh
        return fresh.queues[queue]

    async def add_special(self, special: Special, by: str) -> Special:
        """Close or open a queue, or all, for a time; its id and stamps are given here.

        Raises :class:`CalendarFault`.
        """
        async with self._journal.transaction() as tx:
            self._check_special(special, tx.now)
            row = SpecialRow(
                what=special.what.value,
                queue=special.queue,
                since=special.since,
                until=special.until,
                text_zh=storable(special.text_zh).strip(),
                text_en=storable(special.text_en).strip(),
                made_by=by,
                made_at=tx.now,
            )
            tx.session.add(row)
            await tx.session.flush()
            tx.add(
                events.SpecialAdded(
                    row.special_id,
                    row.what,
                    row.queue,
                    row.since,
                    row.until,
                    row.text_zh,
                    row.text_en,
                    by,
                )
            )
            fresh = await self._flushed(tx)
        self._calendar = fresh
        return _special(row)

    async def remove_special(self, special_id: int, by: str) -> None:
        """Take a closure or opening away; it stays in :meth:`specials` with who did so.

        Raises :class:`NoSuchSpecial`.
        """
        async with self._journal.transaction() as tx:
            row = await tx.session.get(SpecialRow, special_id)
            if row is None or row.removed_at is not None:
                raise NoSuchSpecial(special_id)
            row.removed_by, row.removed_at = by, tx.now
            tx.add(events.SpecialRemoved(special_id, by))
            fresh = await self._flushed(tx)
        self._calendar = fresh

    async def specials(self, limit: int = 200) -> Sequence[Special]:
        """Closures and openings, the removed and the past ones too, the last to begin first."""
        query = select(SpecialRow).order_by(SpecialRow.since.desc(), SpecialRow.special_id.desc())
        async with self._journal.database.session() as session:
            return [_special(row) for row in await session.scalars(query.limit(limit))]

    # --- inside ---------------------------------------------------------------------------

    async def _flushed(self, tx: Transaction) -> DutyCalendar:
        await tx.session.flush()
        return await self._read(tx.session)

    async def _read(self, session: AsyncSession) -> DutyCalendar:
        saved = {row.queue: _hours(row) for row in await session.scalars(select(DutyHoursRow))}
        specials = await session.scalars(
            select(SpecialRow)
            .where(SpecialRow.removed_at.is_(None))
            .order_by(SpecialRow.special_id)
        )
        # Hours of a queue that the configuration no longer has wait for its return.
        queues = {queue: saved.get(queue, default) for queue, default in self._defaults.items()}
        return DutyCalendar(self._zone, queues, tuple(map(_special, specials)))

    def _check_special(self, special: Special, now: float) -> None:
        faults: dict[str, str] = {}
        if special.queue and special.queue not in self._defaults:
            faults["queue"] = "choice"
        if special.until <= special.since:
            faults["until"] = "until_before_since"
        elif special.until <= now:
            faults["until"] = "until_past"
        elif special.until - special.since > LONGEST_SPECIAL_S:
            faults["until"] = "special_too_long"
        for name in ("text_zh", "text_en"):
            if len(getattr(special, name)) > LONGEST_TEXT:
                faults[name] = "too_long"
        if faults:
            raise CalendarFault(faults)


def read_typed_week(days: Sequence[str]) -> Week:
    """Seven days as they were typed. Raises :class:`CalendarFault` naming each faulty day."""
    faults: dict[str, str] = {}
    for name, typed in zip(DAY_NAMES, days, strict=True):
        try:
            read_day(typed)
        except BadHours as fault:
            faults[name] = fault.key
    if faults:
        raise CalendarFault(faults)
    return read_week(days)


def read_moment(typed: str, zone: tzinfo) -> float:
    """``2026-10-01 09:00`` in the city's time as Unix seconds. Raises ValueError, also for years
    that no clock of ours will show."""
    # People write the hour as they say it.
    at = datetime.fromisoformat(_ONE_FIGURE.sub(r"\g<1>0\2", typed.strip()))
    if at.year not in _YEARS:
        raise ValueError(f"{at.year} is too far away")
    return (at if at.tzinfo else at.replace(tzinfo=zone)).timestamp()


def write_moment(at: float, zone: tzinfo) -> str:
    """Unix seconds as a date-time field holds them: ``2026-10-01T09:00``."""
    return local(at, zone).strftime("%Y-%m-%dT%H:%M")


def _rule(holidays: str) -> HolidayRule:
    try:
        return HolidayRule(holidays)
    except ValueError as error:
        raise CalendarFault({"holidays": "choice"}) from error


def _hours(row: DutyHoursRow) -> QueueHours:
    return QueueHours(
        read_week(row.week), HolidayRule(row.holidays), row.version, row.changed_by, row.changed_at
    )


def _special(row: SpecialRow) -> Special:
    return Special(
        row.special_id,
        What(row.what),
        row.queue,
        row.since,
        row.until,
        row.text_zh,
        row.text_en,
        row.made_by,
        row.made_at,
        row.removed_by or "",
        row.removed_at,
    )
