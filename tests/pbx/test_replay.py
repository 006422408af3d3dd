"""A loaded controller takes over from one that was killed, and all of it is decided again."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from hotline.demo.phone import INCOMING
from tests.deadline import until
from tests.pbx.conftest import StartSystem
from tests.system import PROJECT, HotlineSystem
from tests.talks import waiting


async def replayed(system: HotlineSystem) -> dict[str, Any]:
    """What ``hotline replay`` says of today."""
    words = ("-m", "hotline.cli", "replay", "--json", "--config", system.folder / "hotline.toml")
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, cwd=PROJECT, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    found: dict[str, Any] = json.loads(said)
    assert process.returncode == (0 if found["identical"] else 1)
    return found


async def test_a_spare_takes_over_and_what_was_decided_is_decided_again(
    own_system: StartSystem,
) -> None:
    familiar = {"first_agent_days": 1}
    system = await own_system({"hotline": {"spare_controller": True}, "queue": familiar})
    spare = await until(system.spare, within=60, what="a spare is loaded")
    async with waiting(system) as call:
        before = await system.journalled("CallQueued", after=call.mark)
        mark = system.last_seq()
        old = system.kill_controller()
        await system.new_controller(old)
        assert system.controller().pid == spare.pid
        again = await system.journalled("CallQueued", after=mark, call_id=call.call_id)
        assert again.data["since"] == before.data["since"]
        async with system.ready_agent() as (_, phone):
            await phone.event(INCOMING)
            await phone.answer()
            answered = await system.journalled("CallAnswered", after=mark)
            assert answered.data["agent_id"] == "agent1"
    offered = await system.journalled("CallOffered", after=mark)
    assert offered.data["why"]["agent"]["free"] == 1
    await the_same_agent_is_asked_again(system)
    found = await replayed(system)
    assert found["identical"], found["difference"]
    assert (found["starts"], found["offers"]) == (2, 2)


async def the_same_agent_is_asked_again(system: HotlineSystem) -> None:
    """Who had the citizen's last talk is rung, although another is idle for longer."""
    async with (
        system.ready_agent("agent2") as (_, other),
        system.ready_agent("agent1") as (desk, phone),
        waiting(system) as call,
    ):
        await phone.event(INCOMING)
        pop = (await desk.event("pop")).data["pop"]
        assert (pop["call_id"], pop["first"]) == (call.call_id, "talk")
        assert not other.calls
