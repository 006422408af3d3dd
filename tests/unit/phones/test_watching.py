"""The journal's word on lines, from Asterisk's statistics."""

from __future__ import annotations

from hotline.phones.limits import Light, Line
from hotline.phones.watching import line_of
from hotline.telephony.rtp import RtpStatistics


def test_a_line_is_as_lossy_as_its_worse_direction() -> None:
    seen = RtpStatistics(950, 1000, 50, 20, 0.002, 0.03)
    assert line_of(seen) == Line(0.05, 2.0, 30.0)
    assert line_of(seen).light is Light.POOR


def test_packets_that_came_twice_are_no_loss() -> None:
    assert line_of(RtpStatistics(1001, 1000, -1, 0, 0.0, 0.01)).loss == 0.0


def test_a_leg_on_which_nothing_came_has_no_jitter() -> None:
    line = line_of(RtpStatistics(0, 0, 0, None, 0.0, None))
    assert line == Line(None, None, None)
    assert line.light is None
