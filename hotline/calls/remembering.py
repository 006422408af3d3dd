"""What a controller that starts takes in of the calls and agents of the last one."""

from __future__ import annotations

from hotline.calls import past, placed
from hotline.calls.core import CallCore
from hotline.calls.counting import counted
from hotline.calls.model import Outcome
from hotline.calls.restoring import living_call, restored_agent
from hotline.storage.journal import Journal
from hotline.storage.lookups import Lookups


async def remember(core: CallCore, journal: Journal, lookups: Lookups, now: float) -> Outcome:
    """Let ``core``, which knows the people and the plan in force, go on where the last one ended.

    Raises :class:`hotline.storage.database.DatabaseUnavailable`.
    """
    reports = {row.call_id: row for row in await lookups.unfinished_reports()}
    handovers = {row.call_id: row for row in await lookups.unfinished_handovers()}
    rows = await lookups.living_calls()
    told = await past.told_of(journal.database, [row.call_id for row in rows])
    living = [
        living_call(row, reports.get(row.call_id), handovers.get(row.call_id), told[row.call_id])
        for row in rows
    ]
    for place in await lookups.kept_places():
        placed.restore(living, place)
    rules = core.engine.rules
    levels, call_ids = counted(await past.waits(journal, rows, told, rules, now), rules, now)
    for call in living:
        call.counted = call.call_id in call_ids
    states = await past.last_states(journal.database)
    agents = [
        restored_agent(row, core.routing.served_by(row.agent_id), states.get(row.agent_id))
        for row in await lookups.presence()
        if row.state != "offline" and row.agent_id in core.people.by_id
    ]
    return core.load(living, agents, now, levels)
