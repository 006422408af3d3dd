"""What an agent does with the caller of their talk: hold, ask somebody else, hand over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from fastapi.responses import Response
from pydantic import BaseModel, Field
from pypinyin import Style, lazy_pinyin

from hotline.callback.bringing import Brought
from hotline.config import HandoverTarget
from hotline.cti.views import WayView
from hotline.handover.model import Mode
from hotline.web.access import AgentOnly, CaseStaff, Viewer
from hotline.web.desk_form import RELATED_TO
from hotline.web.errors import Conflict
from hotline.web.page import PageOf
from hotline.web.web import Web, WebOf

router = APIRouter()

CallId = Annotated[str, Path(max_length=64)]


class WantedHandover(BaseModel):
    """Whom to bring into the talk: a service's code, ``ext:`` and a colleague's extension, or (mode
    queue) ``queue:`` and a queue. ``note`` is told to whoever answers there."""

    target: str = Field(max_length=40)
    mode: Literal["three_way", "blind", "consult", "queue"] = "three_way"
    note: str = Field("", max_length=200)


class HandedOver(BaseModel):
    """The call that a placed one became."""

    call_id: str


class Way(BaseModel):
    """A colleague or a queue. ``initials`` are what the name is found by; ``state`` is an agent's,
    empty for others."""

    code: str
    kind: Literal["agent", "supervisor", "queue"]
    name: str
    number: str
    initials: str
    state: str
    emergency: bool = False


class Ways(BaseModel):
    """To whom a caller can be handed within the house."""

    ways: list[Way]


@router.get("/api/desk/ways")
async def ways(web: WebOf, page: PageOf, viewer: CaseStaff) -> Ways:
    """Colleagues and queues to whom a citizen can be handed."""
    found = await web.parts.calls.ways(viewer.user_id)
    return Ways(ways=[_shown_way(way, page.language) for way in found])


@router.post("/api/calls/{call_id}/hold", status_code=204)
async def hold(web: WebOf, viewer: AgentOnly, call_id: CallId) -> Response:
    """Let the caller of this agent's talk hear music."""
    await web.parts.calls.hold(viewer.user_id, call_id)
    return Response(status_code=204)


@router.delete("/api/calls/{call_id}/hold", status_code=204)
async def take_back(web: WebOf, viewer: AgentOnly, call_id: CallId) -> Response:
    """Talk with the caller again; whoever is consulted stays."""
    await web.parts.calls.take_back(viewer.user_id, call_id)
    return Response(status_code=204)


@router.post("/api/calls/{call_id}/handover", status_code=204)
async def hand_over(
    web: WebOf, viewer: AgentOnly, call_id: CallId, wanted: WantedHandover
) -> Response:
    """Ring another service or a colleague for the caller of this agent's talk, or send the caller
    to a queue."""
    await web.parts.calls.hand_over(
        viewer.user_id, call_id, wanted.target, Mode(wanted.mode), wanted.note
    )
    return Response(status_code=204)


@router.delete("/api/calls/{call_id}/handover", status_code=204)
async def drop_third(web: WebOf, viewer: AgentOnly, call_id: CallId) -> Response:
    """Stop ringing the other service, or let it go out of the talk."""
    await web.parts.calls.drop_third(viewer.user_id, call_id)
    return Response(status_code=204)


async def hand_on(
    web: Web, viewer: Viewer, wanted: WantedHandover, bring: Callable[[], Awaitable[Brought]]
) -> HandedOver:
    """Hand the citizen of a call over that the viewer placed: it becomes a call of ours first, by
    ``bring``. Raises :class:`Conflict` for a target that is none, and as ``bring`` does."""
    services = {target.code for target in web.parts.config.handover.targets}
    within = {way.code for way in await web.parts.calls.ways(viewer.user_id)}
    if wanted.target not in services | within:
        # Before the talk is touched.
        raise Conflict("no_such_target")
    brought = await bring()
    if brought.case_number:
        await _keep_about(web, viewer, brought)
    await web.parts.calls.hand_over(
        viewer.user_id, brought.call_id, wanted.target, Mode(wanted.mode), wanted.note
    )
    return HandedOver(call_id=brought.call_id)


async def _keep_about(web: Web, viewer: Viewer, brought: Brought) -> None:
    """Whoever takes the citizen finds the form begun: where it is, and with what it has to do."""
    case = await web.parts.cases.get(brought.case_number)
    about = {RELATED_TO: case.case_number, "address": case.address or ""}
    await web.drafts.save(brought.call_id, viewer.user_id, about)


def shown_targets(targets: Iterable[HandoverTarget], language: str) -> list[dict[str, object]]:
    """The targets as the desk offers them."""
    return [
        {
            "code": target.code,
            "name": target.en if language == "en" else target.zh,
            "number": target.number,
            "initials": _initials(target.zh),
            "emergency": target.emergency,
            "kind": "service",
            "state": "",
        }
        for target in targets
    ]


def _shown_way(way: WayView, language: str) -> Way:
    return Way(
        code=way.code,
        kind=way.kind,
        name=way.names["en" if language == "en" else "zh"],
        number=way.number,
        initials=_initials(way.names["zh"]),
        state=way.state,
    )


def _initials(name: str) -> str:
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).replace(" ", "").lower()
