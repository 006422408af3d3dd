"""FastAGI and AMI against a real Asterisk of the test's own."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import pytest
from twisted.internet.asyncioreactor import AsyncioSelectorReactor

from hotline.clock import ReactorClock
from hotline.telephony.ami import AmiEvent, AmiLink, AmiLost, AmiRefused
from hotline.telephony.fastagi import AgiFault, AgiSession, CallerHungUp, FastAgiServer, Handler
from hotline.telephony.pbx import FALLBACK_QUEUE, Pbx
from hotline.telephony.snapshot import PbxSnapshot
from tests.asterisk_box import AsteriskBox, asterisk_program, tone
from tests.deadline import until

pytestmark = pytest.mark.skipif(asterisk_program() is None, reason="no Asterisk on this machine")

WAIT = 15.0

DIALPLAN = """
[phones]
exten => wait,1,Answer()
 same => n,Wait(60)
exten => count,1,Set(GLOBAL(COUNT)=$[0${COUNT} + 1])
 same => n,Answer()
 same => n,Wait(60)
exten => key,1,Answer()
 same => n,Wait(1)
 same => n,SendDTMF(5)
 same => n,Wait(60)
exten => named,1,Set(CALLERID(all)="张三 "quoted" \\\\ 😀" <13800005678>)
 same => n,Set(HOTLINE_CALLED=12319)
 same => n,Answer()
 same => n,Wait(60)

[agi]
exten => s,1,Set(AGIEXITONHANGUP=yes)
 same => n,Set(LINES=${URIDECODE(one%0AHANGUP%0Atwo)})
 same => n,Answer()
 same => n,AGI(agi://127.0.0.1:${PORT}/call,start,,0)
 same => n,UserEvent(AfterAgi,Next: ${HOTLINE_NEXT})
 same => n,Wait(60)
"""


class Watch:
    """A link, and what it told."""

    def __init__(self, reactor: AsyncioSelectorReactor, box: AsteriskBox, port: int = 0) -> None:
        self.ups: list[PbxSnapshot] = []
        self.downs: list[str] = []
        self.events: list[AmiEvent] = []
        self.link = AmiLink(
            "pbx1",
            host="127.0.0.1",
            port=port or box.ami_port,
            user="hotline",
            secret=box.secret,
            clock=ReactorClock(reactor),
            on_event=self.events.append,
            on_up=self._up,
            on_down=self.downs.append,
            heartbeat_s=0.3,
            answer_s=2.0,
            slowest_retry_s=1.0,
        )
        self.pbx = Pbx(self.link)

    async def _up(self, snapshot: PbxSnapshot) -> None:
        self.ups.append(snapshot)

    def seen(self, name: str, **fields: str) -> AmiEvent | None:
        """The first event of this name and these fields."""
        for event in self.events:
            if event.name == name and all(event.get(k) == v for k, v in fields.items()):
                return event
        return None

    async def comes(self, name: str, **fields: str) -> AmiEvent:
        """The same, waited for."""
        return await until(lambda: self.seen(name, **fields), WAIT, 0.01, f"{name} {fields}")

    async def comes_up(self, times: int = 1) -> PbxSnapshot:
        """The snapshot of the ``times``-th life."""
        await until(lambda: len(self.ups) >= times, WAIT, 0.01, self.link.trouble)
        return self.ups[times - 1]

    async def call(self, extension: str, channel_id: str, context: str = "phones") -> None:
        """Let somebody be in ``extension``, and the other end of the line idle."""
        await self.pbx.originate(
            channel_id, f"Local/{extension}@{context}/n", "phones", "wait", ring_seconds=10
        )


@pytest.fixture(scope="module")
def box() -> Iterator[AsteriskBox]:
    """An Asterisk that the tests leave as they found it."""
    with AsteriskBox(extensions=DIALPLAN) as running:
        yield running


@pytest.fixture
def own_box() -> Iterator[AsteriskBox]:
    """An Asterisk, not yet started, that a test may ruin."""
    with AsteriskBox(extensions=DIALPLAN, autostart=False) as stopped:
        yield stopped


@asynccontextmanager
async def watching(
    reactor: AsyncioSelectorReactor, box: AsteriskBox, port: int = 0
) -> AsyncIterator[Watch]:
    watch = Watch(reactor, box, port)
    await watch.link.start()
    try:
        yield watch
    finally:
        await watch.link.stop()


@asynccontextmanager
async def answering(
    reactor: AsyncioSelectorReactor, watch: Watch, handler: Handler
) -> AsyncIterator[FastAgiServer]:
    """FastAGI with ``handler`` where the dialplan looks for it."""
    await watch.comes_up()
    faults: list[str] = []
    server = FastAgiServer(
        reactor,
        ReactorClock(reactor),
        host="127.0.0.1",
        port=0,
        handler=handler,
        on_fault=faults.append,
    )
    await server.start()
    await watch.link.action("Setvar", Variable="PORT", Value=server.port)
    try:
        yield server
    finally:
        await server.stop()
    assert faults == []


def register(box: AsteriskBox, extension: str) -> None:
    """Register a phone by hand: one datagram each way."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", 0))
        phone.settimeout(5)
        here = f"127.0.0.1:{phone.getsockname()[1]}"
        lines = [
            f"REGISTER sip:127.0.0.1:{box.sip_port} SIP/2.0",
            f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{extension}",
            f"From: <sip:{extension}@127.0.0.1>;tag=1",
            f"To: <sip:{extension}@127.0.0.1>",
            f"Call-ID: {extension}",
            "CSeq: 1 REGISTER",
            f"Contact: <sip:{extension}@{here}>;expires=300",
            "Max-Forwards: 5",
            "Content-Length: 0",
            "",
            "",
        ]
        phone.sendto("\r\n".join(lines).encode(), ("127.0.0.1", box.sip_port))
        assert phone.recv(4096).startswith(b"SIP/2.0 200")


