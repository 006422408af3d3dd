"""What the doctor reads from a database, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import insert, text

from hotline.config import Config, DatabaseSection
from hotline.doctor.database import ask_database, judge_database
from hotline.doctor.texts import Say
from hotline.events import AgentStateChanged
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.storage.tables import UserRow


def configured(url: str) -> Config:
    return Config(database=DatabaseSection(url=url))


async def test_agents_on_duty_and_the_last_event_are_read(
    database: Database, journal: Journal
) -> None:
    async with database.engine.begin() as connection:
        for user_id, extension in (("agent1", "1001"), ("agent2", "1002"), ("admin", None)):
            await connection.execute(
                insert(UserRow).values(
                    user_id=user_id,
                    extension=extension,
                    name="x",
                    role="agent",
                    password_hash="x",
                    active=True,
                    created_at=0.0,
                )
            )
    written = await journal.append(
        AgentStateChanged("agent1", "ready", 0.0),
        AgentStateChanged("agent2", "offline", 0.0),
        AgentStateChanged("admin", "paused", 0.0),
    )
    config = configured(database.url)
    facts = await asyncio.to_thread(ask_database, config)
    assert facts.on_duty == frozenset({"1001"})
    assert facts.newest_event == written[-1].at
    assert judge_database(config, facts, Say("en")).state == "good"


async def test_tables_of_another_version_are_told(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    facts = await asyncio.to_thread(ask_database, configured(database.url))
    assert facts.revision == "0000"
    assert facts.on_duty is None


def test_a_database_that_is_none_is_told_in_the_driver_s_words(tmp_path: Path) -> None:
    junk = tmp_path / "junk.db"
    junk.write_bytes(b"hello" * 1000)
    assert ask_database(configured(f"sqlite+aiosqlite:///{junk}")).error == "file is not a database"
    nowhere = ask_database(configured("postgresql+asyncpg://x:y@127.0.0.1:1/z"))
    assert "Connect call failed" in nowhere.error
