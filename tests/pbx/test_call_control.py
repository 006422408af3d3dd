"""Hold, asking a colleague, a talk of three, handing over and sending on within the house: what
each leg hears, and that the journal tells the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from hotline.demo.desk import Desk, call_path
from hotline.demo.phone import INCOMING, MANUAL, Answering, BaresipPhone
from tests.audio import WINDOW, loud_seconds, tone_seconds
from tests.deadline import until
from tests.listening import timeline_compared
from tests.pbx.test_handover import THIRD_HZ, heard_on_all_legs, hears
from tests.system import AGENT_HZ, CITIZEN_HZ, Entry, HotlineSystem, reachable, signed_off
from tests.talks import Talk, hear_each_other, talking

VOICES = (AGENT_HZ, THIRD_HZ)
NAMES = {"agent1": "agent", "agent2": "colleague", "ext:1002": "colleague"}


@asynccontextmanager
async def colleague(
    system: HotlineSystem, user: str = "agent2", answering: Answering = MANUAL
) -> AsyncIterator[tuple[Desk, BaresipPhone]]:
    """Another agent, ready, whose voice is the third's."""
    async with (
        system.desk(user) as desk,
        system.agent_phone(desk, hertz=THIRD_HZ, answering=answering) as phone,
    ):
        await until(lambda: reachable(desk), what=f"{user}'s phone is seen")
        await desk.become("ready")
        try:
            yield desk, phone
        finally:
            await signed_off(desk)


async def do(talk: Talk, what: str, **body: object) -> None:
    """What the agent's desk asks for."""
    await talk.desk.post(call_path(talk.call_id, f"/{what}"), **body)


async def undo(talk: Talk, what: str) -> None:
    answer = await talk.desk.client.delete(call_path(talk.call_id, f"/{what}"))
    answer.raise_for_status()


async def hears_music(phone: BaresipPhone, seconds: float = 1.5) -> None:
    """Wait until the phone has heard something that is nobody's voice for so long."""
    start = len(phone.heard())
    await until(lambda: loud_seconds(phone.heard()[start:]) >= seconds, what=f"{phone}: music")
    recent = phone.heard()[-WINDOW * 10 :]
    for hertz in VOICES:
        assert tone_seconds(recent, hertz, 0.3) < 0.3, f"{phone} hears {hertz}"


async def journalled(system: HotlineSystem, talk: Talk, kind: str, **data: str) -> Entry:
    wanted: dict[str, Any] = {"call_id": talk.call_id, **data}
    return await system.journalled(kind, after=talk.mark, **wanted)


# --- tests ----------------------------------------------------------------------------------


async def test_hold_a_consultation_and_a_talk_of_three_end_with_the_colleague(
    system: HotlineSystem,
) -> None:
    answers = Answering(after=0.3)
    async with (
        talking(system) as talk,
        colleague(system, answering=answers) as (desk, third),
        heard_on_all_legs(talk, third, "colleague") as them,
    ):
        await hears(talk.citizen, AGENT_HZ)
        await do(talk, "hold")
        await journalled(system, talk, "TalkHeld", why="agent")
        before = len(talk.phone.heard())
        await hears_music(talk.citizen)
        assert tone_seconds(talk.phone.heard()[before:], CITIZEN_HZ) < 0.5
        await undo(talk, "hold")
        await hear_each_other(talk.citizen, talk.phone)

        await talk.desk.draft(talk.call_id, address="中山路 12 号")
        await do(talk, "handover", target="ext:1002", mode="consult", note="核实权属")
        await third.established()
        await journalled(system, talk, "HandoverJoined")
        await hears(talk.phone, THIRD_HZ)
        await hears(third, AGENT_HZ)
        await hears_music(talk.citizen)
        view = await desk.agent()
        assert (view["state"], view["reason"]) == ("paused", "consult")
        assert (view["asked"]["by"], view["asked"]["note"]) == ("张敏", "核实权属")
        pop = await desk.pop(talk.call_id)
        assert (pop["draft"], pop["draft_of"]) == ({"address": "中山路 12 号"}, "张敏")
        assert [(line["by"], line["note"]) for line in pop["story"]] == [("张敏", "核实权属")]

        await undo(talk, "hold")
        await hears(talk.citizen, AGENT_HZ, THIRD_HZ)
        await hears(talk.phone, CITIZEN_HZ, THIRD_HZ)
        await hears(third, CITIZEN_HZ, AGENT_HZ)

        await talk.phone.hangup()
        taken = await journalled(system, talk, "TalkTakenOver", agent_id="agent2")
        assert taken.data["by"] == "agent1"
        await hears(talk.citizen, THIRD_HZ)
        await hears(third, CITIZEN_HZ)
        assert (await desk.agent())["state"] == "talking"
        assert (await talk.desk.agent())["state"] == "wrap_up"
        # The form goes on at the colleague's.
        await desk.draft(talk.call_id, address="中山路 12 号院")
        await timeline_compared(system, them, talk.call_id, NAMES)
        await third.hangup()
        kept = await journalled(system, talk, "ConsultationRecorded")
        assert kept.data["seconds"] > 2
        await talk.ear.hears(("survey",), within=30)
    await journalled(system, talk, "RecordingStored")


async def test_a_caller_who_is_sent_to_a_queue_is_taken_there_with_the_story(
    system: HotlineSystem,
) -> None:
    async with (
        talking(system) as talk,
        colleague(system) as (desk, third),
        heard_on_all_legs(talk, third, "colleague") as them,
    ):
        await talk.desk.draft(talk.call_id, address="人民路 3 号")
        await do(talk, "handover", target="queue:hotline", mode="queue", note="要听方言的坐席")
        await talk.phone.closed(within=30)
        await talk.ear.hears(("please-wait",), within=30)
        offered = await journalled(system, talk, "CallOffered", agent_id="agent2")
        await third.event(INCOMING)
        pop = await desk.pop(talk.call_id)
        assert "transferred" in pop["reasons"]
        assert pop["draft"] == {"address": "人民路 3 号"}
        (line,) = pop["story"]
        assert (line["by"], line["mode"], line["note"], line["outcome"]) == (
            *("张敏", "queue", "要听方言的坐席", "queued"),
        )
        queued = system.journal("CallQueued", call_id=talk.call_id)
        assert queued[-1].data["since"] == queued[0].data["since"]
        assert queued[-1].seq < offered.seq
        await third.answer()
        await hears(talk.citizen, THIRD_HZ)
        await hears(third, CITIZEN_HZ)
        await timeline_compared(system, them, talk.call_id, NAMES)


async def test_a_controller_that_dies_leaves_a_held_caller_music_and_a_way_back_to_a_person(
    system: HotlineSystem,
) -> None:
    async with talking(system) as talk:
        await do(talk, "hold")
        await journalled(system, talk, "TalkHeld")
        old = system.kill_controller()
        await hears_music(talk.citizen)
        await system.new_controller(old)
        assert (await talk.desk.agent())["on_hold_since"] is not None
        await undo(talk, "hold")
        await hear_each_other(talk.citizen, talk.phone)
        # And nobody is dropped by an agent who leaves while no controller is there.
        await do(talk, "hold")
        await hears_music(talk.citizen)
        old = system.kill_controller()
        await talk.phone.hangup()
        await system.new_controller(old)
        mark = talk.mark
        await until(
            lambda: len(system.journal("CallQueued", call_id=talk.call_id, after=mark)) > 1,
            within=30,
            what="the caller waits for a person again",
        )
