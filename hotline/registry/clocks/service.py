"""The clocks of cases as one part: built, opened and run together, and asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.clock import Clock
from hotline.config import Config
from hotline.registry.clocks import course, engine, limit_table
from hotline.registry.clocks.bell import ClockBell
from hotline.registry.clocks.calendar import from_seconds, to_seconds
from hotline.registry.clocks.calendars import WorkCalendars
from hotline.registry.clocks.keeper import ClockKeeper
from hotline.registry.clocks.limit_book import LimitBook
from hotline.registry.clocks.limit_table import TimeLimit
from hotline.registry.clocks.limits import Unit, read_limit
from hotline.registry.clocks.model import AlarmRules, Runs, usual_runs
from hotline.registry.clocks.recomputing import Recomputer
from hotline.registry.model import Actor, NoSuchCase
from hotline.registry.taxonomy import Taxonomy
from hotline.storage.journal import Journal
from hotline.storage.tables import CaseRow
from hotline.storage.tables_clocks import CaseClockRow


@dataclass(frozen=True, slots=True)
class ClockView:
    """A clock at an instant. ``left`` is in seconds, of working time where ``by_calendar``,
    negative when it is over; ``used`` is the share of the limit that is used up, at least 0."""

    kind: str
    limit: str
    unit: str
    by_calendar: bool
    started_at: float
    due_at: float
    paused_at: float | None
    ended_at: float | None
    outcome: str
    left: float
    used: float
    warned_at: float | None
    breached_at: float | None
    trace: Sequence[dict[str, Any]]

    @property
    def state(self) -> str:
        """``paused``, ``over``, ``soon`` or ``running`` while it runs, then how it ended."""
        if self.outcome:
            return self.outcome
        if self.paused_at is not None:
            return "paused"
        if self.left <= 0:
            return "over"
        return "soon" if self.warned_at is not None and self.used >= 0.5 else "running"


@dataclass(frozen=True, slots=True)
class CaseClocks:
    """Everything that has to do with time limits."""

    limits: LimitBook
    calendars: WorkCalendars
    rules: AlarmRules
    keeper: ClockKeeper
    bell: ClockBell
    recomputer: Recomputer
    journal: Journal
    seed: Callable[[], Iterable[TimeLimit]]

    @classmethod
    def of(
        cls,
        config: Config,
        journal: Journal,
        clock: Clock,
        taxonomy: Callable[[], Taxonomy],
        runs: Runs = usual_runs,
    ) -> CaseClocks:
        """As it is configured. In a demo the table of limits starts with one city's published
        examples."""
        limits, calendars = LimitBook(journal), WorkCalendars(journal, config)
        rules = AlarmRules.of(config)
        bell = ClockBell(journal, clock, calendars, rules)
        keeper = ClockKeeper(limits, calendars, rules, runs=runs, heed=bell.heed)
        recomputer = Recomputer(journal, calendars, rules, bell.heed)

        def seed() -> Iterable[TimeLimit]:
            return examples(taxonomy()) if config.hotline.demo else ()

        return cls(limits, calendars, rules, keeper, bell, recomputer, journal, seed)

    async def open(self) -> None:
        """Take in what is saved.

        Raises :class:`hotline.storage.database.DatabaseUnavailable`.
        """
        await self.limits.open(self.seed())
        await self.calendars.open()

    def jobs(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """What runs for ever, by name."""
        return {"clocks": self.bell.run, "limits recomputed": self.recomputer.run}

    async def of_case(self, case_number: str, now: float) -> list[ClockView]:
        """The clocks of a case: those that run first, the next to end before the others, then the
        ended ones, the latest first."""
        async with self.journal.database.session() as session:
            rows = await session.run_sync(clock_rows, case_number)
        return self.views(rows, now)

    def views(self, rows: Sequence[CaseClockRow], now: float) -> list[ClockView]:
        """A case's clocks in that order, of rows as :func:`clock_rows` gives them."""
        open_now = (row for row in rows if row.ended_at is None)
        running = sorted(open_now, key=lambda row: (row.paused_at is not None, row.due_at))
        ended = [row for row in reversed(rows) if row.ended_at is not None]
        return [self.view(row, now) for row in (*running, *ended)]

    def view(self, row: CaseClockRow, now: float) -> ClockView:
        """A clock as it stands at ``now``."""
        calendar, limit = self.calendars.current, read_limit(row.limit_text)
        at = next(stop for stop in (row.ended_at, row.paused_at, now) if stop is not None)
        started, due = from_seconds(row.started_at), from_seconds(row.due_at)
        left = course.left(due, from_seconds(at), limit.unit, calendar)
        dial = Unit.WORKING_HOUR if limit.unit.by_calendar else Unit.URGENT_HOUR
        first = engine.deadline(started, limit, calendar)
        whole = max(engine.elapsed(started, first, dial, calendar), left, 1)
        return ClockView(
            kind=row.kind,
            limit=row.limit_text,
            unit=row.unit,
            by_calendar=limit.unit.by_calendar,
            started_at=row.started_at,
            due_at=row.due_at,
            paused_at=row.paused_at,
            ended_at=row.ended_at,
            outcome=row.outcome,
            left=left / 1_000_000,
            used=max(0.0, 1 - left / whole),
            warned_at=row.warned_at,
            breached_at=row.breached_at,
            trace=row.trace,
        )

    def due_if_begun(self, limit: str, at: float) -> float:
        """When a limit would end that begins at ``at``. Raises
        :class:`hotline.registry.clocks.limits.BadLimit`."""
        calendar = self.calendars.current
        return to_seconds(engine.deadline(from_seconds(at), read_limit(limit), calendar))

    async def published(self, case_number: str, by: Actor) -> None:
        """Note that the result of a closed case was made public (公示).

        Raises :class:`hotline.registry.model.NoSuchCase`.
        """
        async with self.journal.transaction() as tx:
            row = await tx.session.get(CaseRow, case_number)
            if row is None:
                raise NoSuchCase(case_number)
            await self.keeper.published(tx, row, by)


def clock_rows(session: Session, case_number: str) -> Sequence[CaseClockRow]:
    """The clocks of a case as they are kept, the oldest first."""
    wanted = select(CaseClockRow).where(CaseClockRow.case_number == case_number)
    return session.scalars(wanted.order_by(CaseClockRow.clock_id)).all()


def examples(taxonomy: Taxonomy) -> Iterable[TimeLimit]:
    """The limits that one city published for the classes of a standard."""
    for category in taxonomy:
        yield from limit_table.from_example(taxonomy.standard, category.key, category.example_limit)
