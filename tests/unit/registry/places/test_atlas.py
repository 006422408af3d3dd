"""Which areas a point lies in, held against asking every outline one by one."""

from __future__ import annotations

import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point, box

from hotline.registry.places.atlas import Atlas
from hotline.registry.places.model import AREAS, Kind, Place, Whereabouts


def area(kind: Kind, place_id: str, bounds: tuple[float, float, float, float]) -> Place:
    return Place(kind, place_id, place_id, geometry=shapely.to_geojson(box(*bounds)))


# Whole numbers, so that borders and corners are met often.
numbers = st.integers(0, 6).map(float)
corners = st.tuples(numbers, numbers, st.integers(1, 4), st.integers(1, 4))
cities = st.lists(st.tuples(st.sampled_from(AREAS), corners), max_size=25).map(
    lambda drawn: [
        area(kind, f"{number:02d}", (x, y, x + width, y + height))
        for number, (kind, (x, y, width, height)) in enumerate(drawn)
    ]
)


def slowly(places: list[Place], kind: Kind, x: float, y: float) -> str:
    """The smallest id among all areas that touch the point."""
    return min(
        (
            place.place_id
            for place in places
            if place.kind is kind and shapely.from_geojson(place.geometry).intersects(Point(x, y))
        ),
        default="",
    )


@given(cities, numbers | st.floats(-1, 11), numbers | st.floats(-1, 11))
def test_a_point_lies_where_asking_every_outline_says(
    places: list[Place], x: float, y: float
) -> None:
    found = Atlas(places).whereabouts(x, y)
    assert found == Whereabouts(
        grid=slowly(places, Kind.UNIT_GRID, x, y),
        duty_grid=slowly(places, Kind.DUTY_GRID, x, y),
        community=slowly(places, Kind.COMMUNITY, x, y),
        street=slowly(places, Kind.STREET, x, y),
        district=slowly(places, Kind.DISTRICT, x, y),
    )


@given(cities, st.randoms(use_true_random=False))
def test_a_point_on_a_border_is_in_the_same_area_in_whatever_order_they_came(
    places: list[Place], dice: object
) -> None:
    shuffled = list(places)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    for x in range(7):
        assert Atlas(places).whereabouts(x, x) == Atlas(shuffled).whereabouts(x, x)


def test_a_grid_says_what_it_belongs_to_before_the_larger_outlines_are_asked() -> None:
    grid = Place(
        Kind.UNIT_GRID,
        "1" * 15,
        "",
        street="S2",
        geometry=shapely.to_geojson(box(0, 0, 1, 1)),
    )
    streets = [area(Kind.STREET, "S1", (0, 0, 2, 2)), area(Kind.STREET, "S2", (5, 5, 6, 6))]
    districts = [area(Kind.DISTRICT, "D1", (0, 0, 9, 9))]
    found = Atlas([grid, *streets, *districts]).whereabouts(0.5, 0.5)
    assert (found.grid, found.street, found.district) == ("1" * 15, "S2", "D1")


def test_a_point_outside_of_the_city_is_in_nothing_and_says_so() -> None:
    found = Atlas([area(Kind.DISTRICT, "D1", (0, 0, 1, 1))]).whereabouts(7, 7)
    assert found.outside
    assert found == Whereabouts()
    assert Atlas().whereabouts(0, 0).outside
