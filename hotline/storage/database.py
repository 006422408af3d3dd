"""The database: SQLite by default, PostgreSQL by URL; nothing else here knows which."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, FromClause, create_engine, event, inspect, text
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from hotline.storage.migrations import HEAD

# sqlite3 must not begin transactions of its own accord.
_SQLITE = {"isolation_level": None}
# How long a writer waits for its turn.
LOCK_WAIT_S = 5.0
# Threads that read SQLite at once; as many as a small machine has use for.
READERS = 2

# One writer at a time, over processes: the journal's order is then the order of commits.
# SQLite has that from BEGIN IMMEDIATE.
_LOCK_WRITERS = text("SELECT pg_advisory_xact_lock(12319)")

_SQLITE_FAILURES = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOTADB,
    }
)
# Connection, resources (disk full), operator intervention (shutdown), system error.
_POSTGRES_FAILURES = ("08", "53", "57", "58")
_LOCK_NOT_AVAILABLE = "55P03"
_READ_ONLY = "25006"

T = TypeVar("T")


class DatabaseUnavailable(Exception):
    """The database cannot be reached or cannot store: full disk, locked out, connection gone.

    Nothing of the failed transaction is stored, unless the connection broke during its commit.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class MigrationError(Exception):
    """The tables cannot be brought to this version; the message says why."""


