"""The process that listens live, as the controller sees it: kept alive, spoken to, never waited
for.

Each stream tells its listener what it finds by a callback. A process that dies, hangs or cannot
keep up costs its streams one thing: they are told that they are lost. Callers notice nothing.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

import hotline
from hotline.clock import Clock, Timer
from hotline.speech.live import AUDIO, CLOSE, HEADER, OPEN

# Speech is passed on in pieces of 100 ms.
PIECE_BYTES = 1600
# A stream that is so far behind the caller is given up: a menu does not wait for it.
BEHIND_BYTES = 16_000
START_SECONDS = 60.0
# A process that answers nothing for so long while somebody speaks is ended.
HUNG_S = 3.0
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 30.0

_log = structlog.get_logger(__name__)

OnFinding = Callable[[dict[str, Any]], None]


@dataclass(slots=True)
class _Stream:
    on_finding: OnFinding
    held: bytes = b""
    sent: int = 0
    done: int = 0


class Ears:
    """Keeps one listening process alive. ``command`` starts it, the model's name behind it."""

    def __init__(self, clock: Clock, model: str, command: Sequence[str] | None = None) -> None:
        self._clock = clock
        self._setting = model
        self._command = [*(command or (sys.executable, "-m", "hotline.speech.live"))]
        self._keeper: asyncio.Task[None] | None = None
        self._process: Process | None = None
        self._streams: dict[int, _Stream] = {}
        self._numbers = itertools.count(1)
        self._model = ""
        self._answered_at = 0.0
        self._fault = "the recogniser is starting" if model else "speech.model names no model"

    @property
    def fault(self) -> str:
        """Why nobody can listen now; empty when somebody can."""
        return "" if self._model else self._fault

    @property
    def model(self) -> str:
        """The loaded model's name; empty while none is."""
        return self._model

    @property
    def process_id(self) -> int:
        """The living process's number; 0 while there is none."""
        return self._process.pid if self._process and self._process.returncode is None else 0

    @property
    def streams(self) -> int:
        """How many are listened to now."""
        return len(self._streams)

    async def start(self) -> None:
        """Start the process and return; the model is loaded meanwhile. Does nothing without."""
        if self._setting and self._keeper is None:
            self._keeper = asyncio.create_task(self._keep(), name="ears")

    async def stop(self) -> None:
        """End the process; every stream is told that it is lost."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
            self._keeper = None

    def open(self, words: Sequence[str], on_finding: OnFinding) -> int:
        """Listen for ``words`` from now on; the stream's number. ``on_finding`` is called with
        the process's answers, and with ``{"kind": "fault", "why"}`` when the stream is lost."""
        number = next(self._numbers)
        self._streams[number] = _Stream(on_finding)
        self._send(OPEN, number, json.dumps({"words": list(words)}).encode())
        return number

    def feed(self, number: int, samples: bytes) -> None:
        """Pass a stream's speech on. One that is behind by half a second or more is lost."""
        stream = self._streams.get(number)
        if stream is None:
            return
        stream.held += samples
        if len(stream.held) < PIECE_BYTES:
            return
        piece, stream.held = stream.held, b""
        stream.sent += len(piece)
        if stream.sent - stream.done > BEHIND_BYTES + PIECE_BYTES:
            self._lose(number, "the recogniser is too slow")
            self._end_if_hung()
            return
        self._send(AUDIO, number, piece)

    def _end_if_hung(self) -> None:
        if self._process and self._clock.now() - self._answered_at > HUNG_S:
            self._fault = f"the recogniser said nothing for {HUNG_S:.0f} s"
            _kill(self._process)

    def close(self, number: int) -> None:
        """Listen no more. Harmless for a stream that was lost."""
        if self._streams.pop(number, None) is not None:
            self._send(CLOSE, number, b"")

    def _send(self, kind: bytes, number: int, content: bytes) -> None:
        process = self._process
        if process is None or process.stdin is None or process.stdin.is_closing():
            self._lose(number, self.fault or "the recogniser is gone")
            return
        process.stdin.write(HEADER.pack(kind, number, len(content)) + content)

    def _lose(self, number: int, why: str) -> None:
        stream = self._streams.pop(number, None)
        if stream is None:
            return
        stream.on_finding({"kind": "fault", "why": why})
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(HEADER.pack(CLOSE, number, 0))

    # --- the process ----------------------------------------------------------------------

    async def _keep(self) -> None:
        failures = 0
        while True:
            complaints: deque[str] = deque(maxlen=5)
            try:
                if await self._run(complaints):
                    failures = 0
            except OSError as error:
                self._fault = f"the recogniser cannot be started: {error}"
            said = "; ".join(complaints)
            _log.error("ears.lost", why=self._fault, said=said, streams=len(self._streams))
            self._lose_all()
            await self._clock.sleep(min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**failures))
            failures += 1

    async def _run(self, complaints: deque[str]) -> bool:
        """One process from start to end. Returns whether it had become ready."""
        process = await asyncio.create_subprocess_exec(
            *self._command,
            self._setting,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            # So that it finds this package wherever the controller was started.
            cwd=Path(hotline.__file__).parent.parent,
        )
        self._process = process
        listening = asyncio.create_task(_collect(process, complaints))
        late = self._clock.call_later(START_SECONDS, lambda: _kill(process))
        try:
            return await self._listen(process, late)
        finally:
            late.cancel()
            self._model, self._process = "", None
            _kill(process)
            await process.wait()
            await asyncio.wait({listening})
            self._lose_all()

    async def _listen(self, process: Process, late: Timer) -> bool:
        answers = process.stdout
        first = await answers.readline() if answers else b""
        late.cancel()
        try:
            told = json.loads(first)
        except ValueError:
            told = {"fault": "the recogniser died at its start"}
        if "fault" in told:
            self._fault = str(told["fault"])
            return False
        self._model, self._fault = str(told["model"]), "the recogniser died"
        _log.info("ears.ready", model=self._model, pid=process.pid)
        self._answered_at = self._clock.now()
        while answers and (line := await answers.readline()):
            self._answered_at = self._clock.now()
            self._take(json.loads(line))
        return True

    def _take(self, answer: dict[str, Any]) -> None:
        stream = self._streams.get(answer["stream"])
        if stream is None:
            return
        if answer["kind"] == "done":
            stream.done = int(answer["bytes"])
            return
        if answer["kind"] == "fault":
            del self._streams[answer["stream"]]
        stream.on_finding(answer)

    def _lose_all(self) -> None:
        lost, self._streams = self._streams, {}
        for stream in lost.values():
            stream.on_finding({"kind": "fault", "why": self._fault})


async def _collect(process: Process, complaints: deque[str]) -> None:
    while process.stderr is not None:
        with suppress(ValueError):  # a line beyond the limit: dropped
            line = await process.stderr.readline()
            if not line:
                return
            complaints.append(line.decode(errors="replace").strip())


def _kill(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
