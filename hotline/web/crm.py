"""Another program's page about a call, opened by the agent's key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path
from pydantic import BaseModel

from hotline.config.outside import PLACE
from hotline.storage.numbers import canonical
from hotline.storage.tables import RevealRow
from hotline.web.access import AgentOnly
from hotline.web.errors import Conflict, NotFound
from hotline.web.web import WebOf

router = APIRouter()

CallId = Annotated[str, Path(max_length=64)]


class OutsidePage(BaseModel):
    """Where the other program tells of the call."""

    url: str


@router.post(
    "/api/calls/{call_id}/crm",
    responses={409: {"description": "No other program is configured."}},
)
async def outside_page(web: WebOf, viewer: AgentOnly, call_id: CallId) -> OutsidePage:
    """The page for a call that was offered to this agent. A template that holds the number gives
    it away, so that is written down first, like any look at a number."""
    template = web.parts.config.crm.url
    if not template:
        raise Conflict("no_crm")
    pop = await web.parts.calls.pop(call_id, viewer.user_id)
    if pop is None:
        raise NotFound("not_your_call")
    if "{number}" in template and pop.calling:
        async with web.parts.database.writing() as session:
            session.add(
                RevealRow(
                    user_id=viewer.user_id,
                    subject=f"call:{call_id}",
                    reason="crm",
                    at=web.parts.clock.now(),
                )
            )
    values = {
        "number": canonical(pop.calling),
        "called": pop.called,
        "call_id": call_id,
        "case_number": pop.case_number,
        "agent": viewer.user_id,
    }
    return OutsidePage(url=filled(template, values))


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template with its places filled; nothing from a call can reach beyond its place."""
    return PLACE.sub(lambda place: quote(values[place[1]], safe=""), template)
