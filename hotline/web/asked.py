"""A supervisor who is asked into a talk: what there is to know of the call, on their board."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter
from pydantic import BaseModel

from hotline.web.access import SupervisorOnly
from hotline.web.shown import shown_pop
from hotline.web.web import WebOf

router = APIRouter()


class AskedRow(BaseModel):
    """A call into which this supervisor is asked, ``by`` whom and with what ``note``; ``pop`` is
    what that agent is shown of it, their half-filled form included."""

    call_id: str
    by: str
    note: str
    mode: str
    step: str
    since: float
    pop: dict[str, object]


class AskedRows(BaseModel):
    """Every such call; there is one at most unless a telephone takes several."""

    asked: list[AskedRow]


@router.get("/api/asked")
async def asked(web: WebOf, viewer: SupervisorOnly) -> AskedRows:
    """The calls into which this supervisor's telephone is rung, or in which it is."""
    found = await web.parts.calls.asked_at(viewer.extension) if viewer.extension else ()
    rows = [asdict(view) | {"pop": shown_pop(pop)} for view, pop in found]
    return AskedRows.model_validate({"asked": rows})
