"""The calls of a number as its rules judge them: read from the tables."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.callers.priority import DANGER
from hotline.callers.rules import PastCall
from hotline.storage.numbers import variants
from hotline.storage.tables import CallRow, CaseRow, ReportRow
from hotline.storage.tables_callers import CallSignRow


async def calls_since(session: AsyncSession, number: str, since: float) -> list[PastCall]:
    """The calls of a number that arrived after ``since``, oldest first."""
    query = (
        _calls()
        .where(CallRow.calling.in_(variants(number)), CallRow.arrived_at > since)
        .order_by(CallRow.arrived_at)
    )
    return await _past(session, query)


def _calls() -> Select[CallRow, bool, bool]:
    reported = (
        select(ReportRow.call_id)
        .where(ReportRow.call_id == CallRow.call_id, ReportRow.recorded_at.is_not(None))
        .exists()
    )
    has_case = select(CaseRow.call_id).where(CaseRow.call_id == CallRow.call_id).exists()
    return select(CallRow, reported, has_case)


async def _past(session: AsyncSession, query: Select[CallRow, bool, bool]) -> list[PastCall]:
    rows = (await session.execute(query)).all()
    signs = await signs_of(session, [call.call_id for call, _, _ in rows])
    return [
        PastCall(
            call_id=call.call_id,
            arrived_at=call.arrived_at,
            ended_at=call.ended_at,
            answered=call.answered_at is not None,
            reported=reported,
            signs=frozenset(sign.sign for sign in signs if sign.call_id == call.call_id),
            urgent=DANGER in (call.reasons or ()),
            has_case=has_case,
        )
        for call, reported, has_case in rows
    ]


async def signs_of(session: AsyncSession, call_ids: Sequence[str]) -> Sequence[CallSignRow]:
    """The signs of these calls that were not withdrawn, oldest first."""
    query = select(CallSignRow).where(
        CallSignRow.call_id.in_(call_ids), CallSignRow.withdrawn.is_(False)
    )
    return (await session.scalars(query.order_by(CallSignRow.at, CallSignRow.sign))).all()
