"""A handling unit's pages, made for a telephone's screen: what is to be done, and one case."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from hotline.registry.dispatching.work import MOST_SHOWN, TABS, Work
from hotline.registry.forms import WHY_LENGTH
from hotline.registry.life.inputs import AGAINST
from hotline.registry.life.model import Action, Inputs, RequestKind
from hotline.registry.model import Case
from hotline.web.access import UnitOnly
from hotline.web.attachments import attachment_parts, attachments_shown
from hotline.web.errors import BadInput
from hotline.web.names import names_of
from hotline.web.page import PageOf
from hotline.web.small_map import small_map
from hotline.web.timeline import tell
from hotline.web.unit_sight import visible_case
from hotline.web.web import Web, WebOf

router = APIRouter()

CaseNumber = Annotated[str, Path(max_length=20)]
# The usual step first; what gives the case away or argues about it, last.
_ORDER = (
    Action.ACCEPT,
    Action.FEEDBACK,
    Action.PART_DONE,
    Action.EXPERT_PASS,
    Action.EXPERT_FAIL,
    Action.REQUEST_EXTENSION,
    Action.SUSPEND,
    Action.SEND_BACK,
    Action.DISPUTE,
    Action.APPEAL,
)
# What a unit is told of a case's past: its own part in it, nothing of the citizen's call.
_TOLD = frozenset({"CaseMoved", "CaseAttached"})
_LONGER_BY = timedelta(days=2)


class UnitStep(BaseModel):
    """A step of a unit. ``until`` is the city's local time, as ``2026-11-20T18:00``."""

    action: Action
    version: int
    why: str = Field("", max_length=WHY_LENGTH)
    until: str = Field("", max_length=40)
    against: str = Field("", max_length=16)


class UnitAnswer(BaseModel):
    """How a case stands after a unit's step."""

    case_number: str
    state: str
    version: int


@router.get("/unit")
async def unit_list(request: Request, web: WebOf, page: PageOf, viewer: UnitOnly) -> HTMLResponse:
    """What the viewer's unit has to do, has given back, and has done."""
    tab = request.query_params.get("tab", "todo")
    tab = tab if tab in TABS else "todo"
    work = web.parts.room.work
    found = await (work.todo(viewer.unit_id) if tab == "todo" else work.past(viewer.unit_id, tab))
    unit = web.parts.room.units.get(viewer.unit_id)
    return page.render(
        "unit/list.html",
        unit=unit,
        tab=tab,
        tabs=TABS,
        counts=await work.counts(viewer.unit_id),
        groups=[(name, list(some)) for name, some in groupby(found, key=_group)],
        most=MOST_SHOWN,
    )


@router.get("/unit/cases/{number}")
async def unit_case(web: WebOf, page: PageOf, viewer: UnitOnly, number: CaseNumber) -> HTMLResponse:
    """One case as a unit sees it: what, where, until when, the photos, and what can be done.

    Who reported it is not shown.
    """
    case = await visible_case(web, viewer, number)
    life = await web.parts.cases.life(number)
    now = web.parts.clock.now()
    steps = web.parts.cases.stepper.open_to(life, viewer, now)
    history = await web.parts.cases.history(number)
    told = [record for record in history if record.event.kind in _TOLD]
    return page.render(
        "unit/case.html",
        case=case,
        life=life,
        part=life.part(viewer.unit_id),
        asked=life.open_request(RequestKind.EXTENSION),
        steps=sorted(steps, key=lambda step: _rank(step.action)),
        against=AGAINST,
        longer=_longer(web, case),
        sketch=small_map(web.parts.room.places.atlas, case.longitude, case.latitude, case.grid),
        history=tell(told, case, await names_of(web.parts.database), page.t),
        **attachment_parts(
            web,
            viewer,
            await attachments_shown(web, viewer, number),
            "before" if life.arrived_at is None else "after",
        ),
    )


@router.post("/api/unit/cases/{number}/actions")
async def act(web: WebOf, viewer: UnitOnly, number: CaseNumber, step: UnitStep) -> UnitAnswer:
    """Take a step; 409 when somebody was quicker."""
    await visible_case(web, viewer, number)
    inputs = Inputs(
        until=_instant(web, step.until),
        against=step.against,
        part=viewer.unit_id if step.action == Action.PART_DONE else "",
    )
    case = await web.parts.cases.move(
        number, step.action, viewer, step.why, version=step.version, inputs=inputs
    )
    return UnitAnswer(case_number=number, state=case.state, version=case.version)


def _group(one: Work) -> str:
    return one.group


def _rank(action: str) -> int:
    known = [one.value for one in _ORDER]
    return known.index(action) if action in known else len(known)


def _instant(web: Web, local: str) -> float | None:
    """The instant of a local time; None for none. Raises :class:`BadInput`."""
    if not local:
        return None
    try:
        return datetime.fromisoformat(local).replace(tzinfo=web.parts.config.zone).timestamp()
    except (ValueError, OverflowError) as error:
        raise BadInput({"until": "wrong"}) from error


def _longer(web: Web, case: Case) -> str:
    """A limit to propose: two days after the present one, or after now."""
    base = max(case.handle_due_at or 0.0, web.parts.clock.now())
    at = datetime.fromtimestamp(base, web.parts.config.zone) + _LONGER_BY
    return at.strftime("%Y-%m-%dT%H:%M")
