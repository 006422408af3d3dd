"""What ``hotline user`` does. Imported by the command line only when it is asked for.

Each opens the configured database, brings its tables to this version, and closes it again; it
may be done while the hotline runs. Each raises :class:`~hotline.storage.profiles.UserFault`,
:class:`~hotline.storage.users.NoSuchUser`, :class:`~hotline.storage.database.MigrationError` and
:class:`~hotline.storage.database.DatabaseUnavailable`, whose messages are one line for a person.
"""

from __future__ import annotations

import asyncio
import getpass
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TextIO

from twisted.internet.task import Clock as StillClock

from hotline.clock import ReactorClock
from hotline.config import Config
from hotline.storage.database import Database, migrate
from hotline.storage.profiles import Profile, UserFault
from hotline.storage.tables import UserRow
from hotline.storage.users import Users


def add(config: Config, user_id: str, profile: Profile, password: str) -> None:
    """``hotline user add``: open an account."""

    async def run() -> None:
        async with _users(config) as users:
            await users.add(user_id, profile, password)

    asyncio.run(run())


def set_password(config: Config, user_id: str, password: str) -> None:
    """``hotline user password``: replace a password and log its user out everywhere."""

    async def run() -> None:
        async with _users(config) as users:
            await users.set_password(user_id, password)

    asyncio.run(run())


def deactivate(config: Config, user_id: str) -> None:
    """``hotline user deactivate``: close an account."""

    async def run() -> None:
        async with _users(config) as users:
            await users.deactivate(user_id)

    asyncio.run(run())


def listing(config: Config) -> Sequence[UserRow]:
    """``hotline user list``: everybody, those with an open account first."""

    async def run() -> Sequence[UserRow]:
        async with _users(config) as users:
            return await users.everybody()

    return asyncio.run(run())


def read_password(source: TextIO | None = None) -> str:
    """A password typed twice at the terminal, or the first line of ``source`` (standard input)
    when that is no terminal. Raises :class:`~hotline.storage.profiles.UserFault`."""
    source = source or sys.stdin
    if not source.isatty():
        return source.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise UserFault("password", "password_differs", "the two passwords differ")
    return password


@asynccontextmanager
async def _users(config: Config) -> AsyncIterator[Users]:
    config.hotline.data_dir.mkdir(parents=True, exist_ok=True)
    await migrate(config.database_url)
    database = Database(config.database_url)
    try:
        yield Users(
            database,
            # Only asked for the time of day: nothing here waits.
            ReactorClock(StillClock(), time.time),
            extensions=config.pbx.extension_numbers(),
            demo=config.hotline.demo,
        )
    finally:
        await database.close()