class Database:
    """A pool of connections to the database at ``url``; close it at the end.

    A writer waits ``lock_wait_s`` seconds for another program to finish its transaction.
    """

    def __init__(self, url: str, lock_wait_s: float = LOCK_WAIT_S) -> None:
        self.url = url
        self._lock_wait_s = lock_wait_s
        self.engine = _engine(url, int(lock_wait_s * 1000))
        self.dialect = self.engine.dialect.name
        self._writer = self.engine.execution_options(hotline_begin="BEGIN IMMEDIATE")
        self._turn = asyncio.Lock()
        # aiosqlite goes to its thread and back for each statement; what is short goes once.
        self._at_once = _engine_at_once(url, int(lock_wait_s * 1000), 1)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="database")
        self._reads_at_once = _engine_at_once(url, int(lock_wait_s * 1000), READERS)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="database-read")

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """A session to read in; what it loads stays usable after it is closed.

        Raises :class:`DatabaseUnavailable`.
        """
        with translated():
            async with AsyncSession(
                self.engine, expire_on_commit=False, autoflush=False
            ) as session:
                yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A session whose changes are committed at the end, or rolled back by an exception.

        It writes alone: another writer is waited for, so reading before writing is safe. Not to
        be opened inside another one. What the journal should know goes through
        :meth:`Journal.transaction` instead. Raises :class:`DatabaseUnavailable`.
        """
        async with self.writer() as session:
            yield session
            await session.commit()

    @asynccontextmanager
    async def writer(self) -> AsyncIterator[AsyncSession]:
        """As :meth:`writing`, but the caller commits; what is not committed is rolled back."""
        async with self._my_turn():
            with translated():
                async with AsyncSession(
                    self._writer, expire_on_commit=False, autoflush=False
                ) as session:
                    if self.dialect == "postgresql":
                        await session.execute(_LOCK_WRITERS)
                    yield session

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in a transaction of its own, commit, and return what it returned.

        For short writes: with SQLite it runs in a thread, without a pause between statements.
        It must touch nothing else. Alone as :meth:`writing`. Raises
        :class:`DatabaseUnavailable`.
        """
        async with self._my_turn():
            with translated():
                if self._at_once is not None:
                    job = partial(_committed, self._at_once, work)
                    return await asyncio.get_running_loop().run_in_executor(self._thread, job)
                async with self._writer.connect() as connection:
                    await connection.execute(_LOCK_WRITERS)
                    result = await connection.run_sync(work)
                    await connection.commit()
                    return result

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run ``work`` with a session to read in, and return what it returned.

        For several quick queries that are asked together: with SQLite they run in a thread,
        without a pause between them, and see one state of the tables. ``work`` must touch nothing
        else; what it loads stays usable. Raises :class:`DatabaseUnavailable`.
        """
        if self._reads_at_once is None:
            async with self.session() as session:
                return await session.run_sync(work)
        job = partial(_read, self._reads_at_once, work)
        with translated():
            return await asyncio.get_running_loop().run_in_executor(self._readers, job)

    @asynccontextmanager
    async def _my_turn(self) -> AsyncIterator[None]:
        # Waiting here is fair and quick; SQLite alone would poll its lock with growing pauses.
        try:
            async with asyncio.timeout(2 * self._lock_wait_s):
                await self._turn.acquire()
        except TimeoutError:
            raise DatabaseUnavailable("another writer does not finish") from None
        try:
            yield
        finally:
            self._turn.release()

    async def ping(self) -> None:
        """Return when the database answers. Raises :class:`DatabaseUnavailable`."""
        async with self.session() as session:
            await session.execute(text("SELECT 1"))

    async def version(self) -> str | None:
        """The tables' migration, None when there are no tables.

        Raises :class:`DatabaseUnavailable`.
        """
        with translated():
            async with self.engine.connect() as connection:
                return await connection.run_sync(_version)

    async def migrate(self) -> bool:
        """Bring the tables to this version; returns whether anything had to be done.

        Raises :class:`DatabaseUnavailable`, :class:`MigrationError`.
        """
        if await self.version() == HEAD:
            return False
        with translated():
            async with self._writer.begin() as connection:
                if self.dialect == "postgresql":
                    await connection.execute(_LOCK_WRITERS)
                await connection.run_sync(_upgrade)
        return True

    async def close(self) -> None:
        """Give every connection back; the worker threads of SQLite end with them."""
        await self.engine.dispose()
        for engine in (self._at_once, self._reads_at_once):
            if engine is not None:
                engine.dispose()
        self._thread.shutdown()
        self._readers.shutdown()


def never_made(url: str) -> bool:
    """Whether the database is a file that is not there: the hotline was never started."""
    parsed = make_url(url)
    file = parsed.database if parsed.get_backend_name() == "sqlite" else None
    return file is not None and not Path(file).exists()


async def migrate(url: str) -> bool:
    """Make the database at ``url`` fit for this version; returns whether it had to change.

    A new SQLite file is readable by its owner only. Raises :class:`DatabaseUnavailable`,
    :class:`MigrationError`.
    """
    await asyncio.to_thread(_private_file, url)
    database = Database(url)
    try:
        return await database.migrate()
    finally:
        await database.close()


@contextmanager
def translated() -> Iterator[None]:
    """Turn a failure of the database itself into :class:`DatabaseUnavailable`.

    Mistakes in a statement or a broken constraint pass unchanged.
    """
    try:
        yield
    except (DBAPIError, PoolTimeout, OSError) as error:
        why = _failure(error)
        if why is None:
            raise
        raise DatabaseUnavailable(why) from error


def _failure(error: DBAPIError | PoolTimeout | OSError) -> str | None:
    if isinstance(error, PoolTimeout):
        return "every connection to the database is in use"
    if isinstance(error, OSError):
        return str(error) or "the database did not answer in time"
    why = str(error.orig)
    if error.connection_invalidated or isinstance(error, InterfaceError):
        return why
    code = getattr(error.orig, "sqlite_errorcode", None)
    if isinstance(code, int):
        # The low byte is the kind of failure, the rest its detail.
        return why if code & 0xFF in _SQLITE_FAILURES else None
    state = str(getattr(error.orig, "sqlstate", "") or "")
    stopped = state.startswith(_POSTGRES_FAILURES) or state in {_LOCK_NOT_AVAILABLE, _READ_ONLY}
    return why if stopped else None


def _engine(url: str, lock_wait_ms: int) -> AsyncEngine:
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_async_engine(url, connect_args=_SQLITE, json_serializer=_to_json)
        _set_up_sqlite(engine.sync_engine, lock_wait_ms)
        return engine
    return create_async_engine(
        url,
        pool_size=5,
        max_overflow=10,
        pool_timeout=10,
        pool_pre_ping=True,
        json_serializer=_to_json,
        connect_args={
            "timeout": 5,
            "command_timeout": 60,
            "server_settings": {
                "application_name": "hotline",
                "lock_timeout": str(lock_wait_ms),
                "idle_in_transaction_session_timeout": "60000",
                "jit": "off",
            },
        },
    )


def _engine_at_once(url: str, lock_wait_ms: int, connections: int) -> Engine | None:
    """SQLite without aiosqlite; None for other databases."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    engine = create_engine(
        parsed.set(drivername="sqlite+pysqlite"),
        connect_args={**_SQLITE, "check_same_thread": False},
        pool_size=connections,
        json_serializer=_to_json,
    )
    _set_up_sqlite(engine, lock_wait_ms)
    return engine


