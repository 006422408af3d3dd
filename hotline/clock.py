"""The one clock. Every part that needs the time or a timer is given one of these.

Production asks the loop that Twisted's reactor runs on; tests wrap
:class:`twisted.internet.task.Clock`, so a minute of waiting takes no time and nothing sleeps for
luck.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, tzinfo
from typing import Any, Protocol


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


class LoopClock:
    """The wall clock, and the timers of an asyncio loop.

    On :mod:`twisted.internet.asyncioreactor` each of the reactor's own timers is one of the
    loop's in the end; a busy controller makes thousands a second (ADR 2).
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def now(self) -> float:
        """The wall clock's Unix time."""
        return time.time()

    def call_later(self, delay: float, call: Callable[[], object]) -> Timer:
        """As :meth:`Clock.call_later`."""
        return self._loop.call_later(max(0.0, delay), call)

    async def sleep(self, delay: float) -> None:
        """As :meth:`Clock.sleep`."""
        await asyncio.sleep(delay)


class CallsLater(Protocol):
    """What is needed of Twisted's ``IReactorTime``."""

    def callLater(self, delay: float, call: Callable[..., object], /) -> Any:  # noqa: N802
        """Call ``call`` after ``delay`` seconds; Twisted's ``IDelayedCall``."""


class _ReactorTimer:
    def __init__(self, delayed: Any) -> None:
        self._delayed = delayed

    def cancel(self) -> None:
        if self._delayed.active():
            self._delayed.cancel()


class ReactorClock:
    """A clock on Twisted's :class:`IReactorTime`; the wall clock is passed in beside it."""

    def __init__(self, reactor: CallsLater, wall: Callable[[], float] = time.time) -> None:
        self._reactor = reactor
        self._wall = wall

    def now(self) -> float:
        """The wall clock's Unix time."""
        return self._wall()

    def call_later(self, delay: float, call: Callable[[], object]) -> Timer:
        """As :meth:`Clock.call_later`, by the reactor."""
        return _ReactorTimer(self._reactor.callLater(max(0.0, delay), call))

    async def sleep(self, delay: float) -> None:
        """As :meth:`Clock.sleep`; cancelling it leaves no timer behind."""
        woken = asyncio.Event()
        timer = self.call_later(delay, woken.set)
        try:
            await woken.wait()
        finally:
            timer.cancel()


@asynccontextmanager
async def deadline(clock: Clock, seconds: float) -> AsyncIterator[None]:
    """Raise TimeoutError in the block's place when it takes longer than ``seconds``."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(None) as limit:
        timer = clock.call_later(seconds, lambda: limit.reschedule(loop.time()))
        try:
            yield
        finally:
            timer.cancel()


def local(at: float, zone: tzinfo) -> datetime:
    """Unix seconds as the city's wall time."""
    return datetime.fromtimestamp(at, zone)


def midnight(at: float, zone: tzinfo) -> float:
    """When the city's day that ``at`` belongs to began, in Unix seconds."""
    return datetime.combine(local(at, zone).date(), datetime.min.time(), zone).timestamp()
