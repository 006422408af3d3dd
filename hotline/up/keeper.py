"""Keeps one program running."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable

from hotline.up.children import Ending, Running, end, sweep
from hotline.up.restart import Backoff

Tell = Callable[[str], None]


class Keeper:
    """Starts a program again whenever it ends, until :meth:`stop`.

    Until :meth:`now_ready` an end by itself is not mended: :attr:`ended_early` says how it was.
    """

    def __init__(
        self, name: str, start: Callable[[], Awaitable[Running]], tell: Tell, stop_s: float
    ) -> None:
        self.name = name
        self.ended_early: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._start = start
        self._tell = tell
        self._stop_s = stop_s
        self._backoff = Backoff()
        self._program: Running | None = None
        self._adopted: Running | None = None
        self._task: asyncio.Task[None] | None = None
        self._ready = False
        # Held while a program is being started, so that none escapes a stop.
        self._starting = asyncio.Lock()

    async def begin(self, program: Running | None = None) -> None:
        """Start it, or take over ``program``, which runs already. Raises OSError."""
        self._adopted = program
        self._program = program or await self._start()
        self._task = asyncio.create_task(self._keep(self._program), name=f"keep {self.name}")

    def now_ready(self) -> None:
        """It has come up: from now on an end is mended."""
        self._ready = True

    def spare_adopted(self) -> None:
        """Leave running at the stop what ran before :meth:`begin`."""
        if self._program is self._adopted:
            self._program = None

    async def stop(self) -> None:
        """End it for good."""
        if self._task is not None:
            async with self._starting:
                self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        program, self._program = self._program, None
        if program is not None:
            await end(program, self._stop_s)

    def kill(self) -> None:
        """End it at once."""
        if self._program is not None:
            self._program.send(signal.SIGKILL)

    async def _keep(self, program: Running) -> None:
        while True:
            since = time.monotonic()
            how = await program.ended()
            self._program = None
            sweep(program.pid)
            if not self._ready and not how.killed:
                self.ended_early.set_result(how)
                return
            program = await self._again(how, time.monotonic() - since)

    async def _again(self, how: Ending | OSError, ran_s: float) -> Running:
        while True:
            delay = self._backoff.after(ran_s)
            self._tell(f"{self.name} ended ({how}); started again in {delay:g} s")
            await asyncio.sleep(delay)
            try:
                async with self._starting:
                    self._program = await self._start()
                    return self._program
            except OSError as error:
                how, ran_s = error, 0.0
