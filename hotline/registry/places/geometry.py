"""Geometries: read, judged, and measured in metres.

Degrees are WGS 84. Within a city a plane is near enough: a metre is measured on the one that
touches the ellipsoid's sphere at the latitude in question.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import cos, radians
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Point, box, shape
from shapely.geometry.base import BaseGeometry

from hotline.registry.places.datum import Crs, to_wgs84
from hotline.registry.places.model import AREAS, Kind

METRES_A_DEGREE = 111_320.0
_CORNERS = ("west", "south", "east", "north")
_POINT = ("longitude", "latitude")
_AREA_TYPES = frozenset({"Polygon", "MultiPolygon"})
_TYPES = {
    Kind.ROAD: frozenset({"LineString", "MultiLineString"}),
    Kind.LANDMARK: frozenset({"Point", "Polygon", "MultiPolygon"}),
}


class BadGeometry(ValueError):
    """``fault`` is a key of :data:`hotline.registry.places.faults.FAULTS`."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def from_mapping(value: Mapping[str, Any] | None) -> BaseGeometry:
    """A GeoJSON geometry as it came. Raises :class:`BadGeometry`."""
    if not value:
        raise BadGeometry("no_geometry")
    try:
        return shape(dict(value))
    # What shapely makes of a wild object is not its promise; nothing else runs in here.
    except (shapely.errors.ShapelyError, AttributeError, KeyError, IndexError, TypeError,
            ValueError) as error:  # fmt: skip
        raise BadGeometry("bad_geometry") from error


def from_cells(cells: Mapping[str, str]) -> BaseGeometry:
    """A geometry of a CSV row: ``wkt``, the corners of a rectangle, or a point's coordinates.

    Raises :class:`BadGeometry`.
    """
    if cells.get("wkt"):
        try:
            return shapely.from_wkt(cells["wkt"])
        except shapely.errors.ShapelyError as error:
            raise BadGeometry("bad_geometry") from error
    try:
        if all(cells.get(name) for name in _CORNERS):
            west, south, east, north = (float(cells[name]) for name in _CORNERS)
            return box(west, south, east, north)
        if all(cells.get(name) for name in _POINT):
            return Point(float(cells["longitude"]), float(cells["latitude"]))
    except ValueError as error:
        raise BadGeometry("bad_geometry") from error
    raise BadGeometry("no_geometry")


def judged(geometry: BaseGeometry, kind: Kind, crs: Crs) -> BaseGeometry:
    """The geometry in WGS 84 when a place of this kind may have it. Raises
    :class:`BadGeometry`."""
    if geometry.is_empty:
        raise BadGeometry("no_geometry")
    allowed = _AREA_TYPES if kind in AREAS else _TYPES[kind]
    if geometry.geom_type not in allowed:
        raise BadGeometry("wrong_geometry")
    geometry = shapely.force_2d(geometry)
    west, south, east, north = geometry.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise BadGeometry("no_place_on_earth")
    if not geometry.is_valid:
        crosses = "Self-intersection" in shapely.is_valid_reason(geometry)
        raise BadGeometry("crosses_itself" if crosses else "bad_geometry")
    if crs in {Crs.GCJ02, Crs.BD09}:
        return shapely.transform(geometry, lambda points: _converted(crs, points))
    return geometry


def _converted(crs: Crs, points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([to_wgs84(crs, float(x), float(y)) for x, y in points])


def metres_between(first: tuple[float, float], second: tuple[float, float]) -> float:
    """The distance of two points (longitude, latitude) of a city in metres."""
    middle = radians((first[1] + second[1]) / 2)
    east = (second[0] - first[0]) * cos(middle)
    return float(np.hypot(east, second[1] - first[1])) * METRES_A_DEGREE


def degrees_around(latitude: float, metres: float) -> tuple[float, float]:
    """How many degrees of longitude and latitude so many metres are there."""
    high = metres / METRES_A_DEGREE
    # Near a pole a metre spans any longitude.
    return high / max(cos(radians(latitude)), 0.01), high


def beside(line: BaseGeometry, share: float, metres: float) -> tuple[float, float]:
    """The point after a share (0 to 1) of a line, moved so many metres to its left (less than
    0: to its right), looking along it."""
    latitude = float(line.centroid.y)
    scale = np.array([cos(radians(latitude)), 1.0]) * METRES_A_DEGREE
    flat = shapely.transform(line, lambda points: points * scale)
    length = flat.length
    at = flat.interpolate(share * length)
    step = min(1.0, length / 2)
    back, ahead = (
        flat.interpolate(max(0.0, min(length, share * length + d))) for d in (-step, step)
    )
    along = np.array([ahead.x - back.x, ahead.y - back.y])
    size = float(np.hypot(*along)) or 1.0
    left = np.array([-along[1], along[0]]) / size * metres
    x, y = (np.array([at.x, at.y]) + left) / scale
    return float(x), float(y)
