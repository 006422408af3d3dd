"""Offers: who is rung, and what becomes of an offer that nobody takes."""

from __future__ import annotations

import pytest

from hotline.demo.desk import Desk, DeskFault
from hotline.demo.phone import BUSY, INCOMING, Answering
from tests.deadline import until
from tests.system import HotlineSystem
from tests.talks import hear_each_other, ringing_in, talking, waiting

PICKS_UP = Answering(after=0.2)


async def state(desk: Desk) -> str:
    return str((await desk.agent())["state"])


async def is_in(desk: Desk, wanted: str) -> None:
    async def there() -> bool:
        return await state(desk) == wanted

    await until(there, what=f"{desk.user} is {wanted}")


async def test_the_longest_idle_agent_is_rung(system: HotlineSystem) -> None:
    async with (
        system.ready_agent("agent1") as (_, first),
        system.ready_agent("agent2") as (_, second),
        waiting(system) as call,
    ):
        await first.event(INCOMING)
        offered = await system.journalled("CallOffered", after=call.mark)
        assert offered.data["agent_id"] == "agent1"
        assert not second.calls


async def test_a_refused_call_goes_to_the_next_agent(system: HotlineSystem) -> None:
    async with (
        system.ready_agent("agent1") as (refuses, first),
        system.ready_agent("agent2", answering=PICKS_UP) as (_, second),
        waiting(system) as call,
    ):
        await first.event(INCOMING)
        pop = (await refuses.event("pop")).data["pop"]
        await refuses.post("/api/agent/refuse", offer_id=pop["offer_id"])
        await second.established()
        await hear_each_other(call.citizen, second)
        outcomes = system.journal("OfferEnded", call_id=call.call_id)
        assert [entry.data["outcome"] for entry in outcomes] == ["refused", "answered"]


async def test_a_phone_that_says_busy_refuses(system: HotlineSystem) -> None:
    async with (
        system.ready_agent("agent1", answering=BUSY),
        system.ready_agent("agent2", answering=PICKS_UP) as (_, second),
        waiting(system) as call,
    ):
        await second.established()
        await hear_each_other(call.citizen, second)


async def test_a_missed_call_pauses_the_agent_for_a_while_and_goes_on(
    system: HotlineSystem,
) -> None:
    async with (
        system.ready_agent("agent1") as (misses, first),
        waiting(system) as call,
    ):
        await first.event(INCOMING)
        await first.closed(within=30)
        missed = await system.journalled("OfferEnded", after=call.mark, call_id=call.call_id)
        assert missed.data["outcome"] == "missed"
        paused = await misses.agent()
        assert (paused["state"], paused["reason"]) == ("paused", "missed")
        assert paused["until"] > paused["since"]
        first.answering = PICKS_UP
        await first.established(within=30)
        await hear_each_other(call.citizen, first)


async def test_an_agent_without_a_phone_cannot_be_ready(system: HotlineSystem) -> None:
    async with system.desk("agent3") as desk:
        with pytest.raises(DeskFault, match="no_phone"):
            await desk.become("ready")


async def test_an_agent_whose_phone_went_away_is_not_offered_calls(system: HotlineSystem) -> None:
    async with (
        system.ready_agent("agent1") as (phoneless, first),
        system.ready_agent("agent2", answering=PICKS_UP) as (_, second),
    ):
        await first.stop()
        await until(lambda: unreachable(phoneless), what="the phone is missed")
        async with waiting(system) as call:
            await second.established()
            offered = system.journal("CallOffered", call_id=call.call_id)
            assert [entry.data["agent_id"] for entry in offered] == ["agent2"]


async def unreachable(desk: Desk) -> bool:
    return not (await desk.agent())["reachable"]


async def test_a_caller_who_hangs_up_while_it_rings_stops_the_ringing(
    system: HotlineSystem,
) -> None:
    async with system.ready_agent() as (desk, phone), waiting(system) as call:
        await phone.event(INCOMING)
        await call.citizen.hangup()
        await phone.closed()
        ended = await system.journalled("OfferEnded", after=call.mark, call_id=call.call_id)
        assert ended.data["outcome"] == "withdrawn"
        await system.journalled("CallAbandoned", after=call.mark, call_id=call.call_id)
        await is_in(desk, "ready")


async def test_a_caller_who_hangs_up_during_the_greeting_is_never_offered(
    system: HotlineSystem,
) -> None:
    async with system.ready_agent() as (_, phone), ringing_in(system) as call:
        await call.citizen.hangup()
        await system.journalled("CallEnded", after=call.mark, call_id=call.call_id)
        assert not system.journal("CallOffered", call_id=call.call_id)
        assert not phone.calls


async def test_a_caller_who_hangs_up_in_the_talk_leaves_the_agent_in_wrap_up(
    system: HotlineSystem,
) -> None:
    async with talking(system) as talk:
        await talk.citizen.hangup()
        await talk.phone.closed()
        ended = await system.journalled("TalkEnded", after=talk.mark, call_id=talk.call_id)
        assert ended.data["by"] == "citizen"
        await is_in(talk.desk, "wrap_up")


async def test_a_pause_asked_for_in_a_talk_begins_after_wrap_up(system: HotlineSystem) -> None:
    async with talking(system) as talk:
        await talk.desk.become("paused", "rest")
        assert await state(talk.desk) == "talking"
        await talk.citizen.hangup()
        await is_in(talk.desk, "wrap_up")
        await talk.desk.post("/api/agent/wrap-up/end")
        await is_in(talk.desk, "paused")


async def test_f5_keeps_the_pop_the_talk_and_what_was_typed(system: HotlineSystem) -> None:
    async with talking(system) as talk:
        await talk.desk.draft(talk.call_id, address="人民路23号")
        async with system.desk("agent1") as reloaded:
            agent = await reloaded.agent()
            assert (agent["state"], agent["call_id"]) == ("talking", talk.call_id)
            pop = await reloaded.pop(talk.call_id)
            assert pop["draft"]["address"] == "人民路23号"
        await hear_each_other(talk.citizen, talk.phone)


async def test_calls_that_wait_are_answered_in_the_order_they_came(system: HotlineSystem) -> None:
    async with (
        waiting(system, "13800000001") as early,
        waiting(system, "13800000002") as late,
        system.ready_agent(answering=PICKS_UP) as (desk, phone),
    ):
        for call in (early, late):
            await phone.established(within=30)
            await hear_each_other(call.citizen, phone)
            await call.citizen.hangup()
            await phone.closed()
            await is_in(desk, "wrap_up")
            await desk.post("/api/agent/wrap-up/end")
