"""Callers by the hundred, made of bare SIP and RTP: they ring in, press keys, and hang up.

One SIP and one RTP socket serve them all, so that two cores carry more calls than a PBX does.
Real telephones (tests/system.py) try what a call is like; these count.
"""

from __future__ import annotations

import asyncio
import re
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tests.key_tones import EVENTS, TICK_S, Frame, Keying, Way, frames, silence

# SIP's T1 and T2 (RFC 3261): a request without an answer is sent again.
RESEND_S = 0.5
SLOWEST_RESEND_S = 4.0
PATIENCE_S = 15.0
# Callers send at four moments of each 20 ms, not all at once.
PHASES = 4

_STATUS = re.compile(r"SIP/2\.0 (\d{3}) (.*)")
_REASON = re.compile(r"Q\.850\s*;\s*cause=(\d+)", re.IGNORECASE)
_AUDIO = re.compile(r"^m=audio (\d+)", re.MULTILINE)


class Failed(RuntimeError):
    """The call did not come about or broke off; the message says how."""


@dataclass(frozen=True, slots=True)
class Message:
    """A SIP message, as far as a caller looks into it."""

    start: str
    headers: dict[str, str]
    body: str

    @classmethod
    def of(cls, data: bytes) -> Message:
        head, _, body = data.decode(errors="replace").partition("\r\n\r\n")
        start, *lines = head.split("\r\n")
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers.setdefault(name.strip().lower(), value.strip())
        return cls(start, headers, body)

    @property
    def status(self) -> int:
        """An answer's code, 0 for a request."""
        found = _STATUS.match(self.start)
        return int(found[1]) if found else 0


