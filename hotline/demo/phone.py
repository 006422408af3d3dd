"""A real SIP phone for demonstrations and tests: one baresip process a phone.

The process is driven over its control port (netstrings of JSON) and dies with its parent.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import struct
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from hotline.demo.baresip import Account, Baresip, configure, find_baresip
from hotline.speech.audio import TELEPHONE_RATE, Samples, read_wav

_SOURCE_SECONDS = 600
_START_SECONDS = 10.0
_STOP_SECONDS = 3.0
_ATTEMPTS = 5
_WAV = struct.Struct("<4sI4s4sIHHIIHH4sI")

INCOMING = "CALL_INCOMING"
RINGING = "CALL_RINGING"
ESTABLISHED = "CALL_ESTABLISHED"
CLOSED = "CALL_CLOSED"
KEY = "CALL_DTMF_START"


class PhoneFault(RuntimeError):
    """The phone did not start, refused a command or did not do in time what was awaited."""


@dataclass(frozen=True, slots=True)
class PhoneEvent:
    """What baresip reported: its own name for it, the call, the other side, its parameter.

    ``at`` is the event loop's time in seconds.
    """

    kind: str
    call: str
    peer: str
    peer_name: str
    detail: str
    at: float


@dataclass(frozen=True, slots=True)
class Answering:
    """What the phone does by itself with an incoming call.

    ``after``: seconds until it answers, None to leave it ringing; ``busy`` refuses it instead.
    """

    after: float | None = None
    busy: bool = False


MANUAL = Answering()
BUSY = Answering(busy=True)


class BaresipPhone:
    """One phone. ``source`` is the wav (8 kHz, mono) spoken into it, silence following.

    Use it as an async context manager, or call :meth:`start` and :meth:`stop`.
    """

    def __init__(
        self,
        account: Account,
        source: Path,
        folder: Path,
        *,
        answering: Answering = MANUAL,
        sip_port: int = 0,
        baresip: Baresip | None = None,
    ) -> None:
        self.account = account
        self.answering = answering
        self.folder = folder
        self.sip_port = sip_port
        self.events: list[PhoneEvent] = []
        self.calls: set[str] = set()
        self._source = source
        self._baresip = baresip
        self._fixed_port = sip_port
        self._sources = itertools.count()
        self._seen = 0
        self._changed = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._control: _Control | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start the process; with a registrar, return when registered.

        Raises :class:`PhoneFault` when that does not happen within 10 s.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        for attempt in itertools.count(1):
            try:
                await self._start_once()
            except PhoneFault:
                await self.stop()
                # Another program may have taken a port between looking and starting.
                if attempt == _ATTEMPTS or self._fixed_port:
                    raise
            else:
                break
        if self.account.registrar:
            await self._registered()

    async def stop(self) -> None:
        """End the process, politely first. Harmless when it has ended."""
        control, self._control = self._control, None
        process, self._process = self._process, None
        tasks = {task for task in self._tasks if task is not asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if control is not None:
            control.post("hangupall", "dir=all")
            control.post("quit")
            await control.close()
        if process is not None:
            await _ended(process)
        self.calls.clear()

    async def dial(self, uri: str) -> str:
        """Call ``uri`` (``sip:12319@127.0.0.1:5060``); give the call's id."""
        answer = await self._command("dial", uri)
        return answer.removeprefix("call id:").strip()

    async def answer(self) -> None:
        """Take the ringing call."""
        await self._command("accept")

    async def hangup(self) -> None:
        """End the call; an incoming one that still rings is refused as busy."""
        await self._command("hangup")

    async def send_keys(self, keys: str) -> None:
        """Press ``keys`` (RFC 4733), one after the other."""
        for key in keys:
            await self._command("sndcode", key)

    async def set_source(self, wav: Path) -> None:
        """Speak ``wav`` from its start, now and in later calls, silence following."""
        await self._command("ausrc", f"aufile,{self._prepared(wav)}")

    async def event(self, *kinds: str, within: float = 10.0) -> PhoneEvent:
        """The next event of one of these kinds that no earlier :meth:`event` went past.

        Raises :class:`PhoneFault` when none comes in ``within`` seconds.
        """
        try:
            async with asyncio.timeout(within):
                return await self._next(lambda event: event.kind in kinds)
        except TimeoutError:
            raise PhoneFault(
                f"{self}: no {' or '.join(kinds)} within {within:g} s; {self._story()}"
            ) from None

    async def established(self, within: float = 10.0) -> PhoneEvent:
        """Wait until a call stands."""
        return await self.event(ESTABLISHED, within=within)

    async def closed(self, within: float = 10.0) -> PhoneEvent:
        """Wait until a call has ended; ``detail`` says how."""
        return await self.event(CLOSED, within=within)

    def heard(self) -> Samples:
        """What came out of the earpiece so far in the last call; silent gaps are left out."""
        return self._dumped("dec")

    def said(self) -> Samples:
        """What went into the microphone so far in the last call."""
        return self._dumped("enc")

    def __str__(self) -> str:
        return f"phone {self.account.number}"

    async def _start_once(self) -> None:
        baresip = self._baresip or find_baresip()
        source = self._prepared(self._source)
        ports = configure(self.folder, self.account, source, baresip, self._fixed_port)
        self.sip_port, control_port = ports
        with (self.folder / "baresip.log").open("ab") as log:
            # setpriv: the phone must not outlive us, however we end.
            process = self._process = await asyncio.create_subprocess_exec(
                *("setpriv", "--pdeathsig", "KILL", str(baresip.program), "-4"),
                *("-f", str(self.folder)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._control = await self._connected(process, control_port)
        self._spawn(self._follow(self._control))

    async def _connected(self, process: asyncio.subprocess.Process, port: int) -> _Control:
        deadline = asyncio.get_running_loop().time() + _START_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            if process.returncode is not None:
                break
            try:
                return _Control(*await asyncio.open_connection("127.0.0.1", port))
            except ConnectionRefusedError:
                await asyncio.sleep(0.02)
        raise PhoneFault(f"{self} did not start; {self._story()}")

    async def _registered(self) -> None:
        deadline = asyncio.get_running_loop().time() + _START_SECONDS
        # Asked rather than awaited: it may have registered before we were connected.
        while "OK" not in await self._command("reginfo"):
            if asyncio.get_running_loop().time() > deadline:
                raise PhoneFault(f"{self} could not register; {self._story()}")
            await asyncio.sleep(0.05)

    async def _command(self, command: str, parameters: str = "") -> str:
        if self._control is None:
            raise PhoneFault(f"{self} is not running")
        return await self._control.command(command, parameters)

    async def _follow(self, control: _Control) -> None:
        async for message in control.messages():
            self._note(message)
        self._changed.set()

    def _note(self, message: dict[str, Any]) -> None:
        event = PhoneEvent(
            kind=str(message.get("type", "")),
            call=str(message.get("id", "")),
            peer=str(message.get("peeruri", "")),
            peer_name=str(message.get("peerdisplayname", "")),
            detail=str(message.get("param", "")),
            at=asyncio.get_running_loop().time(),
        )
        self.events.append(event)
        self._changed.set()
        if event.kind in {INCOMING, RINGING, ESTABLISHED}:
            self.calls.add(event.call)
        elif event.kind == CLOSED:
            self.calls.discard(event.call)
        if event.kind == INCOMING:
            self._spawn(self._respond(event.call, self.answering))

    async def _respond(self, call: str, answering: Answering) -> None:
        if answering.busy:
            await self.hangup()
        elif answering.after is not None:
            await asyncio.sleep(answering.after)
            if call in self.calls:
                await self.answer()

    async def _next(self, wanted: Callable[[PhoneEvent], bool]) -> PhoneEvent:
        while True:
            while self._seen < len(self.events):
                event = self.events[self._seen]
                self._seen += 1
                if wanted(event):
                    return event
            if self._control is None or self._control.gone:
                raise PhoneFault(f"{self} has ended; {self._story()}")
            self._changed.clear()
            await self._changed.wait()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _prepared(self, wav: Path) -> Path:
        target = self.folder / f"source{next(self._sources)}.wav"
        samples = read_wav(wav).samples
        size = 2 * max(_SOURCE_SECONDS * TELEPHONE_RATE, len(samples))
        form = (16, 1, 1, TELEPHONE_RATE, 2 * TELEPHONE_RATE, 2, 16)
        with target.open("wb") as file:
            file.write(_WAV.pack(b"RIFF", 36 + size, b"WAVE", b"fmt ", *form, b"data", size))
            file.write(samples.astype("<i2").tobytes())
            # baresip hangs up at the end of its file, so speech gets a long silent tail; a hole
            # in the file costs nothing.
            file.truncate(_WAV.size + size)
        return target

    def _dumped(self, side: str) -> Samples:
        dumps = sorted(self.folder.glob(f"dump-*-{side}.wav"))
        if not dumps or dumps[-1].stat().st_size < _WAV.size:
            return np.zeros(0, np.int16)
        # Not as a wav: its header says nothing until the call has ended.
        return np.fromfile(dumps[-1], "<i2", offset=_WAV.size)

    def _story(self) -> str:
        log = self.folder / "baresip.log"
        tail = log.read_text(errors="replace").strip()[-400:] if log.exists() else ""
        kinds = [event.kind for event in self.events[-8:]]
        return f"last events: {kinds}; its log ends: {tail}"


class _Control:
    """baresip's control port: commands with answers, and events."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.gone = False
        self._reader = reader
        self._writer = writer
        self._tokens = itertools.count(1)
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}

    def post(self, command: str, parameters: str = "", token: str = "") -> None:
        """Send a command and await nothing."""
        body = json.dumps({"command": command, "params": parameters, "token": token}).encode()
        self._writer.write(b"%d:%s," % (len(body), body))

    async def command(self, command: str, parameters: str) -> str:
        """What baresip answers to a command; raises :class:`PhoneFault` when it refuses it."""
        if self.gone:
            raise PhoneFault(f"the phone has ended: {command} {parameters} was not sent")
        token = str(next(self._tokens))
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[token] = future
        try:
            self.post(command, parameters, token)
            async with asyncio.timeout(_START_SECONDS):
                answer = await future
        except TimeoutError:
            raise PhoneFault(f"the phone did not answer {command} {parameters}") from None
        finally:
            del self._answers[token]
        if not answer.get("ok"):
            raise PhoneFault(f"the phone refused {command} {parameters}: {answer.get('data')}")
        return str(answer.get("data", ""))

    async def messages(self) -> AsyncIterator[dict[str, Any]]:
        """Every event until the phone ends; answers go to those who asked."""
        try:
            while True:
                length = await self._reader.readuntil(b":")
                body = await self._reader.readexactly(int(length[:-1]) + 1)
                message = json.loads(body[:-1])
                if not message.get("response"):
                    yield message
                elif (waiting := self._answers.get(message.get("token", ""))) is not None:
                    waiting.set_result(message)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.gone = True
            for waiting in self._answers.values():
                waiting.set_exception(PhoneFault("the phone ended"))

    async def close(self) -> None:
        """Close the connection, what was posted being sent first."""
        self.gone = True
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except ConnectionError:
            return


async def _ended(process: asyncio.subprocess.Process) -> None:
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
