"""What the controller and the screens ask the tables, one quick query each.

Each raises :class:`hotline.storage.database.DatabaseUnavailable`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import Select, select

from hotline.cti.views import EarlierCall, EarlierCase, StoryLine
from hotline.storage.database import Database
from hotline.storage.numbers import variants
from hotline.storage.tables import (
    CallRow,
    CaseRow,
    DraftRow,
    PresenceRow,
    ReportRow,
    UserRow,
)
from hotline.storage.tables_transfers import HandoverRow
from hotline.storage.tables_waits import KeptPlaceRow

# As many earlier calls and cases as a screen-pop shows.
NEWEST = 5

T = TypeVar("T")


class Lookups:
    """Reads the tables of ``database``; the rows it gives are detached and stay as they are."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- for a controller that starts -----------------------------------------------------

    async def living_calls(self) -> Sequence[CallRow]:
        """The calls whose end is not known, oldest first."""
        query = select(CallRow).where(CallRow.ended_at.is_(None)).order_by(CallRow.arrived_at)
        return await self._rows(query)

    async def presence(self) -> Sequence[PresenceRow]:
        """The last state of every agent who ever had one."""
        return await self._rows(select(PresenceRow).order_by(PresenceRow.agent_id))

    async def unfinished_reports(self) -> Sequence[ReportRow]:
        """Spoken reports that began and whose end is not known."""
        return await self._rows(_reports("recording"))

    async def unfinished_handovers(self) -> Sequence[HandoverRow]:
        """Handovers that began and whose end is not known."""
        return await self._rows(select(HandoverRow).where(HandoverRow.ended_at.is_(None)))

    async def kept_places(self) -> Sequence[KeptPlaceRow]:
        """Places that are kept for a callback and not over."""
        return await self._rows(select(KeptPlaceRow).where(KeptPlaceRow.ended_at.is_(None)))

    async def waiting_reports(self) -> Sequence[ReportRow]:
        """Spoken reports that wait for a recogniser, oldest first."""
        return await self._rows(_reports("waiting"))

    async def reports_without_case(self) -> Sequence[ReportRow]:
        """Spoken reports that were kept and have no case yet, oldest first."""
        query = _reports("waiting", "transcribed", "failed").where(
            ReportRow.report_id.not_in(
                select(CaseRow.report_id).where(CaseRow.report_id.is_not(None))
            )
        )
        return await self._rows(query)

    async def undescribed_reports(self) -> Sequence[ReportRow]:
        """Transcribed reports whose case has no description yet."""
        query = _reports("transcribed").where(
            ReportRow.text != "",
            ReportRow.report_id.in_(
                select(CaseRow.report_id).where(
                    CaseRow.report_id.is_not(None), CaseRow.description == ""
                )
            ),
        )
        return await self._rows(query)

    async def report_paths(self) -> frozenset[str]:
        """The paths of all spoken reports."""
        return frozenset(await self._rows(select(ReportRow.path)))

    # --- one call, one report -------------------------------------------------------------

    async def call(self, call_id: str) -> CallRow | None:
        """A call, living or over."""
        async with self._database.session() as session:
            return await session.get(CallRow, call_id)

    async def report(self, report_id: str) -> ReportRow | None:
        """A spoken report."""
        async with self._database.session() as session:
            return await session.get(ReportRow, report_id)

    async def reports_of(self, call_id: str) -> Sequence[ReportRow]:
        """The spoken reports of a call, oldest first."""
        query = select(ReportRow).where(ReportRow.call_id == call_id)
        return await self._rows(query.order_by(ReportRow.started_at))

    async def draft(self, call_id: str, user_id: str) -> dict[str, object]:
        """What somebody typed into a call's form and has not saved; empty for nothing."""
        async with self._database.session() as session:
            row = await session.get(DraftRow, (call_id, user_id))
        return {} if row is None else dict(row.form)

    async def draft_of_another(self, call_id: str, user_id: str) -> tuple[dict[str, object], str]:
        """What a colleague who had the call before typed and did not save, and their name; both
        empty for nothing."""
        query = (
            select(DraftRow.form, UserRow.name)
            .outerjoin(UserRow, UserRow.user_id == DraftRow.user_id)
            .where(DraftRow.call_id == call_id, DraftRow.user_id != user_id)
            .order_by(DraftRow.saved_at.desc())
            .limit(1)
        )
        async with self._database.session() as session:
            row = (await session.execute(query)).first()
        return ({}, "") if row is None else (dict(row.form), row.name or "")

    async def story(self, call_id: str) -> tuple[StoryLine, ...]:
        """To whom the call was handed on, oldest first."""
        query = (
            select(HandoverRow, UserRow.name.label("by"))
            .outerjoin(UserRow, UserRow.user_id == HandoverRow.agent_id)
            .where(HandoverRow.call_id == call_id)
            .order_by(HandoverRow.started_at, HandoverRow.seq)
        )
        async with self._database.session() as session:
            found = (await session.execute(query)).all()
        return tuple(
            StoryLine(
                row.started_at,
                by or row.agent_id,
                row.mode,
                row.name or row.target,
                row.note,
                row.outcome,
            )
            for row, by in found
        )

    async def case_of_call(self, call_id: str) -> str | None:
        """The number of the case that was opened from a call's form."""
        query = select(CaseRow.case_number).where(
            CaseRow.call_id == call_id, CaseRow.report_id.is_(None)
        )
        found = await self._rows(query)
        return found[0] if found else None

    # --- what is known of a number --------------------------------------------------------

    async def earlier_calls(self, number: str, before: float) -> tuple[EarlierCall, ...]:
        """The newest calls of a number that arrived before an instant, newest first.

        Their outcome is answered, handed_over (another service took it), reported (a spoken
        report was kept), abandoned, living or unserved. A withheld number has none.
        """
        if not number:
            return ()
        reported = (
            select(ReportRow.call_id)
            .where(ReportRow.call_id == CallRow.call_id, ReportRow.recorded_at.is_not(None))
            .exists()
        )
        handed_over = (
            select(HandoverRow.call_id)
            .where(HandoverRow.call_id == CallRow.call_id, HandoverRow.joined_at.is_not(None))
            .exists()
        )
        query = (
            select(CallRow, UserRow.name, reported, handed_over)
            .outerjoin(UserRow, UserRow.user_id == CallRow.agent_id)
            .where(CallRow.calling.in_(variants(number)), CallRow.arrived_at < before)
            .order_by(CallRow.arrived_at.desc())
            .limit(NEWEST)
        )
        async with self._database.session() as session:
            found = (await session.execute(query)).all()
        return tuple(
            _earlier(call, name, _outcome(call, kept, handed)) for call, name, kept, handed in found
        )

    async def earlier_cases(self, number: str) -> tuple[EarlierCase, ...]:
        """The newest cases that name a number, newest first. A withheld number has none."""
        if not number:
            return ()
        query = (
            select(CaseRow)
            .where(CaseRow.caller_phone.in_(variants(number)))
            .order_by(CaseRow.opened_at.desc())
            .limit(NEWEST)
        )
        return tuple(
            EarlierCase(
                case_number=row.case_number,
                state=row.state,
                opened_at=row.opened_at,
                category_name=row.category_name or "",
                address=row.address,
                description=row.description,
            )
            for row in await self._rows(query)
        )

    async def agents(self) -> Sequence[UserRow]:
        """Those who take calls and may log in, by extension."""
        query = select(UserRow).where(
            UserRow.active, UserRow.role == "agent", UserRow.extension.is_not(None)
        )
        return await self._rows(query.order_by(UserRow.extension))

    async def colleagues(self) -> Sequence[UserRow]:
        """Agents and supervisors who have a telephone and may log in, by extension."""
        query = select(UserRow).where(
            UserRow.active,
            UserRow.role.in_(("agent", "supervisor")),
            UserRow.extension.is_not(None),
        )
        return await self._rows(query.order_by(UserRow.extension))

    async def _rows(self, query: Select[T]) -> Sequence[T]:
        async with self._database.session() as session:
            return (await session.scalars(query)).all()


def _reports(*states: str) -> Select[ReportRow]:
    query = select(ReportRow).where(ReportRow.state.in_(states))
    return query.order_by(ReportRow.started_at)


def _earlier(call: CallRow, agent_name: str | None, outcome: str) -> EarlierCall:
    talked = None
    if call.answered_at is not None and call.talk_ended_at is not None:
        talked = call.talk_ended_at - call.answered_at
    return EarlierCall(
        call_id=call.call_id,
        arrived_at=call.arrived_at,
        agent_name=(agent_name or call.agent_id or "") if call.answered_at is not None else "",
        talked_s=talked,
        outcome=outcome,
    )


def _outcome(call: CallRow, reported: bool, handed_over: bool) -> str:
    if call.answered_at is not None:
        return "answered"
    if handed_over:
        return "handed_over"
    if reported:
        return "reported"
    if call.abandoned_at is not None:
        return "abandoned"
    return "living" if call.ended_at is None else "unserved"
