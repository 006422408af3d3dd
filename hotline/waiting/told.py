"""What callers were told and what became of kept places, read from the tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import func, select

from hotline.storage.database import Database
from hotline.storage.tables import CallRow
from hotline.storage.tables_waits import CallerToldRow, KeptPlaceRow
from hotline.waiting.hours import Hour, by_hour
from hotline.waiting.score import Score, Told, score


@dataclass(frozen=True, slots=True)
class PlaceCounts:
    """Places kept in a period, how many of them still are, and how the others ended."""

    kept: int
    open: int
    ended: Mapping[str, int]


async def score_of(database: Database, since: float, until: float) -> Score:
    """How good the estimates were that callers were told from ``since`` to before ``until``.

    Raises :class:`~hotline.storage.database.DatabaseUnavailable`.
    """
    return score([told for _, told in await _told_in(database, since, until)])


async def hours_of(
    database: Database, since: float, until: float, zone: tzinfo
) -> tuple[Hour, ...]:
    """What was told and waited by the hour of the day in ``zone``.

    Raises :class:`~hotline.storage.database.DatabaseUnavailable`.
    """
    told = await _told_in(database, since, until)
    return by_hour((datetime.fromtimestamp(at, zone).hour, one) for at, one in told)


async def places_of(database: Database, since: float, until: float) -> PlaceCounts:
    """What became of the places kept in a period.

    Raises :class:`~hotline.storage.database.DatabaseUnavailable`.
    """
    row = KeptPlaceRow
    query = (
        select(row.outcome, func.count())
        .where(row.kept_at >= since, row.kept_at < until)
        .group_by(row.outcome)
    )
    async with database.session() as session:
        found = {str(outcome): int(count) for outcome, count in await session.execute(query)}
    return PlaceCounts(sum(found.values()), found.pop("", 0), found)


async def _told_in(database: Database, since: float, until: float) -> list[tuple[float, Told]]:
    """Each estimate with the instant at which it was told."""
    told = CallerToldRow
    query = (
        select(told, CallRow.answered_at, CallRow.abandoned_at)
        .join(CallRow, CallRow.call_id == told.call_id)
        .where(told.told_at >= since, told.told_at < until, told.seconds.is_not(None))
    )
    async with database.session() as session:
        rows = (await session.execute(query)).all()
    return [(row.told_at, _told(row, answered, left)) for row, answered, left in rows]


def _told(row: CallerToldRow, answered_at: float | None, abandoned_at: float | None) -> Told:
    def after(at: float | None) -> float | None:
        return None if at is None or at < row.told_at else at - row.told_at

    return Told(row.seconds or 0.0, row.said_s, after(answered_at), after(abandoned_at))
