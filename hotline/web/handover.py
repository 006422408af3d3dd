"""Handing a caller over from the desk, and dropping who was asked to join."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from fastapi.responses import Response
from pydantic import BaseModel, Field
from pypinyin import Style, lazy_pinyin

from hotline.config import HandoverTarget
from hotline.handover.model import Mode
from hotline.web.access import AgentOnly
from hotline.web.web import WebOf

router = APIRouter()

CallId = Annotated[str, Path(max_length=64)]


class WantedHandover(BaseModel):
    """Whom to bring into the talk; ``note`` is told to whoever answers there."""

    target: str = Field(max_length=32)
    mode: Literal["three_way", "blind"] = "three_way"
    note: str = Field("", max_length=200)


@router.post("/api/calls/{call_id}/handover", status_code=204)
async def hand_over(
    web: WebOf, viewer: AgentOnly, call_id: CallId, wanted: WantedHandover
) -> Response:
    """Ring another service for the caller of this agent's talk."""
    await web.parts.calls.hand_over(
        viewer.user_id, call_id, wanted.target, Mode(wanted.mode), wanted.note
    )
    return Response(status_code=204)


@router.delete("/api/calls/{call_id}/handover", status_code=204)
async def drop_third(web: WebOf, viewer: AgentOnly, call_id: CallId) -> Response:
    """Stop ringing the other service, or let it go out of the talk."""
    await web.parts.calls.drop_third(viewer.user_id, call_id)
    return Response(status_code=204)


def shown_targets(targets: Iterable[HandoverTarget], language: str) -> list[dict[str, object]]:
    """The targets as the desk offers them."""
    return [
        {
            "code": target.code,
            "name": target.en if language == "en" else target.zh,
            "number": target.number,
            "initials": _initials(target.zh),
            "emergency": target.emergency,
        }
        for target in targets
    ]


def _initials(name: str) -> str:
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).replace(" ", "").lower()
