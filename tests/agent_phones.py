"""Agents' telephones by the dozen, made of bare SIP: they ring, answer or not, and hang up.

Each keeps what it went through, so that a bench can tell who was rung twice or cut off. They send
no sound; the PBX bears with that for the half minute of its RTP timeout.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

from tests.callers import RESEND_S, Message
from tests.phones import DeskPhone

_CALLER = re.compile(r"sips?:([^@>;]+)@")
_CONTACT = re.compile(r"<([^>]+)>")

End = Literal["", "cancelled", "refused", "by_pbx", "by_agent", "cut_off"]


@dataclass(slots=True)
class Leg:
    """One ringing of a phone, and the talk that came of it. Instants are Unix seconds."""

    caller: str
    rang_at: float
    invite: Message
    # The number that the phone showed.
    shown: str = ""
    answered_at: float | None = None
    ended_at: float | None = None
    end: End = ""
    acknowledged: bool = False


@dataclass(frozen=True, slots=True)
class Manner:
    """How somebody treats calls: seconds from and to, and shares of 1. ``cut_off``: their phone
    is lost in the middle of the talk, as a page is that is loaded again."""

    answers_s: tuple[float, float] = (0.3, 3.0)
    talks_s: tuple[float, float] = (6.0, 16.0)
    refuses: float = 0.08
    misses: float = 0.05
    cut_off: float = 0.0


@dataclass(eq=False)
class AgentPhone(DeskPhone):
    """One registered phone and whoever sits at it."""

    pbx_port: int
    number: str
    password: str
    media_port: int
    dice: random.Random
    manner: Manner = field(default_factory=Manner)
    legs: dict[str, Leg] = field(default_factory=dict)

    def __post_init__(self) -> None:
        DeskPhone.__init__(self, self.pbx_port, self.number, self.password)
        self._jobs: set[asyncio.Task[None]] = set()

    def close(self) -> None:
        """Let nothing ring any more."""
        for job in self._jobs:
            job.cancel()
        DeskPhone.close(self)

    def datagram_received(self, data: bytes, addr: object) -> None:
        """A SIP message from the PBX."""
        message = Message.of(data)
        if message.status:
            if message.status >= 200:
                self._answers.put_nowait(message)
            return
        leg = self.legs.get(message.headers.get("call-id", ""))
        match message.start.split()[0]:
            case "INVITE" if leg is None:
                self._rings(message)
            case "INVITE" if leg is not None and leg.answered_at is not None:
                self._accept(message)
            case "INVITE":
                self._reply(message, "180 Ringing")
            case "ACK":
                if leg:
                    leg.acknowledged = True
            case "CANCEL":
                self._reply(message, "200 OK")
                if leg and not leg.end and leg.answered_at is None:
                    self._over(leg, "cancelled")
                    self._reply(leg.invite, "487 Request Terminated")
            case "BYE":
                self._reply(message, "200 OK")
                if leg and not leg.end:
                    self._over(leg, "by_pbx")
            case _:
                self._reply(message, "200 OK")

    def other_end(self, shown: str, invite: Message) -> str:
        """Who rings, by the number that is shown."""
        return shown

    def _rings(self, invite: Message) -> None:
        found = _CALLER.search(invite.headers["from"])
        shown = found[1] if found else ""
        leg = Leg(self.other_end(shown, invite), time.time(), invite, shown)
        self.legs[invite.headers["call-id"]] = leg
        self._reply(invite, "180 Ringing")
        job = asyncio.ensure_future(self._treat(leg))
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)

    async def _treat(self, leg: Leg) -> None:
        chance = self.dice.random()
        await asyncio.sleep(self.dice.uniform(*self.manner.answers_s))
        if leg.end or chance < self.manner.misses:
            return
        if chance < self.manner.misses + self.manner.refuses:
            self._over(leg, "refused")
            self._reply(leg.invite, "486 Busy Here")
            return
        leg.answered_at = time.time()
        while not leg.acknowledged and not leg.end:
            self._accept(leg.invite)
            await asyncio.sleep(RESEND_S)
        lost = self.dice.random() < self.manner.cut_off
        await asyncio.sleep(self.dice.uniform(*self.manner.talks_s) / (2 if lost else 1))
        if not leg.end:
            self._over(leg, "cut_off" if lost else "by_agent")
            await self._bye(leg, "Reason: Q.850;cause=41" if lost else "")

    def _over(self, leg: Leg, end: End) -> None:
        leg.end, leg.ended_at = end, time.time()

    def _accept(self, invite: Message) -> None:
        body = (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {self.media_port} RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\n"
            "a=rtpmap:101 telephone-event/8000\r\n"
        )
        own = f"127.0.0.1:{self._port}"
        lines = [
            "SIP/2.0 200 OK",
            *(f"{name}: {invite.headers[name]}" for name in ("via", "from")),
            f"To: {_tagged(invite.headers['to'], self.number)}",
            f"Call-ID: {invite.headers['call-id']}",
            f"CSeq: {invite.headers['cseq']}",
            f"Contact: <sip:{self.number}@{own}>",
            "Content-Type: application/sdp",
            f"Content-Length: {len(body)}",
        ]
        self._send(("\r\n".join(lines) + "\r\n\r\n" + body).encode())

    async def _bye(self, leg: Leg, reason: str) -> None:
        invite, own = leg.invite, f"127.0.0.1:{self._port}"
        target = _CONTACT.search(invite.headers["contact"])
        call_id = invite.headers["call-id"]
        lines = [
            f"BYE {target[1] if target else 'sip:127.0.0.1'} SIP/2.0",
            f"Via: SIP/2.0/UDP {own};rport;branch=z9hG4bKbye{call_id}",
            f"From: {_tagged(invite.headers['to'], self.number)}",
            f"To: {invite.headers['from']}",
            f"Call-ID: {call_id}",
            "CSeq: 1 BYE",
            "Max-Forwards: 70",
            *([reason] if reason else []),
            "Content-Length: 0",
        ]
        for _ in range(4):
            self._send(("\r\n".join(lines) + "\r\n\r\n").encode())
            if await self._answered("1 BYE", call_id):
                return

    async def _answered(self, label: str, call_id: str) -> bool:
        try:
            async with asyncio.timeout(RESEND_S):
                while True:
                    answer = await self._answers.get()
                    headers = answer.headers
                    if headers.get("cseq") == label and headers.get("call-id") == call_id:
                        return True
        except TimeoutError:
            return False


def _tagged(header: str, tag: str) -> str:
    return header if ";tag=" in header else f"{header};tag={tag}"


@asynccontextmanager
async def agent_phones(
    pbx_port: int,
    passwords: dict[str, str],
    media_port: int,
    dice: random.Random,
    manner: Manner | None = None,
) -> AsyncIterator[list[AgentPhone]]:
    """Registered phones by their extensions' passwords. Raises Failed."""
    async with AsyncExitStack() as stack:
        phones = []
        for number, password in passwords.items():
            phone = AgentPhone(pbx_port, number, password, media_port, dice, manner or Manner())
            await phone.open()
            stack.callback(phone.close)
            phones.append(phone)
        yield phones
