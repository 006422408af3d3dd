"""Callers whom their queue cannot serve, on a real PBX."""

from __future__ import annotations

from pathlib import Path

from hotline.demo.phone import BUSY, Answering
from tests.plans import put_in_force
from tests.system import HotlineSystem
from tests.talks import ringing_in

NEIGHBOUR_HZ = 1200
PLAN = {
    "queues": [
        {
            "name": "hotline",
            "title": {"zh": "热线"},
            "overflow_s": 60,
            "overflow": [{"when": "nobody", "value": 1, "to": "target:12345"}],
        }
    ]
}


async def test_with_nobody_on_duty_12345_is_rung_and_else_a_report_is_taken(
    tmp_path: Path,
) -> None:
    system = HotlineSystem(tmp_path / "system")
    await put_in_force(system, PLAN)
    await system.start()
    try:
        async with system.citizen(
            "12345", hertz=NEIGHBOUR_HZ, dialled=True, answering=Answering(after=0.3)
        ) as neighbour:
            async with ringing_in(system) as call:
                await call.ear.hears(("queue-busy",), within=30)
                await neighbour.established()
                await system.journalled("HandoverJoined", call_id=call.call_id)
                await neighbour.hangup()
                # Not the survey, which asks about our own agents.
                await call.ear.hears(("goodbye",), within=30)
                assert system.journal("CallOffered", after=call.mark) == []
            neighbour.answering = BUSY
            async with ringing_in(system, "13900139000") as call:
                await call.ear.hears(("handover-failed",), within=30)
                await call.ear.hears(("report-please",), within=30)
                told = system.journal("CallOverflowed", call_id=call.call_id)
                assert [entry.data["to"] for entry in told] == ["target:12345", "report"]
                queued = system.journal("CallQueued", call_id=call.call_id)
                assert len({entry.data["since"] for entry in queued}) == 1
    finally:
        await system.stop()
