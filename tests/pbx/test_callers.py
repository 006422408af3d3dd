"""Rules, priorities and progress queries on real calls."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hotline.demo.phone import INCOMING
from tests.deadline import until
from tests.forms import complaint
from tests.system import Entry, HotlineSystem
from tests.talks import ringing_in, talking


async def abusive_talk(system: HotlineSystem, number: str) -> None:
    """A talk that the agent marks and ends."""
    async with talking(system, number=number) as talk:
        await talk.desk.post(f"/api/calls/{talk.call_id}/mark", mark="abusive", why="辱骂")
        await talk.desk.post("/api/agent/hang-up")
        await talk.citizen.hangup()
        await system.journalled("CallEnded", after=talk.mark, call_id=talk.call_id)
        await talk.desk.post("/api/agent/wrap-up/end")


@asynccontextmanager
async def announced(system: HotlineSystem, proposal: Entry) -> AsyncIterator[None]:
    """A supervisor confirms the proposal, and lifts the rule at the end."""
    where = f"/callers/{proposal.data['rule_id']}"
    async with system.desk("supervisor", listening=False) as chief:
        form = {"effect": "announce", "days": "7", "why": "两次辱骂，录音清楚"}
        (await chief.client.post(f"{where}/confirm", data=form)).raise_for_status()
        try:
            yield
        finally:
            (await chief.client.post(f"{where}/lift", data={"why": "试完"})).raise_for_status()


async def test_a_limited_caller_in_danger_reaches_a_person_first(
    system: HotlineSystem, number: str
) -> None:
    mark = system.last_seq()
    for _ in range(2):
        await abusive_talk(system, number)
    proposal = await system.journalled("CallerRuleProposed", after=mark)
    assert proposal.data["number"] == number

    async with announced(system, proposal):
        async with ringing_in(system, number) as told:
            await told.ear.hears(("caller-limited",), within=30)
            await told.ear.hears(("goodbye",), within=30)
            await told.citizen.closed(within=30)
        assert system.journal("CallQueued", call_id=told.call_id) == []

        async with (
            system.ready_agent() as (desk, phone),
            ringing_in(system, number) as call,
        ):
            await call.ear.hears(("caller-limited",), within=30)
            await call.citizen.send_keys("0")
            pop = (await desk.event("pop", within=30)).data["pop"]
            assert (pop["call_id"], pop["priority"]) == (call.call_id, 9)
            assert pop["reasons"] == ["life_safety", "repeated:4"]
            await phone.event(INCOMING)
            await call.citizen.hangup()
            await phone.closed()


async def test_a_caller_hears_of_their_own_case(system: HotlineSystem, number: str) -> None:
    async with talking(system, number=number) as talk:
        case_number = await talk.desk.save(talk.call_id, **complaint(phone=number))
        await talk.desk.post("/api/agent/hang-up")
        await talk.citizen.hangup()
        await system.journalled("CallEnded", after=talk.mark, call_id=talk.call_id)
        await talk.desk.post("/api/agent/wrap-up/end")
    async with system.desk("supervisor", listening=False) as chief:
        await chief.client.post("/flows/entries", data={"called": "*", "flow": "menu"})
        try:
            async with ringing_in(system, number) as call:
                await call.citizen.send_keys("3")
                await call.ear.hears(("progress-count-1",), within=30)
                await call.ear.hears(("progress-case",), within=30)
                await call.ear.hears(("progress-stage-to-file",), within=30)
                await call.citizen.hangup()
            asked = await until(lambda: system.journal("ProgressAsked", call_id=call.call_id))
            assert [(one.data["case_number"], one.data["how"]) for one in asked] == [
                (case_number, "calling")
            ]
        finally:
            await chief.client.post("/flows/entries", data={"called": "*", "flow": "default"})
