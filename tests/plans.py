"""A routing plan that is in force when the hotline starts."""

from __future__ import annotations

import time

from hotline.routing.configured import configured_library
from hotline.storage.database import Database, migrate
from hotline.storage.journal import Journal
from hotline.storage.users import Users
from tests.databases import HandClock
from tests.system import HotlineSystem


async def put_in_force(system: HotlineSystem, plan: object) -> None:
    """Publish ``plan`` (JSON values) for a system that is yet to be started."""
    url = system.config.database_url
    system.config.hotline.data_dir.mkdir(parents=True, exist_ok=True)
    await migrate(url)
    database = Database(url)
    try:
        clock = HandClock(time.time())
        journal = Journal(database, clock)
        await journal.open()
        numbers = system.config.pbx.extension_numbers()
        await Users(database, clock, extensions=numbers, demo=True).seed_demo()
        plans = configured_library(system.config, journal, dict)
        await plans.open()
        await plans.publish(plan, by="supervisor", based_on=0, unproved="试")
    finally:
        await database.close()
