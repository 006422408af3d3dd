"""A caller made of bare SIP text, to send what no real phone would."""

from __future__ import annotations

import asyncio
import re
import uuid
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

_TAG = re.compile(r"^To:.*;tag=([^;\r\n]+)", re.MULTILINE | re.IGNORECASE)


class NotAnswered(RuntimeError):
    """The PBX refused the call; the message is its answer's first line."""


@dataclass(slots=True)
class RawCaller(asyncio.DatagramProtocol):
    """One call to ``user`` at ``port`` with any ``from_header``. Use as an async context manager:
    inside, the call was answered. Raises :class:`NotAnswered`, and TimeoutError after
    ``patience`` seconds without an answer."""

    port: int
    user: str
    from_header: str
    patience: float = 10.0
    answers: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    _transport: asyncio.DatagramTransport | None = None
    _call: str = field(default_factory=lambda: uuid.uuid4().hex)
    _own_port: int = 0
    _to_tag: str = ""

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=("127.0.0.1", 0)
        )
        self._transport = transport
        self._own_port = transport.get_extra_info("sockname")[1]
        self._send("INVITE", 1, self._sdp())
        while not (answer := await asyncio.wait_for(self.answers.get(), self.patience)).startswith(
            "SIP/2.0 2"
        ):
            if not answer.startswith("SIP/2.0 1"):
                raise NotAnswered(answer.splitlines()[0])
        found = _TAG.search(answer)
        assert found is not None
        self._to_tag = found[1]
        self._send("ACK", 1)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._send("BYE", 2)
        await asyncio.wait_for(self.answers.get(), self.patience)
        assert self._transport is not None
        self._transport.close()

    def datagram_received(self, data: bytes, addr: object) -> None:
        """A message from the PBX; only answers matter."""
        text = data.decode(errors="replace")
        if text.startswith("SIP/2.0"):
            self.answers.put_nowait(text)

    def _sdp(self) -> str:
        return (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            "m=audio 9 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
        )

    def _send(self, method: str, number: int, body: str = "") -> None:
        tag = f";tag={self._to_tag}" if self._to_tag else ""
        here = f"127.0.0.1:{self._own_port}"
        lines = (
            f"{method} sip:{self.user}@127.0.0.1:{self.port} SIP/2.0",
            f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{self._call}{method}",
            f"From: {self.from_header};tag={self._call[:8]}",
            f"To: <sip:{self.user}@127.0.0.1>{tag}",
            f"Call-ID: {self._call}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:raw@{here}>",
            "Max-Forwards: 70",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        )
        assert self._transport is not None
        message = "\r\n".join(lines) + "\r\n\r\n" + body
        self._transport.sendto(message.encode(errors="surrogateescape"), ("127.0.0.1", self.port))
