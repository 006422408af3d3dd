"""The AMI link against a peer that plays Asterisk as badly as one can."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from twisted.internet.task import Clock as ManualTime

from hotline.clock import ReactorClock
from hotline.telephony.ami import AmiEvent, AmiLink, AmiLost, AmiRefused
from hotline.telephony.snapshot import PbxSnapshot
from tests.deadline import until

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
BOOTED = "Event: FullyBooted\r\n\r\n"


class FakeAmi:
    """Answers logins, pings and the snapshot's lists; keeps quiet where it is told to."""

    def __init__(self) -> None:
        self.actions: list[str] = []
        self.quiet: set[str] = set()
        self.answers: dict[str, str] = {"Login": "Response: Success\r\n\r\n" + BOOTED}
        self.banner = BANNER
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        self.hang_up()

    def says(self, data: str | bytes) -> None:
        self._writers[-1].write(data if isinstance(data, bytes) else data.encode())

    def hang_up(self) -> None:
        for writer in self._writers:
            writer.close()

    def asked(self, action: str) -> int:
        return self.actions.count(action)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        writer.write(self.banner)
        try:
            while True:
                text = (await reader.readuntil(b"\r\n\r\n")).decode()
                headers = dict(line.split(": ", 1) for line in text.strip().split("\r\n"))
                self.actions.append(headers["Action"])
                if headers["Action"] not in self.quiet:
                    writer.write(self._answer(headers["Action"], headers["ActionID"]).encode())
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, action: str, action_id: str) -> str:
        name = f"ActionID: {action_id}\r\n"
        if action in ("CoreShowChannels", "PJSIPShowContacts"):
            return (
                f"Response: Success\r\n{name}EventList: start\r\n\r\n"
                f"Event: {action}Complete\r\n{name}EventList: Complete\r\n\r\n"
            )
        first, _, rest = self.answers.get(action, "Response: Success\r\n\r\n").partition("\r\n")
        return f"{first}\r\n{name}{rest}"


class Told:
    """A link on a clock of its own, and what it told, in its order."""

    def __init__(self, peer: FakeAmi) -> None:
        self.time = ManualTime()
        self.story: list[str] = []
        self.on_up: Callable[[PbxSnapshot], Awaitable[None]] | None = None
        self.link = AmiLink(
            "pbx1",
            host="127.0.0.1",
            port=peer.port,
            user="hotline",
            secret="s3cret",
            clock=ReactorClock(self.time, self.time.seconds),
            on_event=self._event,
            on_up=self._up,
            on_down=lambda why: self.story.append(f"down: {why}"),
        )

    async def _up(self, snapshot: PbxSnapshot) -> None:
        self.story.append("up")
        if self.on_up is not None:
            await self.on_up(snapshot)
        self.story.append("taken in")

    def _event(self, event: AmiEvent) -> None:
        self.story.append(event.get("Name") or event.name)
        if event.name == "Poison":
            raise LookupError("cannot digest this")


@asynccontextmanager
async def linked(peer: FakeAmi) -> AsyncIterator[Told]:
    told = Told(peer)
    await told.link.start()
    try:
        yield told
    finally:
        await told.link.stop()
        assert told.time.getDelayedCalls() == []


@pytest.fixture
async def peer() -> AsyncIterator[FakeAmi]:
    it = FakeAmi()
    await it.open()
    yield it
    await it.close()


async def test_events_wait_until_the_snapshot_before_them_was_taken_in(peer: FakeAmi) -> None:
    taking_in = asyncio.Event()

    async def slowly(_: PbxSnapshot) -> None:
        peer.says("Event: First\r\n\r\nEvent: Second\r\n\r\n")
        await told.link.action("Setvar", Variable="X", Value="1")
        await taking_in.wait()

    async with linked(peer) as told:
        told.on_up = slowly
        await until(lambda: peer.asked("Setvar"))
        assert told.story == ["up"]
        taking_in.set()
        await until(lambda: "Second" in told.story)
        peer.says("Event: Third\r\n\r\n")
        await until(lambda: "Third" in told.story)
    assert told.story == ["up", "taken in", "First", "Second", "Third"]


async def test_an_event_that_cannot_be_taken_in_does_not_hold_up_the_next(peer: FakeAmi) -> None:
    async with linked(peer) as told:
        await until(lambda: "taken in" in told.story)
        peer.says("Event: Poison\r\n\r\nEvent: Good\r\n\r\n")
        await until(lambda: told.story[-1] == "Good")
        assert told.link.up


async def test_a_character_cut_in_two_by_the_network_stays_whole(peer: FakeAmi) -> None:
    async with linked(peer) as told:
        await until(lambda: "taken in" in told.story)
        data = "Event: X\r\nName: 张三😀\r\n\r\n".encode()
        for place in range(len(data)):
            peer.says(data[place : place + 1])
            await asyncio.sleep(0)
        await until(lambda: told.story[-1] == "张三😀")


async def test_a_snapshot_that_cannot_be_taken_in_is_taken_again(peer: FakeAmi) -> None:
    async def fails(_: PbxSnapshot) -> None:
        raise LookupError("no such call")

    async with linked(peer) as told:
        told.on_up = fails
        await until(lambda: told.story[1:] == ["down: taking in the snapshot failed: no such call"])
        told.on_up = None
        await until(told.time.getDelayedCalls)
        told.time.advance(0.2)
        await until(lambda: told.story[-1] == "taken in")


