"""What the controller and the screens ask the tables, one quick query each.

Each raises :class:`hotline.storage.database.DatabaseUnavailable`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import Select, select

from hotline.storage.database import Database
from hotline.storage.pops import PopFacts, pop_facts
from hotline.storage.tables import (
    CallRow,
    CaseRow,
    PresenceRow,
    ReportRow,
    UserRow,
)
from hotline.storage.tables_transfers import HandoverRow
from hotline.storage.tables_waits import KeptPlaceRow

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

    async def pop(self, call_id: str, user_id: str) -> PopFacts | None:
        """What a screen-pop tells of a call; None for a call that is not known."""
        return await self._database.read(lambda session: pop_facts(session, call_id, user_id))

    # --- people ---------------------------------------------------------------------------

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
