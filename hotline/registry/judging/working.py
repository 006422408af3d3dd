"""Mean times in working hours, by the city's working calendar."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.registry.clocks.calendar import WorkCalendar, from_seconds, to_seconds, years_unknown
from hotline.registry.judging.counting import SPANS, Scope, live
from hotline.registry.judging.model import MeanTime
from hotline.storage.tables import CaseRow

_HANDFUL = 2_000
_COLUMNS = ("opened_at", "filed_at", "dispatched_at", "handled_at", "closed_at")


async def working_times(
    session: AsyncSession, scope: Scope, calendar: WorkCalendar
) -> Mapping[str, MeanTime]:
    """The mean times of the cases that were closed in the period, in seconds of working time.

    Empty, for unknown, when a year's official holidays are not known.
    """
    query = select(*(getattr(CaseRow, name) for name in _COLUMNS)).where(
        live(), scope.holds(CaseRow.closed_at), *scope.only
    )
    rows: list[Sequence[Any]] = []
    async for handful in (await session.stream(query)).partitions(_HANDFUL):
        # Plain tuples: numpy takes rows apart one value at a time.
        rows += map(tuple, handful)
    return await asyncio.to_thread(_means, rows, calendar) if rows else {}


def _means(rows: Sequence[Sequence[Any]], calendar: WorkCalendar) -> Mapping[str, MeanTime]:
    # A missing instant becomes NaN, which no comparison holds for.
    instants = dict(zip(_COLUMNS, np.array(rows, dtype=float).T, strict=True))
    first, last = np.nanmin(instants["opened_at"]), np.nanmax(instants["closed_at"])
    days = _days(min(first, last), last, calendar)
    if years_unknown(calendar, days):
        return {}
    worked = _worked(days, calendar)
    means = {}
    for name, (since, until) in SPANS.items():
        begins, ends = instants[since.key], instants[until.key]
        known = ends >= begins
        seconds = np.interp(ends[known], *worked) - np.interp(begins[known], *worked)
        count = int(known.sum())
        means[name] = MeanTime(count, len(rows) - count, float(seconds.sum()))
    return means


def _days(first: float, last: float, calendar: WorkCalendar) -> list[date]:
    begin = calendar.local(from_seconds(first)).date() - timedelta(days=1)
    end = calendar.local(from_seconds(last)).date() + timedelta(days=1)
    return [begin + timedelta(days=n) for n in range((end - begin).days + 1)]


def _worked(
    days: Sequence[date], calendar: WorkCalendar
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Instants at which work begins or ends, and how many seconds were worked by each."""
    at, sums = [0.0], [0.0]
    for day in days:
        for begins, ends in calendar.spans(day):
            at += [to_seconds(begins), to_seconds(ends)]
            sums += [sums[-1], sums[-1] + to_seconds(ends) - to_seconds(begins)]
    return np.array(at), np.array(sums)
