"""Bad input at every port: a clear refusal, and nothing else disturbed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from hotline.config import Config
from hotline.demo.phone import CLOSED, ESTABLISHED
from tests.rawsip import NotAnswered, RawCaller
from tests.system import HotlineSystem
from tests.talks import hear_each_other, ringing_in, talking

PORTS: dict[str, Callable[[Config], int]] = {
    "agi": lambda config: config.pbx.agi_port,
    "ami": lambda config: config.pbx.ami_port,
    "audio": lambda config: config.pbx.audio_port,
    "http": lambda config: config.web.port,
}
GARBAGE = {
    "binary": bytes(range(256)) * 64,
    "one line of a megabyte": b"a" * 1_000_000 + b"\n\n",
    "only newlines": b"\n" * 1000,
    "a header without an end": b"agi_network: yes\nagi_request: agi://x/call\nagi_uniqueid: 1",
    "broken text": b"agi_channel: \xff\xfe\x00\r\n\r\n" * 10,
}


@asynccontextmanager
async def undisturbed(system: HotlineSystem) -> AsyncIterator[None]:
    """A talk that goes on, audio both ways, while something bad happens; no error is logged."""
    start = system.log_size()
    pid = system.controller().pid
    async with talking(system) as talk:
        yield
        await hear_each_other(talk.citizen, talk.phone)
        assert system.controller().pid == pid, "the controller died of it"
    assert "Traceback" not in system.log_text(start)


@pytest.mark.parametrize("port", PORTS)
async def test_garbage_on_a_port_disturbs_nobody(system: HotlineSystem, port: str) -> None:
    number = PORTS[port](system.config)
    async with undisturbed(system):
        for garbage in GARBAGE.values():
            reader, writer = await asyncio.open_connection("127.0.0.1", number)
            writer.write(garbage)
            try:
                await asyncio.wait_for(writer.drain(), 5)
                writer.write_eof()
                await asyncio.wait_for(reader.read(), 15)
            except ConnectionError:
                continue  # Closed in the middle of it: as good an answer as any.
            finally:
                writer.close()


@pytest.mark.parametrize("port", ["agi", "http"])
async def test_half_open_connections_are_closed_and_cost_nobody_a_call(
    system: HotlineSystem, port: str
) -> None:
    number = PORTS[port](system.config)
    links = [await asyncio.open_connection("127.0.0.1", number) for _ in range(100)]
    try:
        async with undisturbed(system):
            pass
        if port == "agi":
            reads = (asyncio.wait_for(reader.read(), 30) for reader, _ in links)
            ends = await asyncio.gather(*reads, return_exceptions=True)
            assert all(end == b"" or isinstance(end, ConnectionError) for end in ends)
    finally:
        for _, writer in links:
            writer.close()


async def test_a_request_too_large_is_refused_in_words(system: HotlineSystem) -> None:
    async with httpx.AsyncClient(base_url=system.url) as client:
        form = {"user_id": "agent1", "password": "x" * 2_000_000}
        answer = await client.post("/login", data=form)
    assert answer.status_code in {413, 422}
    assert answer.text


NUMBER = "<sip:13800000021@127.0.0.1>"
CALLERS = {
    "quotes": f'"a \\"quoted\\" name; DROP TABLE calls" {NUMBER}',
    "emoji": f'"王😀🚧" {NUMBER}',
    "dialplan": '"${SHELL(id)}" <sip:138$(id)@127.0.0.1>',
    "newlines in the number": "<sip:138%0D%0A00000021@127.0.0.1>",
    "markup": f'"<script>alert(1)</script>" {NUMBER}',
    "a very long name": f'"{"长" * 300}" {NUMBER}',
    "nobody": "<sip:anonymous@anonymous.invalid>",
}
UNREADABLE = {
    "a newline in the name": f'"line one\r\n line two" {NUMBER}',
    "an open quote": f'"never closed {NUMBER}',
    "braces in the number": "<sip:138${SHELL(id)}@127.0.0.1>",
    "half a letter": '"\udce5" ' + NUMBER,
}


@pytest.mark.parametrize("caller", CALLERS)
async def test_a_caller_may_be_called_anything(system: HotlineSystem, caller: str) -> None:
    mark = system.last_seq()
    start = system.log_size()
    async with RawCaller(system.config.pbx.sip_port, "12319", CALLERS[caller]):
        arrived = await system.journalled("CallArrived", after=mark)
    await system.journalled("CallEnded", after=mark, call_id=arrived.data["call_id"])
    number, name = arrived.data["calling"], arrived.data["calling_name"]
    assert set(number) <= set("0123456789+*#")
    assert name.isprintable()
    if caller == "emoji":
        assert name == "王😀🚧"
    if caller == "quotes":
        assert "quoted" in name
    assert "uid=" not in system.log_text(start), "a shell ran"
    assert "Traceback" not in system.log_text(start)


@pytest.mark.parametrize("caller", UNREADABLE)
async def test_a_call_that_cannot_be_read_disturbs_nobody(
    system: HotlineSystem, caller: str
) -> None:
    async with undisturbed(system):
        try:
            async with RawCaller(system.config.pbx.sip_port, "12319", UNREADABLE[caller], 2):
                pass
        except (TimeoutError, NotAnswered):
            pass


async def test_an_unknown_number_is_told_so(system: HotlineSystem) -> None:
    mark = system.last_seq()
    async with system.citizen() as citizen:
        await citizen.dial(system.sip("99999"))
        ended = await citizen.event(CLOSED, ESTABLISHED, within=30)
        assert ended.kind == CLOSED
    assert not system.journal("CallArrived", after=mark)


async def test_the_hotline_is_reached_right_after_nonsense(system: HotlineSystem) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", system.config.pbx.agi_port)
    writer.write(b"\x00" * 100)
    writer.close()
    del reader
    async with ringing_in(system) as call:
        await call.ear.hears(("greeting",), within=30)
