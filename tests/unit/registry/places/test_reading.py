"""Files of places: what is taken in, and what each wrong row is told."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.registry.places.datum import Crs, from_wgs84
from hotline.registry.places.model import BadFile, Kind, Place
from hotline.registry.places.reading import Known, read_places, written
from hotline.registry.places.sample import SampleCity

STREET = Place(Kind.STREET, "990101001", "青溪街道", district="990101")
COMMUNITY = Place(Kind.COMMUNITY, "990101001001", "和园社区", street="990101001", district="990101")
KNOWN: Known = {
    Kind.STREET: {STREET.place_id: STREET},
    Kind.COMMUNITY: {COMMUNITY.place_id: COMMUNITY},
}
GRID = "990101001001001"


def faults_of(text: str, kind: Kind = Kind.UNIT_GRID) -> set[tuple[int, str, str]]:
    with pytest.raises(BadFile) as refused:
        read_places(text, kind, Crs.WGS84, KNOWN)
    return {(one.row, one.field, one.fault) for one in refused.value.faults}


def test_corners_wkt_and_geojson_say_the_same() -> None:
    corners = f"id,community,west,south,east,north\n{GRID},990101001001,118,31,118.001,31.001\n"
    ring = "118 31, 118.001 31, 118.001 31.001, 118 31.001, 118 31"
    wkt = f'ID,Community,WKT\n{GRID},990101001001,"POLYGON(({ring}))"\n'
    points = [[float(x) for x in point.split()] for point in ring.split(", ")]
    feature = {
        "type": "Feature",
        "properties": {"id": int(GRID), "community": "990101001001"},
        "geometry": {"type": "Polygon", "coordinates": [points]},
    }
    geojson = json.dumps({"type": "FeatureCollection", "features": [feature]})
    found = [
        read_places(text, Kind.UNIT_GRID, Crs.WGS84, KNOWN) for text in (corners, wkt, geojson)
    ]
    for (place,) in found:
        assert place.place_id == GRID
        # What the file leaves out comes from the community.
        assert (place.community, place.street, place.district) == (
            "990101001001", "990101001", "990101",
        )  # fmt: skip


def test_each_wrong_row_is_named_with_what_is_wrong() -> None:
    bow = '"POLYGON((0 0, 1 1, 1 0, 0 1, 0 0))"'
    good = '"POLYGON((0 0, 1 0, 1 1, 0 0))"'
    rows = [
        "id,community,wkt",
        f"{GRID},,{good}",
        f"{GRID},,{good}",
        f"12345,,{good}",
        f"99010100100100X,,{good}",
        f",,{good}",
        f"990101001001002,990101001009,{good}",
        f"990101001001003,,{bow}",
        "990101001001004,,nonsense",
        "990101001001005,,",
        "990101001001006,,POINT(0 0)",
        '990101001001007,,"POLYGON((0 0, 999 0, 1 1, 0 0))"',
    ]
    assert faults_of("\n".join(rows)) == {
        (3, "id", "duplicate"),
        (4, "id", "wrong_length"),
        (5, "id", "not_digits"),
        (6, "id", "required"),
        (7, "community", "unknown_parent"),
        (8, "geometry", "crosses_itself"),
        (9, "geometry", "bad_geometry"),
        (10, "geometry", "no_geometry"),
        (11, "geometry", "wrong_geometry"),
        (12, "geometry", "no_place_on_earth"),
    }


def test_a_road_needs_a_name_and_numbers_that_are_a_range() -> None:
    rows = [
        "id,name,first_number,last_number,odd_side,wkt",
        'R1,,1,9,left,"LINESTRING(0 0,1 0)"',
        'R2,甲路,9,1,,"LINESTRING(0 0,1 0)"',
        'R3,乙路,1,,,"LINESTRING(0 0,1 0)"',
        'R4,丙路,1,9,up,"LINESTRING(0 0,1 0)"',
    ]
    assert faults_of("\n".join(rows), Kind.ROAD) == {
        (2, "name", "required"),
        (3, "first_number", "number_range"),
        (4, "first_number", "number_range"),
        (5, "odd_side", "odd_side"),
    }


@pytest.mark.parametrize(
    "text", ["", "id,wkt\n", '{"type":"FeatureCollection","features":[]}', "{}"]
)
def test_a_file_without_rows_is_refused(text: str) -> None:
    assert ("empty" in {fault for _, _, fault in faults_of(text)}) is True


def test_json_that_breaks_off_is_refused() -> None:
    assert faults_of('{"features": [') == {(1, "", "bad_geometry")}


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["features", "type", "geometry", "properties", "coordinates", "id"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_whatever_json_comes_is_read_or_refused_and_nothing_else(value: object) -> None:
    text = json.dumps({"type": "FeatureCollection", "features": [value]})
    with suppress(BadFile):
        read_places(text, Kind.COMMUNITY, Crs.WGS84, KNOWN)


def test_points_of_a_chinese_map_are_brought_back_when_asked() -> None:
    x, y = from_wgs84(Crs.GCJ02, 118.5, 31.5)
    text = f"id,name,longitude,latitude\nL1,公园,{x!r},{y!r}\n"
    (place,) = read_places(text, Kind.LANDMARK, Crs.GCJ02, KNOWN)
    assert json.loads(place.geometry)["coordinates"] == pytest.approx([118.5, 31.5], abs=1e-6)
    (plain,) = read_places(text, Kind.LANDMARK, Crs.WGS84, KNOWN)
    assert json.loads(plain.geometry)["coordinates"] == [x, y]


def test_what_is_written_is_read_again(city: SampleCity) -> None:
    known: dict[Kind, dict[str, Place]] = {kind: {} for kind in Kind}
    for kind in Kind:
        places = [place for place in city.places if place.kind is kind]
        assert read_places(written(places), kind, Crs.WGS84, known) == places
        known[kind] = {place.place_id: place for place in places}
