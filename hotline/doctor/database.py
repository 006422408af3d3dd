"""The database, asked as any visitor would ask it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

import hotline
from hotline.config import Config
from hotline.doctor.model import Finding
from hotline.doctor.texts import Say

SECONDS = 5.0
OFF_DUTY = "offline"
_ON_DUTY = (
    "SELECT users.extension FROM presence JOIN users ON users.user_id = presence.agent_id"
    " WHERE presence.state != :off"
)


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """``revision`` None: no tables; ``on_duty`` are the extensions of agents signed on,
    ``newest_event`` the time of the journal's last one."""

    revision: str | None = None
    newest_event: float | None = None
    on_duty: frozenset[str] | None = None
    error: str = ""
    absent: str = ""


def ask_database(config: Config) -> DatabaseFacts:
    """Ask the configured database; never makes one."""
    url = make_url(config.database_url)
    if url.drivername.startswith("sqlite") and not Path(url.database or "").is_file():
        return DatabaseFacts(absent=url.database or "")
    try:
        return asyncio.run(_ask(config.database_url))
    except TimeoutError:
        return DatabaseFacts(error=f"{SECONDS:.0f} s")
    except (SQLAlchemyError, OSError) as error:
        # The driver's own words, without SQLAlchemy's frame.
        why = str(getattr(error, "orig", None) or error)
        return DatabaseFacts(error=why.splitlines()[0])


async def _ask(url: str) -> DatabaseFacts:
    engine = create_async_engine(url)
    try:
        async with asyncio.timeout(SECONDS), engine.connect() as connection:
            return await _read(connection)
    finally:
        await engine.dispose()


async def _read(connection: AsyncConnection) -> DatabaseFacts:
    tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    if "alembic_version" not in tables:
        return DatabaseFacts()
    revision = str(await _one(connection, "SELECT version_num FROM alembic_version"))
    if revision != newest_revision():
        return DatabaseFacts(revision)
    newest = await _one(connection, "SELECT max(at) FROM journal")
    agents = await connection.execute(text(_ON_DUTY), {"off": OFF_DUTY})
    on_duty = frozenset(str(extension) for (extension,) in agents if extension)
    return DatabaseFacts(revision, None if newest is None else float(str(newest)), on_duty)


async def _one(connection: AsyncConnection, query: str) -> object:
    return (await connection.execute(text(query))).scalar()


def newest_revision() -> str:
    """The revision that this version of the program needs."""
    scripts = ScriptDirectory(str(Path(hotline.__file__).parent / "storage" / "migrations"))
    return str(scripts.get_current_head())


def judge_database(config: Config, facts: DatabaseFacts, say: Say) -> Finding:
    """Reachable, and of the newest version?"""
    if facts.absent:
        return Finding("database", "bad", say("database.absent", path=facts.absent))
    if facts.error:
        return Finding("database", "bad", say("database.down", why=facts.error))
    newest = newest_revision()
    if facts.revision == newest:
        kind = make_url(config.database_url).get_backend_name()
        return Finding("database", "good", say("database.good", kind=kind, revision=newest))
    older = facts.revision is None or facts.revision < newest
    key = "database.behind" if older else "database.ahead"
    why = say(key, revision=facts.revision or "-", newest=newest)
    return Finding("database", "bad", why)
