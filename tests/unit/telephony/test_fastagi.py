"""The FastAGI server against a peer that plays Asterisk, or plays at being one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import structlog
from structlog.testing import capture_logs
from twisted.internet.task import Clock as ManualTime

from hotline.clock import ReactorClock
from hotline.telephony.fastagi import AgiFault, AgiSession, CallerHungUp, FastAgiServer, Handler
from tests.deadline import until

ENVIRONMENT = (
    b"agi_network: yes\nagi_network_script: call\nagi_channel: PJSIP/citizen-1\n"
    b"agi_uniqueid: 17.1\nagi_arg_1: start\n\n"
)


class Peer:
    """The other end of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def says(self, data: bytes) -> None:
        self.writer.write(data)

    async def hears(self) -> str:
        return (await asyncio.wait_for(self.reader.readline(), 5)).decode().rstrip("\n")

    async def is_cut_off(self) -> None:
        try:
            rest = await asyncio.wait_for(self.reader.read(), 5)
        except ConnectionResetError:
            return
        assert rest == b""


@dataclass
class Scene:
    """A server that runs ``handler`` and whatever called it."""

    server: FastAgiServer
    time: ManualTime
    faults: list[str] = field(default_factory=list)
    peers: list[Peer] = field(default_factory=list)

    async def peer(self, data: bytes = ENVIRONMENT) -> Peer:
        peer = Peer(*await asyncio.open_connection("127.0.0.1", self.server.port))
        self.peers.append(peer)
        peer.says(data)
        return peer


@asynccontextmanager
async def serving(handler: Handler, limit: int = 2000) -> AsyncIterator[Scene]:
    faults: list[str] = []
    time = ManualTime()
    server = FastAgiServer(
        ReactorClock(time),
        host="127.0.0.1",
        port=0,
        handler=handler,
        on_fault=faults.append,
        call_of=lambda env: "pbx1-" + env.variables["agi_uniqueid"],
        limit=limit,
    )
    await server.start()
    scene = Scene(server, time, faults)
    try:
        yield scene
    finally:
        await server.stop()
        for peer in scene.peers:
            peer.writer.close()
        assert server.sessions == 0


async def test_a_handler_speaks_to_the_channel_and_closes_when_it_is_done() -> None:
    heard: list[object] = []

    async def handler(session: AgiSession) -> None:
        heard.extend([session.path, session.args, session.uniqueid, session.channel])
        await session.answer()
        heard.append(await session.stream_file("/prompts/greeting", "12"))
        heard.append(await session.wait_for_digit(1.5))
        heard.append(await session.get_variable("X"))
        await session.set_variable("HOTLINE_NEXT", "dial")

    async with serving(handler) as scene:
        peer = await scene.peer()
        for command, reply in (
            ("ANSWER", b"200 result=0\n"),
            ('STREAM FILE "/prompts/greeting" "12"', b"200 result=50 endpos=8000\n"),
            ('WAIT FOR DIGIT "1500"', b"200 result=0\n"),
            ('GET VARIABLE "X"', b"200 result=1 ((hangup))\n"),
            ('SET VARIABLE "HOTLINE_NEXT" "dial"', b"200 result=1\n"),
        ):
            assert await peer.hears() == command
            peer.says(reply)
        await peer.is_cut_off()
    assert heard == ["call", ("start",), "17.1", "PJSIP/citizen-1", "2", None, "(hangup)"]
    assert scene.faults == []


async def test_a_command_waits_until_the_one_before_it_was_answered() -> None:
    async def handler(session: AgiSession) -> None:
        async with asyncio.TaskGroup() as both:
            playing = both.create_task(session.stream_file("long"))
            both.create_task(session.set_variable("TIMEOUT(absolute)", 15))
            await asyncio.sleep(0)
            playing.cancel()

    async with serving(handler) as scene:
        peer = await scene.peer()
        assert (await peer.hears()).startswith("STREAM FILE")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(peer.reader.readline(), 0.1)
        peer.says(b"200 result=0 endpos=1\n")
        assert await peer.hears() == 'SET VARIABLE "TIMEOUT(absolute)" "15"'
        peer.says(b"200 result=1\n")
        await peer.is_cut_off()


@pytest.mark.parametrize(
    ("wire", "told"), [(b"HANGUP\n", True), (b"511 result=-1 Dead\n", True), (b"", False)]
)
async def test_a_hang_up_ends_the_command_under_way(wire: bytes, told: bool) -> None:
    ended: list[bool] = []

    async def handler(session: AgiSession) -> None:
        try:
            await session.stream_file("greeting")
        except CallerHungUp as gone:
            ended.append(gone.told)
            raise

    async with serving(handler) as scene:
        peer = await scene.peer()
        await peer.hears()
        peer.says(wire)
        if not wire:
            peer.writer.close()
        await until(lambda: ended)
        assert ended == [told]
        assert scene.faults == []


async def test_a_hang_up_is_noticed_while_no_command_is_under_way() -> None:
    async def handler(session: AgiSession) -> None:
        await session.gone.wait()
        await session.answer()

    async with serving(handler) as scene:
        peer = await scene.peer()
        peer.says(b"HANGUP\n")
        await peer.is_cut_off()


async def test_whoever_asked_is_told_once_that_the_channel_left() -> None:
    told: list[str] = []

    async def handler(session: AgiSession) -> None:
        session.when_gone(lambda: told.append("early"))
        await session.gone.wait()
        session.when_gone(lambda: told.append("late"))

    async with serving(handler) as scene:
        peer = await scene.peer()
        peer.says(b"HANGUP\n")
        await peer.is_cut_off()
        assert told == ["early", "late"]


