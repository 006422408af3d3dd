"""A real SIP phone for demonstrations and tests: one baresip process a phone.

The process is driven over its control port (netstrings of JSON) and dies with its parent.
"""

from __future__ import annotations

import asyncio
import itertools
import struct
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from hotline.demo.baresip import Account, Baresip, configure, find_baresip
from hotline.demo.control import Control, PhoneFault
from hotline.demo.inbox import Inbox, InboxClosed
from hotline.speech.audio import TELEPHONE_RATE, Samples, read_wav

_SOURCE_SECONDS = 600
_START_SECONDS = 30.0
_STOP_SECONDS = 3.0
_ATTEMPTS = 5
_WAV = struct.Struct("<4sI4s4sIHHIIHH4sI")

INCOMING = "CALL_INCOMING"
RINGING = "CALL_RINGING"
ESTABLISHED = "CALL_ESTABLISHED"
CLOSED = "CALL_CLOSED"
KEY = "CALL_DTMF_START"


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
        self.events: Inbox[PhoneEvent] = Inbox()
        self.calls: set[str] = set()
        self._source = source
        self._baresip = baresip
        self._fixed_port = sip_port
        self._sources = itertools.count()
        self._process: asyncio.subprocess.Process | None = None
        self._control: Control | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._faults: list[str] = []

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

        Raises :class:`PhoneFault` when that does not happen within 30 s.
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
        self.events.close()
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

    @property
    def pid(self) -> int:
        """The process; 0 while there is none."""
        return self._process.pid if self._process is not None else 0

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

    async def event(self, *kinds: str, within: float | None = 30.0) -> PhoneEvent:
        """The next event of one of these kinds that no earlier :meth:`event` went past.

        Raises :class:`PhoneFault` when none comes in ``within`` seconds.
        """
        try:
            return await self.events.next(lambda event: event.kind in kinds, within)
        except TimeoutError:
            fault = f"no {' or '.join(kinds)} within {within} s"
        except InboxClosed:
            fault = "it has ended"
        raise PhoneFault(f"{self}: {fault}; {self._story()}")

    async def established(self, within: float = 30.0) -> PhoneEvent:
        """Wait until a call stands."""
        return await self.event(ESTABLISHED, within=within)

    async def closed(self, within: float = 30.0) -> PhoneEvent:
        """Wait until a call has ended; ``detail`` says how."""
        return await self.event(CLOSED, within=within)

    def heard(self) -> Samples:
        """What came out of the earpiece so far in the last call; silent gaps are left out."""
        return self._dumped("dec")

    def recordings(self) -> list[Path]:
        """The files of what came out of the earpiece, one a call, oldest first."""
        return sorted(self.folder.glob("dump-*-dec.wav"))

    def said(self) -> Samples:
        """What went into the microphone so far in the last call."""
        return self._dumped("enc")

    def __str__(self) -> str:
        return f"phone {self.account.number}"

    async def _start_once(self) -> None:
        self.events = Inbox()
        baresip = self._baresip or find_baresip()
        source = self._prepared(self._source)
        ports = configure(self.folder, self.account, source, baresip, self._fixed_port)
        self.sip_port, control_port = ports
        with (self.folder / "baresip.log").open("ab") as log:
            # setpriv: the phone must not outlive us, however we end.
            process = self._process = await asyncio.create_subprocess_exec(
                *("setpriv", "--pdeathsig", "KILL", str(baresip.program), "-4"),
                *("-f", str(self.folder)),
                cwd=self.folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._control = await self._connected(process, control_port)
        self._spawn(self._follow(self._control))

    async def _connected(self, process: asyncio.subprocess.Process, port: int) -> Control:
        deadline = asyncio.get_running_loop().time() + _START_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            if process.returncode is not None:
                break
            try:
                return Control(*await asyncio.open_connection("127.0.0.1", port))
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

    async def _follow(self, control: Control) -> None:
        async for message in control.messages():
            self._note(message)
        self.events.close()

    def _note(self, message: dict[str, Any]) -> None:
        event = PhoneEvent(
            kind=str(message.get("type", "")),
            call=str(message.get("id", "")),
            peer=str(message.get("peeruri", "")),
            peer_name=str(message.get("peerdisplayname", "")),
            detail=str(message.get("param", "")),
            at=asyncio.get_running_loop().time(),
        )
        self.events.put(event)
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

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            self._faults.append(str(fault))

    def _prepared(self, wav: Path) -> str:
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
        return target.name

    def _dumped(self, side: str) -> Samples:
        dumps = sorted(self.folder.glob(f"dump-*-{side}.wav"))
        return recording_of(dumps[-1]) if dumps else np.zeros(0, np.int16)

    def _story(self) -> str:
        log = self.folder / "baresip.log"
        tail = log.read_text(errors="replace").strip()[-400:] if log.exists() else ""
        kinds = [event.kind for event in self.events.items[-8:]]
        return f"last events: {kinds}; faults: {self._faults}; its log ends: {tail}"


def recorded_samples(path: Path) -> int:
    """How many samples a phone's recording holds by now."""
    return max(0, path.stat().st_size - _WAV.size) // 2


def recording_of(path: Path) -> Samples:
    """What a phone's recording holds by now."""
    if path.stat().st_size < _WAV.size:
        return np.zeros(0, np.int16)
    # Not as a wav: its header says nothing until the call has ended.
    return np.fromfile(path, "<i2", offset=_WAV.size)


async def _ended(process: asyncio.subprocess.Process) -> None:
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
