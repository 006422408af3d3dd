"""Where an address is: never a silent guess."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon, box

from hotline.registry.places.address import Gazetteer
from hotline.registry.places.atlas import Atlas
from hotline.registry.places.finding import Finding, find, suggest
from hotline.registry.places.geometry import metres_between
from hotline.registry.places.model import Kind, Place

# A town on the equator: two districts side by side, grids of a thousandth of a degree.
WEST, EAST = "990101", "990102"


def road(place_id: str, name: str, *points: tuple[float, float], numbers: tuple[int, int] = (1, 99),
         odd_side: str = "left", district: str = WEST) -> Place:  # fmt: skip
    return Place(
        Kind.ROAD, place_id, name, district=district,
        geometry=shapely.to_geojson(LineString(points)),
        first_number=numbers[0], last_number=numbers[1], odd_side=odd_side,
    )  # fmt: skip


def area(place_id: str, name: str, outline: Polygon) -> Place:
    return Place(Kind.DISTRICT, place_id, name, geometry=shapely.to_geojson(outline))


def town() -> list[Place]:
    grids = [
        Place(
            Kind.UNIT_GRID, f"{WEST if x < 5 else EAST}001001{x * 10 + y:03d}", "",
            district=WEST if x < 5 else EAST,
            geometry=shapely.to_geojson(box(x / 1e3, y / 1e3, (x + 1) / 1e3, (y + 1) / 1e3)),
        )
        for x in range(10) for y in range(10)
    ]  # fmt: skip
    return [
        *grids,
        area(WEST, "望川区", box(0, 0, 0.005, 0.01)),
        area(EAST, "云麓区", box(0.005, 0, 0.01, 0.01)),
        road("R1", "望江路", (0.0001, 0.0025), (0.0099, 0.0025)),
        road("R2", "听涛街", (0.0025, 0.0001), (0.0025, 0.0099)),
        road("R3", "青石巷", (0.0015, 0.006), (0.0045, 0.006), numbers=(1, 30), odd_side=""),
        road("R4", "知春路", (0.0005, 0.0085), (0.004, 0.0085)),
        road("R5", "知春路", (0.006, 0.0085), (0.0095, 0.0085), district=EAST),
        Place(Kind.LANDMARK, "L1", "望江路小学", aliases=("望小",),
              geometry=shapely.to_geojson(Point(0.0075, 0.0075))),
        Place(Kind.LANDMARK, "L2", "中心公园",
              geometry=shapely.to_geojson(box(0.0011, 0.0011, 0.0039, 0.0019))),
    ]  # fmt: skip


ATLAS = Atlas(town())
NAMES = Gazetteer(ATLAS)


def finding(address: str) -> Finding:
    return find(address, ATLAS, NAMES)


def doubts(address: str) -> tuple[str, ...]:
    found = finding(address)
    assert not found.certain
    return found.candidates[0].doubts


def test_a_road_and_a_house_number_are_certain_and_odd_ones_stand_on_their_side() -> None:
    odd, even = finding("望川区望江路25号").place, finding("望江路26号").place
    assert odd is not None
    assert even is not None
    assert odd.latitude > 0.0025 > even.latitude
    assert odd.whereabouts.grid == f"{WEST}001001022"
    assert [(word.word, word.how) for word in odd.evidence] == [
        ("望江路", "exact"), ("25号", "number"), ("望川区", "exact"),
    ]  # fmt: skip
    apart = metres_between((odd.longitude, odd.latitude), (even.longitude, even.latitude))
    assert 30 < apart < 40


@pytest.mark.parametrize(
    "said", ["望江路25号", "望江路２５号", "望江路 25 号", "望江路二十五号", "望江路25号3栋201室",
             "望江路25弄", "，望江路，25号。"],
)  # fmt: skip
def test_the_same_house_is_found_however_it_is_written(said: str) -> None:
    place = finding(said).place
    assert place is not None
    assert place.name == "望江路25号"


def test_a_crossing_of_two_roads_is_where_they_meet() -> None:
    for said in ("望江路与听涛街路口", "听涛街望江路交叉口", "望江路和听涛街的十字路口"):
        place = finding(said).place
        assert place is not None
        assert (place.longitude, place.latitude) == pytest.approx((0.0025, 0.0025))
    assert finding("望江路听涛街").candidates[0].doubts == ("crossing_unsaid",)


def test_roads_that_do_not_meet_are_two_roads_and_nothing_certain() -> None:
    found = finding("望江路与青石巷路口")
    assert {one.precision for one in found.candidates} == {"road"}
    assert not found.certain


def test_a_landmark_is_found_by_its_name_and_its_short_name() -> None:
    # 望江路小学 is not on 望江路.
    for said in ("望江路小学", "望小"):
        place = finding(said).place
        assert place is not None
        assert place.landmark == "望江路小学"
        assert place.whereabouts.grid == f"{EAST}001001077"


@pytest.mark.parametrize("said", ["望江路25号附近", "望江路小学对面", "听涛街20号往东五十米"])
def test_what_is_only_nearby_is_a_candidate_but_not_certain(said: str) -> None:
    assert "nearby" in doubts(said)


def test_two_roads_of_one_name_are_several_candidates_until_the_district_is_said() -> None:
    found = finding("知春路33号")
    assert [one.doubts for one in found.candidates] == [("several",), ("several",)]
    place = finding("云麓区知春路33号").place
    assert place is not None
    assert place.whereabouts.district == EAST


def test_a_house_number_that_the_road_has_not_got_is_not_certain() -> None:
    assert doubts("望江路999号") == ("no_such_number",)


def test_a_district_that_contradicts_the_road_is_a_doubt() -> None:
    assert "elsewhere" in doubts("云麓区听涛街20号")


def test_a_house_on_an_unknown_side_of_a_border_is_not_certain() -> None:
    # 青石巷 runs along the border of two rows of grids.
    assert doubts("青石巷10号") == ("side_unknown",)


def test_a_park_over_several_grids_is_not_certain() -> None:
    assert doubts("中心公园") == ("large",)


def test_a_name_that_only_sounds_alike_is_not_certain() -> None:
    found = finding("旺江路25号")
    assert found.candidates[0].name == "望江路25号"
    assert "sounds_alike" in found.candidates[0].doubts
    assert not found.certain


def test_an_area_alone_is_a_candidate_but_not_certain() -> None:
    found = finding("望川区")
    assert found.candidates[0].precision == "district"
    assert not found.certain


def test_an_address_that_nobody_knows_finds_nothing() -> None:
    assert finding("月球背面3号") == Finding()
    assert finding("") == Finding()


@pytest.mark.parametrize("typed", ["wangjiang", "wjl", "望江", "wangjianglu"])
def test_while_typing_names_come_by_characters_pinyin_and_initials(typed: str) -> None:
    found = suggest(typed, ATLAS, NAMES)
    assert "望江路" in [one.name for one in found.candidates]
    assert not found.certain


@pytest.mark.parametrize("typed", ["望jiang", "望j路", "wang江", "wj路", "w江lu"])
def test_characters_and_letters_may_be_mixed(typed: str) -> None:
    assert "望江路" in [one.name for one in suggest(typed, ATLAS, NAMES).candidates]


@pytest.mark.parametrize("typed", ["wangjianglu25", "wang jiang lu 25 hao", "wjl25", "望jl25号"])
def test_a_house_number_may_follow_a_roads_letters(typed: str) -> None:
    found = suggest(typed, ATLAS, NAMES)
    assert found.candidates[0].name == "望江路25号"
    assert "typed" in found.candidates[0].doubts
    assert not found.certain


def test_a_unit_grid_is_found_by_its_id() -> None:
    grid = f"{WEST}001001023"
    found = suggest(f"网格{grid}", ATLAS, NAMES)
    assert found.certain
    assert found.candidates[0].whereabouts.grid == grid
    typed = suggest(grid[:13], ATLAS, NAMES).candidates
    assert grid in [one.name for one in suggest(grid[:14], ATLAS, NAMES).candidates]
    assert all(one.doubts == ("typed",) for one in typed)
    assert finding("990101001001999") == Finding()


@given(
    st.text("望江路听涛街青石巷知春区云麓川与和口号弄附近对面小学0123456789一二十百 -", max_size=24)
)
def test_whatever_is_said_a_certain_answer_has_a_grid_evidence_and_no_doubt(said: str) -> None:
    found = suggest(said, ATLAS, NAMES)
    scores = [one.score for one in find(said, ATLAS, NAMES).candidates]
    assert scores == sorted(scores, reverse=True)
    if found.certain:
        best = found.candidates[0]
        assert best.whereabouts.grid
        assert best.evidence
        assert not best.doubts
        assert ATLAS.whereabouts(best.longitude, best.latitude) == best.whereabouts


@given(st.text(max_size=30) | st.text("望江路号0123456789一十百千零〇两#-", max_size=12))
def test_whatever_text_comes_it_is_answered(said: str) -> None:
    found = suggest(said, ATLAS, NAMES)
    assert len(found.candidates) <= 8
