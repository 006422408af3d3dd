"""The judging desk: months looked at, bulletins published, themes kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo

from sqlalchemy import desc, func, select

from hotline import events
from hotline.registry.clocks.calendar import WorkCalendar
from hotline.registry.judging import bulletin as counted
from hotline.registry.judging import definitions, themes
from hotline.registry.judging.bulletin import Bulletin
from hotline.registry.judging.counting import Scope, count
from hotline.registry.judging.model import Definitions, Line, Month, Period
from hotline.registry.judging.names import read_names
from hotline.registry.judging.open_data import OpenData, open_data
from hotline.registry.judging.patterns import Patterns, patterns_of
from hotline.registry.judging.themes import Theme, ThemeReport
from hotline.registry.model import Actor
from hotline.registry.taxonomy import Taxonomy
from hotline.storage.journal import Journal
from hotline.storage.tables import CaseRow
from hotline.storage.tables_judging import BulletinRow, ThemeRow

FRESH_S = 60.0
MOST_FRESH = 6
WHY_LENGTH = 500


class NotOver(ValueError):
    """The month has not ended: its numbers would still change."""


class WhyNeeded(ValueError):
    """A bulletin that was published is only replaced with a reason."""


class NoSuchTheme(LookupError):
    """No report on a theme has this number."""


@dataclass(frozen=True, slots=True)
class Publication:
    """A bulletin as it was published; ``revision`` counts from 1."""

    bulletin: Bulletin
    revision: int
    by: str
    at: float
    why: str


@dataclass(slots=True)
class JudgingDesk:
    """Counts months, publishes bulletins, keeps themes.

    Whatever reaches the database raises
    :class:`hotline.storage.database.DatabaseUnavailable` when there is none.
    """

    journal: Journal
    zone: tzinfo
    # The city's own classes among them, as they are now.
    city: Callable[[], Taxonomy]
    # None: working times are unknown.
    calendar: Callable[[], WorkCalendar | None] = lambda: None
    definitions: Definitions = field(default_factory=definitions.load)
    _fresh: dict[Month, Bulletin] = field(default_factory=dict)
    # One count at a time: the database has calls to keep too.
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def look(self, month: Month, now: float, *, anew: bool = False) -> Bulletin:
        """The month as it counts now; unless ``anew``, a count of the last minute is as good."""
        async with self._turn:
            known = None if anew else self._fresh.get(month)
            if known is not None and 0 <= now - known.counted_at < FRESH_S:
                return known
            found = await self._count(month, now)
            self._fresh[month] = found
            while len(self._fresh) > MOST_FRESH:
                del self._fresh[next(iter(self._fresh))]
            return found

    async def _count(self, month: Month, now: float) -> Bulletin:
        database = self.journal.database
        found = await counted.bulletin(
            database, month, self.definitions, self.zone, now, calendar=self.calendar()
        )
        async with database.session() as session:
            names = await read_names(session, self.city())
        return counted.named(found, names)

    async def lines(self, period: Period, by: str) -> tuple[Line, ...]:
        """What any period amounts to; see :func:`hotline.registry.judging.counting.count`."""
        async with self._turn, self.journal.database.session() as session:
            names = await read_names(session, self.city())
            found = await count(session, Scope(period, self.definitions), by)
        return counted.named_lines(found, names, by)

    async def patterns(self, first: Month, last: Month) -> Patterns:
        """When and where cases came up in these months."""
        period = Period(first.begins(self.zone), last.plus(1).begins(self.zone))
        async with self._turn, self.journal.database.session() as session:
            scope = Scope(period, self.definitions)
            found = await patterns_of(session, scope, self.zone)
            names = await read_names(session, self.city())
        named = (replace(p, street=names.of("street", p.street) or p.street) for p in found.places)
        return replace(found, places=tuple(named))

    async def first_month(self) -> Month | None:
        """The month of the oldest case; None without any."""
        async with self.journal.database.session() as session:
            at = await session.scalar(select(func.min(CaseRow.opened_at)))
        return None if at is None else Month.at(at, self.zone)

    async def streets(self) -> list[tuple[str, str]]:
        """The city's streets, by name: each id with its name."""
        async with self.journal.database.session() as session:
            names = await read_names(session, self.city())
        return sorted(names.listed["street"].items(), key=lambda pair: (pair[1], pair[0]))

    # --- published ------------------------------------------------------------------------

    async def publish(self, month: Month, by: Actor, now: float, why: str = "") -> Publication:
        """Count a month that is over and publish it; the numbers stay as they are from then on.

        A second time needs a reason; what stood before is kept. Raises :class:`NotOver`,
        :class:`WhyNeeded`.
        """
        if month.period(self.zone).until > now:
            raise NotOver(str(month))
        reason = why.strip()[:WHY_LENGTH]
        async with self._turn:
            found = await self._count(month, now)
            kept = await self._open_data(month)
            packed = await asyncio.to_thread(kept.packed)
        async with self.journal.transaction() as tx:
            newest = select(func.max(BulletinRow.revision)).where(BulletinRow.month == str(month))
            revision = (await tx.session.scalar(newest) or 0) + 1
            if revision > 1 and not reason:
                raise WhyNeeded(str(month))
            tx.session.add(
                BulletinRow(
                    month=str(month),
                    revision=revision,
                    numbers=found.as_data(),
                    open_data=packed,
                    why=reason,
                    published_by=by.user_id,
                    published_at=tx.now,
                )
            )
            tx.add(events.BulletinPublished(str(month), revision, by.user_id, reason))
            published_at = tx.now
        return Publication(found, revision, by.user_id, published_at, reason)

    async def _open_data(self, month: Month) -> OpenData:
        async with self.journal.database.session() as session:
            names = await read_names(session, self.city())
            scope = Scope(month.period(self.zone), self.definitions)
            return await open_data(session, month, scope, names, self.zone)

    async def published(self, month: Month) -> Publication | None:
        """The newest revision of a month; None when it was never published."""
        history = await self.revisions(month)
        return history[0] if history else None

    async def revisions(self, month: Month) -> Sequence[Publication]:
        """Every revision of a month, newest first."""
        query = (
            select(
                BulletinRow.numbers,
                BulletinRow.revision,
                BulletinRow.published_by,
                BulletinRow.published_at,
                BulletinRow.why,
            )
            .where(BulletinRow.month == str(month))
            .order_by(desc(BulletinRow.revision))
        )
        async with self.journal.database.session() as session:
            rows = (await session.execute(query)).all()
        return [Publication(Bulletin.from_data(row[0]), *row[1:]) for row in rows]

    async def published_months(self) -> Sequence[Month]:
        """The months of which a bulletin was published, newest first."""
        query = select(BulletinRow.month).distinct().order_by(desc(BulletinRow.month))
        async with self.journal.database.session() as session:
            return [Month.read(month) for month in await session.scalars(query)]

    async def published_data(self, month: Month) -> tuple[OpenData, int] | None:
        """The open data of a month's newest bulletin, and its revision; None without one."""
        query = (
            select(BulletinRow.open_data, BulletinRow.revision)
            .where(BulletinRow.month == str(month))
            .order_by(desc(BulletinRow.revision))
            .limit(1)
        )
        async with self.journal.database.session() as session:
            row = (await session.execute(query)).first()
        if row is None:
            return None
        return await asyncio.to_thread(OpenData.unpacked, row[0]), row[1]

    # --- themes ---------------------------------------------------------------------------

    async def keep_theme(self, theme: Theme, by: Actor) -> Theme:
        """Keep a report on a theme; it is counted anew whenever it is looked at."""
        async with self.journal.transaction() as tx:
            row = replace(theme, made_by=by.user_id, made_at=tx.now).row()
            tx.session.add(row)
            await tx.session.flush()
            tx.add(events.ThemeKept(row.theme_id, row.title, by.user_id))
            return Theme.of(row)

    async def drop_theme(self, theme_id: int, by: Actor) -> None:
        """Take a report away; the journal keeps what it was. Raises :class:`NoSuchTheme`."""
        async with self.journal.transaction() as tx:
            row = await tx.session.get(ThemeRow, theme_id)
            if row is None:
                raise NoSuchTheme(theme_id)
            tx.add(events.ThemeDropped(theme_id, row.title, by.user_id, row.wanted, row.text))
            await tx.session.delete(row)

    async def themes(self) -> Sequence[Theme]:
        """Every report on a theme, newest first."""
        query = select(ThemeRow).order_by(desc(ThemeRow.theme_id))
        async with self.journal.database.session() as session:
            return [Theme.of(row) for row in await session.scalars(query)]

    async def theme_report(self, theme_id: int) -> ThemeReport:
        """A theme with its numbers. Raises :class:`NoSuchTheme`."""
        async with self._turn, self.journal.database.session() as session:
            row = await session.get(ThemeRow, theme_id)
            if row is None:
                raise NoSuchTheme(theme_id)
            found = await themes.report_on(session, Theme.of(row), self.definitions, self.zone)
            names = await read_names(session, self.city())
        by = {name: counted.named_lines(lines, names, name) for name, lines in found.by.items()}
        return replace(found, by=by)
