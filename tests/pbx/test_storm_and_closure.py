"""What supervisors decide on a page, heard by real callers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.system import HotlineSystem
from tests.talks import ringing_in

CITY = ZoneInfo("Asia/Shanghai")
CITIZEN = "13800138000"


def moment(hours: float) -> str:
    """So many hours from now, as a page's field holds it."""
    return f"{datetime.now(CITY) + timedelta(hours=hours):%Y-%m-%dT%H:%M}"


@asynccontextmanager
async def storm(system: HotlineSystem) -> AsyncIterator[int]:
    """A storm that is ended again; gives its id."""
    form = {"text_zh": "人民路积水", "places": "人民路", "ends_at": moment(2)}
    async with system.desk("supervisor") as chief:
        (await chief.client.post("/storm", data=form)).raise_for_status()
        [row] = system.rows("SELECT storm_id FROM storms WHERE ended_at IS NULL")
        try:
            yield row["storm_id"]
        finally:
            (await chief.client.post(f"/storm/{row['storm_id']}/end")).raise_for_status()


@asynccontextmanager
async def closure(system: HotlineSystem) -> AsyncIterator[None]:
    """A closure that is removed again."""
    form = {"what": "closed", "since": moment(-1), "until": moment(1), "text_zh": "机房检修"}
    async with system.desk("supervisor") as chief:
        (await chief.client.post("/calendar/specials", data=form)).raise_for_status()
        [row] = system.rows("SELECT special_id FROM calendar_specials WHERE removed_at IS NULL")
        try:
            yield
        finally:
            path = f"/calendar/specials/{row['special_id']}/remove"
            (await chief.client.post(path)).raise_for_status()


async def test_a_caller_registers_in_a_storm_by_one_key_and_only_once(
    system: HotlineSystem,
) -> None:
    async with storm(system) as storm_id:
        for prompt, new in (("storm-registered", True), ("storm-registered-before", False)):
            async with ringing_in(system, CITIZEN) as call:
                await call.ear.hears(("storm-known",), within=30)
                await call.citizen.send_keys("1")
                told = await system.journalled("CallerAffected", after=call.mark)
                assert (told.data["call_id"], told.data["new"]) == (call.call_id, new)
                await call.ear.hears((prompt,), within=30)
                assert not system.journal("CallQueued", after=call.mark)
        [row] = system.rows("SELECT * FROM storm_affected WHERE storm_id = ?", storm_id)
        [case] = system.rows("SELECT case_number FROM storms WHERE storm_id = ?", storm_id)
    assert (row["number"], row["again"]) == (CITIZEN, 1)
    assert row["case_number"] == case["case_number"]
    assert system.journal("StormEnded")[-1].data["affected"] == 1


async def test_a_closure_holds_for_the_next_caller(system: HotlineSystem) -> None:
    async with closure(system), ringing_in(system, CITIZEN) as call:
        await call.ear.hears(("out-of-hours",), within=30)
        assert not system.journal("CallQueued", after=call.mark)
    async with ringing_in(system, CITIZEN) as call:
        await system.journalled("CallQueued", after=call.mark)
