"""From when on a line is fair, and from when on poor. Pure; the pages are given the same numbers.

======== ======== ======== =================================================================
what     fair at  poor at  where the numbers come from
======== ======== ======== =================================================================
loss     1 %      5 %      Fair: what planning guides for voice allow at most (Cisco's QoS
                           design guides: 1 %). Poor: by ITU-T G.107 and G.113 (G.711 with
                           concealment, Bpl 25.1) 5 % of random loss takes the rating R from
                           93 to 77, below 80, where users stop being satisfied (G.109).
jitter   30 ms    50 ms    Fair: the same guides (30 ms). Poor: ITU-T Y.1541 bounds the
                           variation of delay by 50 ms in the classes for conversation.
round    300 ms   800 ms   Twice the one-way times of ITU-T G.114: 150 ms goes unnoticed in
trip                       most uses, above 400 ms people talk over one another.
======== ======== ======== =================================================================
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum


class Light(StrEnum):
    """How good a line is, as the quality light shows it."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


@dataclass(frozen=True, slots=True)
class Limit:
    """At ``fair`` a reading stops being good, at ``poor`` it is poor."""

    fair: float
    poor: float

    def light(self, reading: float | None) -> Light | None:
        """What a reading means; None for one that nobody has."""
        if reading is None:
            return None
        if reading >= self.poor:
            return Light.POOR
        return Light.FAIR if reading >= self.fair else Light.GOOD


LOSS = Limit(0.01, 0.05)
JITTER_MS = Limit(30.0, 50.0)
ROUND_TRIP_MS = Limit(300.0, 800.0)

# How long the PBX hears nothing at all from a web phone before it ends that leg, and the caller is
# held with music: a page that reloads says so itself, a network that is cut says nothing.
DEAF_S = 8

_ORDER = (Light.GOOD, Light.FAIR, Light.POOR)


@dataclass(frozen=True, slots=True)
class Line:
    """How a line was: ``loss`` as a share (0 to 1), the worse of both directions, times in
    milliseconds. None: nobody knows."""

    loss: float | None = None
    jitter_ms: float | None = None
    round_trip_ms: float | None = None

    @property
    def light(self) -> Light | None:
        """The worst that any reading says; None when there is no reading."""
        lights = (
            LOSS.light(self.loss),
            JITTER_MS.light(self.jitter_ms),
            ROUND_TRIP_MS.light(self.round_trip_ms),
        )
        known = [light for light in lights if light is not None]
        return max(known, key=_ORDER.index, default=None)


def for_pages() -> dict[str, dict[str, float]]:
    """The limits as the quality light of a page takes them."""
    return {
        "loss": asdict(LOSS),
        "jitter_ms": asdict(JITTER_MS),
        "round_trip_ms": asdict(ROUND_TRIP_MS),
    }
