"""How alike two cases are."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hotline.registry.similar.engine import clusters, compare
from hotline.registry.similar.model import Look, Rules

RULES = Rules()
LAMP = Look(
    at=1000.0,
    standard="s",
    category_code="c0301",
    longitude=118.5,
    latitude=31.5,
    grid="990101001001001",
    address="望江路25号",
    description="路灯不亮",
)
# About ten metres to the north.
TEN_METRES = 0.00009

looks = st.builds(
    Look,
    at=st.floats(0, 200_000),
    standard=st.sampled_from(["s", "t"]),
    category_code=st.sampled_from(["c1", "c2", None]),
    longitude=st.none() | st.floats(118.5, 118.502),
    latitude=st.none() | st.floats(31.5, 31.502),
    grid=st.sampled_from(["", "g1", "g2"]),
    address=st.sampled_from(["", "望江路25号", "望江路25号门口", "听涛街3号"]),
    description=st.text("路灯不亮井盖坏了", max_size=8),
)


def test_the_same_lamp_told_by_two_neighbours_is_found() -> None:
    other = replace(LAMP, at=5000.0, latitude=31.5 + TEN_METRES, description="门口路灯不亮了")
    evidence = compare(LAMP, other, RULES)
    assert evidence is not None
    assert evidence.score > 80
    assert evidence.metres == 10.0
    assert evidence.same_class


def test_another_class_another_street_or_another_day_is_not() -> None:
    assert compare(LAMP, replace(LAMP, category_code="c0101"), RULES) is None
    assert compare(LAMP, replace(LAMP, standard="t"), RULES) is None
    assert compare(LAMP, replace(LAMP, latitude=31.5 + 6 * TEN_METRES), RULES) is None
    assert compare(LAMP, replace(LAMP, at=LAMP.at + 86_401), RULES) is None


def test_without_points_the_words_of_the_address_stand_for_the_distance() -> None:
    blind = replace(LAMP, longitude=None, latitude=None, grid="")
    near = compare(LAMP, replace(blind, address="望江路 25 号门口"), RULES)
    assert near is not None
    assert near.metres is None
    assert near.address > 80
    assert compare(LAMP, replace(blind, address="听涛街3号", description="灯"), RULES) is None


def test_one_grid_and_one_class_with_like_words_are_similar_without_a_point() -> None:
    blind = replace(LAMP, longitude=None, latitude=None, address="")
    evidence = compare(LAMP, blind, RULES)
    assert evidence is not None
    assert evidence.same_grid


def test_a_form_without_a_class_yet_is_compared_by_place_and_words() -> None:
    assert compare(replace(LAMP, category_code=None), LAMP, RULES) is not None


@given(looks, looks)
def test_likeness_is_mutual_and_between_bounds(one: Look, other: Look) -> None:
    evidence = compare(one, other, RULES)
    assert evidence == compare(other, one, RULES)
    if evidence is not None:
        assert 45 <= evidence.score <= 100
        assert evidence.metres is None or evidence.metres <= RULES.metres + 0.1
        assert evidence.hours <= RULES.seconds / 3600


@given(looks)
def test_nothing_is_more_alike_than_the_same_again(look: Look) -> None:
    same = compare(look, look, RULES)
    near = compare(look, replace(look, at=look.at + 3600), RULES)
    if near is not None:
        assert same is not None
        assert near.score <= same.score


@given(st.dictionaries(st.integers(0, 99), looks, max_size=12), st.randoms())
def test_a_matter_holds_each_case_once_and_does_not_depend_on_the_order(
    found: dict[int, Look], dice: object
) -> None:
    shuffled = list(found.items())
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    together = clusters(found, RULES)
    assert clusters(dict(shuffled), RULES) == together
    held = [key for one in together for key in one]
    assert len(held) == len(set(held))
    for one in together:
        assert len(one) > 1
        assert len({(found[key].standard, found[key].category_code) for key in one}) == 1
        assert found[one[0]].at == min(found[key].at for key in one)
