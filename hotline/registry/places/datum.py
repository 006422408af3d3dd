"""Coordinates of Chinese maps made WGS 84.

GCJ-02 (国测局) shifts WGS 84 by a polynomial that is known by practice only; BD-09 (百度) shifts
GCJ-02 once more. The formulas are those of the open project *eviltransform* (MIT licence,
github.com/googollee/eviltransform). The way back has no closed form: it is found by iteration, to
about a centimetre. CGCS2000 differs from WGS 84 by centimetres and is taken as it is.
"""

from __future__ import annotations

from enum import StrEnum
from math import atan2, cos, hypot, pi, sin, sqrt

# Krasovsky's ellipsoid, as the published formulas have it.
_AXIS_M = 6378245.0
_ECCENTRICITY2 = 0.00669342162296594323
_BAIDU = pi * 3000.0 / 180.0
_ROUNDS = 8


class Crs(StrEnum):
    """What a file's coordinates are."""

    WGS84 = "wgs84"
    CGCS2000 = "cgcs2000"
    GCJ02 = "gcj02"
    BD09 = "bd09"


def to_wgs84(crs: Crs, longitude: float, latitude: float) -> tuple[float, float]:
    """A point of ``crs`` in WGS 84 degrees."""
    if crs is Crs.BD09:
        longitude, latitude = _bd09_to_gcj02(longitude, latitude)
    if crs in {Crs.GCJ02, Crs.BD09}:
        return _gcj02_to_wgs84(longitude, latitude)
    return longitude, latitude


def from_wgs84(crs: Crs, longitude: float, latitude: float) -> tuple[float, float]:
    """A point of WGS 84 in ``crs``."""
    if crs in {Crs.GCJ02, Crs.BD09}:
        longitude, latitude = _wgs84_to_gcj02(longitude, latitude)
    if crs is Crs.BD09:
        return _gcj02_to_bd09(longitude, latitude)
    return longitude, latitude


def _wgs84_to_gcj02(longitude: float, latitude: float) -> tuple[float, float]:
    if _abroad(longitude, latitude):
        return longitude, latitude
    x, y = longitude - 105.0, latitude - 35.0
    shift_x, shift_y = _shift_x(x, y), _shift_y(x, y)
    angle = latitude * pi / 180.0
    magic = 1 - _ECCENTRICITY2 * sin(angle) ** 2
    root = sqrt(magic)
    d_longitude = shift_x * 180.0 / (_AXIS_M / root * cos(angle) * pi)
    d_latitude = shift_y * 180.0 / (_AXIS_M * (1 - _ECCENTRICITY2) / (magic * root) * pi)
    return longitude + d_longitude, latitude + d_latitude


def _gcj02_to_wgs84(longitude: float, latitude: float) -> tuple[float, float]:
    guess = longitude, latitude
    for _ in range(_ROUNDS):
        there = _wgs84_to_gcj02(*guess)
        guess = guess[0] + longitude - there[0], guess[1] + latitude - there[1]
    return guess


def _gcj02_to_bd09(longitude: float, latitude: float) -> tuple[float, float]:
    radius = hypot(longitude, latitude) + 0.00002 * sin(latitude * _BAIDU)
    angle = atan2(latitude, longitude) + 0.000003 * cos(longitude * _BAIDU)
    return radius * cos(angle) + 0.0065, radius * sin(angle) + 0.006


def _bd09_to_gcj02(longitude: float, latitude: float) -> tuple[float, float]:
    guess = longitude - 0.0065, latitude - 0.006
    for _ in range(_ROUNDS):
        there = _gcj02_to_bd09(*guess)
        guess = guess[0] + longitude - there[0], guess[1] + latitude - there[1]
    return guess


def _abroad(longitude: float, latitude: float) -> bool:
    """Outside of the rectangle in which the shift is defined."""
    return not (72.004 <= longitude <= 137.8347 and 0.8293 <= latitude <= 55.8271)


def _common(x: float) -> float:
    return (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0


def _shift_x(x: float, y: float) -> float:
    shift = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    shift += _common(x)
    shift += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    return shift + (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x * pi / 30.0)) * 2.0 / 3.0


def _shift_y(x: float, y: float) -> float:
    shift = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    shift += _common(x)
    shift += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    return shift + (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
