"""When a message is tried again, and when a peer that fails is left in peace. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass

FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 900.0
LONGEST_ASKED_S = 3600.0
# So many failures in a row, of whatever message, and the peer itself is taken to be down.
PATIENCE = 5
LONGEST_REST_S = 60.0


def pause(attempts: int, dice: random.Random, asked: float | None = None) -> float:
    """Seconds until the next try after so many: doubled each time, by up to a half less by
    chance, never sooner than the peer ``asked`` for."""
    most = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(20, max(0, attempts - 1)))
    drawn = most * dice.uniform(0.5, 1.0)
    return max(drawn, min(asked or 0.0, LONGEST_ASKED_S))


@dataclass(slots=True)
class Breaker:
    """Whether a peer is worth asking. While it rests nothing is sent, and then one message at a
    time until one gets through: so an outage costs each message a try or two, not all of them."""

    failures: int = 0
    rests_until: float = 0.0

    def slots(self, concurrency: int, now: float) -> int:
        """How many messages may be on their way at once."""
        if now < self.rests_until:
            return 0
        return 1 if self.failures >= PATIENCE else concurrency

    def succeeded(self) -> None:
        """The peer answered as it should."""
        self.failures, self.rests_until = 0, 0.0

    def failed(self, now: float, asked: float | None = None) -> None:
        """The peer failed, and ``asked`` for so many seconds."""
        self.failures += 1
        rest = 0.0
        if self.failures >= PATIENCE:
            rest = min(LONGEST_REST_S, 2.0 ** min(10, self.failures - PATIENCE))
        rest = max(rest, min(asked or 0.0, LONGEST_ASKED_S))
        self.rests_until = max(self.rests_until, now + rest)
