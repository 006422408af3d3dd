"""At which of somebody's machines their web phone is: who is logged in twice has one phone.

The machine whose page was opened last has it, but never at the cost of a talk: one that goes on at
another machine stays there until somebody asks for it here. The page that had the phone is told.
"""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy import select

from hotline import events
from hotline.cti.views import AgentView
from hotline.storage.database import Database
from hotline.storage.tables import SessionRow
from hotline.storage.tables_phones import PhoneLoginRow
from hotline.telephony.ami import AmiLost, AmiRefused
from hotline.web.access import CaseStaff, Viewer
from hotline.web.errors import Conflict, Unavailable
from hotline.web.feed import Message
from hotline.web.ports import Record
from hotline.web.softphone import softphone_url
from hotline.web.web import Web, WebOf

router = APIRouter()

How = Literal["take", "opening", "waiting"]


class PhoneAccount(BaseModel):
    """What the browser's phone registers with. ``talks``: a talk goes on at another machine, and
    can be asked for here."""

    url: str
    user: str
    password: str
    domain: str
    talks: bool = False


@router.get(
    "/api/phone",
    responses={
        409: {"description": "The account has no phone, or another machine has it."},
        503: {"description": "The PBX cannot be told of the password now."},
    },
)
async def phone(request: Request, web: WebOf, viewer: CaseStaff, how: How = "take") -> PhoneAccount:
    """What the browser's phone registers with: each time another password, for this login.

    From another machine's page the phone is taken when its reader asks for it (``take``), when this
    page is ``opening`` unless the phone is in use there, and never by a page that was open before
    (``waiting``).
    """
    if viewer.extension is None:
        raise Conflict("no_extension")
    other = await _other_login(web.parts.database, viewer)
    try:
        talks = other != "" and await web.parts.phone_in_use(viewer.extension)
        if how != "take" and web.streams.listens(other) and (talks or how == "waiting"):
            raise Conflict("phone_elsewhere")
        password = await web.parts.phone_password(viewer.extension, viewer.session_id)
    except (AmiLost, AmiRefused) as error:
        raise Unavailable("phone_no_pbx") from error
    if other:
        await web.parts.journal.append(events.PhoneMoved(viewer.user_id, viewer.extension))
    url = softphone_url(web.parts.config, str(request.url))
    return PhoneAccount(
        url=url,
        user=f"{viewer.extension}-web",
        password=password,
        domain=urlsplit(url).hostname or "",
        talks=talks,
    )


@router.post(
    "/api/phone/talk",
    status_code=204,
    responses={
        409: {"description": "There is no talk to bring, or it is not on the web phone."},
        503: {"description": "The PBX cannot be told now."},
    },
)
async def bring_talk(web: WebOf, viewer: CaseStaff) -> Response:
    """Bring the viewer's talk from another machine to the one whose phone is registered: the
    citizen hears music, and this phone is rung for them."""
    if viewer.extension is None:
        raise Conflict("no_extension")
    view = _agent(web, viewer)
    if view is not None and view.state == "talking":
        await web.parts.calls.bring_talk(viewer.user_id)
        return Response(status_code=204)
    if view is not None and view.asked is not None:
        # A colleague's call, which would go on without them.
        raise Conflict("talk_stays")
    try:
        if not await web.parts.phone_cut(viewer.extension):
            raise Conflict("no_talk")
    except (AmiLost, AmiRefused) as error:
        raise Unavailable("phone_no_pbx") from error
    return Response(status_code=204)


def _agent(web: Web, viewer: Viewer) -> AgentView | None:
    try:
        return web.parts.calls.agent(viewer.user_id)
    except KeyError:
        return None


async def left(web: Web, viewer: Viewer) -> None:
    """Tell the viewer's other machines that the one that had the phone is logged out."""
    if viewer.extension is None:
        return
    async with web.parts.database.session() as session:
        row = await session.get(PhoneLoginRow, viewer.extension)
    if row is not None and row.session_id == viewer.session_id:
        moved = events.PhoneMoved(viewer.user_id, viewer.extension, left=True)
        await web.parts.journal.append(moved)


async def told(viewer: Viewer, database: Database, record: Record) -> list[Message]:
    """Where the viewer's phone is now, when it has moved."""
    event = record.event
    if not isinstance(event, events.PhoneMoved) or event.agent_id != viewer.user_id:
        return []
    row = await _row_of(database, event.extension)
    place = "nowhere" if row is None else "here" if row == viewer.session_id else "elsewhere"
    return [Message("phone", {"place": place, "at": record.at}, record.seq)]


async def _other_login(database: Database, viewer: Viewer) -> str:
    """The session of another login that has the viewer's phone; empty for none."""
    row = await _row_of(database, viewer.extension or "")
    return "" if row is None or row == viewer.session_id else row


async def _row_of(database: Database, extension: str) -> str | None:
    """The living session that has the phone; None for none."""
    query = (
        select(PhoneLoginRow.session_id)
        .join(SessionRow, SessionRow.token_hash == PhoneLoginRow.session_id)
        .where(PhoneLoginRow.extension == extension)
    )
    async with database.session() as session:
        return await session.scalar(query)
