"""The verifier's desktop: spoken reports, one after the other, heard and written into the form."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from hotline.clock import midnight
from hotline.quality.verifier_day import verifier_day
from hotline.registry.demands import read_whole_form
from hotline.registry.forms import SEXES
from hotline.registry.lifecycle import State
from hotline.registry.model import Case
from hotline.registry.verifying import waiting
from hotline.web.access import Verifiers, VerifyStaff, Viewer
from hotline.web.desk import DraftValue, shown_case
from hotline.web.desk_form import typed_form
from hotline.web.listing import listing_of
from hotline.web.page import Page, PageOf
from hotline.web.pages_cases import CaseNumber, case_parts
from hotline.web.pages_states import reason_names
from hotline.web.said_links import link_said
from hotline.web.web import Web, WebOf

router = APIRouter()

_LONGEST = 200
# The citizen's name and number stay on the server: an empty field leaves them as they are.
_HIDDEN = ("caller_name", "caller_phone")


class HeardForm(BaseModel):
    """The form as it was typed from what was heard, and the case's version that it was filled
    from."""

    form: dict[Annotated[str, Field(max_length=32)], DraftValue] = Field(max_length=40)
    version: int


class HeardCase(BaseModel):
    """The case as it was saved."""

    number: str
    version: int
    state: str


@router.get("/verification", response_class=HTMLResponse)
async def verification_page(
    request: Request, web: WebOf, page: PageOf, viewer: VerifyStaff
) -> Response:
    """The reports to verify, and the one that is open: the named one, else the oldest."""
    text = request.query_params.get("text", "")[:_LONGEST]
    listing = listing_of(request, ("opened_at",), "opened_at")
    found, total = await waiting(
        web.parts.database, text, offset=listing.offset, limit=listing.page_size
    )
    first = found[0].case.case_number if found else ""
    number = request.query_params.get("case", "")[:20] or first
    parts: dict[str, Any] = {"case": None, "reason_names": reason_names(web, page)}
    if number:
        parts = await desk_parts(web, page, viewer, number)
        if parts["case"].state != State.TO_VERIFY:
            # Verified meanwhile: the next one.
            return RedirectResponse("/verification", status_code=303)
    listing = replace(listing, total=total)
    began = midnight(web.parts.clock.now(), web.parts.config.zone)
    own = await verifier_day(web.parts.database, viewer.user_id, began)
    rows = {"waiting": found, "listing": listing, "text": text, "own": own}
    return page.render("verification/desk.html", alone=False, **parts | rows)


@router.put(
    "/api/verification/{number}",
    responses={409: {"description": "Somebody else changed the case meanwhile."}},
)
async def save(
    web: WebOf,
    viewer: Verifiers,
    number: Annotated[CaseNumber, Path()],
    heard: HeardForm,
) -> HeardCase:
    """Save the form, which says all that its kind demands; the draft of it is done with."""
    cases = web.parts.cases
    stands = await cases.get(number)
    typed = typed_form(heard.form, stands)
    known = {name: getattr(stands, name) for name in _HIDDEN if not _said(typed, name)}
    kind = typed.get("kind")
    demanded = next((of for name, of in web.parts.config.form.required.items() if name == kind), [])
    read_whole_form(typed | known, demanded, reachable=bool(stands.caller_phone))
    changes = {name: value for name, value in typed.items() if name not in known}
    case = await cases.edit(number, changes, heard.version, viewer)
    await link_said(web, number, heard.form, viewer)
    await web.drafts.discard(key_of(number), viewer.user_id)
    return HeardCase(number=number, version=case.version, state=case.state)


async def desk_parts(web: Web, page: Page, viewer: Viewer, number: str) -> dict[str, Any]:
    """What ``verification/desk.html`` shows of a case. Raises
    :class:`hotline.registry.model.NoSuchCase`."""
    parts = await case_parts(web, page, viewer, number)
    case: Case = parts["case"]
    kept = await web.drafts.kept(key_of(number), viewer.user_id)
    shown = shown_case(case)
    hidden = dict.fromkeys(_HIDDEN, "")
    return parts | {
        "work": {
            "case": shown | {"form": {**_dict(shown["form"]), **hidden}},
            "draft": kept.form if kept else {},
            "revision": kept.revision if kept else 0,
            "report": case.report_id or "",
            "next": parts["facts"].following,
        },
        "required": web.parts.config.form.required,
        "sexes": SEXES,
        "sources": (case.source,),
        "units": [unit.name for unit in web.parts.room.units.all()],
        "reason_names": reason_names(web, page),
    }


def key_of(number: str) -> str:
    """Under what a report's form is kept while it is typed (:mod:`hotline.web.kept`)."""
    return f"case:{number}"


def _said(typed: dict[str, object], name: str) -> bool:
    return bool(str(typed.get(name) or "").strip())


def _dict(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, dict) else {}
