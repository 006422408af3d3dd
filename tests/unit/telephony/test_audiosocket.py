"""AudioSocket: the codec by itself, and the server against peers of every kind."""

from __future__ import annotations

import asyncio
import struct
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.asyncioreactor import AsyncioSelectorReactor
from twisted.internet.task import Clock as ManualTime

from hotline.clock import ReactorClock
from hotline.telephony.audiosocket import (
    IDENTIFY_SECONDS,
    SPEECH_LIMIT,
    AudioConnection,
    AudioEvent,
    AudioFault,
    AudioSocketServer,
    Ended,
    Identified,
    Key,
    Speech,
)
from tests.deadline import until

NAME = uuid.UUID(int=12319)


def message(kind: int, content: bytes = b"") -> bytes:
    """A message as it goes over the wire."""
    return struct.pack(">BH", kind, len(content)) + content


HELLO = message(0x01, NAME.bytes)

messages = st.one_of(
    st.binary(max_size=400).map(lambda raw: (message(0x10, raw * 2), Speech(raw * 2))),
    st.sampled_from("0123456789*#").map(lambda key: (message(0x03, key.encode()), Key(key))),
    st.just((message(0x00), Ended())),
    st.just((message(0xFF, b"\x02"), Ended(2))),
)


@given(st.lists(messages, max_size=8), st.lists(st.integers(0, 3000), max_size=12))
def test_however_the_bytes_are_split_the_events_are_the_same(
    said: Sequence[tuple[bytes, AudioEvent]], cuts: list[int]
) -> None:
    wire = HELLO + b"".join(raw for raw, _ in said)
    places = sorted({0, len(wire), *(cut for cut in cuts if cut < len(wire))})
    connection = AudioConnection()
    heard = [
        event for start, end in pairwise(places) for event in connection.receive(wire[start:end])
    ]
    assert heard == [Identified(NAME), *(event for _, event in said)]


@given(st.binary(min_size=1, max_size=2000))
def test_garbage_is_refused_and_nothing_is_understood_after_it(raw: bytes) -> None:
    connection = AudioConnection()
    connection.receive(HELLO)
    try:
        connection.receive(raw)
    except AudioFault:
        with pytest.raises(AudioFault):
            connection.receive(message(0x10, b"\0\0"))


@pytest.mark.parametrize(
    "wrong",
    [
        message(0x10, b"\0\0"),
        message(0x01, b"short"),
        HELLO + HELLO,
        HELLO + message(0x10, b"odd"),
        HELLO + message(0x77),
        HELLO + struct.pack(">BH", 0x10, SPEECH_LIMIT + 2),
    ],
)
def test_what_asterisk_would_never_say_is_a_fault(wrong: bytes) -> None:
    with pytest.raises(AudioFault):
        AudioConnection().receive(wrong)


def test_what_was_understood_before_the_fault_is_not_lost() -> None:
    with pytest.raises(AudioFault) as caught:
        AudioConnection().receive(HELLO + message(0x10, b"\1\2") + message(0x55))
    assert caught.value.events == (Identified(NAME), Speech(b"\1\2"))


# --- the server ---------------------------------------------------------------------------


@dataclass
class Ear:
    """A sink that remembers."""

    heard: bytes = b""
    ends: list[str] = field(default_factory=list)

    def speech(self, samples: bytes) -> None:
        self.heard += samples

    def ended(self, why: str) -> None:
        self.ends.append(why)


@dataclass
class Scene:
    server: AudioSocketServer
    time: ManualTime
    faults: list[str]

    async def peer(self, *said: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        for one in said:
            writer.write(one)
        return reader, writer


@asynccontextmanager
async def serving(reactor: AsyncioSelectorReactor, limit: int = 200) -> AsyncIterator[Scene]:
    time, faults = ManualTime(), list[str]()
    server = AudioSocketServer(
        reactor,
        ReactorClock(time),
        host="127.0.0.1",
        port=0,
        on_fault=faults.append,
        limit=limit,
    )
    await server.start()
    try:
        yield Scene(server, time, faults)
    finally:
        await server.stop()
        await until(lambda: server.connections == 0)
        assert time.getDelayedCalls() == []


async def cut_off(reader: asyncio.StreamReader) -> None:
    """Wait until the server has closed."""
    try:
        assert await asyncio.wait_for(reader.read(), 5) == b""
    except ConnectionResetError:
        return


async def test_speech_goes_to_whoever_expects_it(reactor: AsyncioSelectorReactor) -> None:
    async with serving(reactor) as scene:
        one, other = Ear(), Ear()
        names = scene.server.expect(one), scene.server.expect(other)
        for name, said in zip(names, (b"\1\1", b"\2\2"), strict=True):
            _, writer = await scene.peer(message(1, name.bytes), message(0x10, said))
            writer.close()
        await until(lambda: one.ends and other.ends)
        assert (one.heard, other.heard) == (b"\1\1", b"\2\2")
        assert scene.faults == []


async def test_a_dropped_listening_closes_the_line_and_hears_nothing_more(
    reactor: AsyncioSelectorReactor,
) -> None:
    async with serving(reactor) as scene:
        ear = Ear()
        name = scene.server.expect(ear)
        reader, writer = await scene.peer(message(1, name.bytes), message(0x10, b"\1\1"))
        await until(lambda: ear.heard)
        scene.server.drop(name)
        await cut_off(reader)
        writer.close()
        assert ear.ends == []


async def test_a_listening_that_asterisk_never_connects_ends(
    reactor: AsyncioSelectorReactor,
) -> None:
    async with serving(reactor) as scene:
        ear = Ear()
        scene.server.expect(ear)
        scene.time.advance(IDENTIFY_SECONDS)
        assert ear.ends == ["Asterisk did not connect"]


async def test_strangers_half_open_and_garbage_are_closed_and_counted(
    reactor: AsyncioSelectorReactor,
) -> None:
    async with serving(reactor) as scene:
        half_open, _ = await scene.peer()
        await until(lambda: scene.server.connections == 1)
        scene.time.advance(IDENTIFY_SECONDS)
        await cut_off(half_open)
        stranger, _ = await scene.peer(HELLO)
        await cut_off(stranger)
        ear = Ear()
        name = scene.server.expect(ear)
        garbage, _ = await scene.peer(message(1, name.bytes), b"GET / HTTP/1.1\r\n\r\n")
        await cut_off(garbage)
        await until(lambda: ear.ends)
        assert scene.faults == ["half_open", "stranger", "garbage"]


async def test_no_more_than_the_limit_are_let_in(reactor: AsyncioSelectorReactor) -> None:
    async with serving(reactor, limit=1) as scene:
        ear = Ear()
        _, first = await scene.peer(message(1, scene.server.expect(ear).bytes))
        await until(lambda: scene.server.connections == 1)
        assert not scene.server.room
        second, _ = await scene.peer()
        await cut_off(second)
        assert scene.faults == ["too_many"]
        first.close()
        await until(lambda: ear.ends)
