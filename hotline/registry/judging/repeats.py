"""重复发案: cases of the same minor class near an earlier one, in place and time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.registry.judging.counting import DIMENSIONS, KEYS, Scope, live
from hotline.storage.tables import CaseRow

EARTH_M = 6_371_008.8
DAY_S = 86_400.0
# Rows are taken from the database in handfuls: calls run on the same loop.
_HANDFUL = 2_000
_ROUNDS = 12
# The map ends short of the poles, and is stretched a little across a circle.
_MERCATOR = np.radians(89.0)
_MARGIN = 1.02


@dataclass(frozen=True, slots=True)
class Repeats:
    """How many of the filed cases repeat an earlier one, and of how many no point is known.

    ``by`` counts the repeats by dimension and key.
    """

    total: int
    without_point: int
    by: Mapping[str, Mapping[str, int]]


async def repeats_in(session: AsyncSession, scope: Scope) -> Repeats:
    """The filed cases of the period that repeat an earlier one.

    A case without a class, or without a point on the map, cannot be told to repeat another.
    """
    definitions, period = scope.definitions, scope.period
    within_s = definitions.repeat_days * DAY_S
    keys = [KEYS[name] for name in DIMENSIONS]
    query = (
        select(CaseRow.opened_at, CaseRow.longitude, CaseRow.latitude, *keys)
        .where(
            live(),
            CaseRow.opened_at >= period.since - within_s,
            CaseRow.opened_at < period.until,
            CaseRow.filed_at < period.until,
            *scope.only,
        )
        .order_by(CaseRow.opened_at, CaseRow.case_number)
    )
    rows: list[Sequence[Any]] = []
    result = await session.stream(query)
    async for handful in result.partitions(_HANDFUL):
        rows += handful
    return await asyncio.to_thread(_count, rows, period.since, definitions.repeat_metres, within_s)


def _count(rows: Sequence[Sequence[Any]], since: float, metres: float, within_s: float) -> Repeats:
    where = 3 + DIMENSIONS.index("class")
    placed = [row for row in rows if row[1] is not None and row[2] is not None and row[where]]
    found = repeated(
        np.array([row[0] for row in placed], dtype=float),
        np.array([(row[1], row[2]) for row in placed], dtype=float).reshape(-1, 2),
        [row[where] for row in placed],
        metres=metres,
        within_s=within_s,
    )
    hits = [row for row, again in zip(placed, found, strict=True) if again and row[0] >= since]
    without = sum(row[0] >= since for row in rows) - sum(row[0] >= since for row in placed)
    by = {
        name: dict(Counter(row[3 + n] or "" for row in hits)) for n, name in enumerate(DIMENSIONS)
    }
    return Repeats(len(hits), without, by)


def repeated(
    at: NDArray[np.float64],
    points: NDArray[np.float64],
    classes: Sequence[str],
    *,
    metres: float,
    within_s: float,
    rounds: int = _ROUNDS,
) -> NDArray[np.bool_]:
    """Which cases lie within ``metres`` and ``within_s`` after an earlier one of their class.

    ``at`` ascends; ``points`` are longitude and latitude in degrees. After so many ``rounds`` of
    comparing neighbours in time, the rest are looked for on the map.
    """
    codes = np.unique(np.array(classes, dtype=object).astype(str), return_inverse=True)[1]
    order = np.lexsort((np.arange(len(at)), codes))
    at, codes = at[order], codes[order]
    points = np.radians(points[order])
    again = np.zeros(len(at), dtype=bool)
    # Each round compares with the case that stands so many places earlier in the same class.
    # Where hundreds come from one spot this finds them; a search around it would give every pair.
    later = np.arange(1, len(at))
    for back in range(1, min(rounds, len(at))):
        later = later[later >= back]
        earlier = later - back
        close = (codes[later] == codes[earlier]) & (at[later] - at[earlier] <= within_s)
        later = later[close]
        near = _distance(points[later], points[later - back]) <= metres
        again[later[near]] = True
        later = later[~near]
    if len(later):
        one, other = _around(points, later, metres)
        close = (codes[one] == codes[other]) & (other < one) & (at[one] - at[other] <= within_s)
        one, other = one[close], other[close]
        again[one[_distance(points[one], points[other]) <= metres]] = True
    result = np.zeros(len(at), dtype=bool)
    result[order] = again
    return result


def _around(
    points: NDArray[np.float64], some: NDArray[np.int_], metres: float
) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """Pairs of ``some`` points with all that lie about so near, by a tree of the map."""
    # Mercator: true to scale around each point, up to the cosine of its latitude.
    latitude = np.clip(points[:, 1], -_MERCATOR, _MERCATOR)
    flat = EARTH_M * np.column_stack([points[:, 0], np.arctanh(np.sin(latitude))])
    places = cast("NDArray[np.object_]", shapely.points(flat))
    reach = _MARGIN * metres / np.cos(latitude[some])
    found = shapely.STRtree(places.tolist()).query(
        places[some], predicate="dwithin", distance=reach
    )
    return some[found[0]], found[1]


def _distance(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres between points given in radians (haversine)."""
    change = one - other
    half = (
        np.sin(change[:, 1] / 2) ** 2
        + np.cos(one[:, 1]) * np.cos(other[:, 1]) * np.sin(change[:, 0] / 2) ** 2
    )
    distance: NDArray[np.float64] = 2 * EARTH_M * np.arcsin(np.sqrt(np.minimum(1.0, half)))
    return distance