async def test_a_lost_answer_is_an_unknown_outcome_and_nothing_is_sent_again(
    peer: FakeAmi,
) -> None:
    async with linked(peer) as told:
        await until(lambda: "taken in" in told.story)
        peer.quiet.add("Originate")
        dialling = asyncio.create_task(told.link.action("Originate", Channel="Local/s@x"))
        await until(lambda: peer.asked("Originate"))
        peer.hang_up()
        with pytest.raises(AmiLost):
            await dialling
        await until(lambda: told.time.getDelayedCalls() and not told.link.up)
        told.time.advance(0.2)
        await until(lambda: told.story.count("taken in") == 2)
        await told.link.action("Ping")
        assert peer.asked("Originate") == 1


async def test_a_link_without_a_sign_of_life_is_given_up(peer: FakeAmi) -> None:
    async with linked(peer) as told:
        await until(lambda: "taken in" in told.story)
        peer.quiet = {"Ping", "Hangup"}
        asking = asyncio.create_task(told.link.action("Hangup", Channel="x"))
        told.time.advance(2.0)
        await until(lambda: peer.asked("Ping"))
        told.time.advance(4.9)
        assert told.link.up
        told.time.advance(0.1)
        with pytest.raises(AmiLost, match="no sign of life within 5 s"):
            await asking
        await until(lambda: told.story[-1] == "down: no sign of life within 5 s")


async def test_the_answer_of_a_cancelled_action_does_not_disturb_the_next(peer: FakeAmi) -> None:
    async with linked(peer) as told:
        await until(lambda: "taken in" in told.story)
        peer.quiet.add("Getvar")
        asking = asyncio.create_task(told.link.action("Getvar", Variable="X"))
        await until(lambda: peer.asked("Getvar"))
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        peer.answers["Hangup"] = "Response: Error\r\nMessage: No such channel\r\n\r\n"
        with pytest.raises(AmiRefused, match="No such channel"):
            await told.link.action("Hangup", Channel="x")


@pytest.mark.parametrize(
    ("quiet", "banner", "seconds", "trouble"),
    [
        ("Login", BANNER, 5.0, "does not answer the login: hung, or no AMI"),
        ("Login", b"\x00" * 2_000_000, 0.0, "ended the connection"),
        ("Login", b"HTTP/1.1 400 Bad Request\r\n\r\nEvent: \r\n\r\n", 5.0, "no AMI"),
    ],
)
async def test_a_peer_that_is_no_asterisk_is_told_and_tried_again(
    peer: FakeAmi, quiet: str, banner: bytes, seconds: float, trouble: str
) -> None:
    peer.quiet, peer.banner = {quiet}, banner
    async with linked(peer) as told:
        if seconds:
            await until(lambda: peer.asked("Login"))
            told.time.advance(seconds)
        await until(lambda: trouble in told.link.trouble)
        peer.quiet, peer.banner = set(), BANNER
        await until(told.time.getDelayedCalls)
        told.time.advance(0.2)
        await until(lambda: told.link.up)
        assert told.link.trouble == ""


async def test_a_refused_login_is_tried_again_slowly(peer: FakeAmi) -> None:
    peer.answers["Login"] = "Response: Error\r\nMessage: Authentication failed\r\n\r\n"
    async with linked(peer) as told:
        await until(lambda: "Authentication failed" in told.link.trouble)
        assert "pbx.ami_user and pbx.ami_secret" in told.link.trouble
        with pytest.raises(AmiLost, match="refuses the login"):
            await told.link.action("Ping")
        told.time.advance(9.9)
        assert peer.asked("Login") == 1
        told.time.advance(0.1)
        await until(lambda: peer.asked("Login") == 2)


async def test_an_asterisk_that_never_finishes_booting_is_told(peer: FakeAmi) -> None:
    peer.answers["Login"] = "Response: Success\r\n\r\n"
    async with linked(peer) as told:
        await until(lambda: len(told.time.getDelayedCalls()) == 2)
        for pings in range(1, 15):
            told.time.advance(2.0)
            await until(functools.partial(_pinged, peer, told, pings))
        told.time.advance(2.0)
        await until(lambda: "read=system" in told.link.trouble)
        assert told.story == []


def _pinged(peer: FakeAmi, told: Told, times: int) -> bool:
    """Whether the ping was answered: its deadline is gone, the next one is planned."""
    return peer.asked("Ping") == times and len(told.time.getDelayedCalls()) == 2


async def test_a_stopped_link_tells_whoever_waits_and_stays_down(peer: FakeAmi) -> None:
    async with linked(peer) as told:
        await until(lambda: "taken in" in told.story)
        peer.quiet.add("Hangup")
        asking = asyncio.create_task(told.link.action("Hangup", Channel="x"))
        await until(lambda: peer.asked("Hangup"))
        await told.link.stop()
        with pytest.raises(AmiLost, match="stopped"):
            await asking
        assert not told.link.up
        assert told.story == ["up", "taken in"]


def test_a_secret_that_cannot_be_sent_is_refused_at_once() -> None:
    peer = FakeAmi()
    with pytest.raises(ValueError, match="Secret"):
        AmiLink(
            "pbx1",
            host="127.0.0.1",
            port=1,
            user="hotline",
            secret="two\nlines",
            clock=Told(peer).link._clock,
            on_event=lambda _: None,
            on_up=Told(peer)._up,
            on_down=lambda _: None,
        )


def test_headers_are_read_in_any_case_and_channel_variables_by_name() -> None:
    event = AmiEvent("DialBegin", {"ChanVariable": "A=1\r\nB=x=y\nC=2", "DestChanVariable": ""})
    assert event.variables() == {"A": "1", "B": "x=y\nC=2"}
    assert event.variables("Dest") == {}
    assert event.get("CHANVARIABLE") == event.get("chanvariable")
    assert event.get("Nothing", "-") == "-"
