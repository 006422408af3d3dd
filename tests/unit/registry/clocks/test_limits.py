"""Time limits as people write them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.registry.clocks.limits import BadLimit, Limit, Unit, read_limit


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("4工作时", "4工作时"),
        (" ４ 工作时 ", "4工作时"),
        ("2紧急工作时", "2紧急工作时"),
        ("5工作日", "5工作日"),
        ("3自然日", "3自然日"),
        ("0.5工作时", "0.5工作时"),
        ("1.50 工作小时", "1.5工作时"),
        ("4小时", "4工作时"),
        ("2天", "2工作日"),
        ("2日", "2工作日"),
        ("2紧急工作日", "2自然日"),
        ("90分钟", "1.5工作时"),
        ("20分钟", "20工作分钟"),
        ("20紧急分钟", "20紧急工作分钟"),
        ("4 working hours", "4工作时"),
        ("1 Working Hour", "1工作时"),
        ("2 urgent-hours", "2紧急工作时"),
        ("5d", "5工作日"),
        ("3 calendar days", "3自然日"),
    ],
)
def test_a_limit_is_read_however_it_is_written(written: str, canonical: str) -> None:
    assert read_limit(written).text() == canonical


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("", "limit_format"),
        ("工作时", "limit_format"),
        ("4", "limit_format"),
        ("-4工作时", "limit_format"),
        ("4.工作时", "limit_format"),
        ("4周", "limit_format"),
        ("1e3工作时", "limit_format"),
        ("nan工作时", "limit_format"),
        ("0工作时", "limit_zero"),
        ("0.5工作日", "limit_whole"),
        ("999999工作时", "limit_long"),
        ("3661自然日", "limit_long"),
    ],
)
def test_what_is_no_limit_is_refused_with_its_reason(written: str, key: str) -> None:
    with pytest.raises(BadLimit) as refused:
        read_limit(written)
    assert refused.value.key == key


@given(st.sampled_from(Unit), st.integers(1, 3000))
def test_every_limit_is_read_back_as_it_was_written(unit: Unit, amount: int) -> None:
    limit = Limit(Fraction(amount) if unit.in_days else Fraction(amount, 60), unit)
    assert read_limit(limit.text()) == limit == read_limit(limit.text("en"))
