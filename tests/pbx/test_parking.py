"""Parked callers: music in a numbered place, from where any agent takes them."""

from __future__ import annotations

from hotline.demo.phone import INCOMING
from tests.listening import timeline_compared
from tests.pbx.test_call_control import (
    NAMES,
    colleague,
    do,
    hears_music,
    journalled,
)
from tests.pbx.test_handover import THIRD_HZ, heard_on_all_legs, hears
from tests.system import CITIZEN_HZ, HotlineSystem
from tests.talks import talking


async def test_a_parked_caller_hears_music_until_a_colleague_takes_them_with_the_story(
    system: HotlineSystem,
) -> None:
    async with (
        talking(system) as talk,
        colleague(system) as (desk, third),
        heard_on_all_legs(talk, third, "colleague") as them,
    ):
        await talk.desk.draft(talk.call_id, address="人民路 3 号")
        await do(talk, "park", note="正在找门牌号")
        await talk.phone.closed()
        parked = await journalled(system, talk, "CallParked", agent_id="agent1")
        await hears_music(talk.citizen)
        assert (await talk.desk.agent())["state"] == "wrap_up"
        await desk.post(f"/api/parked/{parked.data['place']}/take")
        await third.event(INCOMING)
        pop = await desk.pop(talk.call_id)
        assert pop["draft"] == {"address": "人民路 3 号"}
        assert [(line["by"], line["mode"]) for line in pop["story"]] == [("张敏", "park")]
        await third.answer()
        await hears(talk.citizen, THIRD_HZ)
        await hears(third, CITIZEN_HZ)
        await timeline_compared(system, them, talk.call_id, NAMES)
        left = await journalled(system, talk, "CallUnparked", outcome="taken")
        assert left.data["agent_id"] == "agent2"
