"""An agent's own figures today, on their own desk."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter
from pydantic import BaseModel

from hotline.clock import local
from hotline.quality.own_day import own_day
from hotline.web.access import AgentOnly, Viewer
from hotline.web.web import Web, WebOf

router = APIRouter()


class OwnFigures(BaseModel):
    """The day so far, as :class:`hotline.quality.own_day.OwnDay` counts it."""

    offered: int
    answered: int
    talks: int
    talk_s: float
    unknown: int
    wrap_ups: int
    wrap_up_s: float
    rated: int
    satisfied: int
    blind_s: float


@router.get("/api/agent/figures")
async def own_figures(web: WebOf, viewer: AgentOnly) -> OwnFigures:
    """What the agent did today: each count with what it is a share of."""
    now = web.parts.clock.now()
    midnight = local(now, web.parts.config.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    day = await own_day(
        web.parts.database, viewer.user_id, midnight.timestamp(), now, _talking(web, viewer)
    )
    return OwnFigures(**asdict(day))


def _talking(web: Web, viewer: Viewer) -> str:
    try:
        view = web.parts.calls.agent(viewer.user_id)
    except KeyError:
        return ""
    return view.call_id if view.state == "talking" else ""
