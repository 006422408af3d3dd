"""The classes of cases: the standards with what they leave out, and the city's own changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from hotline.registry.taxonomy import Taxonomy, UnknownStandard, standards
from hotline.registry.taxonomy.city import NewClass, Revision, TaxonomyFault, next_code, read_words
from hotline.registry.taxonomy.gaps import all_gaps
from hotline.registry.taxonomy.model import KINDS
from hotline.registry.taxonomy.service import ClassChanged, NoSuchClass
from hotline.registry.taxonomy.shipped import standard_of
from hotline.web import taxonomy_views as views
from hotline.web.access import TaxonomyStaff, Viewer
from hotline.web.errors import Conflict, NotFound
from hotline.web.names import names_of
from hotline.web.page import Page, PageOf
from hotline.web.taxonomy_views import Wanted
from hotline.web.web import Web, WebOf

router = APIRouter()

# What a browser may send at most; what a class may be is judged by the classes.
_Text = Annotated[str, Field(max_length=1000)]
_Key = Annotated[str, Field(max_length=16)]
_REVISIONS_SHOWN = 50


class NewClassForm(BaseModel):
    """A class of the city's own as it was typed. ``parent`` is kind and major, ``component/01``."""

    parent: _Key = ""
    code: _Text = ""
    name: _Text = ""
    synonyms: _Text = ""
    why: _Text = ""


class ChangeForm(BaseModel):
    """A change of one class; ``revision`` is the newest one that was looked at."""

    key: _Key
    action: Literal["change", "retire", "restore"]
    name: _Text = ""
    synonyms: _Text = ""
    since: _Text = ""
    why: _Text = ""
    revision: int = 0


@router.get("/taxonomy")
async def taxonomy_page(
    request: Request, web: WebOf, page: PageOf, viewer: TaxonomyStaff
) -> Response:
    """The classes that the address asks for, and one of them or what there is to say of all."""
    query = request.query_params
    wanted = Wanted(
        query.get("standard", web.parts.room.taxonomy.standard)[:32],
        kind if (kind := query.get("kind", "")) in KINDS else "",
        query.get("words", "")[:200].strip(),
        query.get("retired", "") == "true",
    )
    fill = query.get("fill", "")[:16]
    return await _page(web, page, wanted, key=query.get("key", "")[:16], new=_filling(web, fill))


@router.post("/taxonomy/classes")
async def add_class(
    web: WebOf, page: PageOf, viewer: TaxonomyStaff, form: Annotated[NewClassForm, Form()]
) -> Response:
    """Add a class of the city's own."""
    kind, _, major = form.parent.partition("/")
    wanted = NewClass(kind, major, form.name, form.code, read_words(form.synonyms))
    library = web.parts.room.taxonomy
    try:
        made = await library.add(wanted, why=form.why, by=viewer.user_id)
    except TaxonomyFault as fault:
        return await _page(web, page, _ours(web), new=form, fault=fault)
    return _to(made.entry.key)


@router.post("/taxonomy/changes")
async def change_class(
    web: WebOf, page: PageOf, viewer: TaxonomyStaff, form: Annotated[ChangeForm, Form()]
) -> Response:
    """Give a class other words, retire it, or bring it back."""
    try:
        await _change(web, viewer, form)
    except TaxonomyFault as fault:
        return await _page(web, page, _ours(web), key=form.key, typed=form, fault=fault)
    except ClassChanged as conflict:
        raise Conflict("class_changed") from conflict
    except NoSuchClass as missing:
        raise NotFound("not_found") from missing
    return _to(form.key)


async def _change(web: Web, viewer: Viewer, form: ChangeForm) -> Revision:
    library, by, seen = web.parts.room.taxonomy, viewer.user_id, form.revision
    if form.action == "change":
        words = read_words(form.synonyms)
        return await library.change(form.key, form.name, words, why=form.why, by=by, based_on=seen)
    if form.action == "restore":
        return await library.restore(form.key, why=form.why, by=by, based_on=seen)
    try:
        since = date.fromisoformat(form.since) if form.since else library.today
    except ValueError:
        raise TaxonomyFault({"since": "day"}) from None
    return await library.retire(form.key, since, why=form.why, by=by, based_on=seen)


async def _page(
    web: Web,
    page: Page,
    wanted: Wanted,
    *,
    key: str = "",
    new: NewClassForm | None = None,
    typed: ChangeForm | None = None,
    fault: TaxonomyFault | None = None,
) -> Response:
    library = web.parts.room.taxonomy
    try:
        classes = library.of(wanted.standard)
    except UnknownStandard as unknown:
        raise NotFound("not_found") from unknown
    usage = await library.usage(wanted.standard)
    chosen = classes.get(key) if key else None
    if key and chosen is None:
        raise NotFound("not_found")
    return page.render(
        "taxonomy/taxonomy.html",
        status=422 if fault else 200,
        library=library,
        ours=wanted.standard == library.standard,
        about=standard_of(wanted.standard),
        standards=standards(),
        gaps=all_gaps(wanted.standard),
        wanted=wanted,
        address=lambda **more: _link(wanted, **more),
        groups=[] if wanted.words else views.groups(classes, wanted, usage),
        hits=views.hits(classes, wanted, usage) if wanted.words else [],
        one=views.detail(library, chosen, usage) if chosen else None,
        parents=_parents(classes, page),
        new=new or NewClassForm(),
        adding=new is not None,
        typed=typed,
        revisions=[r for r in library.revisions if r.standard == wanted.standard][
            : -_REVISIONS_SHOWN - 1 : -1
        ],
        names=await names_of(web.parts.database),
        errors=_errors(page, fault),
    )


def _ours(web: Web) -> Wanted:
    return Wanted(web.parts.room.taxonomy.standard, "", "", retired=True)


def _link(wanted: Wanted, **more: str) -> str:
    """The page as it is, with this changed; empty values are left out."""
    query = {
        "standard": wanted.standard,
        "kind": wanted.kind,
        "words": wanted.words,
        "retired": "true" if wanted.retired else "",
    } | more
    return "/taxonomy?" + urlencode({name: value for name, value in query.items() if value})


def _filling(web: Web, key: str) -> NewClassForm | None:
    """The form for a class that the standard has and its list leaves out."""
    kind, _, code = key.partition("/")
    for gaps in all_gaps(web.parts.room.taxonomy.standard):
        if gaps.kind == kind and code in gaps.codes:
            return NewClassForm(parent=f"{kind}/{code[:2]}", code=code, name=gaps.codes[code])
    return None


def _parents(classes: Taxonomy, page: Page) -> list[tuple[str, str, str]]:
    """Each major as a choice: its key, its name, and the next free code."""
    majors = {(c.branch, c.major_code): c.major for c in classes}
    return [
        (
            f"{kind}/{code}",
            f"{page.t(f'taxonomy.{kind}')} · {code} {name}",
            next_code(classes, kind, code),
        )
        for (kind, code), name in majors.items()
    ]


def _errors(page: Page, fault: TaxonomyFault | None) -> Mapping[str, str]:
    faults = fault.faults if fault else {}
    return {name: page.t(f"error.field.{key}") for name, key in faults.items()}


def _to(key: str) -> Response:
    row = key.replace("/", "-")
    return RedirectResponse(f"/taxonomy?{urlencode({'key': key})}#{row}", status_code=303)
