"""Asterisk's own statistics of a leg's audio, as ``CHANNEL(rtcp,all)`` gives them."""

from __future__ import annotations

from dataclasses import dataclass

FUNCTION = "CHANNEL(rtcp,all)"


@dataclass(frozen=True, slots=True)
class RtpStatistics:
    """One leg's packets, as the PBX counted them and as the other side reported.

    ``lost``: missing of those that should have been received; ``lost_there``: of those that we
    sent, None while the other side has not reported. Times in seconds.
    """

    received: int
    sent: int
    lost: int
    lost_there: int | None
    jitter_s: float
    round_trip_s: float | None


def read_statistics(text: str | None) -> RtpStatistics | None:
    """The statistics in Asterisk's words; None when there are none (a leg without audio yet)."""
    pairs = (item.partition("=") for item in (text or "").split(";"))
    values = {name.strip(): value for name, _, value in pairs}
    try:
        # A round trip is only known from the other side's reports.
        round_trip_s = float(values.get("rtt", "0")) or None
        reported = round_trip_s is not None
        return RtpStatistics(
            received=int(values["rxcount"]),
            sent=int(values["txcount"]),
            lost=int(values["lp"]),
            lost_there=int(values["rlp"]) if reported else None,
            jitter_s=float(values["rxjitter"]),
            round_trip_s=round_trip_s,
        )
    except (KeyError, ValueError):
        return None
