"""A page that listens: reads the event stream of a served house."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from hotline.web.access import COOKIE
from hotline.web.server import WebServer
from tests.unit.web.house import House


@dataclass(frozen=True)
class Told:
    """One event as it arrived."""

    event: str
    data: Any
    id: str


class Listener:
    """Reads events one after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def next(self, *wanted: str, within: float = 5.0) -> Told:
        """The next event whose name is among ``wanted``; others are passed over."""
        async with asyncio.timeout(within):
            while True:
                told = await self._read()
                if told.event in wanted:
                    return told

    async def until_ended(self, within: float = 4.0) -> None:
        """Return when the server ends the stream; the connection may stay."""
        async with asyncio.timeout(within):
            await self.reader.readuntil(b"\r\n0\r\n\r\n")

    async def _read(self) -> Told:
        block = await self.reader.readuntil(b"\n\n")
        found = {"event": "", "data": "null", "id": ""}
        for line in block.decode().splitlines():
            name, colon, value = line.partition(": ")
            if colon and name in found:
                found[name] = value
        return Told(found["event"], json.loads(found["data"]), found["id"])


@asynccontextmanager
async def listening(
    house: House, server: WebServer, user_id: str, after: int | str | None = None
) -> AsyncIterator[Listener]:
    """A page of ``user_id`` that listens; ``after`` as its Last-Event-ID."""
    new = await house.web.sessions.open(user_id)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    again = "" if after is None else f"Last-Event-ID: {after}\r\n"
    request = f"GET /events HTTP/1.1\r\nHost: h\r\nCookie: {COOKIE}={new.token}\r\n{again}\r\n"
    writer.write(request.encode())
    await reader.readuntil(b"retry: 1000\n\n")
    yield Listener(reader, writer)
    writer.close()
