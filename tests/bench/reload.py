"""Publishing under 50 live calls: is any disturbed, does any meet two versions of anything?

Callers ring in at a steady rate and walk a flow inside another one for some 12 s, pressing a key;
meanwhile both flows are published again and again by the web. See :mod:`tests.reloading`.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from tests.callers import exchange
from tests.reloading import Reloads, begin
from tests.system import HotlineSystem, Settings

CALLS = 480
RATE = 13.0
PUBLISH_EVERY_S = 1.5
LIVE = 50
# Two ports a call, and some for calls that are not quite over.
_ROOM: Settings = {"pbx": {"rtp_start": 34_000, "rtp_end": 35_999}}


def run() -> dict[str, object]:
    """Measure."""
    reloads = asyncio.run(_reload())
    return {
        "calls": reloads.calls,
        "publications": len(reloads.live),
        "publications_under_50_live_calls_or_more": sum(n >= LIVE for n in reloads.live),
        "live_calls_at_most": max(reloads.live),
        "versions_walked": {flow: len(met) for flow, met in sorted(reloads.walked.items())},
        "disturbed": len(reloads.faults),
        "mixed": len(reloads.mixed),
        "stale": len(reloads.stale),
        "examples": [*reloads.faults, *reloads.mixed, *reloads.stale][:10],
    }


async def _reload() -> Reloads:
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        system = HotlineSystem(Path(folder), _ROOM)
        await system.start()
        try:
            async with exchange(system.config.pbx.sip_port) as callers:
                reloads = await begin(system, callers)
                await reloads.run(CALLS, RATE, PUBLISH_EVERY_S)
        finally:
            await system.stop()
        reloads.judge()
        return reloads
