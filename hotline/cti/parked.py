"""Who is parked where, and who may take them."""

from __future__ import annotations

from hotline.calls.core import CallCore
from hotline.calls.model import Call, Stage
from hotline.cti.views import ParkedCall

ALL, TEAM = "all", "team"


def name_of(place: int) -> str:
    """What a parking place is called in a call's story."""
    return f"驻留位 {place}"


def listed(core: CallCore) -> tuple[ParkedCall, ...]:
    """Everybody who is parked, by place."""
    calls = (call for call in core.calls.values() if call.parked is not None)
    rows = (_shown(core, call) for call in calls)
    return tuple(sorted((row for row in rows if row), key=lambda row: row.place))


def open_to(core: CallCore, agent_id: str, by: str, rule: str) -> bool:
    """Whether this agent may take whom that one parked. Without a team, one may take all."""
    if rule != TEAM or agent_id == by:
        return True
    agents = core.routing.plan.by_agent
    theirs, ours = agents.get(by), agents.get(agent_id)
    return not theirs or not theirs.team or (ours is not None and ours.team == theirs.team)


def _shown(core: CallCore, call: Call) -> ParkedCall | None:
    parked = call.parked
    if parked is None:
        return None
    by = core.people.by_id.get(parked.by)
    return ParkedCall(
        call.call_id,
        parked.place,
        call.calling,
        parked.by,
        by.name if by else parked.by,
        parked.since,
        parked.until,
        call.agent_id if call.stage is Stage.OFFERED else "",
    )