class _HintingCompiler(SQLiteCompiler):
    """SQLAlchemy's own leaves the hints of a query out for SQLite."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:
        """What stands behind the table's name: ``INDEXED BY …``."""
        del table
        return text


def _set_up_sqlite(engine: Engine, lock_wait_ms: int) -> None:
    engine.dialect.statement_compiler = _HintingCompiler
    event.listen(engine, "connect", partial(_sqlite_connected, lock_wait_ms))
    event.listen(engine, "begin", _sqlite_begins)


def _committed(engine: Engine, work: Callable[[Connection], T]) -> T:
    writer = engine.execution_options(hotline_begin="BEGIN IMMEDIATE")
    with writer.connect() as connection:
        result = work(connection)
        connection.commit()
        return result


def _read(engine: Engine, work: Callable[[Session], T]) -> T:
    with Session(engine, expire_on_commit=False, autoflush=False) as session:
        return work(session)


def _to_json(value: object) -> str:
    # Chinese stays readable to whoever opens the database; NaN is no JSON and stays out.
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _sqlite_connected(lock_wait_ms: int, connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    try:
        cursor.execute(f"PRAGMA busy_timeout={lock_wait_ms}")
        cursor.execute("PRAGMA journal_mode=WAL")
        # FULL: an acknowledged event survives a power cut, not only a killed process.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        # Without it REPLACE would delete journal rows past their trigger.
        cursor.execute("PRAGMA recursive_triggers=ON")
    finally:
        cursor.close()


def _sqlite_begins(connection: Connection) -> None:
    # A writer that begins as a reader could not wait for its turn: SQLite refuses at once.
    how = connection.get_execution_options().get("hotline_begin", "BEGIN")
    if how != "BEGIN" or not _begun_at_once(connection.connection.dbapi_connection):
        connection.exec_driver_sql(how)


def _begun_at_once(connection: Any) -> bool:
    # One roundtrip to aiosqlite's thread instead of a cursor's three: pages read in many sessions.
    # Whoever is cancelled meanwhile leaves a transaction, which the pool rolls back.
    if not hasattr(connection, "run_async"):
        return False
    try:
        connection.run_async(lambda raw: raw.execute("BEGIN"))
    except (sqlite3.Error, ValueError):
        # Asked again as every other statement, it fails in SQLAlchemy's words.
        return False
    return True


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    # Imported here: a start that has nothing to migrate does not pay for Alembic.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, HEAD)
    except CommandError as error:
        raise MigrationError(
            f"the database's tables are of version {_version(connection)!r}, which this program "
            f"({HEAD!r}) does not know: use the newer program, or restore a backup"
        ) from error


def _private_file(url: str) -> None:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return
    with translated():
        os.close(os.open(parsed.database, os.O_RDWR | os.O_CREAT, 0o600))
