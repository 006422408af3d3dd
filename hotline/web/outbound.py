"""Calls that staff place: from a case, from the number in the desk's form, to keep a promise."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import asdict, replace
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field, model_validator

from hotline.outbound.model import NoSuchPromise, OutboundRefused, OwnCall, Wanted
from hotline.registry.model import Case
from hotline.web.access import CaseStaff, Role, Viewer
from hotline.web.desk import own_pop
from hotline.web.errors import Conflict, Forbidden, NotFound
from hotline.web.handover import HandedOver, WantedHandover, hand_on
from hotline.web.web import Web, WebOf

router = APIRouter()

_REFUSED: dict[int | str, dict[str, Any]] = {
    409: {"description": "The viewer is busy, has no phone, or the citizen is talking."}
}


class About(BaseModel):
    """Who is called: the caller of ``call_id``, the citizen of ``case_number``, or to keep
    ``promise_id``. ``phone`` is a number that was typed instead of theirs."""

    call_id: str = Field("", max_length=64)
    case_number: str = Field("", max_length=20)
    promise_id: int | None = Field(None, ge=1, le=2**31 - 1)
    phone: str = Field("", max_length=32)

    @model_validator(mode="after")
    def _one_of_them(self) -> About:
        if not (self.call_id or self.case_number or self.promise_id):
            raise ValueError("a call, a case or a promise")
        return self


class OwnCallView(BaseModel):
    """A call that the viewer placed; see :class:`hotline.outbound.model.OwnCall`."""

    outbound_id: int
    call_id: str
    phone: str
    case_number: str
    state: str
    outcome: str | None
    dialled_at: float
    since: float
    held: str


class OwnCallNow(BaseModel):
    """The viewer's own call; None for none."""

    call: OwnCallView | None


@router.get("/api/outbound")
async def own(web: WebOf, viewer: CaseStaff) -> OwnCallNow:
    """The call that the viewer has placed and that is up."""
    return _shown(await web.parts.floor.outbound.own(viewer.user_id))


@router.post("/api/outbound", responses=_REFUSED)
async def place(web: WebOf, viewer: CaseStaff, about: About) -> OwnCallNow:
    """Ring the viewer's own phone, then the citizen's. How it goes on comes as ``outbound``."""
    wanted = await wanted_by(web, viewer, about)
    try:
        await web.parts.floor.dialler.call(wanted, viewer, viewer.extension)
    except OutboundRefused as refusal:
        raise Conflict(refusal.key) from refusal
    return _shown(await web.parts.floor.outbound.own(viewer.user_id))


@router.post("/api/outbound/hang-up", status_code=204, responses=_REFUSED)
async def hang_up(web: WebOf, viewer: CaseStaff) -> Response:
    """End the viewer's own call, on whichever telephone they talk."""
    return await _done(web.parts.floor.dialler.hang_up(viewer))


@router.post("/api/outbound/hold", status_code=204, responses=_REFUSED)
async def hold(web: WebOf, viewer: CaseStaff) -> Response:
    """Let the citizen of the viewer's own call hear music; that they do comes as ``held``."""
    return await _done(web.parts.floor.dialler.hold(viewer))


@router.delete("/api/outbound/hold", status_code=204, responses=_REFUSED)
async def take_back(web: WebOf, viewer: CaseStaff) -> Response:
    """End that music."""
    return await _done(web.parts.floor.dialler.take_back(viewer))


@router.post("/api/outbound/handover", responses=_REFUSED)
async def hand_over(web: WebOf, viewer: CaseStaff, wanted: WantedHandover) -> HandedOver:
    """Hand the citizen of the viewer's own call over; it goes on as a call of ours."""
    try:
        return await hand_on(web, viewer, wanted, lambda: web.parts.floor.dialler.bring(viewer))
    except OutboundRefused as refusal:
        raise Conflict(refusal.key) from refusal


async def _done(job: Awaitable[None]) -> Response:
    try:
        await job
    except OutboundRefused as refusal:
        raise Conflict(refusal.key) from refusal
    return Response(status_code=204)


async def wanted_by(web: Web, viewer: Viewer, about: About) -> Wanted:
    """Who is to be called, with the number in full, which the browser never had."""
    if about.promise_id:
        return await _promised(web, viewer, about.promise_id)
    if about.call_id:
        wanted = await _caller(web, viewer, about.call_id)
    else:
        wanted = _citizen(viewer, await web.parts.cases.get(about.case_number))
    return replace(wanted, phone=about.phone.strip()) if about.phone.strip() else wanted


async def _promised(web: Web, viewer: Viewer, promise_id: int) -> Wanted:
    try:
        promise = await web.parts.floor.promises.get(promise_id)
    except NoSuchPromise as error:
        raise NotFound("no_such_promise") from error
    if viewer.role is Role.AGENT and promise.made_by != viewer.user_id:
        raise Forbidden("not_your_promise")
    return Wanted(promise.phone, promise.case_number, None, promise_id)


async def _caller(web: Web, viewer: Viewer, call_id: str) -> Wanted:
    pop = await own_pop(web, viewer, call_id)
    if not pop.case_number:
        return Wanted(pop.calling, None, call_id)
    case = await web.parts.cases.get(pop.case_number)
    return Wanted(case.caller_phone or pop.calling, pop.case_number, call_id)


def _citizen(viewer: Viewer, case: Case) -> Wanted:
    answers_for = viewer.role is Role.SUPERVISOR or viewer.user_id in {case.owner, case.opened_by}
    if case.confidential and not answers_for:
        raise Forbidden("name_hidden")
    return Wanted(case.caller_phone, case.case_number)


def _shown(call: OwnCall | None) -> OwnCallNow:
    return OwnCallNow(call=OwnCallView.model_validate(asdict(call)) if call else None)
