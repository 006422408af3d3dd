"""Asterisk's statistics of a leg, as its dialplan function writes them."""

from __future__ import annotations

import pytest

from hotline.telephony.rtp import RtpStatistics, read_statistics

# As Asterisk 22.10 wrote them in a talk.
SEEN = (
    "ssrc=1497453437;themssrc=2891234;lp=3;rxjitter=0.002250;rxcount=297;txjitter=0.001000;"
    "txcount=300;rlp=1;rtt=0.021000;rxmes=87.99;txmes=87.99"
)


def test_the_statistics_of_a_leg_are_read() -> None:
    assert read_statistics(SEEN) == RtpStatistics(297, 300, 3, 1, 0.00225, 0.021)


def test_what_the_other_side_has_not_reported_is_unknown() -> None:
    seen = read_statistics(SEEN.replace("rtt=0.021000", "rtt=0.000000").replace("rlp=1", "rlp=0"))
    assert seen is not None
    assert (seen.lost_there, seen.round_trip_s) == (None, None)


@pytest.mark.parametrize("text", [None, "", "ssrc=1", SEEN.replace("297", "many")])
def test_a_leg_without_audio_has_none(text: str | None) -> None:
    assert read_statistics(text) is None