async def test_the_link_comes_up_with_a_snapshot_of_what_is_alive(
    reactor: AsyncioSelectorReactor, box: AsteriskBox
) -> None:
    async with watching(reactor, box) as watch:
        await watch.comes_up()
        await watch.call("named", "citizen-1")
        await watch.comes("Newexten", Uniqueid="citizen-1;2", Application="Wait")
    await asyncio.to_thread(register, box, "1001")
    async with watching(reactor, box) as watch:
        snapshot = await watch.comes_up()
        (citizen,) = (c for c in snapshot.channels if c.uniqueid == "citizen-1;2")
        assert await watch.pbx.hang_up(citizen.channel)
    assert citizen.caller_name == '张三 "quoted" \\ 😀'
    assert citizen.caller_number == "13800005678"
    assert citizen.variables["HOTLINE_CALLED"] == "12319"
    assert (citizen.context, citizen.application, citizen.state) == ("phones", "Wait", "Up")
    assert citizen.linkedid == "citizen-1"
    assert snapshot.reachable == {"1001"}


async def test_events_come_in_the_order_of_the_call(
    reactor: AsyncioSelectorReactor, box: AsteriskBox
) -> None:
    async with watching(reactor, box) as watch:
        await watch.comes_up()
        for number in range(20):
            await watch.call("wait", f"order-{number}")
        for number in range(20):
            up = await watch.comes("Newstate", Uniqueid=f"order-{number}", ChannelStateDesc="Up")
            assert await watch.pbx.hang_up(up.get("Channel"))
        for number in range(20):
            await watch.comes("Hangup", Uniqueid=f"order-{number};2")
            life = [e.name for e in watch.events if e.get("Uniqueid") == f"order-{number}"]
            story = [name for name in life if name in ("Newchannel", "Newstate", "Hangup")]
            assert story == ["Newchannel", "Newstate", "Hangup"]


async def test_an_answer_belongs_to_its_own_action(
    reactor: AsyncioSelectorReactor, box: AsteriskBox
) -> None:
    async with watching(reactor, box) as watch:
        await watch.comes_up()

        async def round_trip(number: int) -> bool:
            await watch.link.action("Setvar", Variable=f"N{number}", Value=number)
            reply = await watch.link.action("Getvar", Variable=f"N{number}")
            return reply.get("Value") == str(number)

        assert all(await asyncio.gather(*map(round_trip, range(100))))


