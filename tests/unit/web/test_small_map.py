"""The small map shows what lies around a case, and nothing where nobody knows the place."""

from __future__ import annotations

import json

from hotline.registry.places.atlas import Atlas
from hotline.registry.places.model import Kind, Place
from hotline.web.small_map import HEIGHT, REACH_M, WIDTH, small_map

EAST, NORTH = 120.0, 30.0
GRID = "990101001001001"


def place(kind: Kind, name: str, shape: str, coordinates: object) -> Place:
    return Place(kind, name, name, geometry=json.dumps({"type": shape, "coordinates": coordinates}))


def square(side: float) -> list[list[list[float]]]:
    ends = ((-side, -side), (side, -side), (side, side), (-side, side), (-side, -side))
    return [[[EAST + x, NORTH + y] for x, y in ends]]


CITY = Atlas(
    (
        place(Kind.UNIT_GRID, GRID, "Polygon", square(0.0005)),
        place(Kind.ROAD, "霁月路", "LineString", [[EAST - 1, NORTH], [EAST + 1, NORTH]]),
        place(Kind.ROAD, "远方路", "LineString", [[EAST, NORTH + 1], [EAST + 1, NORTH + 1]]),
        place(Kind.LANDMARK, "公园", "Point", [EAST + 0.001, NORTH]),
        place(Kind.LANDMARK, "山外", "Point", [EAST + 0.1, NORTH]),
    )
)


def test_the_grid_the_roads_and_the_landmarks_around_a_point_are_drawn_at_their_distance() -> None:
    drawn = small_map(CITY, EAST, NORTH, GRID)
    assert drawn is not None
    assert [(one.kind, one.name) for one in drawn.drawn] == [
        ("grid", ""),
        ("road", "霁月路"),
        ("landmark", "公园"),
    ]
    park = drawn.drawn[-1]
    # A thousandth of a degree is 96.4 m there.
    assert abs(park.x - WIDTH / 2 - 96.4 / REACH_M * WIDTH / 2) < 1
    assert park.y == HEIGHT / 2


def test_without_a_point_or_a_city_there_is_no_map() -> None:
    assert small_map(CITY, None, None, GRID) is None
    assert small_map(Atlas(), EAST, NORTH, GRID) is None
