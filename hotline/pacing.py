"""How often the loop looks at its sockets.

Each look costs about as much as what is found by it, and on a busy day there is next to nothing
to find each time: a key here, an answer there. Looking a little less often finds them together.
A thread that is done is not among them: a page asks its database a hundred things, one after the
other, and would wait for a look after each.
"""

from __future__ import annotations

import math
import select
import selectors
import time
from collections.abc import Callable
from typing import Any

# On a busy day the loop looks this often; what happens is late by this much at most.
GAP_S = 0.004
# What a quiet loop may do at once: a page's hundred statements are none of them late.
SLACK_S = 0.4

Wait = Callable[[int, float], bool]


class PacedSelector(selectors.DefaultSelector):
    """Once :meth:`pace` was called it looks ``1 / gap_s`` times a second at most, over any
    ``slack_s`` seconds. What is registered first is looked at all the time: that is the pipe by
    which threads wake the loop, which asyncio opens before anything else.

    ``wait`` waits until that can be read, or for so many seconds; whether it can."""

    def __init__(
        self,
        gap_s: float = GAP_S,
        slack_s: float = SLACK_S,
        *,
        now: Callable[[], float] = time.monotonic,
        wait: Wait | None = None,
    ) -> None:
        super().__init__()
        self._gap_s = gap_s
        self._slack_s = slack_s
        self._now = now
        self._wait = wait or readable_within
        self._next_at: float | None = None
        self._threads: selectors.SelectorKey | None = None

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """As the selector's own."""
        key = super().register(fileobj, events, data)
        self._threads = self._threads or key
        return key

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
            pause = early if timeout is None else min(early, timeout)
            if self._threads is not None and self._wait(self._threads.fd, pause):
                return [(self._threads, selectors.EVENT_READ)]
        self._next_at = max(self._next_at, now - self._slack_s) + self._gap_s
        return super().select(timeout if timeout is None else max(0.0, timeout - max(0.0, early)))


def readable_within(fd: int, seconds: float) -> bool:
    """Wait until ``fd`` can be read; False when it cannot within ``seconds`` (whole ms of them)."""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(math.floor(seconds * 1e3)))
