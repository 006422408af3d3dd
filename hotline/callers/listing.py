"""Rules as lists, and the calls that a rule rests on: read from the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.callers import past
from hotline.callers.model import Appeal, NoSuchRule, Rule, State, appeal_of, rule_of
from hotline.storage.database import Database
from hotline.storage.records import Record
from hotline.storage.tables import CallRow, JournalRow, ReportRow
from hotline.storage.tables_callers import CallerAppealRow, CallerRuleRow, CallSignRow

View = Literal["proposed", "active", "appeals", "history"]
VIEWS: tuple[View, ...] = ("proposed", "active", "appeals", "history")
MOST_LISTED = 200
MOST_EVIDENCE = 20


@dataclass(frozen=True, slots=True)
class Listed:
    """A rule in a list; ``appealed``: an appeal waits for a decision."""

    rule: Rule
    state: State
    appealed: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """A call that speaks for a rule: its row, signs, spoken reports and journal."""

    call: CallRow
    signs: tuple[CallSignRow, ...]
    reports: tuple[ReportRow, ...]
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """One rule with all that is needed to decide about it.

    ``evidence`` is the newest first and :data:`MOST_EVIDENCE` at most; the rule names all.
    """

    rule: Rule
    state: State
    appeals: tuple[Appeal, ...]
    evidence: tuple[Evidence, ...]

    @property
    def open_appeal(self) -> Appeal | None:
        """The appeal that waits for a decision."""
        return next((one for one in self.appeals if one.granted is None), None)


class CallerLists:
    """Reads the rules of ``database``.

    Each method raises :class:`hotline.storage.database.DatabaseUnavailable`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def counts(self, now: float) -> Mapping[View, int]:
        """How many rules each view has."""
        async with self._database.session() as session:
            return {
                view: await session.scalar(
                    select(func.count()).select_from(CallerRuleRow).where(_in_view(view, now))
                )
                or 0
                for view in VIEWS
            }

    async def page(self, view: View, now: float) -> Sequence[Listed]:
        """The newest rules of a view, :data:`MOST_LISTED` at most."""
        query = (
            select(CallerRuleRow, _appealed())
            .where(_in_view(view, now))
            .order_by(CallerRuleRow.rule_id.desc())
            .limit(MOST_LISTED)
        )
        async with self._database.session() as session:
            rows = (await session.execute(query)).all()
        rules = [(rule_of(row), bool(appealed)) for row, appealed in rows]
        return [Listed(rule, rule.state_at(now), appealed) for rule, appealed in rules]

    async def open(self, rule_id: int, now: float) -> Opened:
        """One rule. Raises :class:`NoSuchRule`."""
        async with self._database.session() as session:
            row = await session.get(CallerRuleRow, rule_id)
            if row is None:
                raise NoSuchRule(rule_id)
            appeals = await session.scalars(
                select(CallerAppealRow)
                .where(CallerAppealRow.rule_id == rule_id)
                .order_by(CallerAppealRow.appeal_id)
            )
            rule = rule_of(row)
            return Opened(
                rule,
                rule.state_at(now),
                tuple(appeal_of(one) for one in appeals),
                await _evidence(session, rule.evidence[-MOST_EVIDENCE:]),
            )


def _appealed() -> ColumnElement[bool]:
    return (
        select(CallerAppealRow.appeal_id)
        .where(CallerAppealRow.rule_id == CallerRuleRow.rule_id, CallerAppealRow.granted.is_(None))
        .exists()
    )


def _in_view(view: View, now: float) -> ColumnElement[bool]:
    active = CallerRuleRow.state == State.ACTIVE
    match view:
        case "proposed":
            return CallerRuleRow.state == State.PROPOSED
        case "active":
            return and_(active, CallerRuleRow.expires_at > now)
        case "appeals":
            return _appealed()
        case "history":
            over = and_(active, CallerRuleRow.expires_at <= now)
            return or_(CallerRuleRow.state.in_([State.DISMISSED, State.LIFTED]), over)


async def _evidence(session: AsyncSession, call_ids: Sequence[str]) -> tuple[Evidence, ...]:
    calls = await session.scalars(
        select(CallRow).where(CallRow.call_id.in_(call_ids)).order_by(CallRow.arrived_at.desc())
    )
    signs = await past.signs_of(session, call_ids)
    reports = (
        await session.scalars(
            select(ReportRow).where(ReportRow.call_id.in_(call_ids)).order_by(ReportRow.started_at)
        )
    ).all()
    rows = await session.scalars(
        select(JournalRow).where(JournalRow.call_id.in_(call_ids)).order_by(JournalRow.seq)
    )
    records = [(row.call_id, Record.of(row)) for row in rows]
    return tuple(
        Evidence(
            call,
            tuple(sign for sign in signs if sign.call_id == call.call_id),
            tuple(report for report in reports if report.call_id == call.call_id),
            tuple(record for call_id, record in records if call_id == call.call_id),
        )
        for call in calls
    )
