from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from hotline import events
from hotline.storage.database import Database
from hotline.storage.journal import Journal, Transaction
from hotline.storage.records import Record
from hotline.storage.tables import UserRow
from tests.databases import MORNING, HandClock


def key(number: int, call_id: str = "pbx1-1") -> events.KeyPressed:
    return events.KeyPressed(call_id, str(number))


async def taken(following: AsyncIterator[Record], count: int) -> list[Record]:
    """The next ``count`` records, each within a deadline."""
    return [await asyncio.wait_for(anext(following), 10) for _ in range(count)]


async def test_what_was_appended_is_read_back_as_it_was(journal: Journal, clock: HandClock) -> None:
    happened = (
        events.CallArrived("pbx1-1", "pbx1", "PJSIP/trunk-1", "12319", "13800138000", "张“三”\n😀"),
        events.CaseEdited("2026112000001", "agent1", ("address", "unit")),
        events.ReportTranscribed("pbx1-1", "pbx1-1/r1", "路灯不亮", None, "demo"),
    )
    written = await journal.append(*happened)
    assert [record.event for record in written] == list(happened)
    assert [record.at for record in written] == [MORNING] * 3
    assert await journal.read() == written
    assert journal.last_seq == written[-1].seq


async def test_an_event_may_be_told_later_than_it_happened(journal: Journal) -> None:
    [record] = await journal.append(key(1), at=MORNING - 90)
    assert record.at == MORNING - 90
    assert (await journal.read())[0].at == MORNING - 90


async def test_reading_picks_what_is_asked_for(journal: Journal, clock: HandClock) -> None:
    await journal.append(key(1, "a"), key(2, "b"), events.CallEnded("a", "citizen"))
    clock.advance(60)
    await journal.append(events.CaseEdited("2026112000001", "agent1"))
    assert [r.event for r in await journal.read(call_id="a")] == [
        key(1, "a"),
        events.CallEnded("a", "citizen"),
    ]
    assert len(await journal.read(case_number="2026112000001")) == 1
    assert len(await journal.read(kinds={events.KeyPressed})) == 2
    assert len(await journal.read(after=1, limit=2)) == 2
    assert len(await journal.read(since=MORNING + 60)) == 1


async def test_text_that_no_database_stores_does_not_stop_the_call(journal: Journal) -> None:
    [record] = await journal.append(
        events.CallArrived("c", "pbx1", "PJSIP/x", "12319" * 40, "1" * 5000, "a\x00b\ud83d")
    )
    assert record.event == (await journal.read())[0].event
    assert isinstance(record.event, events.CallArrived)
    assert record.event.calling_name == "a\ufffdb\ufffd"
    assert record.event.calling == "1" * 5000


async def test_events_of_one_append_are_stored_together_or_not_at_all(
    database: Database, journal: Journal
) -> None:
    with pytest.raises(StatementError, match="JSON"):
        await journal.append(key(1), events.TalkEnded("pbx1-1", "agent1", float("nan"), "agent"))
    assert await journal.read() == []
    assert journal.last_seq == 0


async def test_rows_and_events_are_written_together(database: Database, journal: Journal) -> None:
    async with journal.transaction() as tx:
        tx.session.add(user())
        tx.add(key(1))
    assert [record.event for record in tx.records] == [key(1)]
    with suppress(KeyError):
        async with journal.transaction() as tx:
            tx.add(key(2))
            await forget(tx)
            raise KeyError
    assert [record.event for record in await journal.read()] == [key(1)]
    async with database.session() as session:
        assert await session.get(UserRow, "agent1") is not None


def user() -> UserRow:
    return UserRow(user_id="agent1", name="张敏", role="agent", password_hash="", created_at=0.0)


async def forget(tx: Transaction) -> None:
    await tx.session.execute(text("DELETE FROM users"))


@dataclass(frozen=True)
class Traffic:
    """Records there before, sizes of concurrent appends, and where the followers begin."""

    before: int
    batches: list[int]
    starts: list[int]
    recent: int


