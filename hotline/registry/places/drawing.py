"""The places of a kind as a map needs them: small, and the same bytes until they change."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from math import cos, radians
from typing import Any

import shapely
from shapely.geometry import Point, box
from shapely.geometry.base import BaseGeometry

from hotline.registry.places.atlas import Atlas
from hotline.registry.places.model import AREAS, Kind, Place

_DECIMALS = 5
"""About a metre."""
# How far a line may be from the truth, in degrees (three metres); grids have few corners anyway.
_SLACK = 0.00003


@dataclass(frozen=True, slots=True)
class MapFile:
    """A file of a map, plain and packed. ``etag`` changes with what is in it."""

    etag: str
    plain: bytes
    packed: bytes


def draw(atlas: Atlas, kind: Kind) -> MapFile:
    """The places of a kind as GeoJSON, simplified. Takes a while for thousands of grids."""
    collection = {
        "type": "FeatureCollection",
        "features": [_feature(place) for place in atlas.of(kind).values() if place.geometry],
    }
    plain = json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()
    digest = hashlib.sha256(plain).hexdigest()[:20]
    # No time in the head: the same places are the same bytes.
    return MapFile(f'"{digest}"', plain, gzip.compress(plain, compresslevel=6, mtime=0))


def _feature(place: Place) -> dict[str, Any]:
    outline = shapely.from_geojson(place.geometry)
    if place.kind in AREAS and place.kind is not Kind.UNIT_GRID:
        outline = outline.simplify(_SLACK)
    # ECharts knows a region by its name; ids are what cases are counted by.
    properties = {"name": place.place_id, "title": place.name}
    if place.kind is not Kind.UNIT_GRID:
        properties |= {"district": place.district, "street": place.street}
    else:
        del properties["title"]
    return {"type": "Feature", "properties": properties, "geometry": _geometry(outline)}


def _geometry(outline: BaseGeometry) -> dict[str, Any]:
    drawn = outline.__geo_interface__
    return {"type": drawn["type"], "coordinates": _rounded(drawn["coordinates"])}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DECIMALS)
    return [_rounded(one) for one in value]


@dataclass(frozen=True, slots=True)
class Picture:
    """A grid amid its neighbours as SVG paths in a square of ``size``. ``point`` is where the
    case is in it, None for unknown."""

    size: int
    around: tuple[str, ...]
    grid: str
    roads: tuple[str, ...]
    point: tuple[float, float] | None


def picture(
    atlas: Atlas, grid_id: str, point: tuple[float, float] | None, size: int = 160
) -> Picture | None:
    """The picture of a unit grid; None for an unknown one."""
    grid = atlas.get(Kind.UNIT_GRID, grid_id)
    if grid is None or not grid.geometry:
        return None
    outline = shapely.from_geojson(grid.geometry)
    middle = outline.centroid
    shrink = cos(radians(middle.y))
    west, south, east, north = outline.bounds
    reach = max((east - west) * shrink, north - south) * 3
    scale = size / reach

    def put(x: float, y: float) -> tuple[float, float]:
        return (
            round((x - middle.x) * shrink * scale + size / 2, 1),
            round((middle.y - y) * scale + size / 2, 1),
        )

    frame = box(
        middle.x - reach / shrink / 2, middle.y - reach / 2,
        middle.x + reach / shrink / 2, middle.y + reach / 2,
    )  # fmt: skip
    near = [drawn for one, drawn in atlas.within(Kind.UNIT_GRID, frame) if one is not grid]
    roads = [line.intersection(frame) for _, line in atlas.within(Kind.ROAD, frame)]
    return Picture(
        size=size,
        around=tuple(_path(drawn, put) for drawn in near),
        grid=_path(outline, put),
        roads=tuple(_path(line, put) for line in roads),
        point=put(*point) if point and frame.intersects(Point(point)) else None,
    )


def _path(outline: BaseGeometry, put: Callable[[float, float], tuple[float, float]]) -> str:
    parts = []
    for part in shapely.get_parts(outline):
        closed = part.geom_type == "Polygon"
        for line in (part.exterior, *part.interiors) if closed else (part,):
            points = "L".join(f"{x} {y}" for x, y in (put(*at[:2]) for at in line.coords))
            parts.append(f"M{points}{'Z' if closed else ''}")
    return "".join(parts)
