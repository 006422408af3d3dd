"""Parked callers: left in a numbered place by one agent, taken from there by any. Who is where
travels with the queue's numbers (:func:`hotline.web.shown.shown_queue`)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response
from pydantic import BaseModel, Field

from hotline.web.access import AgentOnly
from hotline.web.web import WebOf

router = APIRouter()

CallId = Annotated[str, Path(max_length=64)]
Place = Annotated[int, Path(ge=1, le=9)]


class WantedParking(BaseModel):
    """``note`` is shown to whoever takes the caller."""

    note: str = Field("", max_length=200)


@router.post("/api/calls/{call_id}/park", status_code=204)
async def park(web: WebOf, viewer: AgentOnly, call_id: CallId, wanted: WantedParking) -> Response:
    """Leave the caller of this agent's talk in a parking place."""
    await web.parts.calls.park(viewer.user_id, call_id, wanted.note)
    return Response(status_code=204)


@router.post("/api/parked/{place}/take", status_code=204)
async def take(web: WebOf, viewer: AgentOnly, place: Place) -> Response:
    """Let this agent's phone ring for the caller in a parking place."""
    await web.parts.calls.take_parked(viewer.user_id, place)
    return Response(status_code=204)
