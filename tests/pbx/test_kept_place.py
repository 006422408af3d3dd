"""A caller keeps the place, hangs up, is rung back when an agent is free, and handed over then."""

from __future__ import annotations

from hotline.demo.desk import Desk
from hotline.demo.phone import INCOMING, Answering, BaresipPhone
from tests.deadline import until
from tests.pbx.conftest import StartSystem
from tests.pbx.test_handover import THIRD_HZ, hears
from tests.pbx.test_whole_call import _state_is
from tests.system import AGENT_HZ, CITIZEN_HZ, HotlineSystem
from tests.talks import ear_of, hear_each_other

NUMBER = "13812340099"
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


async def test_who_keeps_the_place_is_rung_back_and_can_be_handed_over_then(
    own_system: StartSystem,
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
