"""Hours as supervisors type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.calendar.hours import DAY_MINUTES, BadHours, Span, read_day, write_day


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("08:30-12:00 14:00-18:00", "08:30-12:00 14:00-18:00"),
        ("8:30-12:00", "08:30-12:00"),
        ("14:00-18:00,08:30-12:00", "08:30-12:00 14:00-18:00"),
        ("08:30 - 12:00", "08:30-12:00"),
        ("08：30－12：00、14：00至18：00", "08:30-12:00 14:00-18:00"),
        ("０８:３０-１２:００", "08:30-12:00"),
        ("22:00-06:00", "22:00-06:00"),
        ("00:00-24:00", "00:00-24:00"),
        ("09:00-00:00", "09:00-24:00"),
        ("09:00-09:00", "09:00-09:00"),
        ("24:00-08:00", "00:00-08:00"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_hours_are_read_however_they_are_typed(typed: str, kept: str) -> None:
    assert write_day(read_day(typed)) == kept


def test_an_end_before_its_start_is_the_next_days() -> None:
    assert read_day("22:00-06:00") == (Span(22 * 60, 30 * 60),)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("8-12", "hours_format"),
        ("08:30", "hours_format"),
        ("08:60-12:00", "hours_format"),
        ("08:00-24:01", "hours_format"),
        ("25:00-26:00", "hours_format"),
        ("上午", "hours_format"),
        ("08:00-12:00 11:00-13:00", "hours_overlap"),
        ("22:00-06:00 23:00-24:00", "hours_overlap"),
    ],
)
def test_what_is_no_time_of_day_is_refused_with_its_reason(typed: str, key: str) -> None:
    with pytest.raises(BadHours) as refused:
        read_day(typed)
    assert refused.value.key == key


@given(st.integers(0, DAY_MINUTES - 1), st.integers(1, DAY_MINUTES))
def test_whatever_is_written_is_read_again(start: int, length: int) -> None:
    day = (Span(start, start + length),)
    assert read_day(write_day(day)) == day
