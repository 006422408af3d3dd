"""One recogniser process, as its pool sees it: started, asked, ended."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import hotline
from hotline.clock import Clock

_LONGEST_ANSWER = 16 * 2**20
_STDERR_LINES = 5
_ENDING_S = 1.0


class WorkerLost(RuntimeError):
    """The process went away, or was killed because it took too long; the message says which."""


@dataclass(eq=False, slots=True)
class WorkerProcess:
    """One process. ``model`` is the loaded model's name, empty until it is ready."""

    clock: Clock
    timeout_s: float
    model: str = ""
    _process: Process | None = None
    _complaints: deque[str] = field(default_factory=lambda: deque(maxlen=_STDERR_LINES))
    _listener: asyncio.Task[None] | None = None
    _jobs: int = 0

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.returncode is None

    @property
    def process_id(self) -> int:
        """The process's number; 0 before it was started."""
        return self._process.pid if self._process is not None else 0

    async def start(self, command: Sequence[str]) -> None:
        """Start the process and wait until the model is loaded. Raises :class:`WorkerLost`."""
        try:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                limit=_LONGEST_ANSWER,
                # So that it finds this package wherever the controller was started.
                cwd=Path(hotline.__file__).parent.parent,
            )
        except OSError as error:
            raise WorkerLost(f"the recogniser cannot be started: {error}") from error
        self._listener = asyncio.create_task(self._listen(self._process))
        answer = await self._answer(self._process)
        if "fault" in answer:
            raise WorkerLost(answer["fault"])
        self.model = answer["model"]

    async def ask(self, path: str) -> dict[str, Any]:
        """The answer about the file at an absolute path. Raises :class:`WorkerLost`."""
        if self._process is None or self._process.stdin is None:
            raise WorkerLost("the recogniser was not started")
        self._jobs += 1
        line = json.dumps({"id": self._jobs, "path": path}) + "\n"
        self._process.stdin.write(line.encode())
        with suppress(ConnectionError):
            await self._process.stdin.drain()
        return await self._answer(self._process)

    async def wait(self) -> None:
        """Return when the process is gone."""
        if self._process is not None:
            await self._process.wait()

    async def end(self) -> None:
        """Kill the process and wait until it is gone."""
        if self._process is not None:
            _kill(self._process)
        await self.wait()
        await self._heard_all()

    async def _answer(self, process: Process) -> dict[str, Any]:
        late = asyncio.Event()

        def expire() -> None:
            late.set()
            _kill(process)

        timer = self.clock.call_later(self.timeout_s, expire)
        try:
            line = await process.stdout.readline() if process.stdout is not None else b""
            answer: dict[str, Any] = json.loads(line)
        except ValueError as error:
            raise WorkerLost(await self._why(process, late.is_set())) from error
        finally:
            timer.cancel()
        return answer

    async def _why(self, process: Process, late: bool) -> str:
        # Asked to kill a process that is just ending, asyncio would lose its exit code.
        timer = self.clock.call_later(_ENDING_S, partial(_kill, process))
        try:
            code = await process.wait()
        finally:
            timer.cancel()
        if late:
            return f"no answer within {self.timeout_s:g} s"
        await self._heard_all()
        said = "; ".join(self._complaints)
        return f"the recogniser died (exit code {code})" + (f": {said}" if said else "")

    async def _heard_all(self) -> None:
        # Not awaited itself: a caller that is cancelled must not cancel it.
        if self._listener is not None:
            await asyncio.wait({self._listener})

    async def _listen(self, process: Process) -> None:
        while process.stderr is not None:
            with suppress(ValueError):  # a line beyond the limit: dropped
                line = await process.stderr.readline()
                if not line:
                    return
                self._complaints.append(line.decode(errors="replace").strip())


def _kill(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
