"""A controller that has loaded everything and waits: it takes over the moment the other dies."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from hotline.up.children import Child, sweep

GO = b"go\n"
# As ps and top show it; at most 15 characters.
NAME = "hotline-spare"
# After a start calls are taken over; loading the next one must not get into the way.
REST_S = 3.0


def may_go(name_file: Path = Path("/proc/self/comm")) -> bool:
    """Wait, under a name of its own in the process list, until it is our turn; False: never."""
    name = name_file.read_text()
    name_file.write_text(NAME)
    line = sys.stdin.buffer.readline()
    name_file.write_text(name)
    return line == GO


class Spare:
    """Keeps one waiting program; ``start`` starts it with a pipe as its standard input.

    It runs when it is sent :data:`GO`, and ends by itself at the end of its input.
    """

    def __init__(self, start: Callable[[], Awaitable[Child]], rest_s: float = REST_S) -> None:
        self._start = start
        self._rest_s = rest_s
        self._waiting: Child | None = None
        self._wanted = asyncio.Event()
        self._preparing: asyncio.Task[None] | None = None

    def prepare(self) -> None:
        """Have one ready before long."""
        self._wanted.clear()
        self._preparing = asyncio.create_task(self._prepare(), name="prepare a spare")

    async def take(self) -> Child | None:
        """The waiting program, running from now on; None when there is none alive."""
        child = await self._give_up()
        if child is not None and await child.tell(GO):
            return child
        return None

    async def stop(self) -> None:
        """End the waiting program."""
        child = await self._give_up()
        if child is not None:
            sweep(child.pid)
            await child.ended()

    async def _give_up(self) -> Child | None:
        self._wanted.set()
        if self._preparing is not None:
            await self._preparing
        child, self._waiting = self._waiting, None
        return child

    async def _prepare(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._rest_s):
                await self._wanted.wait()
            return
        # One that cannot be started is missed only when it is needed: then one starts anew.
        with suppress(OSError):
            self._waiting = await self._start()
