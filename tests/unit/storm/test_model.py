"""What a storm may be, and who counts as the same caller."""

from __future__ import annotations

import pytest

from hotline.storm.model import LONGEST_S, StormFault, StormWords, key_of, read_places

NOW = 1795132800.0


def words(text: str = "人民路积水", ends: float = 3600, **more: object) -> StormWords:
    return StormWords(text, str(more.get("en", "")), ("人民路",), NOW + ends)


@pytest.mark.parametrize(
    ("typed", "field", "key"),
    [
        (words(text="  "), "text_zh", "required"),
        (words(text="水" * 301), "text_zh", "too_long"),
        (words(en="x" * 301), "text_en", "too_long"),
        (words(ends=0), "ends_at", "until_past"),
        (words(ends=LONGEST_S + 1), "ends_at", "storm_too_long"),
        (StormWords("积水", "", ("路",) * 1 + ("长" * 61,), NOW + 60), "places", "too_long"),
    ],
)
def test_a_storm_that_cannot_be_is_refused(typed: StormWords, field: str, key: str) -> None:
    with pytest.raises(StormFault) as refused:
        typed.checked(NOW)
    assert refused.value.faults == {field: key}


def test_two_days_are_the_most() -> None:
    assert words(ends=LONGEST_S).checked(NOW).ends_at == NOW + LONGEST_S


def test_places_are_read_from_lines_and_commas_each_once() -> None:
    places = read_places("人民路、解放路，中山路\n\n人民路; ")
    kept = StormWords("积水", "", places, NOW + 60).checked(NOW).places
    assert kept == ("人民路", "解放路", "中山路")


@pytest.mark.parametrize(
    ("calling", "key"),
    [
        ("13800138000", "13800138000"),
        ("+86 138-0013-8000", "13800138000"),
        ("013800138000", "13800138000"),
        ("", ""),
        ("anonymous", ""),
    ],
)
def test_a_number_is_the_same_however_the_trunk_presents_it(calling: str, key: str) -> None:
    assert key_of(calling) == key
