"""The controller dies at every moment of a call, and the caller keeps the line.

Each caller ends with an agent or with a stored report, and the journal and the cases agree.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from hotline.demo.desk import Desk
from hotline.demo.phone import INCOMING, Answering
from tests.agreement import comes_to_agree
from tests.audio import tone_seconds
from tests.deadline import until
from tests.shared import living_calls
from tests.system import AGENT_HZ, HotlineSystem
from tests.talks import Waiting, hear_each_other, ringing_in, talking, waiting

PICKS_UP = Answering(after=0.3)


@pytest.fixture(autouse=True)
async def _agreement(system: HotlineSystem) -> AsyncIterator[None]:
    """After each test, whatever was journalled agrees with the cases and the files."""
    mark = system.last_seq()
    yield
    await system.ready()
    await until(lambda: not living_calls(system), what="every call has ended")
    await comes_to_agree(system, mark)


async def ends_well(system: HotlineSystem, call: Waiting) -> str:
    """Go along with whatever the hotline asks; ``agent`` or ``report``."""
    while tone_seconds(call.citizen.heard(), AGENT_HZ) < 1:
        try:
            await call.ear.hears(("report-please",), within=0.5)
        except TimeoutError:
            continue
        await speak_report(system, call)
        return "report"
    return "agent"


async def speak_report(system: HotlineSystem, call: Waiting) -> None:
    """Speak for two seconds after the beep, and end with #."""
    await call.ear.quiet(0.7, within=30)
    await call.citizen.set_source(system.tone(1000))
    await asyncio.sleep(2)
    await call.citizen.send_keys("#")
    await saved(call)
    await call.citizen.closed(within=30)


async def saved(call: Waiting) -> None:
    """Hear that a report was saved: by the review, or at once by the dialplan's own path."""
    if await call.ear.hears(("report-review", "report-saved"), within=30) == "report-review":
        await call.citizen.send_keys("1")
        await call.ear.hears(("report-saved",), within=25)


async def kept(system: HotlineSystem, call: Waiting, end: str) -> None:
    """Wait until the journal has the agent or the report that the caller ended with."""
    kind = "CallAnswered" if end == "agent" else "ReportRecorded"
    await system.journalled(kind, after=call.mark, call_id=call.call_id)
    if end == "report":
        await system.journalled("CaseOpened", after=call.mark, call_id=call.call_id)


@pytest.mark.parametrize("prompt", ["greeting", "recording-notice"])
async def test_killed_while_a_prompt_plays(system: HotlineSystem, prompt: str) -> None:
    async with system.ready_agent(answering=PICKS_UP) as (_, phone):
        async with ringing_in(system) as call:
            await call.ear.hears((prompt,), within=30)
            old = system.kill_controller()
            assert await ends_well(system, call) == "agent"
            await hear_each_other(call.citizen, phone)
            await system.new_controller(old)
            await phone.hangup()
            await call.citizen.hangup()
        await kept(system, call, "agent")


async def test_killed_while_the_caller_waits_and_nobody_is_there(system: HotlineSystem) -> None:
    async with waiting(system) as call:
        old = system.kill_controller()
        end = await ends_well(system, call)
        await system.new_controller(old)
        await kept(system, call, end)


async def test_killed_while_the_caller_waits_for_an_agent_who_is_busy(
    system: HotlineSystem,
) -> None:
    async with talking(system) as talk, waiting(system, "13900000002") as call:
        old = system.kill_controller()
        await asyncio.sleep(1)
        await hear_each_other(talk.citizen, talk.phone)
        await system.new_controller(old)
        talk.phone.answering = PICKS_UP
        await talk.phone.hangup()
        await until(lambda: in_state(talk.desk, "wrap_up"))
        await talk.desk.post("/api/agent/wrap-up/end")
        end = await ends_well(system, call)
        await call.citizen.hangup() if call.citizen.calls else None
        await kept(system, call, end)


async def test_killed_while_the_agents_phone_rings(system: HotlineSystem) -> None:
    async with system.ready_agent() as (desk, phone), waiting(system) as call:
        await phone.event(INCOMING)
        old = system.kill_controller()
        await asyncio.sleep(0.5)
        await phone.answer()
        await hear_each_other(call.citizen, phone)
        await system.new_controller(old)
        await adopted_talk(system, desk, call)
        await phone.hangup()
        await call.citizen.hangup()
        await kept(system, call, "agent")


async def adopted_talk(system: HotlineSystem, desk: Desk, call: Waiting) -> None:
    """Wait until the new controller shows the agent talking with this caller."""

    async def talks() -> bool:
        agent = await desk.agent()
        return bool(agent["state"] == "talking" and agent["call_id"] == call.call_id)

    await until(talks, what="the talk is adopted")


