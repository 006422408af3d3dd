"""Promises to call a citizen at a time: made at the desk, kept from the callbacks' worklist."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field

from hotline.masking import mask_number
from hotline.outbound.model import LONGEST_NOTE, NoSuchPromise, Promise, PromiseFault
from hotline.outbound.promises import PromiseDesk
from hotline.web.access import CaseStaff, Role, Viewer
from hotline.web.errors import BadInput, Forbidden, NotFound
from hotline.web.outbound import About, wanted_by
from hotline.web.web import RowId, Web, WebOf

router = APIRouter()


class Promised(About):
    """A promise to call at ``due_at`` (Unix seconds), with a note for whoever calls."""

    due_at: float = Field(allow_inf_nan=False, ge=0, le=1e11)
    note: str = Field("", max_length=LONGEST_NOTE)


class EndedPromise(BaseModel):
    """How it is ended without a call: kept in another way, or withdrawn because of ``why``."""

    outcome: Literal["kept", "withdrawn"]
    why: str = Field("", max_length=LONGEST_NOTE)


class PromiseView(BaseModel):
    """A promise that is still to be kept."""

    promise_id: int
    phone: str
    due_at: float
    note: str
    case_number: str
    name: str
    attempts: int
    last_outcome: str


class Promises(BaseModel):
    """The viewer's own promises, the first due first."""

    promises: list[PromiseView]


@router.get("/api/promises")
async def own(web: WebOf, viewer: CaseStaff) -> Promises:
    """What the viewer promised and has yet to keep."""
    return await _own(web, viewer)


@router.post("/api/promises")
async def make(web: WebOf, viewer: CaseStaff, promised: Promised) -> Promises:
    """Promise to call the caller of a call, or the citizen of a case."""
    wanted = await wanted_by(web, viewer, promised)
    try:
        await _desk(web).make(wanted, promised.due_at, promised.note, viewer)
    except PromiseFault as fault:
        raise BadInput(fault.faults) from fault
    return await _own(web, viewer)


@router.post("/api/promises/{promise_id}/end", status_code=204)
async def end(web: WebOf, viewer: CaseStaff, promise_id: RowId, ended: EndedPromise) -> Response:
    """Keep it without a call, or withdraw it."""
    try:
        promise = await _desk(web).get(promise_id)
        if viewer.role is Role.AGENT and promise.made_by != viewer.user_id:
            raise Forbidden("not_your_promise")
        await _desk(web).end(promise_id, ended.outcome, ended.why, viewer)
    except NoSuchPromise as error:
        raise NotFound("no_such_promise") from error
    except PromiseFault as fault:
        raise BadInput(fault.faults) from fault
    return Response(status_code=204)


def _desk(web: Web) -> PromiseDesk:
    return web.parts.floor.promises


async def _own(web: Web, viewer: Viewer) -> Promises:
    found = await _desk(web).open(viewer.user_id)
    return Promises(promises=[_shown(one) for one in found])


def _shown(one: Promise) -> PromiseView:
    return PromiseView(
        promise_id=one.promise_id,
        phone=mask_number(one.phone),
        due_at=one.due_at,
        note=one.note,
        case_number=one.case_number or "",
        name=one.made_name,
        attempts=one.attempts,
        last_outcome=one.last_outcome or "",
    )
