"""A caller keeps the place, hangs up, and is rung back when an agent is free."""

from __future__ import annotations

from hotline.demo.phone import INCOMING
from tests.deadline import until
from tests.pbx.test_whole_call import _state_is
from tests.system import HotlineSystem
from tests.talks import ear_of, hear_each_other

NUMBER = "13812340099"


async def test_who_keeps_the_place_is_rung_back_when_an_agent_answers(
    system: HotlineSystem,
) -> None:
    mark = system.last_seq()
    async with system.citizen(NUMBER, dialled=True) as citizen:
        ear = ear_of(system, citizen)
        await citizen.dial(system.sip())
        await citizen.established()
        queued = await system.journalled("CallQueued", after=mark, within=30)
        await citizen.send_keys("1")
        await ear.hears(("place-confirm",), within=15)
        await citizen.send_keys("1")
        await ear.hears(("place-kept",), within=10)
        await citizen.closed(within=10)
        kept = await system.journalled("PlaceKept", after=mark, number=NUMBER)
        place = kept.data["call_id"]
        assert kept.data["origin"] == queued.data["call_id"]
        async with system.ready_agent() as (desk, phone):
            pop = (await desk.event("pop", within=10)).data["pop"]
            assert (pop["call_id"], pop["kept_place"]) == (place, True)
            await phone.event(INCOMING)
            assert not citizen.calls
            await phone.answer()
            await citizen.event(INCOMING)
            await citizen.answer()
            await system.journalled("CallAnswered", after=mark, call_id=place)
            await hear_each_other(citizen, phone)
            await citizen.hangup()
            await phone.closed()
            await until(lambda: _state_is(desk, "wrap_up"))
    ended = await system.journalled("PlaceEnded", after=mark, call_id=place)
    assert ended.data["outcome"] == "talked"
    stored = await system.journalled("RecordingStored", after=mark, call_id=place)
    assert stored.data["seconds"] > 1
    assert len(system.journal("PlaceCalled", after=mark)) == 1
