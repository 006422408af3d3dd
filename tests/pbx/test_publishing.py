"""Publishing flows while callers walk them; ``make bench BENCH_ARGS=reload`` does it under 50."""

from __future__ import annotations

from tests.callers import exchange
from tests.pbx.conftest import StartSystem
from tests.reloading import INNER, begin


async def test_calls_in_progress_keep_their_flows_and_new_calls_take_the_new_ones(
    own_system: StartSystem,
) -> None:
    system = await own_system({})
    async with exchange(system.config.pbx.sip_port) as callers:
        reloads = await begin(system, callers)
        await reloads.run(calls=10, rate=2.0, publish_every_s=0.6)
    reloads.judge()
    assert (reloads.faults, reloads.mixed, reloads.stale) == ([], [], [])
    assert max(reloads.live) >= 5
    assert all(len(versions) >= 3 for versions in reloads.walked.values())
    async with system.desk("supervisor") as chief:
        counts = await chief.get(f"/api/flows/{INNER}/counts", period="today")
    # Each caller walked the inner flow twice, and came back from it.
    assert counts["whole"]["entered"] == counts["whole"]["left"]["returned"] == 20
    assert sum(one["entered"] for one in counts["versions"]) == 20
