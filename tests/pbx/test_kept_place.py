"""A caller keeps the place, hangs up, is rung back when an agent is free, and handed over then."""

from __future__ import annotations

import asyncio

from twisted.internet.asyncioreactor import AsyncioSelectorReactor

from hotline.clock import ReactorClock
from hotline.demo.desk import Desk
from hotline.demo.phone import INCOMING, Answering, BaresipPhone
from hotline.secrets import load_or_make
from hotline.telephony.ami import AmiLink
from hotline.telephony.pbx import Pbx
from hotline.telephony.snapshot import PbxSnapshot
from tests.audio import loud_seconds, tone_seconds
from tests.deadline import until
from tests.pbx.conftest import StartSystem
from tests.pbx.test_handover import THIRD_HZ, hears
from tests.pbx.test_whole_call import _state_is
from tests.system import AGENT_HZ, CITIZEN_HZ, HotlineSystem
from tests.talks import ear_of, hear_each_other

NUMBER = "13812340099"
# Q.850, as a page that is left tells it.
PAGE_LEFT = "41"
# On a phone of ours: the only one behind the trunk is the citizen's.
GARDENS = {"code": "gardens", "zh": "园林处", "en": "Gardens", "number": "1002"}


async def keep_place(system: HotlineSystem, citizen: BaresipPhone, mark: int) -> str:
    """Wait in the queue, keep the place and hang up; the place's call."""
    ear = ear_of(system, citizen)
    await citizen.dial(system.sip())
    await citizen.established()
    queued = await system.journalled("CallQueued", after=mark)
    await citizen.send_keys("1")
    await ear.hears(("place-confirm",), within=30)
    await citizen.send_keys("1")
    await ear.hears(("place-kept",), within=30)
    await citizen.closed(within=30)
    kept = await system.journalled("PlaceKept", after=mark, number=NUMBER)
    assert kept.data["origin"] == queued.data["call_id"]
    return str(kept.data["call_id"])


async def be_rung_back(desk: Desk, phone: BaresipPhone, citizen: BaresipPhone, place: str) -> None:
    """The agent answers, then the citizen, and they hear each other."""
    pop = (await desk.event("pop", within=30)).data["pop"]
    assert (pop["call_id"], pop["kept_place"]) == (place, True)
    await phone.event(INCOMING)
    assert not citizen.calls
    await phone.answer()
    await citizen.event(INCOMING)
    await citizen.answer()
    await hear_each_other(citizen, phone)


async def lose(system: HotlineSystem, reactor: AsyncioSelectorReactor, phone: str) -> None:
    """An agent's leg is cut off, as when their page is reloaded."""
    pbx = system.config.pbx
    secret = load_or_make(system.config).ami
    seen = asyncio.Event()

    async def on_up(_: PbxSnapshot) -> None:
        seen.set()

    link = AmiLink(
        pbx.node, host=pbx.ami_host, port=pbx.ami_port, user=pbx.ami_user, secret=secret,
        clock=ReactorClock(reactor), on_event=lambda _: None, on_up=on_up, on_down=lambda _: None,
    )  # fmt: skip
    await link.start()
    try:
        async with asyncio.timeout(10):
            await seen.wait()
        channels = await link.command_list("CoreShowChannels")
        names = (event.get("Channel") for event in channels)
        leg = next(name for name in names if name.startswith(phone))
        await Pbx(link).hang_up(leg, PAGE_LEFT)
    finally:
        await link.stop()


async def test_who_keeps_the_place_is_rung_back_held_and_handed_over_and_outlives_a_reload(
    own_system: StartSystem, reactor: AsyncioSelectorReactor
) -> None:
    target = {**GARDENS, "where": "extension"}
    system = await own_system({"handover": {"targets": [target]}})
    mark = system.last_seq()
    async with system.citizen(NUMBER, dialled=True) as citizen, system.desk("agent2") as other:
        place = await keep_place(system, citizen, mark)
        picks_up = Answering(after=0.3)
        async with (
            system.agent_phone(other, hertz=THIRD_HZ, answering=picks_up) as third,
            system.ready_agent() as (desk, phone),
        ):
            await be_rung_back(desk, phone, citizen, place)
            held = f"/api/calls/{place}/hold"
            await desk.post(held)
            await system.journalled("TalkHeld", after=mark, call_id=place)
            before = tone_seconds(citizen.heard(), AGENT_HZ)
            await until(lambda: loud_seconds(citizen.heard()) > before + 1)
            assert tone_seconds(citizen.heard(), AGENT_HZ) < before + 0.5
            (await desk.client.delete(held)).raise_for_status()
            await system.journalled("TalkResumed", after=mark, call_id=place)
            await hear_each_other(citizen, phone)
            await lose(system, reactor, "PJSIP/1001-")
            await phone.event(INCOMING)
            await phone.answer()
            await hear_each_other(citizen, phone)
            handover = {"target": "gardens", "mode": "three_way", "note": ""}
            await desk.post(f"/api/calls/{place}/handover", **handover)
            await system.journalled("HandoverJoined", after=mark, call_id=place)
            await hears(citizen, AGENT_HZ, THIRD_HZ)
            await phone.hangup()
            left = await system.journalled("TalkEnded", after=mark, call_id=place)
            assert left.data["by"] == "handover"
            await until(lambda: _state_is(desk, "wrap_up"))
            await hears(citizen, THIRD_HZ)
            await hears(third, CITIZEN_HZ)
            await third.hangup()
            await citizen.closed()
    ended = await system.journalled("PlaceEnded", after=mark, call_id=place)
    assert ended.data["outcome"] == "talked"
    stored = await system.journalled("RecordingStored", after=mark, call_id=place)
    assert stored.data["seconds"] > left.data["talked_s"] + 1
    assert len(system.journal("PlaceCalled", after=mark)) == 1
