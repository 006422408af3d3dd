"""One webhook over HTTP: signed, bounded, and never into our own machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from hotline.registry.exchange import guard, signing
from hotline.registry.exchange.sending import Answer, Delivery, HttpSender
from tests.databases import MORNING, HandClock

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@asynccontextmanager
async def answering(answer: bytes, asked: list[bytes]) -> AsyncIterator[str]:
    """A server that says the same to everybody; its address."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        await writer.drain()
        if answer:
            writer.close()
        else:
            await asyncio.sleep(5)

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield f"http://localhost:{port}/in?from=us"
    server.close()


async def send(url: str, *, local: tuple[str, ...] = ("localhost",), deadline: float = 5) -> Answer:
    sender = HttpSender(HandClock(), local)
    try:
        body = '{"a":"井盖"}'
        return await sender.send(Delivery(url, "city.1", "s" * 64, "city-1-1", 1, body, deadline))
    finally:
        await sender.close()


async def test_a_webhook_carries_a_signature_that_its_receiver_can_check() -> None:
    asked: list[bytes] = []
    async with answering(OK, asked) as url:
        answer = await send(url)
    assert (answer.taken, answer.text) == (True, "ok")
    lines = dict(line.split(": ", 1) for line in asked[0].decode().split("\r\n")[1:] if line)
    told = {name.lower(): value for name, value in lines.items()}
    expected = signing.signature(
        "s" * 64,
        f"{MORNING:.0f}",
        method="POST",
        target="/in?from=us",
        idempotency="city-1-1",
        body='{"a":"井盖"}'.encode(),
    )
    assert told["x-hotline-signature"] == expected
    assert told["idempotency-key"] == "city-1-1"
    assert told["host"].startswith("localhost:")


async def test_our_own_machine_is_not_sent_to_unless_the_configuration_names_it() -> None:
    asked: list[bytes] = []
    async with answering(OK, asked) as url:
        answer = await send(url, local=())
    assert (answer.status, asked) == (None, [])
    assert "url_inward" in answer.text


async def test_a_redirect_is_not_followed() -> None:
    asked: list[bytes] = []
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
    async with answering(moved, asked) as url:
        answer = await send(url)
    assert (answer.status, answer.taken, answer.refused, len(asked)) == (302, False, False, 1)


async def test_a_receiver_that_says_nothing_has_an_end() -> None:
    async with answering(b"", []) as url:
        answer = await send(url, deadline=0.2)
    assert (answer.status, answer.text) == (None, "no answer within 0.2 s")


async def test_retry_after_is_read_as_seconds_and_as_a_date() -> None:
    for header, seconds in (("30", 30.0), ("Fri, 20 Nov 2026 00:01:00 GMT", 60.0), ("soon", None)):
        busy = (
            "HTTP/1.1 503 Busy\r\nDate: Fri, 20 Nov 2026 00:00:00 GMT\r\n"
            f"Retry-After: {header}\r\nContent-Length: 0\r\n\r\n"
        )
        async with answering(busy.encode(), []) as url:
            assert (await send(url)).wait_s == seconds


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "169.254.169.254",
        "100.100.100.200",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_numbers_that_lead_inward_are_refused_however_they_are_written(number: str) -> None:
    with pytest.raises(guard.BadAddress):
        guard.check_number("peer.example", number, ())


@pytest.mark.parametrize("number", ["10.1.2.3", "192.168.1.9", "172.16.0.1", "fd12::1", "1.2.4.8"])
def test_a_citys_own_network_is_allowed(number: str) -> None:
    guard.check_number("peer.example", number, ())
