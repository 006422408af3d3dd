"""When a program that ended is started again."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_DELAY_S = 0.3
LONGEST_DELAY_S = 10.0
# One that ran this long was well; its end begins a new count.
STEADY_S = 10.0


@dataclass(slots=True)
class Backoff:
    """The waits before the next starts: short first, doubled while it keeps dying young."""

    _failures: int = 0

    def after(self, ran_s: float) -> float:
        """It ended after ``ran_s`` seconds: how many seconds to wait before it starts again."""
        self._failures = 0 if ran_s >= STEADY_S else self._failures
        delay = FIRST_DELAY_S * 2.0**self._failures
        self._failures += 1
        return min(delay, LONGEST_DELAY_S)
