"""Citizens whom we rang and who are handed over: what each leg hears, what becomes of the call that
was placed, and that nobody is dropped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from twisted.internet.asyncioreactor import AsyncioSelectorReactor

from hotline.demo.control import PhoneFault
from hotline.demo.desk import Desk
from hotline.demo.phone import INCOMING, Answering, BaresipPhone
from tests.audio import tone_seconds
from tests.deadline import until
from tests.pbx.conftest import StartSystem
from tests.pbx.test_call_control import colleague, hears_music
from tests.pbx.test_handover import THIRD_HZ, hears
from tests.pbx.test_kept_place import GARDENS, lose
from tests.pbx.test_whole_call import _state_is
from tests.system import AGENT_HZ, CITIZEN_HZ, HotlineSystem
from tests.talks import hear_each_other

NUMBER = "13812340098"
FORM = {
    "kind": "complaint", "urgency": "normal", "address": "中山路 12 号", "description": "井盖破损",
    "category": "", "caller_phone": NUMBER, "source": "visit",
}  # fmt: skip
PICKS_UP = Answering(after=0.3)


async def case_of(desk: Desk) -> str:
    """A case with the citizen's number, opened without a call."""
    entry = (await desk.post("/api/entries"))["call_id"]
    return await desk.save(entry, **FORM)


@asynccontextmanager
async def calling_out(
    system: HotlineSystem, desk: Desk, phone: BaresipPhone, about: dict[str, str]
) -> AsyncIterator[BaresipPhone]:
    """The agent has rung the citizen of a case, and they talk."""
    async with system.citizen(NUMBER, dialled=True) as citizen:
        ringing = asyncio.create_task(phone.event(INCOMING))
        await desk.post("/api/outbound", **about)
        await ringing
        await phone.answer()
        await citizen.event(INCOMING)
        await citizen.answer()
        await hear_each_other(citizen, phone)
        yield citizen


async def test_a_citizen_whom_an_agent_rang_is_handed_to_a_service_three_way(
    own_system: StartSystem,
) -> None:
    system = await own_system({"handover": {"targets": [{**GARDENS, "where": "extension"}]}})
    mark = system.last_seq()
    async with (
        system.desk("agent2") as other,
        system.agent_phone(other, hertz=THIRD_HZ, answering=PICKS_UP) as third,
        system.ready_agent() as (desk, phone),
    ):
        number = await case_of(desk)
        async with calling_out(system, desk, phone, {"case_number": number}) as citizen:
            wanted = {"target": "gardens", "mode": "three_way", "note": "有燃气味"}
            call_id = (await desk.post("/api/outbound/handover", **wanted))["call_id"]
            ended = await system.journalled("OutboundEnded", after=mark)
            assert ended.data["outcome"] == "handed_over"
            view = await desk.agent()
            assert (view["state"], view["call_id"]) == ("talking", call_id)
            pop = await desk.pop(call_id)
            assert pop["draft"] == {"related_to": number, "address": "中山路 12 号"}
            await system.journalled("HandoverJoined", after=mark, call_id=call_id)
            await hears(citizen, AGENT_HZ, THIRD_HZ)
            await hears(phone, CITIZEN_HZ, THIRD_HZ)
            await hears(third, CITIZEN_HZ, AGENT_HZ)
            await phone.hangup()
            left = await system.journalled("TalkEnded", after=mark, call_id=call_id)
            assert left.data["by"] == "handover"
            await until(lambda: _state_is(desk, "wrap_up"))
            await hears(citizen, THIRD_HZ)
            await hears(third, CITIZEN_HZ)
            await third.hangup()
            await system.journalled("HandoverEnded", after=mark, outcome="talked")
            await citizen.hangup()
    await system.journalled("RecordingStored", after=mark, call_id=call_id)
    placed = await system.journalled("CallBrought", after=mark)
    await system.journalled("RecordingStored", after=mark, call_id=str(placed.data["placed"]))


