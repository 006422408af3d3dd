"""Telephone numbers in logs and on screens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.masking import mask_name, mask_number, mask_text


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13812345678", "138****5678"),
        ("+8613812345678", "+86138****5678"),
        ("008613812345678", "0086138****5678"),
        ("057112345678", "057****5678"),
        ("02088886666", "020****6666"),
        ("88886666", "88****66"),
        ("12319", "12319"),
        ("110", "110"),
        ("1001", "1001"),
        ("", ""),
    ],
)
def test_numbers_of_people_are_masked_and_service_numbers_are_not(number: str, masked: str) -> None:
    assert mask_number(number) == masked


@given(st.from_regex(r"1[3-9]\d{9}", fullmatch=True), st.text(), st.text())
def test_no_mobile_number_survives_in_a_text(number: str, before: str, after: str) -> None:
    text = f"{before} {number} {after}"
    assert f" {number} " not in f" {mask_text(text)} "


@pytest.mark.parametrize(
    "text",
    ["case 2026112000017", "call pbx1-1763689411.12", "at 1763689411.123456", "seq 12345678901"],
)
def test_what_is_no_telephone_number_stays_readable(text: str) -> None:
    assert mask_text(text) == text


@given(st.text(alphabet="0123456789+-", max_size=20))
def test_masking_twice_is_masking_once(number: str) -> None:
    assert mask_text(mask_text(number)) == mask_text(number)


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        *(("王小明", "王**"), ("张伟", "张*"), ("王小明先生", "王****")),
        *((one, one) for one in ("王先生", "欧阳女士", "王", "***9f3a1c", "")),
    ],
)
def test_of_a_name_the_first_character_stays_unless_it_names_nobody(name: str, masked: str) -> None:
    assert mask_name(name) == masked