async def test_nothing_can_be_smuggled_into_an_action(
    reactor: AsyncioSelectorReactor, box: AsteriskBox
) -> None:
    async with watching(reactor, box) as watch:
        await watch.comes_up()
        for value in ("x\r\n\r\nAction: Originate", "x\nVariable: y", "x\ry", "x\0y", "x" * 1100):
            with pytest.raises(ValueError, match="AMI"):
                await watch.link.action("Setvar", Variable="SMUGGLED", Value=value)
        with pytest.raises(ValueError, match="AMI header"):
            await watch.link.action("Setvar", **{"Variable\r\nX": "y"})
        assert (await watch.link.action("Getvar", Variable="SMUGGLED")).get("Value") == ""


async def test_a_refused_action_says_why(reactor: AsyncioSelectorReactor, box: AsteriskBox) -> None:
    async with watching(reactor, box) as watch:
        with pytest.raises(AmiLost):
            await watch.link.action("Ping")
        await watch.comes_up()
        with pytest.raises(AmiRefused, match="No such channel"):
            await watch.link.action("Hangup", Channel="PJSIP/nobody")
        with pytest.raises(AmiRefused, match=r".+"):
            await watch.link.command_list("NoSuchAction")


async def test_the_link_waits_for_an_asterisk_that_is_not_there_yet(
    reactor: AsyncioSelectorReactor, own_box: AsteriskBox
) -> None:
    async with watching(reactor, own_box) as watch:
        await until(lambda: "nobody listens" in watch.link.trouble)
        assert not watch.link.up
        await asyncio.to_thread(own_box.start)
        await watch.comes_up()
        assert (watch.link.up, watch.link.trouble) == (True, "")


async def test_a_refused_login_is_told_in_one_line_and_tried_again(
    reactor: AsyncioSelectorReactor, own_box: AsteriskBox
) -> None:
    right, own_box.secret = own_box.secret, "not the secret"
    async with watching(reactor, own_box) as watch:
        await asyncio.to_thread(own_box.start)
        await until(lambda: "refuses the login of 'hotline'" in watch.link.trouble, WAIT)
        config = own_box.home / "etc/manager.conf"
        config.write_text(config.read_text().replace(right, own_box.secret))
        await asyncio.to_thread(own_box.rx, "manager reload")
        await watch.comes_up()


async def test_after_a_crash_of_asterisk_the_link_comes_back_with_a_new_snapshot(
    reactor: AsyncioSelectorReactor, own_box: AsteriskBox
) -> None:
    await asyncio.to_thread(own_box.start)
    async with watching(reactor, own_box) as watch:
        await watch.comes_up()
        await watch.call("wait", "before")
        await watch.comes("Newstate", Uniqueid="before", ChannelStateDesc="Up")
        own_box.kill()
        await until(lambda: watch.downs)
        with pytest.raises(AmiLost):
            await watch.link.action("Ping")
        await asyncio.to_thread(own_box.start)
        assert (await watch.comes_up(2)).channels == ()
        assert len(watch.downs) == 1
        await watch.call("wait", "after")
        await watch.comes("Newstate", Uniqueid="after", ChannelStateDesc="Up")


async def test_a_hung_asterisk_is_noticed_and_what_was_asked_is_not_asked_again(
    reactor: AsyncioSelectorReactor, own_box: AsteriskBox
) -> None:
    await asyncio.to_thread(own_box.start)
    async with watching(reactor, own_box) as watch:
        await watch.comes_up()
        await watch.link.action("Setvar", Variable="COUNT", Value=0)
        own_box.signal(signal.SIGSTOP)
        with pytest.raises(AmiLost, match="no sign of life"):
            await watch.call("count", "once")
        assert watch.downs == ["no sign of life within 2 s"]
        own_box.signal(signal.SIGCONT)
        snapshot = await watch.comes_up(2)
        count = (await watch.link.action("Getvar", Variable="COUNT")).get("Value")
        assert int(count) == len([c for c in snapshot.channels if c.uniqueid == "once"])
        assert int(count) <= 1


