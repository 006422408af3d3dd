"""When a line is good, fair and poor."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.phones.limits import JITTER_MS, LOSS, ROUND_TRIP_MS, Light, Line, for_pages

readings = st.none() | st.floats(0, 2000)


@pytest.mark.parametrize(
    ("line", "light"),
    [
        (Line(0.0, 3.0, 20.0), Light.GOOD),
        (Line(0.0099, 29.0, 299.0), Light.GOOD),
        (Line(0.01, 3.0, 20.0), Light.FAIR),
        (Line(0.0, 30.0, 20.0), Light.FAIR),
        (Line(0.0, 3.0, 300.0), Light.FAIR),
        (Line(0.05, 3.0, 20.0), Light.POOR),
        (Line(0.0, 50.0, 20.0), Light.POOR),
        (Line(0.0, 3.0, 800.0), Light.POOR),
        (Line(None, 3.0, None), Light.GOOD),
        (Line(), None),
    ],
)
def test_a_line_is_as_good_as_its_worst_reading(line: Line, light: Light | None) -> None:
    assert line.light is light


def test_the_limits_are_those_of_the_recommendations() -> None:
    # Twice G.114's one-way times; G.109's 80 lies between the two shares of loss.
    assert (ROUND_TRIP_MS.fair, ROUND_TRIP_MS.poor) == (2 * 150, 2 * 400)
    assert rating(LOSS.fair) > 80 > rating(LOSS.poor)
    assert JITTER_MS.poor == 50


def rating(loss: float) -> float:
    """G.107's R of G.711 with concealment at a share of random loss, without delay."""
    percent = loss * 100
    return 93.2 - 95 * percent / (percent + 25.1)


@given(readings, readings, readings)
def test_an_unknown_reading_makes_no_line_worse(
    loss: float | None, jitter: float | None, trip: float | None
) -> None:
    order = [None, Light.GOOD, Light.FAIR, Light.POOR]
    whole = order.index(Line(loss, jitter, trip).light)
    assert order.index(Line(None, jitter, trip).light) <= whole


def test_the_pages_are_given_the_same_numbers() -> None:
    assert for_pages()["loss"] == {"fair": LOSS.fair, "poor": LOSS.poor}
    assert set(for_pages()) == {"loss", "jitter_ms", "round_trip_ms"}
