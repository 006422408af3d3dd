"""Programs that run for us: our children, and an Asterisk that outlived an earlier start."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Ending:
    """How a program ended: its exit code, minus the signal's number; None when unseen."""

    status: int | None

    @property
    def killed(self) -> bool:
        """Somebody killed it; a program cannot do that by a fault of its own."""
        return self.status == -signal.SIGKILL

    def __str__(self) -> str:
        if self.status is None:
            return "exit code not seen"
        return f"signal {-self.status}" if self.status < 0 else f"exit code {self.status}"


class Running(Protocol):
    """A program that runs, alone in a session whose leader it is."""

    @property
    def pid(self) -> int:
        """Its process id."""

    async def ended(self) -> Ending:
        """Wait for its end."""

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; harmless when it has ended."""


class Child:
    """A child of ours."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    async def ended(self) -> Ending:
        """As :class:`Running` says."""
        return Ending(await self._process.wait())

    async def tell(self, line: bytes) -> bool:
        """Write to its standard input and end that; False when it has ended."""
        pipe = self._process.stdin
        if pipe is None or self._process.returncode is not None:
            return False
        try:
            pipe.write(line)
            await pipe.drain()
        except (BrokenPipeError, ConnectionResetError):
            return False
        pipe.close()
        return True

    def send(self, number: signal.Signals) -> None:
        """As :class:`Running` says."""
        with suppress(ProcessLookupError):
            self._process.send_signal(number)


class Adopted:
    """A process that is nobody's child any more. Raises ProcessLookupError when it is gone."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        # Not the number, which another process may have after it.
        self._handle = os.pidfd_open(pid)

    async def ended(self) -> Ending:
        """As :class:`Running` says; the exit code is only its parent's to see."""
        loop = asyncio.get_running_loop()
        gone = asyncio.Event()
        loop.add_reader(self._handle, gone.set)
        try:
            await gone.wait()
        finally:
            loop.remove_reader(self._handle)
        return Ending(None)

    def send(self, number: signal.Signals) -> None:
        """As :class:`Running` says."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, number)


@dataclass(frozen=True, slots=True)
class Command:
    """How a program is started. ``log`` None: it writes where we write.

    ``bound``: it is killed when we are killed, however that happens. ``told``: it is to be told
    things (:meth:`Child.tell`).
    """

    words: Sequence[str | Path]
    log: Path | None = None
    bound: bool = False
    told: bool = False
    environment: Mapping[str, str] | None = None

    async def start(self) -> Child:
        """Start it in a session of its own, so that Ctrl-C reaches us alone. Raises OSError."""
        words = [str(word) for word in self.words]
        if self.bound:
            words = ["setpriv", "--pdeathsig", "KILL", *words]
        output = self.log.open("ab") if self.log else None
        try:
            process = await asyncio.create_subprocess_exec(
                *words,
                stdin=asyncio.subprocess.PIPE if self.told else asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self.environment,
                start_new_session=True,
            )
        finally:
            if output:
                output.close()
        return Child(process)


async def end(program: Running, within: float) -> None:
    """End it: asked first, killed after ``within`` seconds, and its children with it."""
    program.send(signal.SIGTERM)
    try:
        async with asyncio.timeout(within):
            await program.ended()
    except TimeoutError:
        program.send(signal.SIGKILL)
        await program.ended()
    sweep(program.pid)


def sweep(session: int) -> None:
    """Kill what an ended program left of its own session."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(session, signal.SIGKILL)
