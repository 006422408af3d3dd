"""A new controller takes over from one that ends in order, or that was away for too long."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator

import psutil
import pytest

from hotline.demo.phone import INCOMING
from tests.deadline import until
from tests.pbx.test_nobody_is_dropped import adopted_talk, in_state
from tests.system import HotlineSystem
from tests.talks import Waiting, hear_each_other, talking, waiting


@pytest.fixture(scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HotlineSystem]:
    """With a spare, as shipped."""
    it = HotlineSystem(tmp_path_factory.mktemp("upgrade"), {"hotline": {"spare_controller": True}})
    await it.start()
    yield it
    await it.stop()


async def test_an_upgrade_waits_for_nobody_and_loses_nobody(system: HotlineSystem) -> None:
    async with talking(system) as talk, waiting(system, "13900000002") as call:
        before = await talk.desk.agent()
        mark = system.last_seq()
        old = system.kill_controller(signal.SIGTERM)
        await system.new_controller(old)
        await system.journalled("ControllerStopped", after=mark)
        # Callers could ring in meanwhile, and nobody looked.
        await system.journalled("BlindInterval", after=mark)
        await hear_each_other(talk.citizen, talk.phone)
        await adopted_talk(
            system, talk.desk, Waiting(talk.call_id, talk.citizen, talk.ear, talk.mark)
        )
        assert (await talk.desk.agent())["since"] == before["since"]
        queued = [e.data["since"] for e in system.journal("CallQueued", call_id=call.call_id)]
        assert len(queued) == 2
        assert len(set(queued)) == 1
        await talk.phone.hangup()
        await until(lambda: in_state(talk.desk, "wrap_up"))
        await talk.desk.post("/api/agent/wrap-up/end")
        await talk.phone.event(INCOMING)
        await talk.phone.answer()
        await hear_each_other(call.citizen, talk.phone)
        await call.citizen.hangup()


async def test_whom_the_dialplan_rings_an_agent_for_is_not_torn_away(
    system: HotlineSystem,
) -> None:
    async with system.ready_agent() as (desk, phone):
        await desk.become("paused", "rest")
        async with waiting(system, "13900000003") as call:
            supervisor = psutil.Process(system.controller().ppid())
            supervisor.suspend()
            try:
                # Nobody starts the next one: the dialplan's own queue rings whoever is on duty.
                old = system.kill_controller()
                await phone.event(INCOMING, within=30)
            finally:
                supervisor.resume()
            await system.new_controller(old)
            adopted = await system.journalled("CallAdopted", after=call.mark, call_id=call.call_id)
            assert adopted.data["where"] == "offered"
            await phone.answer()
            await hear_each_other(call.citizen, phone)
            await adopted_talk(system, desk, call)
            await call.citizen.hangup()
            await until(lambda: in_state(desk, "wrap_up"))
        assert len(system.journal("CallOffered", call_id=call.call_id)) == 1
        ended = system.journal("TalkEnded", call_id=call.call_id)
        assert [entry.data["by"] for entry in ended] == ["citizen"]