async def test_a_citizen_whom_an_agent_rang_is_held_asked_about_and_sent_to_a_queue(
    system: HotlineSystem,
) -> None:
    mark = system.last_seq()
    async with (
        colleague(system) as (desk2, third),
        system.ready_agent() as (desk, phone),
    ):
        number = await case_of(desk)
        async with calling_out(system, desk, phone, {"case_number": number}) as citizen:
            # Held when they are handed over: they are taken back, and hear music for the colleague.
            await desk.post("/api/outbound/hold")
            await system.journalled("TalkHeld", after=mark)
            wanted = {"target": "ext:1002", "mode": "consult", "note": "核实"}
            call_id = (await desk.post("/api/outbound/handover", **wanted))["call_id"]
            await third.event(INCOMING)
            await third.answer()
            await system.journalled("HandoverJoined", after=mark, call_id=call_id)
            await hears(phone, THIRD_HZ)
            await hears(third, AGENT_HZ)
            await hears_music(citizen)
            handover = f"/api/calls/{call_id}/handover"
            (await desk.client.delete(handover)).raise_for_status()
            await third.closed()
            await hear_each_other(citizen, phone)
            sent = {"target": "queue:hotline", "mode": "queue", "note": "已不是原来的问题"}
            await desk.post(handover, **sent)
            await phone.closed(within=10)
            await until(lambda: _state_is(desk2, "offered"), within=20)
            await third.event(INCOMING)
            pop = await desk2.pop(call_id)
            assert (pop["calling"], pop["draft_of"]) == (f"{NUMBER[:3]}****{NUMBER[-4:]}", "张敏")
            assert pop["draft"]["related_to"] == number
            assert pop["story"][-1]["note"] == "已不是原来的问题"
            await third.answer()
            await hears(citizen, THIRD_HZ)
            await hears(third, CITIZEN_HZ)
            await third.hangup()
            await citizen.hangup()


async def test_who_is_handed_over_outlives_the_controller_and_a_lost_page(
    system: HotlineSystem,
) -> None:
    mark = system.last_seq()
    async with system.ready_agent() as (desk, phone):
        number = await case_of(desk)
        async with calling_out(system, desk, phone, {"case_number": number}) as citizen:
            sent = {"target": "queue:hotline", "mode": "queue", "note": ""}
            old = system.kill_controller()
            await system.new_controller(old)
            await until(lambda: _is_up(desk))
            call_id = (await desk.post("/api/outbound/handover", **sent))["call_id"]
            await phone.closed(within=10)
            await hears_music(citizen)
            old = system.kill_controller()
            await system.new_controller(old)
            await until(lambda: _answered(phone), within=40)
            await hear_each_other(citizen, phone)
            again = await system.journalled("CallAnswered", after=mark, call_id=call_id)
            assert again.data["agent_id"] == "agent1"
            before = tone_seconds(citizen.heard(), AGENT_HZ)
            old = system.kill_controller()
            await until(lambda: tone_seconds(citizen.heard(), AGENT_HZ) > before + 1)
            await system.new_controller(old)
            await citizen.hangup()
            await phone.closed()
    assert len(system.journal("OutboundEnded", after=mark)) == 1


async def test_a_talk_of_three_that_began_with_our_call_outlives_the_controller(
    own_system: StartSystem, reactor: AsyncioSelectorReactor
) -> None:
    system = await own_system({"handover": {"targets": [{**GARDENS, "where": "extension"}]}})
    mark = system.last_seq()
    async with (
        system.desk("agent2") as other,
        system.agent_phone(other, hertz=THIRD_HZ, answering=PICKS_UP) as third,
        system.ready_agent() as (desk, phone),
    ):
        number = await case_of(desk)
        async with calling_out(system, desk, phone, {"case_number": number}) as citizen:
            wanted = {"target": "gardens", "mode": "three_way", "note": ""}
            call_id = (await desk.post("/api/outbound/handover", **wanted))["call_id"]
            await hears(citizen, AGENT_HZ, THIRD_HZ)
            old = system.kill_controller()
            await system.new_controller(old)
            view = await desk.agent()
            assert (view["state"], view["call_id"]) == ("talking", call_id)
            # Nobody's own leg is taken for a citizen's.
            assert system.journal("CallArrived", after=mark) == []
            await desk.client.delete(f"/api/calls/{call_id}/handover")
            await third.closed()
            # The page is lost: the agent is rung again, as for a caller.
            await lose(system, reactor, "PJSIP/1001-")
            await system.journalled("TalkHeld", after=mark, call_id=call_id)
            await phone.event(INCOMING, within=20)
            await phone.answer()
            await hear_each_other(citizen, phone)
            await citizen.hangup()
            await phone.closed()


async def _answered(phone: BaresipPhone) -> bool:
    """Whether it rang and was answered: the dialplan's own ringing ends when the controller is
    back, which rings by itself then."""
    if not phone.calls:
        return False
    try:
        await phone.answer()
    except PhoneFault:
        return False
    return True


async def _is_up(desk: Desk) -> bool:
    call = (await desk.get("/api/outbound"))["call"]
    return call is not None and call["state"] == "talking"
