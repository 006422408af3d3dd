"""Cases about the same matter: found while one types, linked, merged, split."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from hotline.registry.forms import WHY_LENGTH, read_form
from hotline.registry.model import Case
from hotline.registry.places.drawing import Picture, picture
from hotline.registry.places.model import Whereabouts
from hotline.registry.similar.engine import look_of
from hotline.registry.similar.model import Look, Matter, Relation, Similar
from hotline.registry.similar.service import LINKING_ROLES
from hotline.web.access import CaseStaff, Viewer
from hotline.web.case_reading import HeldCase
from hotline.web.page import Page, PageOf
from hotline.web.places import Latitude, Longitude, WhereView
from hotline.web.web import Web, WebOf

router = APIRouter()

CaseNumber = Annotated[str, Path(max_length=20)]
_Why = Annotated[str, Field(max_length=WHY_LENGTH)]
_Number = Annotated[str, Field(max_length=20, pattern="^[0-9]*$")]
_SHORT = 120


class TypedForm(BaseModel):
    """A form that is being typed. ``but`` is the case that it is of, if there is one."""

    category: Annotated[str, Field(max_length=80)] = ""
    address: Annotated[str, Field(max_length=500)] = ""
    description: Annotated[str, Field(max_length=2_000)] = ""
    lon: Longitude = None
    lat: Latitude = None
    but: _Number = ""


class EvidenceView(BaseModel):
    """What speaks for two cases being one matter; null for what is not known."""

    score: int
    metres: float | None
    hours: float
    same_class: bool
    same_grid: bool
    address: int
    text: int


class SimilarView(BaseModel):
    """A case that may be the same matter. ``why`` is the evidence in words."""

    case_number: str
    state: str
    state_name: str
    opened_at: float
    category_name: str
    address: str
    description: str
    unit: str
    reports: int
    why: str
    evidence: EvidenceView


class MatterView(BaseModel):
    """Open cases of one class at one place that should be one case, the oldest first."""

    main: str
    cases: list[str]
    reports: int
    category_name: str
    address: str
    grid: str


class LinkForm(BaseModel):
    """Another case, what it is to this one, and why."""

    other: _Number
    relation: Relation = Relation.DUPLICATE
    why: _Why = ""


class MergeForm(BaseModel):
    """Which case lives on, and the version of the one that does not."""

    into: _Number
    version: int
    why: _Why = ""


class GatherForm(BaseModel):
    """The cases that are to live on in this one."""

    cases: Annotated[str, Field(max_length=2000, pattern="^[0-9 ]*$")]
    why: _Why = ""


class SplitForm(BaseModel):
    """Why a merged case is to go on by itself, and its version."""

    version: int
    why: _Why = ""


class SecondForm(BaseModel):
    """The second matter of a report, and the first case's version."""

    version: int
    description: Annotated[str, Field(max_length=20_000)] = ""
    address: Annotated[str, Field(max_length=500)] = ""
    why: _Why = ""


@router.get("/api/cases/similar")
async def similar(
    web: WebOf, page: PageOf, viewer: CaseStaff, form: Annotated[TypedForm, Query()]
) -> list[SimilarView]:
    """Cases of the last hours that a form being typed may be about, the likeliest first.

    Without a point, an address that is certain gives it.
    """
    desk = web.parts.room
    told = form.lon is not None and form.lat is not None
    place = None if told else desk.places.find(form.address).place
    # A case's own class is told with an @ before it.
    known = desk.taxonomy.current.get(form.category.removeprefix("@")) if form.category else None
    look = Look(
        at=web.parts.clock.now(),
        standard=known.standard if known else None,
        category_code=known.key if known else None,
        longitude=place.longitude if place else form.lon,
        latitude=place.latitude if place else form.lat,
        grid=place.whereabouts.grid if place else "",
        address=form.address,
        description=form.description,
    )
    found = await desk.matters.similar(look, form.but)
    return [similar_view(one, page) for one in found]


@router.get("/api/cases/matters")
async def matters(web: WebOf, viewer: CaseStaff) -> list[MatterView]:
    """Places from which many reported the same in the last hours: each should be one case."""
    return [matter_view(one) for one in await web.parts.room.matters.matters()]


@router.get("/cases/matters", response_class=HTMLResponse)
async def matters_of_list(web: WebOf, page: PageOf, viewer: CaseStaff) -> HTMLResponse:
    """The same for the top of the list of cases."""
    return page.render("cases/matters.html", matters=await web.parts.room.matters.matters())


@router.post("/cases/{number}/links")
async def link(
    web: WebOf, viewer: CaseStaff, number: CaseNumber, form: Annotated[LinkForm, Form()]
) -> Response:
    """Mark another case as a duplicate or as related."""
    await web.parts.room.matters.link(number, form.other, form.relation, viewer, form.why)
    return _back(number)


