"""``hotline judge period``: a period counted from the configured database."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo

from hotline.config import Config
from hotline.registry import taxonomy
from hotline.registry.judging import definitions
from hotline.registry.judging.bulletin import named_lines
from hotline.registry.judging.counting import TOTAL, Scope, count
from hotline.registry.judging.model import Line, Period
from hotline.registry.judging.names import read_names
from hotline.registry.judging.repeats import repeats_in
from hotline.storage.database import Database, migrate


def read_period(first: str, last: str, zone: tzinfo) -> Period:
    """From the beginning of the day ``first`` to the end of the day ``last``, such as 2026-11-30.

    Raises :class:`ValueError`.
    """
    begins, ends = date.fromisoformat(first), date.fromisoformat(last) + timedelta(days=1)
    return Period(_midnight(begins, zone), _midnight(ends, zone))


def lines_of(config: Config, period: Period, by: str) -> Sequence[Line]:
    """What the period amounts to by ``total`` or a dimension.

    Raises :class:`~hotline.storage.database.MigrationError` and
    :class:`~hotline.storage.database.DatabaseUnavailable`.
    """
    return asyncio.run(_lines(config, period, by))


async def _lines(config: Config, period: Period, by: str) -> Sequence[Line]:
    await migrate(config.database_url)
    database = Database(config.database_url)
    try:
        return await _count(database, Scope(period, definitions.load()), by)
    finally:
        await database.close()


async def _count(database: Database, scope: Scope, by: str) -> Sequence[Line]:
    async with database.session() as session:
        found = await count(session, scope, by)
        again = await repeats_in(session, scope)
        names = await read_names(session, taxonomy.load())
    repeats = {"": again.total} if by == TOTAL else again.by[by]
    counted = (
        replace(line, counts={**line.counts, "repeat": repeats.get(line.key, 0)}) for line in found
    )
    return named_lines(tuple(counted), names, by)


def _midnight(day: date, zone: tzinfo) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()
