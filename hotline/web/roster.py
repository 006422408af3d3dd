"""The shift's roster on the desk."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from hotline.cti.views import AgentView
from hotline.floor.roster import shift_at
from hotline.web.access import FloorStaff
from hotline.web.names import names_of
from hotline.web.web import WebOf

router = APIRouter()


class OnDuty(BaseModel):
    """Somebody of the shift: by plan ``begins`` to ``ends``, None for who is here without one.
    ``state`` is the agent's now."""

    name: str
    begins: float | None
    ends: float | None
    state: str
    reason: str


class Roster(BaseModel):
    """Who is on duty now, planned or not, and who comes next; ``planned``: there is a roster."""

    planned: bool
    now: list[OnDuty]
    next: list[OnDuty]


@router.get("/api/roster")
async def roster(web: WebOf, viewer: FloorStaff) -> Roster:
    """The shift as it is planned, beside who is really signed on."""
    parts = web.parts
    shift = shift_at(parts.plans.current.plan, parts.clock.now(), parts.config.zone)
    names = await names_of(parts.database)
    agents = {agent.agent_id: agent for agent in parts.calls.board().agents}
    planned = {duty.agent_id for duty in shift.now}
    unplanned = [
        one for one in agents.values() if one.state != "offline" and one.agent_id not in planned
    ]

    def shown(agent_id: str, begins: float | None, ends: float | None) -> OnDuty:
        name = names.get(agent_id, agent_id)
        agent = agents.get(agent_id)
        return OnDuty(name=name, begins=begins, ends=ends, **_state(agent))

    return Roster(
        planned=shift.planned,
        now=[
            *(shown(duty.agent_id, duty.begins, duty.ends) for duty in shift.now),
            *(shown(one.agent_id, None, None) for one in unplanned),
        ],
        next=[shown(duty.agent_id, duty.begins, duty.ends) for duty in shift.next],
    )


def _state(agent: AgentView | None) -> dict[str, str]:
    if agent is None:
        return {"state": "offline", "reason": ""}
    return {"state": agent.state, "reason": agent.reason if agent.state == "paused" else ""}
