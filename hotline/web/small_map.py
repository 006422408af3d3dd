"""A small map around one point, drawn from the city's own places: nothing comes from outside."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hotline.registry.places.atlas import Atlas
from hotline.registry.places.model import Kind

WIDTH, HEIGHT = 360, 220
# Metres from the middle to the left and right edge, unless somebody asks for another reach.
REACH_M = 400.0
# From so far on the borders of streets and districts are drawn, not single landmarks; and from so
# far on no roads.
FAR_M, VERY_FAR_M = 1500.0, 4000.0
MOST_LABELS = 8
_METRES_A_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """Something on the map. ``path`` is SVG's; for a label it is empty and ``x``, ``y`` count."""

    kind: str
    path: str = ""
    name: str = ""
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True, slots=True)
class SmallMap:
    """What is drawn, the lowest first; the point itself is in the middle."""

    drawn: tuple[Drawn, ...]
    width: int = WIDTH
    height: int = HEIGHT
    reach_m: float = REACH_M


def small_map(
    atlas: Atlas,
    longitude: float | None,
    latitude: float | None,
    grid: str,
    reach_m: float = REACH_M,
) -> SmallMap | None:
    """The map around a point; None without one, or when the city has no places."""
    if longitude is None or latitude is None or atlas.empty:
        return None
    sheet = _Sheet(longitude, latitude, reach_m)
    found: list[Drawn] = []
    if reach_m >= FAR_M:
        found += _borders(atlas, sheet)
    unit_grid = atlas.get(Kind.UNIT_GRID, grid)
    if unit_grid is not None and unit_grid.geometry:
        found.append(Drawn("grid", sheet.path(unit_grid.geometry)))
    roads = atlas.of(Kind.ROAD).values() if reach_m < VERY_FAR_M else ()
    for road in roads:
        if road.geometry and (path := sheet.path(road.geometry)):
            found.append(Drawn("road", path, road.name))
    landmarks = atlas.of(Kind.LANDMARK).values() if reach_m < FAR_M else ()
    found += sheet.labels((place.name, place.geometry) for place in landmarks)
    return SmallMap(tuple(found), reach_m=reach_m)


def middle_of(atlas: Atlas) -> tuple[float, float, float] | None:
    """The middle of the city's districts (else streets) and how far they reach from it, in metres;
    None when neither is drawn."""
    for kind in (Kind.DISTRICT, Kind.STREET):
        shapes = [json.loads(place.geometry) for place in atlas.of(kind).values() if place.geometry]
        points = [point for shape in shapes for line in _lines(shape) for point in line]
        if points:
            xs, ys = [point[0] for point in points], [point[1] for point in points]
            east, north = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
            narrowing = math.cos(math.radians(north))
            return east, north, (max(xs) - min(xs)) / 2 * narrowing * _METRES_A_DEGREE
    return None


def _borders(atlas: Atlas, sheet: _Sheet) -> Iterator[Drawn]:
    for kind in (Kind.STREET, Kind.DISTRICT):
        for place in atlas.of(kind).values():
            if place.geometry and (path := sheet.path(place.geometry)):
                yield Drawn("border", path, place.name)
                if kind is Kind.STREET and (label := sheet.name_of(place.name, place.geometry)):
                    yield label


class _Sheet:
    """From degrees to the picture's points; near enough within a few hundred metres."""

    def __init__(self, longitude: float, latitude: float, reach_m: float) -> None:
        self._middle = longitude, latitude
        self._scale = WIDTH / 2 / reach_m * _METRES_A_DEGREE
        self._narrowing = math.cos(math.radians(latitude))

    def _point(self, longitude: float, latitude: float) -> tuple[float, float]:
        x = (longitude - self._middle[0]) * self._narrowing * self._scale
        y = (self._middle[1] - latitude) * self._scale
        return round(WIDTH / 2 + x, 1), round(HEIGHT / 2 + y, 1)

    def path(self, geometry: str) -> str:
        """The lines of a geometry that may be seen; empty when none are."""
        pieces = []
        for line in _lines(json.loads(geometry)):
            points = [self._point(*one[:2]) for one in line]
            xs, ys = [x for x, _ in points], [y for _, y in points]
            if max(xs) < 0 or min(xs) > WIDTH or max(ys) < 0 or min(ys) > HEIGHT:
                continue
            pieces.append("M" + "L".join(f"{x} {y}" for x, y in points))
        return "".join(pieces)

    def name_of(self, name: str, geometry: str) -> Drawn | None:
        """The name in the middle of what is drawn; None when that is not to be seen."""
        points = [point for line in _lines(json.loads(geometry)) for point in line]
        xs, ys = [point[0] for point in points], [point[1] for point in points]
        x, y = self._point((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
        seen = 0 <= x <= WIDTH - 20 and 10 <= y <= HEIGHT
        return Drawn("name", "", name, x, y) if seen else None

    def labels(self, places: Iterable[tuple[str, str]]) -> list[Drawn]:
        """The landmarks that can be seen, at most :data:`MOST_LABELS`."""
        found: list[Drawn] = []
        for name, geometry in places:
            shape = json.loads(geometry) if geometry else {}
            if shape.get("type") != "Point" or len(found) >= MOST_LABELS:
                continue
            x, y = self._point(*shape["coordinates"][:2])
            if 0 <= x <= WIDTH - 20 and 10 <= y <= HEIGHT:
                found.append(Drawn("landmark", "", name, x, y))
        return found


def _lines(shape: dict[str, object]) -> list[list[list[float]]]:
    match shape:
        case {"type": "LineString", "coordinates": list(line)}:
            return [line]
        case {"type": "Polygon" | "MultiLineString", "coordinates": list(lines)}:
            return lines
        case {"type": "MultiPolygon", "coordinates": list(parts)}:
            return [line for part in parts for line in part]
        case _:
            return []
