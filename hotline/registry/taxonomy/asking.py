"""A city's classes asked once, outside of the running hotline."""

from __future__ import annotations

import asyncio

from hotline.config import Config
from hotline.registry.taxonomy.city import city_taxonomy
from hotline.registry.taxonomy.service import read_revisions
from hotline.registry.taxonomy.shipped import load
from hotline.registry.taxonomy.tree import Taxonomy
from hotline.storage.database import Database, migrate, never_made


def ask(config: Config, standard: str) -> Taxonomy:
    """A standard as the city has it now; the bare one before the hotline's first start.

    Raises :class:`hotline.registry.taxonomy.UnknownStandard`,
    :class:`hotline.storage.database.MigrationError` and
    :class:`hotline.storage.database.DatabaseUnavailable`.
    """
    if never_made(config.database_url):
        return load(standard)

    async def run() -> Taxonomy:
        await migrate(config.database_url)
        database = Database(config.database_url)
        try:
            return city_taxonomy(standard, await read_revisions(database))
        finally:
            await database.close()

    return asyncio.run(run())
