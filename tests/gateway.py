"""A gateway for text messages, as a city would run one: a real HTTP server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Asked:
    """A request that reached the gateway."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class FakeGateway:
    """A gateway that answers what a test wants: a status, or nothing until it is too late."""

    answers: list[int | None] = field(default_factory=list)
    checks: list[int | None] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Where messages are handed over."""
        return f"http://127.0.0.1:{self.port}/messages"

    def sent(self) -> list[Asked]:
        """The messages that were handed over."""
        return [one for one in self.asked if one.method == "POST"]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        method, path, _ = (await reader.readline()).decode().split()
        headers = {}
        while line := (await reader.readline()).decode().strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.asked.append(Asked(method, path, headers, body))
        answers = self.answers if method == "POST" else self.checks
        status = answers.pop(0) if answers else 200
        if status is not None:
            content = json.dumps({"id": f"gw-{len(self.asked)}"}).encode()
            head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\n\r\n"
            writer.write(head.encode() + content)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def fake_gateway() -> AsyncIterator[FakeGateway]:
    """A gateway that listens while the block runs."""
    fake = FakeGateway()
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
    fake.port = server.sockets[0].getsockname()[1]
    try:
        yield fake
    finally:
        server.close()
