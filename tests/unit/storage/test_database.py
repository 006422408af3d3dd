from __future__ import annotations

import asyncio
import stat
from contextlib import suppress
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from hotline.events import PbxConnected
from hotline.storage import migrations
from hotline.storage.database import Database, DatabaseUnavailable, MigrationError, migrate
from hotline.storage.journal import Journal
from hotline.storage.tables import Base, UserRow


async def test_the_migrations_make_exactly_the_tables_of_the_program(database: Database) -> None:
    # Each database has a full-text index of its own kind.
    shadows = ("", "_config", "_content", "_data", "_docsize", "_idx")
    elsewhere = {f"case_fts{name}" for name in shadows}
    if database.dialect == "sqlite":
        elsewhere.add("ix_case_words_words")

    def differences(connection: Connection) -> object:
        options = {
            "compare_type": True,
            "compare_server_default": True,
            "include_object": lambda _, name, *rest: name not in elsewhere,
        }
        return compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_second_migration_has_nothing_to_do(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'new.db'}"
    assert await migrate(url) is True
    assert await migrate(url) is False


async def test_two_starts_at_once_migrate_once(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'new.db'}"
    await asyncio.gather(migrate(url), migrate(url))
    assert await migrate(url) is False


def test_the_version_that_a_start_asks_for_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_heads() == [migrations.HEAD]


async def test_tables_of_a_newer_program_are_left_alone(database: Database) -> None:
    async with database.writing() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(MigrationError, match="9999"):
        await database.migrate()
    assert await database.version() == "9999"


async def test_a_new_database_file_is_nobody_elses_to_read(tmp_path: Path) -> None:
    await migrate(f"sqlite+aiosqlite:///{tmp_path / 'new.db'}")
    assert stat.S_IMODE((tmp_path / "new.db").stat().st_mode) == 0o600


@pytest.mark.parametrize("statement", ["UPDATE journal SET kind = 'x'", "DELETE FROM journal"])
async def test_the_journal_cannot_be_changed(
    database: Database, journal: Journal, statement: str
) -> None:
    [record] = await journal.append(PbxConnected("pbx1"))
    with pytest.raises(DBAPIError, match="append-only"):
        async with database.writing() as session:
            await session.execute(text(statement))
    assert await journal.read() == [record]


async def test_the_journal_cannot_be_emptied_or_replaced(
    database: Database, journal: Journal
) -> None:
    [record] = await journal.append(PbxConnected("pbx1"))
    statement = (
        "REPLACE INTO journal (seq, at, kind, data) VALUES (1, 0, 'x', '{}')"
        if database.dialect == "sqlite"
        else "TRUNCATE journal"
    )
    with pytest.raises(DBAPIError, match="append-only"):
        async with database.writing() as session:
            await session.execute(text(statement))
    assert await journal.read() == [record]


@pytest.mark.parametrize(
    "url",
    [
        "sqlite+aiosqlite:////nowhere/at/all/hotline.db",
        "postgresql+asyncpg://hotline@/hotline?host=/nowhere",
        "postgresql+asyncpg://hotline@127.0.0.1:1/hotline",
    ],
)
async def test_a_database_that_cannot_be_reached_says_so(url: str) -> None:
    database = Database(url)
    with pytest.raises(DatabaseUnavailable) as refused:
        await database.ping()
    assert refused.value.why
    with pytest.raises(DatabaseUnavailable):
        await migrate(url)
    await database.close()


async def test_a_mistake_in_a_statement_is_not_taken_for_a_dead_database(
    database: Database,
) -> None:
    with pytest.raises(DBAPIError):
        async with database.session() as session:
            await session.execute(text("SELECT nothing FROM nowhere"))


async def test_what_fails_half_way_leaves_nothing(database: Database) -> None:
    user = UserRow(user_id="a", name="甲", role="agent", password_hash="x", created_at=0.0)
    with suppress(KeyError):
        async with database.writing() as session:
            session.add(user)
            await session.flush()
            raise KeyError
    async with database.session() as session:
        assert await session.get(UserRow, "a") is None


async def test_writers_take_turns(database: Database) -> None:
    async def count_up() -> None:
        async with database.writing() as session:
            last = await session.scalar(text("SELECT max(last) FROM case_numbers"))
            await asyncio.sleep(0)
            await session.execute(
                text("INSERT INTO case_numbers (day, last) VALUES (:day, :last)"),
                {"day": str(last), "last": (last or 0) + 1},
            )

    await asyncio.gather(*(count_up() for _ in range(20)))
    async with database.session() as session:
        assert await session.scalar(text("SELECT max(last) FROM case_numbers")) == 20
