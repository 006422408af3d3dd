from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.storage.numbers import canonical, variants

MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
LANDLINES = st.from_regex(r"0((10|2[0-9])[0-9]{8}|[3-9][0-9]{2}[0-9]{7,8})", fullmatch=True)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("13812345678", "13812345678"),
        ("+86 138-1234-5678", "13812345678"),
        ("008613812345678", "13812345678"),
        ("8613812345678", "13812345678"),
        ("013812345678", "13812345678"),
        ("+86 571 8765 4321", "057187654321"),
        ("+861065432100", "01065432100"),
        ("0571-87654321", "057187654321"),
        ("87654321", "87654321"),
        ("86543210", "86543210"),
        ("12319", "12319"),
        ("+1 202 555 0100", "+12025550100"),
        ("", ""),
    ],
)
def test_a_number_has_one_key_however_it_is_written(written: str, key: str) -> None:
    assert canonical(written) == key


@given(number=MOBILES | LANDLINES)
def test_every_variant_of_a_number_has_its_key(number: str) -> None:
    assert {canonical(variant) for variant in variants(number)} == {canonical(number)}


@given(number=st.text(max_size=20))
def test_any_text_has_a_key_that_is_its_own_key(number: str) -> None:
    assert canonical(number) in variants(number)
