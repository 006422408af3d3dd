"""A database that fails: what is said, and that nothing is lost or doubled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from hotline import events
from hotline.storage.database import Database
from hotline.storage.journal import Journal, JournalUnavailable
from hotline.storage.records import Record
from tests.databases import HandClock, postgres, sqlite_copy


def key(number: int, call_id: str = "pbx1-1") -> events.KeyPressed:
    return events.KeyPressed(call_id, str(number))


async def taken(following: AsyncIterator[Record], count: int) -> list[Record]:
    """The next ``count`` records, each within a deadline."""
    return [await asyncio.wait_for(anext(following), 10) for _ in range(count)]


async def test_a_commit_whose_answer_was_lost_is_not_stored_twice(journal: Journal) -> None:
    following = journal.follow(0)
    await journal.append(key(1))
    with lost_answer(), pytest.raises(JournalUnavailable, match="connection lost"):
        await journal.append(key(2), key(3))
    # Who held the events back meanwhile appends them with what came after.
    retried = await journal.append(key(2), key(3), key(4))
    await journal.append(key(2), key(3))
    everything = await journal.read()
    assert [r.event for r in everything] == [key(n) for n in (1, 2, 3, 4, 2, 3)]
    assert retried == everything[1:4]
    assert await taken(following, 6) == everything


async def test_a_lost_answer_does_not_hide_the_record_from_followers(journal: Journal) -> None:
    following = journal.follow(0)
    with lost_answer(), pytest.raises(JournalUnavailable):
        await journal.append(key(1))
    await journal.append(key(2))
    assert [r.event for r in await taken(following, 2)] == [key(1), key(2)]
    # The retry comes late, and still finds it.
    await journal.append(key(1))
    assert [r.event for r in await journal.read()] == [key(1), key(2)]


@contextmanager
def lost_answer() -> Iterator[None]:
    """The database commits, and the connection breaks before it can say so."""
    commit = Connection.commit

    def break_off(connection: Connection) -> None:
        commit(connection)
        raise OperationalError(
            "COMMIT", {}, Exception("connection lost"), connection_invalidated=True
        )

    with patch.object(Connection, "commit", break_off):
        yield


async def test_a_full_disk_is_said_and_survived(tmp_path: Path, clock: HandClock) -> None:
    database = Database(sqlite_copy(tmp_path / "small.db"))
    journal = Journal(database, clock)
    await journal.open()
    await journal.append(key(1))
    await limit_pages(database, 0)
    long = events.ReportTranscribed("c", "c/r1", "长" * 50_000, None, "demo")
    with pytest.raises(JournalUnavailable, match="full"):
        await journal.append(key(2), long)
    assert [r.event for r in await journal.read()] == [key(1)]
    await limit_pages(database, 1_000_000)
    await journal.append(key(2), long)
    assert [r.event for r in await journal.read()] == [key(1), key(2), long]
    await database.close()


async def limit_pages(database: Database, pages: int) -> None:
    # SQLite answers a page beyond its limit exactly as it answers a full disk. The file keeps
    # the pages it has when the limit is lower.
    await database.write(lambda c: c.execute(text(f"PRAGMA max_page_count={pages or 1}")))


async def test_a_full_disk_under_postgresql_is_said_and_survived(clock: HandClock) -> None:
    async with postgres() as database:
        journal = Journal(database, clock)
        await journal.open()
        async with database.writing() as session:
            await session.execute(
                text(
                    "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                    "RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full'; END $$"
                )
            )
            await session.execute(
                text(
                    "CREATE TRIGGER full_disk BEFORE INSERT ON journal "
                    "FOR EACH ROW EXECUTE FUNCTION full_disk()"
                )
            )
        with pytest.raises(JournalUnavailable, match="no space left"):
            await journal.append(key(1))
        async with database.writing() as session:
            await session.execute(text("DROP TRIGGER full_disk ON journal"))
        await journal.append(key(1))
        assert [r.event for r in await journal.read()] == [key(1)]


async def test_a_server_that_cut_the_connection_is_asked_again(clock: HandClock) -> None:
    async with postgres() as database:
        journal = Journal(database, clock)
        await journal.open()
        with pytest.raises(JournalUnavailable):
            await append_while_cut(journal, database)
        await journal.append(key(2))
        assert [r.event for r in await journal.read()] == [key(2)]


async def append_while_cut(journal: Journal, database: Database) -> None:
    async with journal.transaction() as tx, database.session() as session:
        tx.add(key(1))
        await tx.session.execute(text("SELECT 1"))
        await session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


async def test_a_database_that_another_program_holds_is_said(
    database_url: str, clock: HandClock
) -> None:
    holder, database = Database(database_url), Database(database_url, lock_wait_s=0.1)
    journal = Journal(database, clock)
    await journal.open()
    async with holder.writing() as session:
        await session.execute(text("SELECT 1"))
        with pytest.raises(JournalUnavailable, match="lock"):
            await journal.append(key(1))
    await journal.append(key(1))
    assert journal.last_seq == (await journal.read())[-1].seq
    await holder.close()
    await database.close()
