"""The clocks of cases: started, stopped, paused and extended by the life of the case, in the
transaction of the step that does it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from hotline import events
from hotline.registry.amending import amend
from hotline.registry.clocks import course
from hotline.registry.clocks.calendar import from_seconds, to_seconds
from hotline.registry.clocks.calendars import WorkCalendars
from hotline.registry.clocks.limit_book import LimitBook
from hotline.registry.clocks.limits import read_limit
from hotline.registry.clocks.model import AlarmRules, ClockKind, Outcome, Runs, usual_runs
from hotline.registry.companions import Companion, Taken
from hotline.registry.lifecycle import FINAL
from hotline.registry.model import Actor
from hotline.storage.journal import Transaction
from hotline.storage.tables import CaseRow
from hotline.storage.tables_clocks import CaseClockRow

DUE_COLUMNS = {ClockKind.HANDLE: "handle_due_at", ClockKind.CLOSE: "close_due_at"}
"""The columns of a case that repeat when its clocks end, so that lists sort by them."""

_ASIDE = frozenset({"void", "merge", "split", "dispute", "send_back", "reopen"})
_FORCED = frozenset({"force_close"})
_DECIDES_LIMIT = frozenset({"standard", "category_code", "condition", "urgency"})


class ClockKeeper(Companion):
    """Runs the clocks that the state of a case asks for.

    A clock that its state does not ask for any more has ended; in a state that asks for none and
    is not the last, all of them stand still. ``heed`` is told of each instant at which something
    will be due.
    """

    def __init__(
        self,
        limits: LimitBook,
        calendars: WorkCalendars,
        rules: AlarmRules,
        *,
        runs: Runs = usual_runs,
        final: frozenset[str] = frozenset(FINAL),
        heed: Callable[[float], None] = lambda at: None,
    ) -> None:
        self._limits = limits
        self._calendars = calendars
        self._rules = rules
        self._runs = runs
        self._final = final
        self._heed = heed

    # --- the life of a case -----------------------------------------------------------------

    async def opened(self, tx: Transaction, row: CaseRow) -> None:
        """Start the clocks of the first state."""
        change = _Change(tx, row, row.opened_by)
        self._start(change, self._runs(row.state))
        await self._finish(change)

    async def changed(self, tx: Transaction, row: CaseRow, before: Mapping[str, Any]) -> None:
        """Another class, condition or urgency may mean other limits, from the same start."""
        if _DECIDES_LIMIT.isdisjoint(before):
            return
        change = _Change(tx, row, row.changed_by)
        clocks = await open_clocks(tx, row.case_number)
        for clock in clocks:
            found = self._limit(row, clock.kind)
            if found is not None and found != clock.limit_text:
                self._relimit(change, clock, found)
        if not any(clock.paused_at is not None for clock in clocks):
            self._start(change, self._runs(row.state) - {clock.kind for clock in clocks})
        await self._finish(change)

    async def moved(self, tx: Transaction, row: CaseRow, step: Taken) -> None:
        """Bring the clocks in line with the state that the case has reached."""
        change = _Change(tx, row, step.by)
        clocks = await open_clocks(tx, row.case_number)
        if step.action == "grant_extension":
            self._extend(change, clocks, step)
        elif step.source != step.target:
            self._turn(change, clocks, step)
        await self._finish(change)

    async def published(self, tx: Transaction, row: CaseRow, by: Actor) -> None:
        """The result of a closed case was made public (公示)."""
        change = _Change(tx, row, by.user_id)
        clocks = await open_clocks(tx, row.case_number)
        for clock in clocks:
            if clock.kind == ClockKind.PUBLISH:
                self._end(change, clock, withdrawn=False)
        await self._finish(change)

    # --- what becomes of clocks ---------------------------------------------------------------

    def _turn(self, change: _Change, clocks: Sequence[CaseClockRow], step: Taken) -> None:
        wanted = self._runs(step.target)
        if not wanted and step.target not in self._final:
            for clock in clocks:
                if clock.paused_at is None:
                    clock.paused_at = change.tx.now
                    change.note(clock, "paused")
            return
        for clock in clocks:
            if clock.kind not in wanted:
                self._end(change, clock, withdrawn=_aside(step, clock.kind))
            elif clock.paused_at is not None:
                self._resume(change, clock)
        self._start(change, wanted - {clock.kind for clock in clocks})

    def _start(self, change: _Change, kinds: Iterable[str]) -> None:
        for kind in sorted(kinds):
            limit = self._limit(change.row, kind)
            if limit is None:
                continue
            clock = CaseClockRow(
                case_number=change.row.case_number,
                kind=kind,
                unit=read_limit(limit).unit.value,
                limit_text=limit,
                started_at=change.tx.now,
                due_at=change.tx.now,
                told=0,
                outcome="",
                trace=[],
            )
            change.tx.session.add(clock)
            self._due(change, clock)
            change.note(clock, "started", limit=limit)

    def _end(self, change: _Change, clock: CaseClockRow, *, withdrawn: bool) -> None:
        now = change.tx.now
        late = (now if clock.paused_at is None else clock.paused_at) > clock.due_at
        clock.paused_at, clock.ended_at, clock.next_at = None, now, None
        clock.outcome = (
            Outcome.WITHDRAWN if withdrawn else Outcome.LATE if late else Outcome.MET
        ).value
        change.note(clock, clock.outcome)

    def _resume(self, change: _Change, clock: CaseClockRow) -> None:
        clock.paused_at = None
        change.enter(clock, "resumed")
        self._due(change, clock)
        change.tell(clock, "resumed")

    def _extend(self, change: _Change, clocks: Iterable[CaseClockRow], step: Taken) -> None:
        until = step.inputs.get("until")
        for clock in clocks:
            extended = clock.kind in (ClockKind.HANDLE, ClockKind.FEEDBACK)
            # Who is given longer to handle a case must not miss its limit in all by that.
            whole = clock.kind == ClockKind.CLOSE
            if isinstance(until, float | int) and (extended or whole) and until > clock.due_at:
                change.enter(clock, "extended", until=float(until), why=step.why)
                self._due(change, clock)
                change.tell(clock, "extended")

    def _relimit(self, change: _Change, clock: CaseClockRow, limit: str) -> None:
        before = clock.limit_text
        clock.limit_text, clock.unit = limit, read_limit(limit).unit.value
        self._due(change, clock)
        change.note(clock, "relimited", limit=limit, before=before)

    def _due(self, change: _Change, clock: CaseClockRow) -> None:
        """When the clock ends now, and what is to be told of it."""
        reckon(clock, self._calendars, self._rules, change.tx.now)

    def _limit(self, row: CaseRow, kind: str) -> str | None:
        found = self._limits.table.find(
            kind, row.standard or "", row.category_code or "", row.condition, row.urgency
        )
        return found.limit if found else None

    async def _finish(self, change: _Change) -> None:
        if not change.told:
            return
        change.tx.add(events.ClocksMoved(change.row.case_number, change.by, tuple(change.told)))
        await amend(change.tx, change.row, change.columns)
        for at in change.next_ats:
            self._heed(at)


class _Change:
    """What one step does to the clocks of a case, while it is gathered."""

    def __init__(self, tx: Transaction, row: CaseRow, by: str) -> None:
        self.tx, self.row, self.by = tx, row, by
        self.told: list[dict[str, Any]] = []
        self.columns: dict[str, float | None] = {}
        self.next_ats: list[float] = []

    def enter(self, clock: CaseClockRow, what: str, **more: object) -> None:
        """Write into the clock's trace."""
        entry = {"what": what, "at": self.tx.now, "by": self.by, **more}
        # A new list: the database layer does not see a change within one.
        clock.trace = [*clock.trace, entry]

    def tell(self, clock: CaseClockRow, what: str) -> None:
        """Tell the journal, and the columns that lists sort by."""
        self.told.append({"clock": clock.kind, "what": what, "due": clock.due_at})
        if clock.next_at is not None:
            self.next_ats.append(clock.next_at)
        column = DUE_COLUMNS.get(ClockKind(clock.kind))
        if column and what not in (Outcome.MET, Outcome.LATE):
            stands = clock.paused_at is not None or what == Outcome.WITHDRAWN
            self.columns[column] = None if stands else clock.due_at

    def note(self, clock: CaseClockRow, what: str, **more: object) -> None:
        """Both."""
        if what == "paused":
            clock.next_at = None
        self.enter(clock, what, **more)
        self.tell(clock, what)