class Cut:
    """A wire to AMI that can lose what Asterisk answers."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._server: asyncio.Server | None = None
        self._word = b""
        self._losing = False
        self.port = 0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()

    def lose_what_follows(self, word: bytes) -> None:
        """Carry ``word`` to Asterisk, then cut the wire instead of carrying anything back."""
        self._word = word

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, out = await asyncio.open_connection("127.0.0.1", self._to)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._to_asterisk(reader, out))
                both.create_task(self._from_asterisk(there, writer))
        finally:
            out.close()

    async def _to_asterisk(self, reader: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        # A link that gives up resets its connection.
        with suppress(ConnectionResetError):
            while data := await reader.read(65536):
                if self._word and self._word in data:
                    self._word, self._losing = b"", True
                out.write(data)
        out.close()

    async def _from_asterisk(
        self, there: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with suppress(ConnectionResetError):
            while (data := await there.read(65536)) and not self._losing:
                writer.write(data)
        self._losing = False
        writer.close()


async def test_an_originate_whose_answer_was_lost_is_not_dialled_twice(
    reactor: AsyncioSelectorReactor, box: AsteriskBox
) -> None:
    cut = Cut(box.ami_port)
    await cut.open()
    async with watching(reactor, box, cut.port) as watch:
        await watch.comes_up()
        await watch.link.action("Setvar", Variable="COUNT", Value=0)
        cut.lose_what_follows(b"Originate")
        with pytest.raises(AmiLost):
            await watch.call("count", "cb-7-1")
        snapshot = await watch.comes_up(2)
        (dialled,) = (c.channel for c in snapshot.channels if c.uniqueid == "cb-7-1")
        for _ in range(3):  # whatever was to be sent again has been by now
            await watch.link.action("Ping")
        assert (await watch.link.action("Getvar", Variable="COUNT")).get("Value") == "1"
        assert await watch.pbx.hang_up(dialled)
    await cut.close()


async def test_the_fallback_queue_s_members_follow_those_who_are_signed_on(
    reactor: AsyncioSelectorReactor, box: AsteriskBox
) -> None:
    async with watching(reactor, box) as watch:
        await watch.comes_up()

        async def members() -> dict[str, str]:
            events = await watch.link.command_list("QueueStatus", Queue=FALLBACK_QUEUE)
            found = [event for event in events if event.name == "QueueMember"]
            return {e.get("Location"): e.get("StateInterface") for e in found}

        both = {"PJSIP/1001": "PJSIP/1001", "Local/1002@phones/n": "PJSIP/1002"}
        one = {"Local/1002@phones/n": "PJSIP/1001"}
        for wanted in (both, both, one, {}):
            await watch.pbx.set_fallback_members(wanted)
            assert await members() == wanted


async def test_variables_of_an_originate_arrive_as_they_were_given(
    reactor: AsyncioSelectorReactor, box: AsteriskBox
) -> None:
    awkward = 'a,b "c" \\ (d,[e]) ${f} 张'
    async with watching(reactor, box) as watch:
        await watch.comes_up()
        await watch.pbx.originate(
            "vars-1",
            "Local/wait@phones/n",
            "phones",
            "wait",
            ring_seconds=10,
            caller_id='"12319" <12319>',
            variables={"FIRST": awkward, "SECOND": "2"},
        )
        up = await watch.comes("Newstate", Uniqueid="vars-1", ChannelStateDesc="Up")
        assert await watch.pbx.get_variable(up.get("Channel"), "FIRST") == awkward
        assert await watch.pbx.get_variable(up.get("Channel"), "SECOND") == "2"
        assert await watch.pbx.get_variable(up.get("Channel"), "THIRD") is None
        await watch.pbx.set_variables(up.get("Channel"), {"THIRD": awkward})
        assert await watch.pbx.get_variable(up.get("Channel"), "THIRD") == awkward
        assert await watch.pbx.redirect(up.get("Channel"), "phones", "count")
        await watch.comes("Newexten", Uniqueid="vars-1", Extension="count")
        assert await watch.pbx.hang_up(up.get("Channel"))
        await watch.comes("Hangup", Uniqueid="vars-1")
        assert not await watch.pbx.hang_up(up.get("Channel"))
        assert not await watch.pbx.redirect(up.get("Channel"), "phones", "count")
        assert await watch.pbx.get_variable(up.get("Channel"), "FIRST") is None
        with pytest.raises(AmiRefused, match="No such channel"):
            await watch.pbx.set_variables(up.get("Channel"), {"FIRST": "1"})


async def test_a_session_plays_takes_keys_and_tells_the_dialplan_what_comes_next(
    reactor: AsyncioSelectorReactor, box: AsteriskBox
) -> None:
    told: list[object] = []
    tone(box.home / "long.wav", 20.0)
    tone(box.home / "short.wav", 0.2)

    async def handler(session: AgiSession) -> None:
        told.extend([session.path, session.args])
        told.append(await session.stream_file(str(box.home / "short")))
        told.append(await session.wait_for_digit(0.1))
        with pytest.raises(AgiFault):
            await session.stream_file("/no/such/prompt")
        with pytest.raises(AgiFault, match="510"):
            await session.execute("FROBNICATE")
        with pytest.raises(AgiFault, match="520"):
            await session.execute("STREAM FILE")
        with pytest.raises(AgiFault, match="Nope"):
            await session.run_application("Nope")
        await session.set_variable("X", '(hangup) "quoted" back\\slash 张 😀')
        told.append(await session.get_variable("X"))
        told.append(await session.get_variable("LINES"))
        told.append(await session.get_variable("NOT_SET"))
        told.append(await session.run_application("NoOp", "x"))
        told.append(await session.stream_file(str(box.home / "long"), "0123456789"))
        await session.set_variable("HOTLINE_NEXT", "dial")

    async with watching(reactor, box) as watch, answering(reactor, watch, handler):
        await watch.pbx.originate("keys", "Local/s@agi/n", "phones", "key", ring_seconds=10)
        after = await watch.comes("UserEvent", UserEvent="AfterAgi")
        assert await watch.pbx.hang_up(after.get("Channel"))
    assert told == [
        "call",
        ("start", "", "0"),
        None,
        None,
        '(hangup) "quoted" back\\slash 张 😀',
        "one\nHANGUP\ntwo",
        None,
        "0",
        "5",
    ]
    assert after.get("Next") == "dial"


@pytest.mark.parametrize("how", ["hang-up", "redirect"])
async def test_a_caller_who_leaves_while_only_music_plays_is_noticed_at_once(
    reactor: AsyncioSelectorReactor, box: AsteriskBox, how: str
) -> None:
    waiting = asyncio.Event()
    ended: list[bool] = []

    async def handler(session: AgiSession) -> None:
        await session.music_on("hotline")
        waiting.set()
        await session.gone.wait()
        try:
            await session.music_off()
        except CallerHungUp as gone:
            ended.append(gone.told)

    async with watching(reactor, box) as watch, answering(reactor, watch, handler) as server:
        await watch.call("s", f"music-{how}", "agi")
        await asyncio.wait_for(waiting.wait(), WAIT)
        up = await watch.comes("Newstate", Uniqueid=f"music-{how};2", ChannelStateDesc="Up")
        await watch.comes("MusicOnHoldStart", Uniqueid=f"music-{how};2")
        if how == "redirect":
            assert await watch.pbx.redirect(up.get("Channel"), "phones", "wait")
        else:
            assert await watch.pbx.hang_up(up.get("Channel"))
        await until(lambda: ended and not server.sessions, 2.0, 0.01)
        assert ended == [True]
        await watch.pbx.hang_up(up.get("Channel"))


async def test_a_stopped_server_leaves_its_callers_to_the_dialplan(
    reactor: AsyncioSelectorReactor, box: AsteriskBox
) -> None:
    waiting = asyncio.Event()

    async def handler(session: AgiSession) -> None:
        await session.music_on("hotline")
        waiting.set()
        await session.gone.wait()

    async with watching(reactor, box) as watch:
        async with answering(reactor, watch, handler):
            await watch.call("s", "stopped", "agi")
            await asyncio.wait_for(waiting.wait(), WAIT)
        after = await watch.comes("UserEvent", UserEvent="AfterAgi", Uniqueid="stopped;2")
        assert after.get("Next") == ""
        assert await watch.pbx.hang_up(after.get("Channel"))


async def test_a_session_whose_asterisk_died_was_not_told_of_a_hang_up(
    reactor: AsyncioSelectorReactor, own_box: AsteriskBox
) -> None:
    waiting = asyncio.Event()
    ended: list[bool] = []

    async def handler(session: AgiSession) -> None:
        waiting.set()
        try:
            await session.wait_for_digit(60)
        except CallerHungUp as gone:
            ended.append(gone.told)

    await asyncio.to_thread(own_box.start)
    async with watching(reactor, own_box) as watch, answering(reactor, watch, handler):
        await watch.call("s", "dying", "agi")
        await asyncio.wait_for(waiting.wait(), WAIT)
        own_box.kill()
        await until(lambda: ended)
        assert ended == [False]
