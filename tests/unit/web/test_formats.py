"""How the pages write times, durations and numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.web import formats
from tests.databases import CITY, MORNING


def test_moments_are_the_citys() -> None:
    assert formats.moment(MORNING, CITY) == "2026-11-20 08:00"
    assert formats.moment_to_the_second(MORNING + 7, CITY) == "2026-11-20 08:00:07"
    assert formats.time_of_day(MORNING, CITY) == "08:00"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (59.9, "0:59"), (185, "3:05"), (3599, "59:59"), (3785, "1:03:05"), (-3, "0:00")],
)
def test_durations(seconds: float, text: str) -> None:
    assert formats.duration(seconds) == text


@given(st.floats(0, 1e6))
def test_a_duration_reads_back_as_its_whole_seconds(seconds: float) -> None:
    parts = [int(part) for part in formats.duration(seconds).split(":")]
    read = 0
    for part in parts:
        read = read * 60 + part
    assert read == int(seconds)


def test_rates_name_no_number_without_a_whole() -> None:
    assert formats.percent(911, 972) == "93.7 %"
    assert formats.percent(0, 0) == "—"
    assert formats.percent(0, 10) == "0.0 %"


def test_the_unknown_is_never_zero() -> None:
    assert formats.moment(None, CITY) == "—"
    assert formats.duration(None) == "—"
    assert formats.count(None) == "—"
    assert formats.phone("") == "—"
    assert formats.count(0) == "0"
    assert formats.count(12319) == "12,319"
