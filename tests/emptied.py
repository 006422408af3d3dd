"""A migrated PostgreSQL database that one test after the other is given.

Making a database costs several times what most tests do with it. So each is emptied when a test is
done; only one whose tables, triggers or functions a test has altered is thrown away.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import Any, TypeVar

import asyncpg

from tests.postgres import Cluster, cluster

T = TypeVar("T")

_NUMBERS = count(1)

_DEFINITIONS = """
SELECT md5(string_agg(one, ';' ORDER BY one)) FROM (
    SELECT format('%s %s %s %s', attrelid::regclass, attname, atttypid, attnotnull) AS one
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace AND attnum > 0
    UNION ALL SELECT format('%s %s', pg_get_triggerdef(oid), tgenabled)
    FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT format('%s %s', conrelid::regclass, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT pg_get_functiondef(oid)
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
) AS every
"""
_TABLES = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
)
_SEQUENCES = (
    "SELECT quote_ident(sequencename) AS name, start_value FROM pg_sequences "
    "WHERE schemaname = 'public' AND last_value IS NOT NULL"
)
_OTHERS = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class Emptied:
    """One such database; ``url`` is SQLAlchemy's."""

    def __init__(self, server: Cluster, template: str) -> None:
        self.name = f"emptied{next(_NUMBERS)}"
        self.url = server.create(self.name, template)
        self._server = server
        self._keeper: Any = _wait(
            asyncpg.connect(host=str(server.folder), user="hotline", database=self.name)
        )
        self._filled: dict[str, list[Any]] = {}
        _wait(self._remember())

    def empty(self) -> bool:
        """As it was made, whatever was written and whoever is still connected; False: it was
        altered, and is gone."""
        # A test of lost connections has cut the keeper's too.
        if not self._keeper.is_closed() and _wait(self._empty()):
            return True
        _wait(self._keeper.close())
        self._server.drop(self.name)
        return False

    async def _remember(self) -> None:
        self._definitions = await self._keeper.fetchval(_DEFINITIONS)
        # No triggers: the journal, too, is emptied.
        await self._keeper.execute("SET session_replication_role = replica")
        for table in await self._touched():
            self._filled[table] = await self._keeper.fetch(f"SELECT * FROM {table}")  # noqa: S608

    async def _empty(self) -> bool:
        await self._keeper.execute(_OTHERS)
        if await self._keeper.fetchval(_DEFINITIONS) != self._definitions:
            return False
        async with self._keeper.transaction():
            if touched := await self._touched():
                await self._keeper.execute(f"TRUNCATE {', '.join(touched)} CASCADE")
            for table, rows in self._filled.items():
                await self._keeper.copy_records_to_table(table.strip('"'), records=rows)
            for sequence in await self._keeper.fetch(_SEQUENCES):
                await self._keeper.execute(
                    f"ALTER SEQUENCE {sequence['name']} RESTART WITH {sequence['start_value']}"
                )
        return True

    async def _touched(self) -> list[str]:
        names = [f'"{row[0]}"' for row in await self._keeper.fetch(_TABLES)]
        each = (f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in names)  # noqa: S608
        return [row[0] for row in await self._keeper.fetch(" UNION ALL ".join(each))]


@contextmanager
def emptied(template: str) -> Iterator[str]:
    """The URL of such a database, made from ``template`` or left by the test before."""
    kept = _kept(template)
    one = kept.pop() if kept else Emptied(cluster(), template)
    yield one.url
    if one.empty():
        kept.append(one)


@cache
def _kept(template: str) -> list[Emptied]:
    return []


def _wait(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run_coroutine_threadsafe(coroutine, _loop()).result()


@cache
def _loop() -> asyncio.AbstractEventLoop:
    # In a thread of its own: the tests' loop may be running in this one.
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True, name="emptied databases").start()
    return loop
