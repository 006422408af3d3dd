"""FastAGI against a real Asterisk of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from twisted.internet.asyncioreactor import AsyncioSelectorReactor

from hotline.clock import ReactorClock
from hotline.telephony.fastagi import AgiFault, AgiSession, CallerHungUp, FastAgiServer, Handler
from tests.ami_watch import WAIT, Watch, box, own_box, watching
from tests.asterisk_box import AsteriskBox, asterisk_program, tone
from tests.deadline import until

__all__ = ["box", "own_box"]

pytestmark = pytest.mark.skipif(asterisk_program() is None, reason="no Asterisk on this machine")


@asynccontextmanager
async def answering(
    reactor: AsyncioSelectorReactor, watch: Watch, handler: Handler
) -> AsyncIterator[FastAgiServer]:
    """FastAGI with ``handler`` where the dialplan looks for it."""
    await watch.comes_up()
    faults: list[str] = []
    server = FastAgiServer(
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
