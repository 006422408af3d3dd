"""Rows of callers who are affected by a storm: noted once each, counted, listed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.storage.tables_storm import AffectedRow, StormRow
from hotline.storm.model import SLOT_S, Affected, Picture


async def note(
    session: AsyncSession, storm: StormRow, call_id: str, number: str, now: float
) -> tuple[AffectedRow, bool]:
    """A caller's row, by number or call, and whether it was made now. ``number`` is empty when it
    was withheld."""
    same: ColumnElement[bool] = AffectedRow.call_id == call_id
    if number:
        same = or_(same, AffectedRow.number == number)
    query = select(AffectedRow).where(AffectedRow.storm_id == storm.storm_id, same)
    row = (await session.scalars(query.order_by(AffectedRow.affected_id))).first()
    if row is not None:
        row.again += 1
        return row, False
    row = AffectedRow(
        storm_id=storm.storm_id,
        case_number=storm.case_number,
        call_id=call_id,
        number=number,
        place="",
        at=now,
        slot=int(now // SLOT_S),
        again=0,
        callback=False,
    )
    session.add(row)
    return row, True


async def count(session: AsyncSession, storm_id: int) -> int:
    """How many have registered."""
    query = select(func.count()).select_from(AffectedRow).where(AffectedRow.storm_id == storm_id)
    return (await session.scalars(query)).one()


async def picture(session: AsyncSession, storm_id: int) -> Picture:
    """The counts of a storm."""
    of_storm = AffectedRow.storm_id == storm_id
    rows = func.count()
    withheld = func.sum(case((AffectedRow.number == "", 1), else_=0))
    callbacks = func.sum(case((AffectedRow.callback, 1), else_=0))
    totals = (await session.execute(select(rows, withheld, callbacks).where(of_storm))).one()
    by_place = select(AffectedRow.place, rows).where(of_storm).group_by(AffectedRow.place)
    by_slot = select(AffectedRow.slot, rows).where(of_storm).group_by(AffectedRow.slot)
    places = [(place, number) for place, number in await session.execute(by_place)]
    slots = await session.execute(by_slot.order_by(AffectedRow.slot))
    return Picture(
        totals[0],
        totals[1] or 0,
        totals[2] or 0,
        sorted(places, key=lambda pair: (-pair[1], pair[0])),
        [(slot * float(SLOT_S), number) for slot, number in slots],
    )


async def found(
    session: AsyncSession, storm_id: int, callbacks_only: bool, offset: int, limit: int
) -> Sequence[Affected]:
    """Those who registered, the last first."""
    query = select(AffectedRow).where(AffectedRow.storm_id == storm_id)
    if callbacks_only:
        query = query.where(AffectedRow.callback)
    query = query.order_by(AffectedRow.at.desc(), AffectedRow.affected_id.desc())
    return [_shown(row) for row in await session.scalars(query.offset(offset).limit(limit))]


def _shown(row: AffectedRow) -> Affected:
    return Affected(
        row.affected_id, row.call_id, row.number, row.place, row.at, row.again, row.callback
    )
