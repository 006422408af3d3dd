"""Cases that no call brings, written into the desk's own form: a letter, a visitor, a mail.

An entry takes a call's place on the desk, with an id of its own that no call has: its draft, its
case and what is answered at once are kept under it as a call's are.
"""

from __future__ import annotations

import secrets

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import select

from hotline.cti.views import Pop
from hotline.storage.tables import CaseRow
from hotline.web.access import AgentOnly, Viewer
from hotline.web.web import Web, WebOf

router = APIRouter()

_PREFIX = "entry-"


class Entry(BaseModel):
    """A form without a call has been begun: what it is called."""

    call_id: str


@router.post("/api/entries")
async def begin(web: WebOf, viewer: AgentOnly) -> Entry:
    """Begin a case that no call brings."""
    entry_id = f"{_PREFIX}{secrets.token_hex(8)}"
    await web.drafts.save(entry_id, viewer.user_id, {}, offered=False)
    return Entry(call_id=entry_id)


def is_entry(call_id: str) -> bool:
    """Whether this names an entry, and no call."""
    return call_id.startswith(_PREFIX)


async def entry_of(web: Web, viewer: Viewer, entry_id: str) -> Pop | None:
    """An entry of the viewer's in a pop's shape, with nobody calling; None when it is not theirs,
    or was given up."""
    kept = await web.drafts.kept(entry_id, viewer.user_id)
    number = await _case_number(web, viewer, entry_id)
    if kept is None and not number:
        return None
    return Pop(
        call_id=entry_id,
        offer_id="",
        phase="ended",
        called="",
        calling="",
        calling_name="",
        queue="",
        arrived_at=web.parts.clock.now(),
        queued_at=None,
        offered_at=None,
        answered_at=None,
        keys="",
        draft=kept.form if kept else {},
        draft_revision=kept.revision if kept else 0,
        case_number=number,
    )


async def _case_number(web: Web, viewer: Viewer, entry_id: str) -> str:
    query = select(CaseRow.case_number).where(
        CaseRow.call_id == entry_id, CaseRow.opened_by == viewer.user_id
    )
    async with web.parts.database.session() as session:
        return (await session.scalars(query)).first() or ""
