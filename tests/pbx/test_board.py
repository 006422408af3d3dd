"""The supervisor's numbers: true, live, and still there after a restart."""

from __future__ import annotations

from typing import Any

from hotline.demo.desk import Desk, PageEvent
from hotline.demo.phone import INCOMING
from tests.system import HotlineSystem
from tests.talks import talking, waiting


async def board(desk: Desk) -> dict[str, Any]:
    data: dict[str, Any] = await desk.get("/api/board")
    return data


async def told(desk: Desk, **wanted: int) -> PageEvent:
    """The next board on the event stream with these numbers of waiting and talking calls."""
    return await desk.event(
        "board",
        lambda data: {"waiting": len(data["waiting"]), "talking": data["talking"]} == wanted,
    )


async def test_the_board_moves_without_asking(system: HotlineSystem) -> None:
    async with system.desk("supervisor") as desk, waiting(system, "13911112222") as call:
        event = await told(desk, waiting=1, talking=0)
        shown = event.data["waiting"][0]
        assert shown["calling"] == "139****2222"
        assert shown["call_id"] == call.call_id
        await call.citizen.hangup()
        await told(desk, waiting=0, talking=0)


async def test_agents_are_shown_by_state(system: HotlineSystem) -> None:
    async with system.desk("supervisor") as desk:
        async with system.ready_agent() as (_, phone):
            assert await _agent_state(desk) == "ready"
            async with waiting(system) as call:
                await phone.event(INCOMING)
                assert await _agent_state(desk) == "offered"
                await phone.answer()
                await phone.established()
                await system.journalled("CallAnswered", after=call.mark)
                assert await _agent_state(desk) == "talking"
                await call.citizen.hangup()
                await phone.closed()
            await system.journalled("TalkEnded", after=call.mark)
            assert await _agent_state(desk) == "wrap_up"
        assert await _agent_state(desk) == "offline"


async def _agent_state(desk: Desk) -> str:
    agents = (await board(desk))["agents"]
    return next(str(agent["state"]) for agent in agents if agent["agent_id"] == "agent1")


async def counts(system: HotlineSystem) -> dict[str, int]:
    """Today's numbers of calls, as a supervisor sees them."""
    async with system.desk("supervisor", listening=False) as desk:
        today = (await board(desk))["today"]
    return {key: today[key] for key in ("arrived", "queued", "answered", "abandoned")}


async def test_todays_numbers_count_calls_and_survive_a_restart(system: HotlineSystem) -> None:
    mark, before = system.last_seq(), await counts(system)
    async with talking(system) as talk:
        await talk.citizen.hangup()
    async with waiting(system) as given_up:
        await given_up.citizen.hangup()
    async with waiting(system) as second:
        await second.citizen.hangup()
    for call in (talk, given_up, second):
        await system.journalled("CallEnded", after=mark, call_id=call.call_id)
    more = {"arrived": 3, "queued": 3, "answered": 1, "abandoned": 2}
    expected = {key: count + more[key] for key, count in before.items()}
    assert await counts(system) == expected
    try:
        await system.stop()
    finally:
        # The other tests' system, too.
        await system.start()
    assert await counts(system) == expected
