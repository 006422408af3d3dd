"""Messages among staff: sent from the board, read and answered at the desk."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field

from hotline.clock import midnight
from hotline.floor.messages import TO_ALL, audience
from hotline.floor.model import LONGEST_TEXT, FloorFault, NoSuchMessage
from hotline.routing.model import Team
from hotline.web.access import FloorStaff, SupervisorOnly
from hotline.web.errors import BadInput, NotFound
from hotline.web.page import Page, PageOf
from hotline.web.web import RowId, Web, WebOf

router = APIRouter()

Text = Annotated[str, Field(max_length=LONGEST_TEXT)]


class MessageView(BaseModel):
    """A message as its addressee sees it; see :class:`hotline.floor.model.InboxMessage`."""

    message_id: int
    at: float
    by: str
    name: str
    text: str
    read_at: float | None
    answer: str


class Inbox(BaseModel):
    """What was sent to the viewer, the newest first."""

    messages: list[MessageView]


class AnswerView(BaseModel):
    """What somebody answered."""

    at: float
    name: str
    text: str


class SentView(BaseModel):
    """A message with who has yet to read it; see :class:`hotline.floor.model.SentMessage`."""

    message_id: int
    at: float
    name: str
    to: str
    text: str
    addressees: int
    unread: list[str]
    answers: list[AnswerView]


class AudienceView(BaseModel):
    """Whom a message can be sent to."""

    to: str
    name: str


class Sent(BaseModel):
    """What supervisors sent today, the newest first, and whom they can send something to."""

    sent: list[SentView]
    audience: list[AudienceView]


class Written(BaseModel):
    """A message to ``all``, ``team:CODE`` or ``agent:USER``."""

    to: str = Field(max_length=72)
    text: Text


class Said(BaseModel):
    """An answer."""

    text: Text


@router.get("/api/messages/inbox")
async def inbox(web: WebOf, viewer: FloorStaff) -> Inbox:
    """The viewer's messages: all that are unread, and today's others."""
    found = await web.parts.floor.messages.inbox(viewer.user_id, _today(web))
    return Inbox(messages=[MessageView.model_validate(asdict(one)) for one in found])


@router.post("/api/messages/{message_id}/read", status_code=204)
async def read(web: WebOf, viewer: FloorStaff, message_id: RowId) -> Response:
    """Acknowledge a message."""
    try:
        await web.parts.floor.messages.read(message_id, viewer)
    except NoSuchMessage as error:
        raise NotFound("not_found") from error
    return Response(status_code=204)


@router.post("/api/messages/{message_id}/answer", status_code=204)
async def answer(web: WebOf, viewer: FloorStaff, message_id: RowId, said: Said) -> Response:
    """Answer who sent it."""
    try:
        await web.parts.floor.messages.answer(message_id, said.text, viewer)
    except NoSuchMessage as error:
        raise NotFound("not_found") from error
    except FloorFault as fault:
        raise BadInput({fault.field: fault.key}) from fault
    return Response(status_code=204)


@router.get("/api/messages")
async def sent(web: WebOf, page: PageOf, viewer: SupervisorOnly) -> Sent:
    """What supervisors sent today."""
    return await _sent(web, page)


@router.post("/api/messages")
async def send(web: WebOf, page: PageOf, viewer: SupervisorOnly, written: Written) -> Sent:
    """Send a message; today's as they are then."""
    plan = web.parts.plans.current.plan
    try:
        await web.parts.floor.messages.send(written.to, written.text, plan, viewer)
    except FloorFault as fault:
        raise BadInput({fault.field: fault.key}) from fault
    return await _sent(web, page)


async def _sent(web: Web, page: Page) -> Sent:
    found = await web.parts.floor.messages.sent(_today(web))
    views = [SentView.model_validate(asdict(one)) for one in found]
    return Sent(sent=views, audience=await _audience(web, page))


async def _audience(web: Web, page: Page) -> list[AudienceView]:
    """Everybody, the teams, each one."""
    teams = [
        AudienceView(to=f"team:{team.code}", name=_title(team, page.language))
        for team in web.parts.plans.current.plan.teams
    ]
    people = [
        AudienceView(to=f"agent:{user_id}", name=name)
        for user_id, name in await audience(web.parts.database)
    ]
    return [AudienceView(to=TO_ALL, name=page.t("messages.to_all")), *teams, *people]


def _title(team: Team, language: str) -> str:
    titles = {str(code): title for code, title in team.title.items()}
    return titles.get(language) or next(iter(titles.values()))


def _today(web: Web) -> float:
    return midnight(web.parts.clock.now(), web.parts.config.zone)
