"""A desk phone made of bare SIP: it registers and says that it rings, and when it was asked to.

Nobody picks it up. Real telephones (tests/system.py) try what a talk is like; this one has a clock.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter

from tests.callers import PATIENCE_S, RESEND_S, Failed, Message

EXPIRES_S = 3_600

_PAIR = re.compile(r'(\w+)="?([^",]+)"?')
_CALLER = re.compile(r"sips?:([^@>;]+)@")


@dataclass(frozen=True, slots=True)
class Ringing:
    """The phone was asked to ring for ``caller`` at ``at`` (:func:`time.perf_counter`)."""

    caller: str
    at: float


class DeskPhone(asyncio.DatagramProtocol):
    """One registered line: ``async with desk_phone(port, "1001", password) as it``."""

    def __init__(self, pbx_port: int, number: str, password: str) -> None:
        self.ringings: asyncio.Queue[Ringing] = asyncio.Queue()
        self.quiet = asyncio.Event()
        self.quiet.set()
        self._pbx = ("127.0.0.1", pbx_port)
        self._number = number
        self._password = password
        self._answers: asyncio.Queue[Message] = asyncio.Queue()
        self._invite: Message | None = None
        self._sip: asyncio.DatagramTransport | None = None
        self._port = 0

    async def open(self) -> None:
        """Take a port and register. Raises Failed."""
        sip = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sip.bind(("127.0.0.1", 0))
        self._port = sip.getsockname()[1]
        loop = asyncio.get_running_loop()
        self._sip, _ = await loop.create_datagram_endpoint(lambda: self, sock=sip)
        call_id = uuid.uuid4().hex
        answer = await self._register(call_id, 1)
        if answer.status == 401:
            challenge = dict(_PAIR.findall(answer.headers["www-authenticate"]))
            answer = await self._register(call_id, 2, self._credentials(challenge))
        if answer.status != 200:
            raise Failed(f"REGISTER: {answer.start}")

    def close(self) -> None:
        """Give the port back; the PBX finds the phone gone."""
        if self._sip:
            self._sip.close()

    # --- registering --------------------------------------------------------------------

    async def _register(self, call_id: str, number: int, credentials: str = "") -> Message:
        own, user = f"127.0.0.1:{self._port}", self._number
        line = f"sip:{self._pbx[0]}:{self._pbx[1]}"
        data = _text(
            f"REGISTER {line} SIP/2.0",
            f"Via: SIP/2.0/UDP {own};rport;branch=z9hG4bK{call_id}{number}",
            f"From: <sip:{user}@{own}>;tag={call_id[:8]}",
            f"To: <sip:{user}@{own}>",
            f"Call-ID: {call_id}",
            f"CSeq: {number} REGISTER",
            f"Contact: <sip:{user}@{own}>",
            f"Expires: {EXPIRES_S}",
            "Max-Forwards: 70",
            *([f"Authorization: {credentials}"] if credentials else []),
        )
        waited = 0.0
        while waited < PATIENCE_S:
            self._send(data)
            try:
                async with asyncio.timeout(RESEND_S):
                    return await self._answers.get()
            except TimeoutError:
                waited += RESEND_S
        raise Failed(f"REGISTER: no answer within {PATIENCE_S:g} s")

    def _credentials(self, challenge: dict[str, str]) -> str:
        """An answer to a challenge (RFC 2617, MD5 with ``qop=auth``)."""
        uri = f"sip:{self._pbx[0]}:{self._pbx[1]}"
        realm, nonce = challenge["realm"], challenge["nonce"]
        own = uuid.uuid4().hex[:16]
        who = _md5(f"{self._number}:{realm}:{self._password}")
        what = _md5(f"REGISTER:{uri}")
        response = _md5(f"{who}:{nonce}:00000001:{own}:auth:{what}")
        opaque = f', opaque="{challenge["opaque"]}"' if "opaque" in challenge else ""
        return (
            f'Digest username="{self._number}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
            f'response="{response}", algorithm=MD5, qop=auth, nc=00000001, cnonce="{own}"{opaque}'
        )

    # --- being rung ---------------------------------------------------------------------

    def datagram_received(self, data: bytes, addr: object) -> None:
        """A SIP message from the PBX."""
        at = perf_counter()
        message = Message.of(data)
        if message.status:
            if message.status >= 200:
                self._answers.put_nowait(message)
            return
        match message.start.split()[0]:
            case "INVITE":
                self._rung(message, at)
            case "CANCEL":
                self._reply(message, "200 OK")
                if self._invite:
                    self._reply(self._invite, "487 Request Terminated")
                self._invite = None
                self.quiet.set()
            case "ACK":
                pass
            case _:
                self._reply(message, "200 OK")

    def _rung(self, invite: Message, at: float) -> None:
        # What is sent again rings no second time.
        if self._invite is None:
            self._invite = invite
            self.quiet.clear()
            caller = _CALLER.search(invite.headers["from"])
            self.ringings.put_nowait(Ringing(caller[1] if caller else "", at))
        self._reply(invite, "180 Ringing")

    def _reply(self, request: Message, status: str) -> None:
        own = f"127.0.0.1:{self._port}"
        self._send(
            _text(
                f"SIP/2.0 {status}",
                *(f"{name}: {request.headers[name]}" for name in ("via", "from")),
                f"To: {request.headers['to']};tag={self._number}",
                f"Call-ID: {request.headers['call-id']}",
                f"CSeq: {request.headers['cseq']}",
                f"Contact: <sip:{self._number}@{own}>",
            )
        )

    def _send(self, data: bytes) -> None:
        assert self._sip is not None
        self._sip.sendto(data, self._pbx)


def _text(*lines: str) -> bytes:
    return "\r\n".join((*lines, "Content-Length: 0", "", "")).encode()


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@asynccontextmanager
async def desk_phone(pbx_port: int, number: str, password: str) -> AsyncIterator[DeskPhone]:
    """A phone registered as ``number`` at the PBX whose SIP port this is. Raises Failed."""
    it = DeskPhone(pbx_port, number, password)
    try:
        await it.open()
        yield it
    finally:
        it.close()
