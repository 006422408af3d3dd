"""Closed cases whose citizens are to be called back, for a system that is yet to be started."""

from __future__ import annotations

import time

from hotline.callback.model import CallbackRules
from hotline.callback.planning import CallbackPlanner
from hotline.registry import taxonomy
from hotline.registry.service import CaseRegistry
from hotline.storage.database import Database, migrate
from hotline.storage.journal import Journal
from tests.databases import HandClock
from tests.system import HotlineSystem
from tests.unit.callback.closing import Closing


async def plan_callbacks(system: HotlineSystem, count: int) -> None:
    """Close ``count`` cases, each of another citizen's, so that their callbacks are due."""
    url = system.config.database_url
    await migrate(url)
    database = Database(url)
    try:
        journal = Journal(database, HandClock(time.time() - 60))
        await journal.open()
        planner = CallbackPlanner(CallbackRules.of(system.config))
        registry = CaseRegistry(journal, system.config.zone, taxonomy.load(), planner)
        closing = Closing(registry, database)
        for number in range(count):
            await closing.task(caller_phone=f"137{number:08d}")
    finally:
        await database.close()
