"""How quickly a point's grid and an address's place are found in a city of 8,000 grids."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import shapely
from shapely.geometry import Point

from hotline.registry.places.address import Gazetteer
from hotline.registry.places.atlas import Atlas
from hotline.registry.places.drawing import draw
from hotline.registry.places.finding import find
from hotline.registry.places.model import Kind
from hotline.registry.places.sample import sample_city
from hotline.registry.places.sample_shapes import CENTRE

POINTS, SLOWLY, ADDRESSES = 20_000, 200, 2_000

T = TypeVar("T")


def run() -> dict[str, object]:
    """Times in milliseconds but for ``…_s``; ``by_scan_ms`` asks every grid in turn."""
    dice = random.Random(12319)
    city, drawn_s = _timed(sample_city)
    atlas, built_s = _timed(lambda: Atlas(city.places))
    gazetteer, named_s = _timed(lambda: Gazetteer(atlas))
    roads = [place for place in city.places if place.kind is Kind.ROAD]
    points = [
        (CENTRE[0] + dice.uniform(-0.05, 0.05), CENTRE[1] + dice.uniform(-0.045, 0.045))
        for _ in range(POINTS)
    ]
    addresses = [
        f"{road.name}{dice.randint(1, road.last_number or 1)}号"
        for road in dice.choices(roads, k=ADDRESSES)
    ]
    grids = list(atlas.of(Kind.UNIT_GRID).values())
    outlines = shapely.from_geojson([place.geometry for place in grids])

    def by_scan(point: tuple[float, float]) -> str:
        found = shapely.intersects(outlines, Point(*point)).nonzero()[0]
        return grids[found[0]].place_id if len(found) else ""

    agreed = sum(by_scan(point) == atlas.whereabouts(*point).grid for point in points[:SLOWLY])
    certain = sum(find(address, atlas, gazetteer).certain for address in addresses)
    file, map_s = _timed(lambda: draw(atlas, Kind.UNIT_GRID))
    return {
        "grids": len(grids),
        "city_drawn_s": round(drawn_s, 2),
        "atlas_built_s": round(built_s, 3),
        "names_read_s": round(named_s, 3),
        "point_ms": _spread(lambda point: atlas.whereabouts(*point), points),
        "by_scan_ms": _spread(by_scan, points[:SLOWLY]),
        "agreed_with_scan": f"{agreed} of {SLOWLY}",
        "address_ms": _spread(lambda said: find(said, atlas, gazetteer), addresses),
        "addresses_certain": f"{certain} of {ADDRESSES}",
        "map_drawn_s": round(map_s, 2),
        "map_kb": {"plain": len(file.plain) // 1000, "sent": len(file.packed) // 1000},
    }


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    made = work()
    return made, time.perf_counter() - began


def _spread(ask: Callable[[T], object], asked: Sequence[T]) -> dict[str, float]:
    times = []
    for one in asked:
        began = time.perf_counter()
        ask(one)
        times.append((time.perf_counter() - began) * 1000)
    cuts = statistics.quantiles(times, n=100)
    return {"p50": round(cuts[49], 4), "p95": round(cuts[94], 4), "p99": round(cuts[98], 4)}
