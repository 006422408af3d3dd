"""The one clock. Every part that needs the time or a timer is given one of these.

Production wraps Twisted's reactor; tests wrap :class:`twisted.internet.task.Clock`, so a
minute of waiting takes no time and nothing sleeps for luck.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Protocol

from twisted.internet.interfaces import IDelayedCall, IReactorTime


class Timer(Protocol):
    """A call that will happen unless it is cancelled."""

    def cancel(self) -> None:
        """Stop it; harmless when it already happened or was cancelled."""


class Clock(Protocol):
    """The time, and calls made later."""

    def now(self) -> float:
        """Unix time in seconds."""

    def call_later(self, delay: float, call: Callable[[], object]) -> Timer:
        """Call ``call`` after ``delay`` seconds (at once when not positive)."""

    async def sleep(self, delay: float) -> None:
        """Return after ``delay`` seconds."""


class _ReactorTimer:
    def __init__(self, delayed: IDelayedCall) -> None:
        self._delayed = delayed

    def cancel(self) -> None:
        if self._delayed.active():
            self._delayed.cancel()


class ReactorClock:
    """A clock on Twisted's :class:`IReactorTime`; the wall clock is passed in beside it."""

    def __init__(self, reactor: IReactorTime, wall: Callable[[], float] = time.time) -> None:
        self._reactor = reactor
        self._wall = wall

    def now(self) -> float:
        return self._wall()

    def call_later(self, delay: float, call: Callable[[], object]) -> Timer:
        return _ReactorTimer(self._reactor.callLater(max(0.0, delay), call))

    async def sleep(self, delay: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        timer = self.call_later(delay, lambda: woken.done() or woken.set_result(None))
        try:
            await woken
        finally:
            timer.cancel()


def local(at: float, zone: tzinfo) -> datetime:
    """Unix seconds as the city's wall time."""
    return datetime.fromtimestamp(at, zone)
