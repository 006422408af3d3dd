"""What a plan is held against in a running hotline."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from sqlalchemy import select
from twisted.internet.task import Clock as StillClock

from hotline.clock import ReactorClock
from hotline.config import Config
from hotline.ivr.model import FlowSet
from hotline.ivr.queues import queues_named
from hotline.routing.check import Ground
from hotline.routing.library import PlanLibrary
from hotline.routing.model import PublishedPlan
from hotline.routing.rules import plan_of
from hotline.storage.database import Database, never_made
from hotline.storage.journal import Journal
from hotline.storage.migrations import HEAD
from hotline.storage.tables import UserRow


def configured_library(
    config: Config, journal: Journal, snapshot: Callable[[], FlowSet]
) -> PlanLibrary:
    """The plans of this hotline; ``snapshot`` gives the flows in force."""
    return PlanLibrary(journal, plan_of(config), ground_of(config, journal, snapshot))


def ground_of(
    config: Config, journal: Journal, snapshot: Callable[[], FlowSet]
) -> Callable[[], Awaitable[Ground]]:
    """Asks for the present users, targets and flows."""

    async def ground() -> Ground:
        async with journal.database.session() as session:
            found = await session.execute(select(UserRow.user_id, UserRow.role, UserRow.active))
            users = {user_id: role == "agent" and active for user_id, role, active in found}
        return Ground(
            home=config.queue.name,
            agents={user_id for user_id, takes_calls in users.items() if takes_calls},
            gone={user_id for user_id, takes_calls in users.items() if not takes_calls},
            targets={target.code for target in config.handover.targets},
            flows=queues_of(snapshot()),
            blended=_blended(config),
        )

    return ground


def _blended(config: Config) -> dict[str, str]:
    skills = {
        "callback.blended_skill": config.callback.blended_skill,
        "report.blended_skill": config.report.blended_skill,
    }
    return {key: skill for key, skill in skills.items() if skill}


def queues_of(in_force: FlowSet) -> dict[str, dict[str, list[str]]]:
    """The queues that flows name, with those flows and their nodes."""
    used: dict[str, dict[str, list[str]]] = {}
    for name, published in in_force.items():
        for queue, node in queues_named(published.flow):
            used.setdefault(queue, {}).setdefault(name, []).append(node)
    return used


async def plan_in_force(config: Config) -> PublishedPlan | None:
    """The plan in force in the configured database; None before the hotline's first start, and
    for tables of another version of the program, which are left as they are.

    Raises :class:`hotline.storage.database.DatabaseUnavailable`.
    """
    if never_made(config.database_url):
        return None
    database = Database(config.database_url)
    try:
        if await database.version() != HEAD:
            return None
        journal = Journal(database, ReactorClock(StillClock(), time.time))
        plans = configured_library(config, journal, dict)
        await plans.open()
        return plans.current
    finally:
        await database.close()
