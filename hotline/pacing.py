"""How often the loop looks at its sockets.

Each look costs about as much as what is found by it, and on a busy day there is next to nothing
to find each time: a key here, an answer there. Looking a little less often finds them together.
"""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable

# On a busy day the loop looks this often; what happens is late by this much at most.
GAP_S = 0.004
# What a quiet loop may do at once: a page's hundred statements are none of them late.
SLACK_S = 0.4


class PacedSelector(selectors.DefaultSelector):
    """Once :meth:`pace` was called it looks ``1 / gap_s`` times a second at most, over any
    ``slack_s`` seconds."""

    def __init__(
        self,
        gap_s: float = GAP_S,
        slack_s: float = SLACK_S,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__()
        self._gap_s = gap_s
        self._slack_s = slack_s
        self._now = now
        self._sleep = sleep
        self._next_at: float | None = None

    def pace(self) -> None:
        """Begin: a start, which is a thousand small steps one after the other, is over."""
        self._next_at = float("-inf")

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """As the selector's own. Who has something else to do (``timeout`` 0) does not wait."""
        if self._next_at is None or (timeout is not None and timeout <= 0.0):
            return super().select(timeout)
        now = self._now()
        early = self._next_at - now
        if early > 0.0:
            self._sleep(early if timeout is None else min(early, timeout))
        self._next_at = max(self._next_at, now - self._slack_s) + self._gap_s
        return super().select(timeout if timeout is None else max(0.0, timeout - max(0.0, early)))
