"""AMI against a real Asterisk of the test's own: crashes, hangs, lost answers."""

from __future__ import annotations

import asyncio
import signal
import socket
import uuid

import pytest
from twisted.internet.asyncioreactor import AsyncioSelectorReactor

from hotline.telephony.ami import AmiLost, AmiRefused
from hotline.telephony.pbx import FALLBACK_QUEUE
from tests.ami_watch import WAIT, Cut, box, own_box, watching
from tests.asterisk_box import AsteriskBox, asterisk_program
from tests.deadline import until

__all__ = ["box", "own_box"]

pytestmark = pytest.mark.skipif(asterisk_program() is None, reason="no Asterisk on this machine")


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
    # Asterisk refuses an id whose channel of an earlier try has yet to vanish.
    ids = [f"order-{uuid.uuid4().hex}" for _ in range(20)]
    async with watching(reactor, box) as watch:
        await watch.comes_up()
        for channel_id in ids:
            await watch.call("wait", channel_id)
        for channel_id in ids:
            up = await watch.comes("Newstate", Uniqueid=channel_id, ChannelStateDesc="Up")
            assert await watch.pbx.hang_up(up.get("Channel"))
        for channel_id in ids:
            # Of this half: the two end in threads of their own, in any order.
            await watch.comes("Hangup", Uniqueid=channel_id)
            life = [e.name for e in watch.events if e.get("Uniqueid") == channel_id]
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
        assert watch.downs == ["no sign of life within 5 s"]
        own_box.signal(signal.SIGCONT)
        snapshot = await watch.comes_up(2)
        count = (await watch.link.action("Getvar", Variable="COUNT")).get("Value")
        assert int(count) == len([c for c in snapshot.channels if c.uniqueid == "once"])
        assert int(count) <= 1


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
        changes = [watch.pbx.set_fallback_members(wanted) for wanted in (both, {}, one, {}, both)]
        await asyncio.gather(*changes)
        assert await members() == both


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