@router.post("/cases/{number}/unlink")
async def unlink(
    web: WebOf, viewer: CaseStaff, number: CaseNumber, form: Annotated[LinkForm, Form()]
) -> Response:
    """Take such a mark back."""
    await web.parts.room.matters.unlink(number, form.other, viewer, form.why)
    return _back(number)


@router.post("/cases/{number}/merge")
async def merge(
    web: WebOf, viewer: CaseStaff, number: CaseNumber, form: Annotated[MergeForm, Form()]
) -> Response:
    """Let this case live on in another one."""
    desk = web.parts.room.matters
    await desk.merge(number, form.into, viewer, form.why, version=form.version)
    return _back(form.into)


@router.post("/cases/{number}/gather")
async def gather(
    web: WebOf, viewer: CaseStaff, number: CaseNumber, form: Annotated[GatherForm, Form()]
) -> Response:
    """Let other cases live on in this one, all or none."""
    await web.parts.room.matters.merge_all(number, form.cases.split(), viewer, form.why)
    return _back(number)


@router.post("/cases/{number}/split")
async def split(
    web: WebOf, viewer: CaseStaff, number: CaseNumber, form: Annotated[SplitForm, Form()]
) -> Response:
    """Undo a merging: this case goes on by itself."""
    await web.parts.room.matters.split(number, viewer, form.why, version=form.version)
    return _back(number)


@router.post("/cases/{number}/second")
async def second(
    web: WebOf, viewer: CaseStaff, number: CaseNumber, form: Annotated[SecondForm, Form()]
) -> Response:
    """Make a second case of a report with two matters."""
    case = await web.parts.cases.get(number)
    said = {
        "kind": case.kind or "help",
        "description": form.description,
        "address": form.address,
        "callback_wanted": case.callback_wanted,
    }
    new = await web.parts.room.matters.split_off(
        number, read_form(said), viewer, form.why, version=form.version
    )
    return _back(new.case_number)


# --- on the case's page ----------------------------------------------------------------------


async def matter_parts(web: Web, page: Page, viewer: Viewer, held: HeldCase) -> dict[str, Any]:
    """What ``cases/place.html`` and ``cases/similar.html`` show beside the case itself."""
    desk, places, case = web.parts.room.matters, web.parts.room.places, held.case
    found = await desk.likeliest(look_of(case), held.alike)
    linked = {one.other for one in held.links}
    fresh = [similar_view(one, page) for one in found if one.case_number not in linked]
    many = [one for one in fresh if one.evidence.same_class and one.evidence.metres is not None]
    reports = case.reports + sum(one.reports for one in many)
    return {
        "similar": fresh,
        "links": held.links,
        "matter": many if reports >= desk.rules.many and many else [],
        "matter_reports": reports,
        "rules": desk.rules,
        "may_link": viewer.role in LINKING_ROLES,
        "where": where_of(web, case),
        "picture": picture_of(web, case),
        "no_places": places.atlas.empty,
    }


def where_of(web: Web, case: Case) -> WhereView:
    """The names of the places that a case lies in."""
    atlas = web.parts.room.places.atlas
    lies = Whereabouts(case.grid, case.duty_grid, case.community, case.street, case.district)
    return WhereView.of(lies, atlas)


def picture_of(web: Web, case: Case) -> Picture | None:
    """The grid of a case as a small picture."""
    known = case.longitude is not None and case.latitude is not None
    point = (case.longitude or 0.0, case.latitude or 0.0) if known else None
    return picture(web.parts.room.places.atlas, case.grid, point)


def similar_view(one: Similar, page: Page) -> SimilarView:
    """A similar case as it is shown."""
    evidence = EvidenceView(**one.evidence.data())
    return SimilarView(
        case_number=one.case_number,
        state=one.state,
        state_name=page.t(f"case.state.{one.state}"),
        opened_at=one.opened_at,
        category_name=one.category_name,
        address=one.address,
        description=one.description[:_SHORT],
        unit=one.unit,
        reports=one.reports,
        why=evidence_words(evidence, page),
        evidence=evidence,
    )


def matter_view(one: Matter) -> MatterView:
    """A matter as it is shown."""
    return MatterView(
        main=one.main,
        cases=list(one.cases),
        reports=one.reports,
        category_name=one.category_name,
        address=one.address,
        grid=one.grid,
    )


def evidence_words(evidence: EvidenceView, page: Page) -> str:
    """The evidence in words, the strongest first."""
    words = []
    if evidence.same_class:
        words.append(page.t("similar.same_class"))
    if evidence.metres is not None:
        words.append(page.t("similar.metres", metres=round(evidence.metres)))
    elif evidence.address:
        words.append(page.t("similar.address", share=evidence.address))
    if evidence.same_grid and evidence.metres is None:
        words.append(page.t("similar.same_grid"))
    words.append(page.t("similar.hours", hours=f"{evidence.hours:g}"))
    if evidence.text:
        words.append(page.t("similar.text", share=evidence.text))
    return page.t("similar.joint").join(words)


def _back(number: str) -> Response:
    return RedirectResponse(f"/cases/{number}", status_code=303)
