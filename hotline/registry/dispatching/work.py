"""What a handling unit has to do: its cases, the most pressing first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select

from hotline.clock import Clock
from hotline.registry.life.model import PartState, State
from hotline.registry.model import Case
from hotline.storage.database import Database
from hotline.storage.tables import CaseRow
from hotline.storage.tables_life import CasePartRow

GROUPS = ("overdue", "rework", "accept", "handling", "assist", "suspended")
"""How pressing a case is: late; back because the work failed the check; to be accepted; in hand;
somebody else's that this unit helps with; standing still (挂账)."""
MOST_SHOWN = 200

_TO_DO = (State.TO_HANDLE, State.HANDLING, State.SUSPENDED)
_PAST = {
    "waiting": (State.TO_CHECK, State.TO_CLOSE, State.TO_RULE, State.TO_DISPATCH),
    "done": (State.CLOSED,),
}
TABS = ("todo", *_PAST)


@dataclass(frozen=True, slots=True)
class Work:
    """A case in a unit's list; ``group`` is one of :data:`GROUPS`."""

    case: Case
    group: str


@dataclass(frozen=True, slots=True)
class UnitWork:
    """Reads the lists of units.

    Raises :class:`hotline.storage.database.DatabaseUnavailable` when there is no database.
    """

    database: Database
    clock: Clock

    async def todo(self, unit_id: str) -> tuple[Work, ...]:
        """What is to be done, by group and then by the time that is left; the first
        :data:`MOST_SHOWN`."""
        due = CaseRow.handle_due_at
        assisted = select(CasePartRow.case_number).where(
            CasePartRow.unit_id == unit_id, CasePartRow.state == PartState.OPEN
        )
        now = self.clock.now()
        async with self.database.session() as session:
            own = await session.scalars(
                select(CaseRow)
                .where(*_own(unit_id, _TO_DO))
                .order_by(due.is_(None), due, CaseRow.case_number)
                .limit(MOST_SHOWN)
            )
            found = [Work(Case.of(row), group_of(Case.of(row), now)) for row in own]
            helped = await session.scalars(
                select(CaseRow)
                .where(CaseRow.case_number.in_(assisted), CaseRow.state.in_(_TO_DO))
                .order_by(due.is_(None), due, CaseRow.case_number)
                .limit(MOST_SHOWN)
            )
            found += [Work(Case.of(row), "assist") for row in helped]
        return tuple(sorted(found, key=lambda one: GROUPS.index(one.group)))

    async def past(self, unit_id: str, tab: str) -> tuple[Work, ...]:
        """What the unit has given back, or what has ended: the newest. Raises KeyError for
        another tab."""
        query = (
            select(CaseRow)
            .where(*_own(unit_id, _PAST[tab]))
            .order_by(CaseRow.changed_at.desc(), CaseRow.case_number)
            .limit(MOST_SHOWN)
        )
        async with self.database.session() as session:
            rows = await session.scalars(query)
            return tuple(Work(Case.of(row), "") for row in rows)

    async def concerns(self, unit_id: str, case_number: str) -> bool:
        """Whether a unit answers for a case or helps with it."""
        if not unit_id:
            return False
        helps = select(CasePartRow.case_number).where(
            CasePartRow.unit_id == unit_id, CasePartRow.case_number == case_number
        )
        query = select(CaseRow.case_number).where(
            CaseRow.case_number == case_number, or_(CaseRow.unit_id == unit_id, helps.exists())
        )
        return await self.database.read(lambda session: session.scalar(query)) is not None

    async def counts(self, unit_id: str) -> dict[str, int]:
        """How many cases each tab has."""
        query = (
            select(CaseRow.state, func.count())
            .where(CaseRow.unit_id == unit_id)
            .group_by(CaseRow.state)
        )
        helping = select(func.count()).where(
            CasePartRow.unit_id == unit_id, CasePartRow.state == PartState.OPEN
        )
        async with self.database.session() as session:
            of_state = dict((await session.execute(query)).all())
            helped = await session.scalar(helping) or 0
        counts = {tab: sum(of_state.get(state, 0) for state in of) for tab, of in _PAST.items()}
        return counts | {"todo": sum(of_state.get(state, 0) for state in _TO_DO) + helped}


def group_of(case: Case, now: float) -> str:
    """How pressing a unit's own case is at ``now`` (Unix seconds)."""
    if case.state == State.SUSPENDED:
        return "suspended"
    if case.handle_due_at is not None and case.handle_due_at < now:
        return "overdue"
    if case.state == State.HANDLING:
        return "handling"
    return "rework" if case.reworks else "accept"


def _own(unit_id: str, states: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    return CaseRow.unit_id == unit_id, CaseRow.state.in_(states)
