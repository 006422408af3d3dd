"""The cases: the list, one page each, and what can be done with them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, Field

from hotline.masking import mask_number
from hotline.registry.forms import KINDS, URGENCIES
from hotline.registry.lifecycle import FINAL
from hotline.registry.model import Case, CaseConflict
from hotline.web.access import CaseStaff, Viewer
from hotline.web.attachments import attachment_parts, shown_of
from hotline.web.case_facts import facts_of
from hotline.web.case_reading import read_case
from hotline.web.case_steps import WantedStep, life_facts, step_buttons
from hotline.web.clock_words import clocks_of
from hotline.web.lifeline import arrivals, line_of
from hotline.web.names import names_of
from hotline.web.page import Page, PageOf
from hotline.web.similar import matter_parts
from hotline.web.timeline import tell
from hotline.web.web import Web, WebOf

router = APIRouter()

CaseNumber = Annotated[str, Path(max_length=20)]
FieldValue = Annotated[str, Field(max_length=20_000)] | bool | None

# The fields of the form as scripts read and send them; the citizen's name and number stay here.
_FORM = (
    "kind",
    "urgency",
    "component_code",
    "address",
    "description",
    "happened",
    "anonymous",
    "confidential",
    "callback_wanted",
    "unit",
)


class ChangedForm(BaseModel):
    """The fields that were changed, and the case's version that they were changed from."""

    form: dict[str, FieldValue] = Field(max_length=20)
    version: int


class ShownCase(BaseModel):
    """A case as the page's script holds it: its form's fields by their names, its number masked."""

    number: str
    version: int
    state: str
    form: dict[str, FieldValue]
    category_name: str
    phone: str


class CaseAnswer(BaseModel):
    """The case as it stands after a change."""

    case: ShownCase


class Overtaken(BaseModel):
    """Somebody else was quicker: who, and the case as it stands now."""

    error: str
    message: str
    fields: dict[str, str]
    case: ShownCase
    by: str


_QUICKER: dict[int | str, dict[str, Any]] = {
    409: {"model": Overtaken, "description": "Somebody else changed the case meanwhile."}
}


@router.get("/cases/{number}")
async def case_page(
    web: WebOf, page: PageOf, viewer: CaseStaff, number: CaseNumber
) -> HTMLResponse:
    """One case: what it says, its call, its report, its life, and what may be done next."""
    return page.render("cases/case.html", **await case_parts(web, page, viewer, number))


async def case_parts(web: Web, page: Page, viewer: Viewer, number: str) -> dict[str, Any]:
    """What ``cases/case.html`` shows. Raises :class:`hotline.registry.model.NoSuchCase`."""
    held = await read_case(web, number)
    case, facts = held.case, await facts_of(web, held, viewer)
    attachments = shown_of(viewer, case, held.attachments, held.names)
    return {
        "case": case,
        "shown": _shown_case(case).model_dump(),
        "facts": facts,
        "clocks": clocks_of(web, held.clocks, page),
        "life": line_of(case.state, arrivals(facts.records)),
        "history": tell(facts.records, case, facts.names, page.t, web.parts.config.zone),
        "living": life_facts(web, page, held),
        "steps": step_buttons(web, page, viewer, held),
        "placed": held.placed,
        "editable": web.parts.cases.machine.may_edit(case.state, viewer.role),
        "final": FINAL,
        **attachment_parts(web, viewer, attachments),
        **await matter_parts(web, page, viewer, held),
        "recogniser": bool(web.parts.config.speech.model),
        "kinds": KINDS,
        "urgencies": URGENCIES,
    }


@router.put("/api/cases/{number}", response_model=CaseAnswer, responses=_QUICKER)
async def save_case(
    web: WebOf, page: PageOf, viewer: CaseStaff, number: CaseNumber, changed: ChangedForm
) -> Response:
    """Change fields of the form; 409 with the case as it stands when somebody was quicker."""
    try:
        case = await web.parts.cases.edit(number, changed.form, changed.version, viewer)
    except CaseConflict as conflict:
        return await _conflict(web, page, conflict)
    return JSONResponse(CaseAnswer(case=_shown_case(case)).model_dump())


@router.post("/api/cases/{number}/actions", response_model=CaseAnswer, responses=_QUICKER)
async def act(
    web: WebOf, page: PageOf, viewer: CaseStaff, number: CaseNumber, step: WantedStep
) -> Response:
    """Take a step; 409 with the case as it stands when somebody was quicker."""
    try:
        case = await web.parts.cases.move(
            number, step.action, viewer, version=step.version, inputs=step.inputs(web)
        )
    except CaseConflict as conflict:
        return await _conflict(web, page, conflict)
    return JSONResponse(CaseAnswer(case=_shown_case(case)).model_dump())


async def _conflict(web: Web, page: Page, conflict: CaseConflict) -> JSONResponse:
    names = await names_of(web.parts.database)
    by = names.get(conflict.case.changed_by, conflict.case.changed_by)
    body = Overtaken(
        error="case_changed",
        message=page.t("case.changed_by", who=by),
        fields={},
        case=_shown_case(conflict.case),
        by=by,
    )
    return JSONResponse(body.model_dump(), status_code=409)


def _shown_case(case: Case) -> ShownCase:
    said = {name: getattr(case, name) for name in _FORM}
    return ShownCase(
        number=case.case_number,
        version=case.version,
        state=case.state,
        form=said | {"category": case.category_code or ""},
        category_name=case.category_name or "",
        phone=mask_number(case.caller_phone),
    )
