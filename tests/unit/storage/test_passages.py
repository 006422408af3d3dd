from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hotline import events
from hotline.ivr.counts import HUNG_UP, NodeCount
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.storage.passages import FlowCounts, Passages, rebuild
from tests.databases import MORNING, HandClock
from tests.deadline import until

DAY_S = 86400.0


def call(number: int, *steps: tuple[str, str], version: int = 1) -> list[events.Event]:
    """A call that walks ``steps`` (by, node) of the flow ``menu`` and hangs up."""
    call_id = f"pbx1-1.{number}"
    return [
        events.CallArrived(call_id, "pbx1", "PJSIP/trunk-1", "12319", "13800138000"),
        *(events.FlowStep(call_id, node, "menu", version, by) for by, node in steps),
        events.CallEnded(call_id, "citizen"),
    ]


@asynccontextmanager
async def counting(passages: Passages) -> AsyncIterator[None]:
    job = asyncio.create_task(passages.run())
    try:
        yield
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)


async def counted(passages: Passages, calls: int, version: int | None = None) -> FlowCounts:
    """The day's counts, once so many calls are in them."""

    async def there() -> FlowCounts | None:
        counts = await passages.counts("menu", MORNING, MORNING + DAY_S, version)
        return counts if counts.whole.hung_up == calls else None

    return await until(there, every=0.01, what=f"{calls} calls counted")


async def test_calls_are_counted_by_node_version_and_period(
    database: Database, journal: Journal, clock: HandClock
) -> None:
    passages = Passages(database, journal, clock)
    async with counting(passages):
        await journal.append(*call(1, ("", "greeting"), ("next", "main")))
        await journal.append(*call(2, ("", "greeting"), version=2))
        counts = await counted(passages, 2)
        assert counts.nodes["greeting"] == NodeCount(2, {"next": 1}, hung_up=1)
        assert counts.versions == {1: 1, 2: 1}
        only = await passages.counts("menu", MORNING, MORNING + DAY_S, 2)
        assert only.nodes == {"greeting": NodeCount(1, {}, hung_up=1)}
        assert only.versions == {1: 1, 2: 1}
        later = await passages.counts("menu", MORNING + 3600, MORNING + DAY_S)
        assert later.nodes == {}
        assert await passages.entered(MORNING) == {"menu": 2}


async def test_a_call_that_a_restart_cut_in_two_is_counted_once(
    database: Database, journal: Journal, clock: HandClock
) -> None:
    *before, after, end = call(1, ("", "greeting"), ("next", "main"))
    passages = Passages(database, journal, clock)
    async with counting(passages):
        await journal.append(*before)
        await until(lambda: passages.entered(MORNING), every=0.01)
    await journal.append(after, end)
    restarted = Passages(database, journal, clock)
    async with counting(restarted):
        counts = await counted(restarted, 1)
    assert counts.nodes["greeting"] == NodeCount(1, {"next": 1})
    assert counts.nodes["main"] == NodeCount(1, {}, hung_up=1)


async def test_a_rebuild_comes_to_the_same_counts(
    database: Database, journal: Journal, clock: HandClock
) -> None:
    passages = Passages(database, journal, clock)
    async with counting(passages):
        for number in range(5):
            await journal.append(*call(number, ("", "greeting"), ("next", "main")))
            clock.advance(1800)
        counts = await counted(passages, 5)
    assert await rebuild(database) == 20
    assert await passages.counts("menu", MORNING, MORNING + DAY_S) == counts
    assert counts.nodes["main"].hung_up == 5
    assert HUNG_UP not in counts.nodes["main"].left


async def test_times_in_which_nothing_was_seen_are_told(
    database: Database, journal: Journal, clock: HandClock
) -> None:
    passages = Passages(database, journal, clock)
    await journal.append(
        events.BlindInterval("pbx1", MORNING - 900, MORNING - 600),
        events.BlindInterval("pbx1", MORNING + 60, MORNING + 90),
        events.BlindInterval("pbx2", MORNING + 80, MORNING + 120),
    )
    counts = await passages.counts("menu", MORNING, MORNING + DAY_S)
    assert counts.blind == [(MORNING + 60, MORNING + 120)]
    assert counts.whole == NodeCount()
