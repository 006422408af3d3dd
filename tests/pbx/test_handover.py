"""Handing callers over to another service, and what becomes of those who stay on the line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hotline.demo.desk import call_path
from hotline.demo.phone import BUSY, Answering, BaresipPhone
from tests.audio import tone_seconds
from tests.deadline import until
from tests.flows import in_force
from tests.listening import Listening, listening, timeline_compared
from tests.system import AGENT_HZ, CITIZEN_HZ, HotlineSystem
from tests.talks import Talk, ear_of, hear_each_other, ringing_in, talking

THIRD_HZ = 1200
NAMES = {"agent1": "agent", "110": "service"}
PICKS_UP = Answering(after=0.3)
SECONDS = 0.7

FLOW = """
flow: {name}
title: {zh: 试}
languages: [zh]
start: greeting
person: wait
nodes:
  greeting: {kind: say, prompts: [greeting], next: police}
  police: {kind: transfer, target: "110", hint: {zh: 中山路有人落水}, done: bye, failed: wait}
  wait: {kind: queue, queue: hotline, talked: bye, nobody: bye, asked: bye}
  bye: {kind: goodbye}
"""


@asynccontextmanager
async def police(
    system: HotlineSystem, answering: Answering = PICKS_UP
) -> AsyncIterator[BaresipPhone]:
    """The phone behind the trunk that answers for 110."""
    async with system.citizen("110", hertz=THIRD_HZ, dialled=True, answering=answering) as phone:
        yield phone


@asynccontextmanager
async def heard_on_all_legs(
    talk: Talk, third: BaresipPhone, name: str = "service"
) -> AsyncIterator[Listening]:
    """Listen to what caller, agent and, once they are there, a third hear."""
    legs = {"caller": (talk.citizen, CITIZEN_HZ), "agent": (talk.phone, AGENT_HZ)}
    async with listening(**legs, **{name: (third, THIRD_HZ)}) as them:
        yield them


async def hand_over(talk: Talk, mode: str, note: str = "") -> None:
    path = call_path(talk.call_id, "/handover")
    await talk.desk.post(path, target="110", mode=mode, note=note)


async def hears(phone: BaresipPhone, *tones: float, within: float = 30.0) -> None:
    """Wait until the phone hears exactly these tones, mixed."""
    start, share = len(phone.heard()), 0.5 / max(1, len(tones))

    def enough() -> bool:
        heard = phone.heard()[start:]
        return all(tone_seconds(heard, hertz, share) >= SECONDS for hertz in tones)

    await until(enough, within=within, what=f"{phone} hears {tones}")
    recent = phone.heard()[-4000:]
    for hertz in {CITIZEN_HZ, AGENT_HZ, THIRD_HZ} - set(tones):
        assert tone_seconds(recent, hertz, share) < 0.2, f"{phone} still hears {hertz}"


async def test_three_talk_and_the_agent_leaves_the_other_two_talking(
    system: HotlineSystem,
) -> None:
    async with (
        police(system) as third,
        talking(system) as talk,
        heard_on_all_legs(talk, third) as them,
    ):
        await hand_over(talk, "three_way")
        await third.established()
        await ear_of(system, third).hears(("handover-hint",), within=30)
        await system.journalled("HandoverJoined", after=talk.mark, call_id=talk.call_id)
        await hears(talk.citizen, AGENT_HZ, THIRD_HZ)
        await hears(talk.phone, CITIZEN_HZ, THIRD_HZ)
        await hears(third, CITIZEN_HZ, AGENT_HZ)
        await talk.phone.hangup()
        left = await system.journalled("TalkEnded", after=talk.mark, call_id=talk.call_id)
        assert left.data["by"] == "handover"
        assert (await talk.desk.agent())["state"] == "wrap_up"
        await hears(talk.citizen, THIRD_HZ)
        await hears(third, CITIZEN_HZ)
        await timeline_compared(system, them, talk.call_id, NAMES)
        await third.hangup()
        over = await system.journalled("HandoverEnded", after=talk.mark, call_id=talk.call_id)
        assert over.data["outcome"] == "talked"
        assert over.data["talked_s"] > over.at - left.at > 1
        # As after any talk; and nobody else is rung for it.
        await talk.ear.hears(("survey",), within=30)
        assert len(system.journal("CallOffered", call_id=talk.call_id)) == 1
    stored = await system.journalled("RecordingStored", after=talk.mark, call_id=talk.call_id)
    assert stored.data["seconds"] > over.at - left.at + left.data["talked_s"] - 2


async def test_a_busy_service_leaves_the_caller_with_the_agent_who_tries_again_and_leaves(
    system: HotlineSystem,
) -> None:
    async with (
        police(system, BUSY) as third,
        talking(system) as talk,
        heard_on_all_legs(talk, third) as them,
    ):
        await hand_over(talk, "blind")
        over = await system.journalled("HandoverEnded", after=talk.mark, call_id=talk.call_id)
        assert over.data["outcome"] == "busy"
        await hear_each_other(talk.citizen, talk.phone)
        third.answering = PICKS_UP
        await hand_over(talk, "blind")
        await talk.phone.closed(within=30)
        await hears(talk.citizen, THIRD_HZ)
        await hears(third, CITIZEN_HZ)
        await timeline_compared(system, them, talk.call_id, NAMES)
        await talk.citizen.hangup()
        await third.closed()


async def test_an_agent_who_leaves_before_the_service_answers_leaves_the_caller_to_it(
    system: HotlineSystem,
) -> None:
    async with police(system, Answering(after=1.5)) as third, talking(system) as talk:
        await hand_over(talk, "three_way")
        await until(lambda: third.calls, what="110 rings")
        await talk.phone.hangup()
        await hears(talk.citizen, THIRD_HZ)
        await hears(third, CITIZEN_HZ)
        await third.hangup()
        await talk.ear.hears(("survey",), within=30)


async def test_a_flow_connects_a_caller_and_finds_a_person_when_nobody_answers_there(
    system: HotlineSystem,
) -> None:
    async with police(system) as third, in_force(system, FLOW):
        async with ringing_in(system) as call:
            await call.ear.hears(("handover-connecting",), within=30)
            await third.established()
            await ear_of(system, third).hears(("handover-hint",), within=30)
            await hears(call.citizen, THIRD_HZ)
            await hears(third, CITIZEN_HZ)
            await third.hangup()
            await call.ear.hears(("goodbye",), within=30)
        over = await system.journalled("HandoverEnded", after=call.mark, call_id=call.call_id)
        assert over.data["outcome"] == "talked"
        await system.journalled("RecordingStored", after=call.mark, call_id=call.call_id)
        third.answering = BUSY
        async with ringing_in(system, "13800138009") as call:
            await system.journalled("CallQueued", after=call.mark, within=30, call_id=call.call_id)
            over = await system.journalled("HandoverEnded", after=call.mark, call_id=call.call_id)
            assert over.data["outcome"] == "busy"


async def test_a_controller_that_dies_while_the_service_rings_and_while_three_talk_drops_nobody(
    system: HotlineSystem,
) -> None:
    async with police(system, Answering(after=4)) as third, talking(system) as talk:
        await hand_over(talk, "three_way")
        await until(lambda: third.calls, what="110 rings")
        await system.new_controller(system.kill_controller())
        await system.journalled("HandoverJoined", after=talk.mark, within=30, call_id=talk.call_id)
        old = system.kill_controller()
        await hears(talk.citizen, AGENT_HZ, THIRD_HZ)
        await system.new_controller(old)
        await talk.phone.hangup()
        left = await system.journalled("TalkEnded", after=talk.mark, call_id=talk.call_id)
        assert left.data["by"] == "handover"
        await hears(talk.citizen, THIRD_HZ)
        await third.hangup()
        await system.journalled("HandoverEnded", after=talk.mark, call_id=talk.call_id)
        await talk.ear.hears(("survey",), within=30)