async def open_clocks(tx: Transaction, case_number: str) -> Sequence[CaseClockRow]:
    """The clocks of a case that have not ended, in the order of their starts."""
    wanted = (
        select(CaseClockRow)
        .where(CaseClockRow.case_number == case_number, CaseClockRow.ended_at.is_(None))
        .order_by(CaseClockRow.clock_id)
    )
    return (await tx.session.scalars(wanted)).all()


def reckon(clock: CaseClockRow, calendars: WorkCalendars, rules: AlarmRules, now: float) -> None:
    """Work out anew when the clock ends by the current calendar, and what is due to be told.

    An end that lies ahead is told of from the beginning, except a warning whose time has passed
    already; of one that is over only what has not been told.
    """
    calendar, limit = calendars.current, read_limit(clock.limit_text)
    started = from_seconds(clock.started_at)
    due = course.due_of(started, limit, clock.trace, calendar)
    clock.due_at = to_seconds(due)
    clock.calendar_revision = calendar.revision
    plan = course.alarms(started, due, limit, rules, calendar)
    if clock.due_at > now:
        clock.told = 0 if to_seconds(plan[0][0]) > now else 1
    stands = clock.paused_at is not None or clock.ended_at is not None
    more = clock.told < len(plan) and not stands
    clock.next_at = to_seconds(plan[clock.told][0]) if more else None


def _aside(step: Taken, kind: str) -> bool:
    """Whether the case went another way, so that what the clock limits was not done."""
    return step.action in _ASIDE or (step.action in _FORCED and kind != ClockKind.CLOSE)