@dataclass(slots=True)
class Caller:
    """One call under way. ``ended`` holds the PBX's Q.850 cause (0: none told) once it hung up."""

    exchange: Exchange
    number: str
    called: str
    call_id: str
    ended: asyncio.Future[int]
    to: str
    target: str = ""
    media_port: int = 0
    sequence: int = 1
    answers: dict[str, asyncio.Queue[Message]] = field(default_factory=dict)
    track: dict[int, Frame] = field(default_factory=dict)
    tick: int = 0

    async def hang_up(self) -> None:
        """End the call from this side. Raises Failed."""
        if not self.ended.done():
            self.ended.set_result(0)
            await self.request("BYE")

    async def request(self, method: str, kind: str = "", body: str = "") -> Message:
        """Send a request until it is answered; the last answer. Raises Failed."""
        self.sequence += method != "INVITE"
        label = f"{self.sequence} {method}"
        answers = self.answers[label] = asyncio.Queue()
        data = self.message(label, kind, body)
        pause, waited, ringing = RESEND_S, 0.0, False
        self.exchange.send(data)
        while waited < PATIENCE_S:
            try:
                async with asyncio.timeout(pause):
                    answer = await answers.get()
            except TimeoutError:
                waited += pause
                pause = min(2 * pause, SLOWEST_RESEND_S)
                if not ringing:
                    self.exchange.send(data)
                continue
            if answer.status >= 200:
                return answer
            ringing = True
        raise Failed(f"{method}: no answer within {PATIENCE_S:g} s")

    def message(self, label: str, kind: str = "", body: str = "") -> bytes:
        """A request as it is sent; ``label`` is its CSeq."""
        own = f"127.0.0.1:{self.exchange.sip_port}"
        method = label.split()[1]
        # An ACK answers its INVITE's 200, and so has a branch of its own.
        branch = f"z9hG4bK{self.call_id}{label.replace(' ', '')}"
        lines = [
            f"{method} {self.target} SIP/2.0",
            f"Via: SIP/2.0/UDP {own};rport;branch={branch}",
            f"From: <sip:{self.number}@{own}>;tag={self.call_id[:8]}",
            f"To: {self.to}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {label}",
            f"Contact: <sip:{self.number}@{own}>",
            "Max-Forwards: 70",
            *([f"Content-Type: {kind}"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()

    def next_packet(self) -> bytes:
        """The next 20 ms of RTP."""
        frame = self.track.get(self.tick) or silence(self.tick)
        self.tick += 1
        return frame.packet(self.tick, int(self.call_id[:8], 16))


class Exchange(asyncio.DatagramProtocol):
    """Where the callers' lines end: ``async with exchange(port) as it``."""

    def __init__(self, pbx_port: int) -> None:
        self._pbx = ("127.0.0.1", pbx_port)
        self._callers: dict[str, Caller] = {}
        self._talking: list[dict[str, Caller]] = [{} for _ in range(PHASES)]
        self._sip: asyncio.DatagramTransport | None = None
        self._rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._rtp.setblocking(False)
        self._rtp.bind(("127.0.0.1", 0))
        self.sip_port = 0
        self.late_s = 0.0

    async def open(self) -> None:
        """Take the ports."""
        sip = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sip.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        sip.bind(("127.0.0.1", 0))
        loop = asyncio.get_running_loop()
        self._sip, _ = await loop.create_datagram_endpoint(lambda: self, sock=sip)
        self.sip_port = sip.getsockname()[1]

    def close(self) -> None:
        """Give the ports back."""
        if self._sip:
            self._sip.close()
        self._rtp.close()

    @asynccontextmanager
    async def call(
        self, number: str, called: str, keying: Keying, ways: frozenset[Way]
    ) -> AsyncIterator[Caller]:
        """Ring in and, once answered, press the keys. Raises Failed; hangs up at the end."""
        ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        line = f"sip:{called}@{self._pbx[0]}:{self._pbx[1]}"
        caller = Caller(self, number, called, uuid.uuid4().hex, ended, f"<{line}>", line)
        self._callers[caller.call_id] = caller
        keys: asyncio.Task[None] | None = None
        try:
            await self._answered(caller, Way.RFC4733 in ways)
            caller.track = frames(keying, ways)
            phase = min(self._talking, key=len)
            phase[caller.call_id] = caller
            keys = asyncio.create_task(_tell(caller, keying if Way.INFO in ways else Keying("")))
            yield caller
        finally:
            if keys:
                keys.cancel()
                with suppress(asyncio.CancelledError):
                    await keys
            for talking in self._talking:
                talking.pop(caller.call_id, None)
            if caller.media_port:
                await caller.hang_up()
            del self._callers[caller.call_id]

    async def _answered(self, caller: Caller, events: bool) -> None:
        offer = (
            f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {self._rtp.getsockname()[1]} RTP/AVP 0{f' {EVENTS}' if events else ''}\r\n"
            "a=rtpmap:0 PCMU/8000\r\n"
        )
        if events:
            offer += f"a=rtpmap:{EVENTS} telephone-event/8000\r\na=fmtp:{EVENTS} 0-15\r\n"
        answer = await caller.request("INVITE", "application/sdp", offer)
        caller.to = answer.headers.get("to", caller.to)
        audio = _AUDIO.search(answer.body)
        if answer.status >= 300 or audio is None:
            self.send(caller.message("1 ACK"))
            raise Failed(answer.start)
        caller.target = answer.headers["contact"].strip("<>").partition(">")[0]
        caller.media_port = int(audio[1])
        self.send(caller.message("1 ACK"))

    async def carry(self) -> None:
        """Send every caller's RTP until cancelled."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            for phase in self._talking:
                due += TICK_S / PHASES
                wait = due - loop.time()
                self.late_s = max(self.late_s, -wait)
                # Also when late: what comes from the PBX has its turn too.
                await asyncio.sleep(max(0.0, wait))
                for caller in phase.values():
                    with suppress(BlockingIOError):
                        self._rtp.sendto(caller.next_packet(), (self._pbx[0], caller.media_port))

    def send(self, data: bytes) -> None:
        """Send a SIP message."""
        assert self._sip is not None
        self._sip.sendto(data, self._pbx)

    def datagram_received(self, data: bytes, addr: object) -> None:
        """A SIP message from the PBX."""
        message = Message.of(data)
        caller = self._callers.get(message.headers.get("call-id", ""))
        if message.status:
            self._answer(message, caller)
        elif not message.start.startswith("ACK"):
            self._asked(message, caller)

    def _answer(self, answer: Message, caller: Caller | None) -> None:
        label = answer.headers.get("cseq", "")
        if caller is None:
            return
        if label == "1 INVITE" and caller.media_port and answer.status == 200:
            # Our ACK was lost.
            self.send(caller.message("1 ACK"))
        elif label in caller.answers:
            caller.answers[label].put_nowait(answer)

    def _asked(self, request: Message, caller: Caller | None) -> None:
        lines = [
            "SIP/2.0 200 OK",
            *(f"{name}: {request.headers[name]}" for name in ("via", "from", "to", "call-id")),
            f"CSeq: {request.headers['cseq']}",
            "Content-Length: 0",
        ]
        self.send(("\r\n".join(lines) + "\r\n\r\n").encode())
        if request.start.startswith("BYE") and caller and not caller.ended.done():
            reason = _REASON.search(request.headers.get("reason", ""))
            caller.ended.set_result(int(reason[1]) if reason else 0)


async def _tell(caller: Caller, keying: Keying) -> None:
    """Tell each key by a SIP INFO when it is let go."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    for at_s, key in keying.presses():
        await asyncio.sleep(began + at_s + keying.pressed_s - loop.time())
        body = f"Signal={key}\r\nDuration={round(keying.pressed_s * 1000)}\r\n"
        await caller.request("INFO", "application/dtmf-relay", body)


@asynccontextmanager
async def exchange(pbx_port: int) -> AsyncIterator[Exchange]:
    """An exchange in front of the PBX whose SIP port this is."""
    it = Exchange(pbx_port)
    await it.open()
    carrying = asyncio.create_task(it.carry())
    try:
        yield it
    finally:
        carrying.cancel()
        with suppress(asyncio.CancelledError):
            await carrying
        it.close()