async def test_a_key_pressed_just_before_the_hang_up_still_counts() -> None:
    keys: list[str | None] = []

    async def handler(session: AgiSession) -> None:
        keys.append(await session.wait_for_digit(5))

    async with serving(handler) as scene:
        peer = await scene.peer()
        await peer.hears()
        peer.says(b"200 result=53\nHANGUP\n")
        await peer.is_cut_off()
    assert keys == ["5"]


async def test_a_file_that_cannot_be_played_is_not_a_hang_up() -> None:
    async def handler(session: AgiSession) -> None:
        with pytest.raises(AgiFault, match="missing"):
            await session.stream_file("missing")
        with pytest.raises(AgiFault, match="520"):
            await session.execute("STREAM FILE")
        await session.answer()

    async with serving(handler) as scene:
        peer = await scene.peer()
        await peer.hears()
        peer.says(b"200 result=-1 endpos=0\n")
        assert await peer.hears() == "NOOP"
        peer.says(b"200 result=0\n")
        await peer.hears()
        peer.says(b"520-Invalid command syntax.\nUsage\n520 End of proper usage.\n")
        assert await peer.hears() == "ANSWER"
        peer.says(b"200 result=0\n")
        await peer.is_cut_off()
        assert scene.faults == []


async def test_a_handler_that_fails_is_logged_with_its_call_and_lets_the_channel_go() -> None:
    structlog.contextvars.clear_contextvars()

    async def handler(session: AgiSession) -> None:
        raise LookupError("no such queue")

    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        async with serving(handler) as scene:
            await (await scene.peer()).is_cut_off()
            assert scene.faults == ["handler"]
    assert [line["call"] for line in lines if line["log_level"] == "error"] == ["pbx1-17.1"]


@pytest.mark.parametrize(
    ("wire", "fault"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "garbage"),
        (ENVIRONMENT + b"nonsense\n", "garbage"),
        (b"\0" * 1_000_000, "too_long"),
    ],
)
async def test_garbage_is_cut_off_and_the_next_call_is_served(wire: bytes, fault: str) -> None:
    served: list[str] = []

    async def handler(session: AgiSession) -> None:
        served.append(session.uniqueid)
        await session.answer()

    async with serving(handler) as scene:
        await (await scene.peer(wire)).is_cut_off()
        assert scene.faults == [fault]
        peer = await scene.peer()
        assert await peer.hears() == "ANSWER"


async def test_a_connection_without_a_call_is_closed_after_five_seconds() -> None:
    async def handler(session: AgiSession) -> None:
        await session.gone.wait()

    async with serving(handler) as scene:
        silent = await scene.peer(b"agi_network: yes\n")
        await until(scene.time.getDelayedCalls)
        calling = await scene.peer()
        await until(lambda: scene.server.sessions == 1)
        scene.time.advance(5.0)
        await silent.is_cut_off()
        assert scene.faults == ["half_open"]
        assert scene.server.sessions == 1
        calling.says(b"HANGUP\n")
        await calling.is_cut_off()
        assert scene.time.getDelayedCalls() == []


async def test_a_peer_that_connects_and_closes_leaves_nothing() -> None:
    async def handler(session: AgiSession) -> None:
        raise AssertionError("nobody called")

    async with serving(handler) as scene:
        peer = await scene.peer(b"")
        await until(scene.time.getDelayedCalls)
        peer.writer.close()
        await until(lambda: not scene.time.getDelayedCalls())
        assert scene.faults == []


async def test_connections_over_the_limit_are_refused_and_room_comes_back() -> None:
    async def handler(session: AgiSession) -> None:
        await session.gone.wait()

    async with serving(handler, limit=1) as scene:
        first = await scene.peer()
        await until(lambda: scene.server.sessions == 1)
        await (await scene.peer()).is_cut_off()
        assert scene.faults == ["too_many"]
        first.says(b"HANGUP\n")
        await first.is_cut_off()
        await until(lambda: scene.server.sessions == 0)
        first.writer.close()
        again = await scene.peer()
        await until(lambda: scene.server.sessions == 1)
        again.says(b"HANGUP\n")


async def test_a_stop_cancels_handlers_instead_of_telling_them_of_a_hang_up() -> None:
    ends: list[str] = []

    async def handler(session: AgiSession) -> None:
        try:
            await session.stream_file("greeting")
        except CallerHungUp:
            ends.append("hung up")
        except asyncio.CancelledError:
            ends.append("stopped")
            raise

    async with serving(handler) as scene:
        silent = await scene.peer(b"agi_network: yes\n")
        peer = await scene.peer()
        await peer.hears()
        await scene.server.stop()
        await peer.is_cut_off()
        await silent.is_cut_off()
        with pytest.raises(OSError, match=r".+"):
            await asyncio.open_connection("127.0.0.1", scene.server.port)
    assert ends == ["stopped"]


async def test_a_taken_port_is_told_in_one_line() -> None:
    async def handler(session: AgiSession) -> None: ...

    async with serving(handler) as scene:
        second = FastAgiServer(
            ReactorClock(ManualTime()),
            host="127.0.0.1",
            port=scene.server.port,
            handler=handler,
            on_fault=scene.faults.append,
        )
        with pytest.raises(OSError, match="FastAGI cannot listen"):
            await second.start()
