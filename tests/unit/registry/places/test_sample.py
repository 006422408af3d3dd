"""The city that does not exist."""

from __future__ import annotations

from collections import Counter

import shapely

from hotline.registry.places.atlas import Atlas
from hotline.registry.places.model import AREAS, Kind
from hotline.registry.places.sample import SampleCity, sample_city


def test_it_has_what_the_demo_needs(city: SampleCity) -> None:
    counts = Counter(place.kind for place in city.places)
    assert counts[Kind.DISTRICT] == 6
    assert counts[Kind.STREET] == 37
    assert counts[Kind.COMMUNITY] == 222
    assert counts[Kind.DUTY_GRID] == 74
    assert counts[Kind.UNIT_GRID] >= 8000
    assert counts[Kind.ROAD] >= 60
    assert counts[Kind.LANDMARK] >= 200
    assert Counter(unit.kind for unit in city.units) == {
        "department": 24, "company": 6, "district": 8,
    }  # fmt: skip


def test_the_same_seed_draws_the_same_city(city: SampleCity) -> None:
    assert sample_city(1) == city


def test_every_grid_lies_in_what_it_says_it_belongs_to(city: SampleCity) -> None:
    by_id = {(place.kind, place.place_id): place for place in city.places}
    outlines = {
        key: shapely.from_geojson(place.geometry).buffer(1e-7)
        for key, place in by_id.items()
        if place.kind in AREAS
    }
    for outline in outlines.values():
        shapely.prepare(outline)
    for place in city.places:
        if place.kind is not Kind.UNIT_GRID:
            continue
        assert place.place_id.startswith(place.community)
        middle = outlines[place.kind, place.place_id].representative_point()
        for kind in (Kind.DISTRICT, Kind.STREET, Kind.COMMUNITY, Kind.DUTY_GRID):
            assert outlines[kind, getattr(place, kind.value)].contains(middle)


def test_names_are_given_once_and_grids_are_about_a_hectare(city: SampleCity) -> None:
    for kind in (Kind.DISTRICT, Kind.STREET, Kind.COMMUNITY, Kind.DUTY_GRID, Kind.LANDMARK):
        names = [place.name for place in city.places if place.kind is kind]
        assert len(names) == len(set(names))
    grids = [place.geometry for place in city.places if place.kind is Kind.UNIT_GRID]
    # A hectare in square degrees at this latitude.
    areas = shapely.area(shapely.from_geojson(grids)) / (1e4 / (111_320 * 94_916))
    assert 0.7 < float(areas.mean()) < 1.1


def test_no_grid_overlaps_another(city: SampleCity) -> None:
    grids = [place.geometry for place in city.places if place.kind is Kind.UNIT_GRID]
    outlines = shapely.from_geojson(grids)
    whole = shapely.union_all(outlines, grid_size=1e-8)
    assert abs(float(shapely.area(outlines).sum()) / whole.area - 1) < 1e-5


def test_the_river_belongs_to_no_grid(atlas: Atlas) -> None:
    outside = [x for x in range(-50, 50) if atlas.whereabouts(118.5, 31.5 + x / 1000).outside]
    inside = [x for x in range(-50, 50) if x not in outside]
    assert min(inside) < min(x for x in outside if x > min(inside)) < max(inside)
