from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.storage.numbers import canonical, extension_of, maybe_same, variants

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
        ("+86 (0)571 8765 4321", "057187654321"),
        ("0086-010-65432100", "01065432100"),
        ("\uff11\uff13\uff18\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18", "13812345678"),
        ("\uff0b86\u3000138\uff0d1234\uff0d5678", "13812345678"),
        ("\u202d138 1234 5678\u202c", "13812345678"),
        ("(0571) 8765\u20144321", "057187654321"),
        ("+1 202 555 0100", "+12025550100"),
        ("8657187654321", "057187654321"),
        ("+86 400 820 8820", "4008208820"),
        ("400-820-8820", "4008208820"),
        ("571-87654321", "057187654321"),
        ("(10) 6543 2100", "01065432100"),
        ("\u30100571\u301187654321", "057187654321"),
        ("", ""),
    ],
)
def test_a_number_has_one_key_however_it_is_written(written: str, key: str) -> None:
    assert canonical(written) == key


@pytest.mark.parametrize(
    ("written", "line", "extension"),
    [
        ("0571-87654321\u8f6c801", "057187654321", "801"),
        ("0571-87654321 \u8f6c 801", "057187654321", "801"),
        ("87654321\uff08\u5206\u673a\uff1a801\uff09", "87654321", "801"),
        ("400-820-8820\u8f6c\uff11\uff12", "4008208820", "12"),
        ("+86 571 8765 4321 ext. 801", "057187654321", "801"),
        ("0571-87654321-801", "057187654321", "801"),
        ("13812345678\u8f6c1234", "13812345678", "1234"),
        ("0571-8765-4321", "057187654321", ""),
        ("138-1234-5678", "13812345678", ""),
        ("20261122-00001", "2026112200001", ""),
        ("+1-202-555-0100", "+12025550100", ""),
    ],
)
def test_an_extension_is_dialled_at_its_line(written: str, line: str, extension: str) -> None:
    assert (canonical(written), extension_of(written)) == (line, extension)


@given(number=MOBILES | LANDLINES)
def test_every_variant_of_a_number_has_its_key(number: str) -> None:
    assert {canonical(variant) for variant in variants(number)} == {canonical(number)}


@given(number=st.text(max_size=20))
def test_any_text_has_a_key_that_is_its_own_key(number: str) -> None:
    assert canonical(number) in variants(number)


SIGNS = st.text(alphabet=" -()\u3000\uff08\uff09\uff0d\u2014.", max_size=2)
WIDE = {ord(one): ord(one) + 0xFEE0 for one in "0123456789+"}


@given(number=MOBILES | LANDLINES, data=st.data())
def test_a_number_is_found_however_people_write_it(number: str, data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(variants(number)))
    written = "".join(one + data.draw(SIGNS) for one in form)
    if data.draw(st.booleans()):
        written = written.translate(WIDE)
    assert canonical(written) == canonical(number)


@given(one=MOBILES | LANDLINES, other=MOBILES | LANDLINES)
def test_two_numbers_have_no_way_of_writing_in_common(one: str, other: str) -> None:
    same = canonical(one) == canonical(other)
    assert bool(set(variants(one)) & set(variants(other))) is same


@given(number=st.text(max_size=20))
def test_a_key_is_its_own_key(number: str) -> None:
    assert canonical(canonical(number)) == canonical(number)


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("87654321", variants("057187654321")),
        ("57187654321", variants("057187654321")),
        ("0571 8765 4321", ("87654321", "57187654321")),
        ("010 6543 2100", ("1065432100",)),
        ("4008208820", ()),
        ("13812345678", ()),
        ("12319", ()),
    ],
)
def test_a_landline_without_its_area_code_may_be_the_same(
    number: str, found: tuple[str, ...]
) -> None:
    assert maybe_same(number, "0571") == found


def test_a_local_number_is_nobodys_where_the_city_is_unknown() -> None:
    assert maybe_same("87654321", "") == ()
    assert maybe_same("0571 8765 4321", "") == ("57187654321",)


@given(number=MOBILES | LANDLINES | st.text(max_size=12))
def test_what_may_be_the_same_is_never_what_is_certain(number: str) -> None:
    assert not set(maybe_same(number, "0571")) & set(variants(number))