TRAFFIC = st.builds(
    Traffic,
    before=st.integers(0, 12),
    batches=st.lists(st.integers(1, 4), max_size=12),
    starts=st.lists(st.integers(0, 12), min_size=1, max_size=4),
    recent=st.integers(1, 8),
)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(traffic=TRAFFIC)
async def test_no_follower_misses_or_doubles_a_record(
    database: Database, clock: HandClock, traffic: Traffic
) -> None:
    journal = Journal(database, clock, recent=traffic.recent)
    await journal.open()
    base = journal.last_seq
    for number in range(traffic.before):
        await journal.append(key(number))
    begins = [base + min(start, traffic.before) for start in traffic.starts]
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        early = [group.create_task(seen_by_follower(journal, begin)) for begin in begins]
        writers = [
            asyncio.create_task(journal.append(*(key(n) for n in range(size))))
            for size in traffic.batches
        ]
        await asyncio.gather(*writers)
        late = group.create_task(seen_by_follower(journal, base))
        await journal.append(events.ControllerStopped())
    everything = [record.seq for record in await journal.read(base)]
    for begin, follower in zip(begins, early, strict=True):
        assert follower.result() == [seq for seq in everything if seq > begin]
    assert late.result() == everything


async def seen_by_follower(journal: Journal, after: int) -> list[int]:
    """What a follower sees who is slow now and then, until the controller stops."""
    seen: list[int] = []
    async for record in journal.follow(after):
        seen.append(record.seq)
        if record.seq % 3 == 0:
            await asyncio.sleep(0)
        if isinstance(record.event, events.ControllerStopped):
            break
    return seen


async def test_a_follower_from_now_on_sees_only_what_comes(journal: Journal) -> None:
    await journal.append(key(1))
    following = journal.follow()
    waiting = asyncio.ensure_future(anext(following))
    await asyncio.sleep(0)
    [record] = await journal.append(key(2))
    assert await asyncio.wait_for(waiting, 10) == record


async def test_a_follower_far_behind_catches_up_from_the_table(
    database: Database, clock: HandClock
) -> None:
    journal = Journal(database, clock, recent=5)
    await journal.open()
    following = journal.follow(0)
    for number in range(40):
        await journal.append(key(number))
        if number == 3:
            assert [r.event for r in await taken(following, 2)] == [key(0), key(1)]
    assert [r.event for r in await taken(following, 38)] == [key(n) for n in range(2, 40)]


async def test_a_follower_of_few_kinds_is_told_of_those_and_of_no_others(
    database: Database, clock: HandClock
) -> None:
    journal = Journal(database, clock, recent=5)
    await journal.open()
    ends = [events.CallEnded(f"pbx1-{number}", "citizen") for number in range(30)]
    following = journal.follow(0, frozenset({events.CallEnded}))
    for number, end in enumerate(ends[:20]):
        # From the table, since by then none of them is in memory.
        await journal.append(key(1), key(2), end, *[key(3)] * (number % 7))
    assert [r.event for r in await taken(following, 20)] == ends[:20]
    waiting = asyncio.ensure_future(anext(following))
    for end in ends[20:]:
        await journal.append(*[key(4)] * 12)
        assert not waiting.done()
        await journal.append(key(5), end)
        assert (await asyncio.wait_for(waiting, 10)).event == end
        waiting = asyncio.ensure_future(anext(following))
    waiting.cancel()


async def test_a_follower_of_a_lost_future_begins_at_the_end(journal: Journal) -> None:
    await journal.append(key(1))
    following = journal.follow(after=1_000_000)
    waiting = asyncio.ensure_future(anext(following))
    await asyncio.sleep(0)
    [record] = await journal.append(key(2))
    assert await asyncio.wait_for(waiting, 10) == record


async def test_a_reopened_journal_goes_on_where_it_ended(
    database: Database, journal: Journal, clock: HandClock
) -> None:
    [first] = await journal.append(key(1))
    again = Journal(database, clock)
    await again.open()
    assert again.last_seq == first.seq
    [second] = await again.append(key(2))
    assert await taken(again.follow(0), 2) == [first, second]


async def test_what_another_process_wrote_is_not_skipped(
    database: Database, journal: Journal, clock: HandClock
) -> None:
    other = Journal(database, clock)
    await other.open()
    following = journal.follow(0)
    [first] = await journal.append(key(1))
    [foreign] = await other.append(key(2))
    [last] = await journal.append(key(3))
    assert await taken(following, 3) == [first, foreign, last]


async def test_an_append_outlives_the_cancelled_caller(journal: Journal) -> None:
    async with journal.transaction():
        appending = asyncio.create_task(journal.append(key(1)))
        await asyncio.sleep(0)
        appending.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await appending
    assert [record.event for record in await journal.read()] == [key(1)]
    assert journal.last_seq == 1
