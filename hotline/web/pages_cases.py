"""The cases: the list, one page each, and what can be done with them."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, Field

from hotline.masking import mask_number
from hotline.registry.forms import KINDS, UNIT_LENGTH, URGENCIES, WHY_LENGTH
from hotline.registry.lifecycle import FINAL, Action, State, Step, may_edit, steps_from
from hotline.registry.listing import SORTS
from hotline.registry.model import SOURCES, Case, CaseConflict, CaseFilter
from hotline.web.access import CaseStaff, Viewer
from hotline.web.case_facts import facts_of
from hotline.web.lifeline import arrivals, line_of
from hotline.web.listing import Listing, listing_of
from hotline.web.names import names_of
from hotline.web.page import Page, PageOf
from hotline.web.timeline import tell
from hotline.web.web import Web, WebOf

router = APIRouter()

CaseNumber = Annotated[str, Path(max_length=20)]
FieldValue = Annotated[str, Field(max_length=20_000)] | bool | None

# The fields of the form as scripts read and send them; the citizen's number stays here.
_FORM = (
    "kind",
    "urgency",
    "address",
    "description",
    "happened",
    "caller_name",
    "anonymous",
    "callback_wanted",
    "unit",
)
# The step that is the usual one in each state: its button is the first.
_FORWARD = frozenset(
    {Action.VERIFY, Action.FILE, Action.DISPATCH, Action.FEEDBACK, Action.CHECK_PASS}
)


class ChangedForm(BaseModel):
    """The fields that were changed, and the case's version that they were changed from."""

    form: dict[str, FieldValue] = Field(max_length=20)
    version: int


class WantedStep(BaseModel):
    """A step of the case's life. ``unit``: who shall handle it from now on."""

    action: Action
    version: int
    why: str = Field("", max_length=WHY_LENGTH)
    unit: str | None = Field(None, max_length=UNIT_LENGTH)


@router.get("/cases")
async def case_list(request: Request, web: WebOf, page: PageOf, viewer: CaseStaff) -> HTMLResponse:
    """The cases that the address asks for, with how many stand in each state."""
    listing = listing_of(request, sortable=SORTS.keys(), default="-opened_at")
    wanted = _wanted(request)
    cases, listing = await _page_of_cases(web, wanted, listing)
    counts = await web.parts.cases.counts(wanted)
    return page.render(
        "cases/list.html",
        cases=cases,
        listing=listing,
        wanted=wanted,
        state=next(iter(wanted.states), ""),
        states=[(state.value, counts.get(state, 0)) for state in State],
        total=sum(counts.values()),
        kinds=KINDS,
        urgencies=URGENCIES,
        sources=SOURCES,
    )


@router.get("/cases/{number}")
async def case_page(
    web: WebOf, page: PageOf, viewer: CaseStaff, number: CaseNumber
) -> HTMLResponse:
    """One case: what it says, its call, its report, its life, and what may be done next."""
    return page.render("cases/case.html", **await case_parts(web, page, viewer, number))


async def case_parts(web: Web, page: Page, viewer: Viewer, number: str) -> dict[str, Any]:
    """What ``cases/case.html`` shows. Raises :class:`hotline.registry.model.NoSuchCase`."""
    case = await web.parts.cases.get(number)
    facts = await facts_of(web, case, viewer)
    return {
        "case": case,
        "shown": _shown_case(case),
        "facts": facts,
        "life": line_of(case.state, arrivals(facts.records)),
        "history": tell(facts.records, case, facts.names, page.t),
        "steps": steps_in_order(steps_from(case.state, viewer.role)),
        "editable": may_edit(case.state, viewer.role),
        "final": FINAL,
        "recogniser": bool(web.parts.config.speech.model),
        "kinds": KINDS,
        "urgencies": URGENCIES,
    }


@router.put("/api/cases/{number}")
async def save_case(
    web: WebOf, page: PageOf, viewer: CaseStaff, number: CaseNumber, changed: ChangedForm
) -> Response:
    """Change fields of the form; 409 with the case as it stands when somebody was quicker."""
    try:
        case = await web.parts.cases.edit(number, changed.form, changed.version, viewer)
    except CaseConflict as conflict:
        return await _conflict(web, page, conflict)
    return JSONResponse({"case": _shown_case(case)})


@router.post("/api/cases/{number}/actions")
async def act(
    web: WebOf, page: PageOf, viewer: CaseStaff, number: CaseNumber, step: WantedStep
) -> Response:
    """Take a step; 409 with the case as it stands when somebody was quicker."""
    try:
        case = await web.parts.cases.move(
            number, step.action, viewer, step.why, version=step.version, unit=step.unit
        )
    except CaseConflict as conflict:
        return await _conflict(web, page, conflict)
    return JSONResponse({"case": _shown_case(case)})


def steps_in_order(steps: tuple[Step, ...]) -> list[Step]:
    """The steps as buttons: the usual one first, voiding last."""
    return sorted(steps, key=lambda step: (step.action == Action.VOID, _is_aside(step)))


def _is_aside(step: Step) -> bool:
    closes = step.action == Action.CLOSE and step.source == State.TO_CLOSE
    return step.action not in _FORWARD and not closes


def _wanted(request: Request) -> CaseFilter:
    query = request.query_params

    def one_of(name: str, values: tuple[str, ...]) -> str:
        value = query.get(name, "")
        return value if value in values else ""

    state = one_of("state", tuple(State))
    return CaseFilter(
        states=frozenset({state} if state else ()),
        kind=one_of("kind", KINDS),
        urgency=one_of("urgency", URGENCIES),
        source=one_of("source", SOURCES),
        text=query.get("text", "")[:200],
    )


async def _page_of_cases(
    web: Web, wanted: CaseFilter, listing: Listing
) -> tuple[tuple[Case, ...], Listing]:
    """The page that is asked for, or the last one when there are fewer."""
    found = await web.parts.cases.list(
        wanted,
        sort=listing.key,
        descending=listing.descending,
        page=listing.page,
        size=listing.page_size,
    )
    listing = replace(listing, total=found.total)
    if listing.page > listing.pages:
        return await _page_of_cases(web, wanted, replace(listing, page=listing.pages))
    return found.cases, listing


async def _conflict(web: Web, page: Page, conflict: CaseConflict) -> JSONResponse:
    names = await names_of(web.parts.database)
    by = names.get(conflict.case.changed_by, conflict.case.changed_by)
    body = {
        "error": "case_changed",
        "message": page.t("case.changed_by", who=by),
        "fields": {},
        "case": _shown_case(conflict.case),
        "by": by,
    }
    return JSONResponse(body, status_code=409)


def _shown_case(case: Case) -> dict[str, Any]:
    """A case as the page's script holds it."""
    return {
        "number": case.case_number,
        "version": case.version,
        "state": case.state,
        "form": {name: getattr(case, name) for name in _FORM}
        | {"category": case.category_code or ""},
        "category_name": case.category_name or "",
        "phone": mask_number(case.caller_phone),
    }