async def test_killed_during_the_talk(system: HotlineSystem) -> None:
    async with talking(system) as talk:
        old = system.kill_controller()
        await hear_each_other(talk.citizen, talk.phone, seconds=2)
        await system.new_controller(old)
        await hear_each_other(talk.citizen, talk.phone)
        await adopted_talk(
            system, talk.desk, Waiting(talk.call_id, talk.citizen, talk.ear, talk.mark)
        )
        pop = await talk.desk.pop(talk.call_id)
        assert pop["call_id"] == talk.call_id
        await talk.phone.hangup()
        await talk.ear.hears(("survey",), within=30)
        await talk.citizen.send_keys("4")
        await talk.citizen.closed(within=30)
        await system.journalled("CallRated", after=talk.mark, call_id=talk.call_id, score=4)
        await system.journalled("RecordingStored", after=talk.mark, call_id=talk.call_id)


async def test_killed_while_the_caller_is_asked_to_rate(system: HotlineSystem) -> None:
    async with talking(system) as talk:
        await talk.phone.hangup()
        await talk.ear.hears(("survey",), within=30)
        old = system.kill_controller()
        await talk.ear.hears(("goodbye",), within=30)
        await system.new_controller(old)
        await system.journalled("CallEnded", after=talk.mark, call_id=talk.call_id)


async def test_killed_while_the_caller_is_asked_for_a_report(system: HotlineSystem) -> None:
    async with waiting(system) as call:
        await call.citizen.send_keys("2")
        await call.ear.hears(("report-please",), within=30)
        old = system.kill_controller()
        await speak_report(system, call)
        await system.new_controller(old)
        await kept(system, call, "report")


async def test_killed_while_the_caller_speaks_a_report(system: HotlineSystem) -> None:
    async with waiting(system) as call:
        await call.citizen.send_keys("2")
        await call.ear.hears(("report-please",), within=30)
        await call.ear.quiet(0.7, within=30)
        await call.citizen.set_source(system.tone(1000))
        await asyncio.sleep(1)
        old = system.kill_controller()
        await asyncio.sleep(1)
        await call.citizen.send_keys("#")
        await saved(call)
        await system.new_controller(old)
        await kept(system, call, "report")
        recorded = await system.journalled("ReportRecorded", call_id=call.call_id)
        assert recorded.data["seconds"] > 1.5


async def test_killed_in_the_moment_the_report_ends(system: HotlineSystem) -> None:
    async with waiting(system) as call:
        await call.citizen.send_keys("2")
        await call.ear.hears(("report-please",), within=30)
        await call.ear.quiet(0.7, within=30)
        await call.citizen.set_source(system.tone(1000))
        await asyncio.sleep(2)
        await call.citizen.send_keys("#")
        old = system.kill_controller()
        await call.citizen.closed(within=30)
        await system.new_controller(old)
        await kept(system, call, "report")


async def test_killed_and_the_caller_hangs_up_while_nobody_looks(system: HotlineSystem) -> None:
    async with waiting(system) as call:
        await call.citizen.send_keys("2")
        await call.ear.hears(("report-please",), within=30)
        await call.ear.quiet(0.7, within=30)
        await call.citizen.set_source(system.tone(1000))
        old = system.kill_controller()
        await asyncio.sleep(1.5)
        await call.citizen.hangup()
        await call.citizen.closed()
        await system.new_controller(old)
        await kept(system, call, "report")


async def test_killed_during_wrap_up_which_goes_on_afterwards(system: HotlineSystem) -> None:
    async with talking(system) as talk:
        await talk.citizen.hangup()
        await talk.citizen.closed()
        before = await until(lambda: in_state(talk.desk, "wrap_up"))
        old = system.kill_controller()
        await system.new_controller(old)
        after = await talk.desk.agent()
        assert after["state"] == "wrap_up"
        assert after["until"] == before["until"]
        await talk.desk.post("/api/agent/wrap-up/end")
        await until(lambda: in_state(talk.desk, "ready"))


async def in_state(desk: Desk, state: str) -> dict[str, object] | None:
    agent = await desk.agent()
    return agent if agent["state"] == state else None


async def test_a_controller_that_hangs_gives_the_caller_up_within_its_lease(
    system: HotlineSystem,
) -> None:
    async with waiting(system, "13700001234") as call:
        hung = system.controller()
        hung.send_signal(signal.SIGSTOP)
        try:
            end = await asyncio.wait_for(ends_well(system, call), 60)
            assert end == "report"
        finally:
            hung.send_signal(signal.SIGCONT)
        await kept(system, call, "report")
    # The dialplan's own path took the report down, and kept who called.
    cases = system.rows("SELECT * FROM cases WHERE call_id = ?", call.call_id)
    assert [(case["caller_phone"], case["source"]) for case in cases] == [
        ("13700001234", "fallback")
    ]


async def test_killed_again_and_again_and_the_caller_still_reaches_an_agent(
    system: HotlineSystem,
) -> None:
    async with AsyncExitStack() as stack:
        _, phone = await stack.enter_async_context(system.ready_agent())
        call = await stack.enter_async_context(waiting(system))
        for _ in range(3):
            old = system.kill_controller()
            await system.new_controller(old)
            assert call.citizen.calls, "the caller was dropped"
        phone.answering = PICKS_UP
        if phone.calls:
            await phone.answer()
        end = await ends_well(system, call)
        await kept(system, call, end)
