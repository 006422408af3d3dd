"""What a plan is held against in a running hotline."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sqlalchemy import select

from hotline.config import Config
from hotline.ivr import model as flows
from hotline.ivr.model import FlowSet
from hotline.routing.check import Ground
from hotline.routing.library import PlanLibrary
from hotline.routing.rules import plan_of
from hotline.storage.journal import Journal
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
        )

    return ground


def queues_of(in_force: FlowSet) -> dict[str, str]:
    """The queues that flows send callers to, with the name of one such flow each."""
    return {
        node.queue: name
        for name, published in in_force.items()
        for node in published.flow.nodes.values()
        if isinstance(node, flows.Queue | flows.Hours)
    }
