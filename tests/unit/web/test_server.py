"""The server in front of real sockets: slow, broken and greedy clients disturb nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import httpx
import pytest

from hotline.web import server as server_module
from hotline.web.server import WebServer
from tests.unit.web.house import House


@pytest.fixture
async def served(house: House) -> AsyncIterator[WebServer]:
    server = WebServer(house.app, "127.0.0.1", 0)
    await server.start()
    yield server
    await server.stop()


async def alive(server: WebServer) -> bool:
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"http://127.0.0.1:{server.port}/healthz")
    return answer.status_code == 200


async def talk(server: WebServer, data: bytes) -> bytes:
    """Send ``data``; what comes back until the server closes or resets the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(data)
    answer = b""
    async with asyncio.timeout(10):
        with suppress(ConnectionResetError):
            while part := await reader.read(65536):
                answer += part
    writer.close()
    return answer


async def test_garbage_is_answered_with_a_bad_request(served: WebServer) -> None:
    assert (await talk(served, b"\x00\xff\x16\x03\x01garbage\r\n\r\n")).startswith(b"HTTP/1.1 400")
    assert await alive(served)


async def test_a_header_line_of_a_megabyte_is_refused(served: WebServer) -> None:
    answer = await talk(served, b"GET / HTTP/1.1\r\nX: " + b"a" * 1_000_000)
    assert b"200 OK" not in answer
    assert await alive(served)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\nuser_id=",
    ],
    ids=["nothing", "half a head", "half a body"],
)
async def test_a_client_that_stops_halfway_is_let_go(
    served: WebServer, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(server_module, "REQUEST_PATIENCE_S", 0.2)
    await talk(served, sent)
    assert await alive(served)


async def test_a_taken_port_is_an_error_of_the_start(served: WebServer, house: House) -> None:
    second = WebServer(house.app, "127.0.0.1", served.port)
    with pytest.raises(OSError, match="Address already in use"):
        await second.start()
    assert await alive(served)


async def test_a_stop_ends_open_streams(house: House) -> None:
    server = WebServer(house.app, "127.0.0.1", 0)
    await server.start()
    async with house.browser("supervisor") as browser:
        cookie = "; ".join(f"{key}={value}" for key, value in browser.cookies.items())
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(f"GET /events HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n".encode())
    async with asyncio.timeout(5):
        await reader.readuntil(b"event: board")
        await server.stop()
        await reader.read()
    writer.close()
    assert len(house.web.streams) == 0
