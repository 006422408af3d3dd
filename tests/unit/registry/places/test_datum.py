"""Chinese maps' coordinates and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.registry.places.datum import Crs, from_wgs84, to_wgs84
from hotline.registry.places.geometry import metres_between


@pytest.mark.parametrize("crs", list(Crs))
@given(longitude=st.floats(74, 134), latitude=st.floats(18, 53))
def test_there_and_back_is_the_same_point_to_a_centimetre(
    crs: Crs, longitude: float, latitude: float
) -> None:
    there = from_wgs84(crs, longitude, latitude)
    back = to_wgs84(crs, *there)
    assert metres_between(back, (longitude, latitude)) < 0.01


def test_the_shift_is_the_published_one() -> None:
    # eviltransform's own test data: Shanghai.
    there = from_wgs84(Crs.GCJ02, 121.38, 31.11)
    assert there == pytest.approx((121.3841, 31.1080), abs=0.002)
    assert 300 < metres_between(there, (121.38, 31.11)) < 700


def test_cgcs2000_is_taken_as_it_is() -> None:
    assert to_wgs84(Crs.CGCS2000, 118.5, 31.5) == (118.5, 31.5)


def test_outside_of_china_nothing_is_shifted() -> None:
    assert from_wgs84(Crs.GCJ02, -70.0, 40.0) == (-70.0, 40.0)
