"""Search over everything, from every page: answers as one types."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query
from pydantic import BaseModel

from hotline.masking import mask_number
from hotline.registry.model import Case
from hotline.registry.places.finding import Candidate
from hotline.registry.places.model import Kind as PlaceKind
from hotline.web.access import CASE_ROLES, Role, Staff, Viewer
from hotline.web.case_lists import state_text
from hotline.web.formats import moment
from hotline.web.page import Page, PageOf
from hotline.web.web import Web, WebOf

router = APIRouter()

_CASES, _OTHERS = 8, 4
_LINE = 60
# The smallest area that a place lies in is what its cases are listed by.
_AREAS = ("grid", "community", "street", "district")
_BY_PRECISION = {"community": _AREAS[1:], "street": _AREAS[2:], "district": _AREAS[3:]}
_CALL_ROLES = frozenset({Role.AGENT, Role.CALLBACK, Role.SUPERVISOR})

Kind = Literal["case", "call", "unit", "class", "place"]


class Hit(BaseModel):
    """Something found. ``link`` is empty for what has no page."""

    kind: Kind
    title: str
    detail: str
    note: str = ""
    link: str


class Found(BaseModel):
    """What a text finds, cases first. ``missing`` is how many older cases are not searched yet,
    unknown (null) until they have been counted."""

    hits: list[Hit]
    missing: int | None


@router.get("/api/search")
async def search(
    web: WebOf, page: PageOf, viewer: Staff, q: Annotated[str, Query(max_length=200)] = ""
) -> Found:
    """Cases by their words or number, calls by a whole number, units, classes and places by name.

    A unit's people find their own cases only; telephone numbers are masked."""
    words = q.strip()
    hits: list[Hit] = []
    if words:
        hits += [_case(page, web, viewer, one) for one in await _cases(web, viewer, words)]
        if viewer.role in _CALL_ROLES:
            hits += [hit async for hit in _calls(web, page, words)]
        if viewer.role in CASE_ROLES:
            hits += [*_units(web, words), *_classes(web, words), *_places(web, words)]
    return Found(hits=hits, missing=web.parts.room.backfill.missing)


async def _cases(web: Web, viewer: Viewer, words: str) -> tuple[Case, ...]:
    if viewer.role is Role.UNIT:
        return await web.parts.room.searching.cases(words, _CASES, viewer.unit_id)
    if viewer.role not in CASE_ROLES:
        return ()
    return await web.parts.room.searching.cases(words, _CASES)


def _case(page: Page, web: Web, viewer: Viewer, case: Case) -> Hit:
    path = "/unit/cases" if viewer.role is Role.UNIT else "/cases"
    said = " ".join(part for part in (case.category_name, case.address, case.description) if part)
    opened = moment(case.opened_at, web.parts.config.zone)
    return Hit(
        kind="case",
        title=case.case_number,
        detail=said[:_LINE],
        note=f"{state_text(page, case.state)} · {opened}",
        link=f"{path}/{case.case_number}",
    )


async def _calls(web: Web, page: Page, words: str) -> AsyncIterator[Hit]:
    for one in await web.parts.room.searching.calls(words, _OTHERS):
        yield Hit(
            kind="call",
            title=mask_number(one.calling),
            detail=moment(one.arrived_at, web.parts.config.zone),
            note=page.t("search.answered" if one.answered else "search.unanswered"),
            link=f"/cases/{one.case_number}" if one.case_number else "",
        )


def _units(web: Web, words: str) -> Iterator[Hit]:
    for unit in web.parts.room.units.search(words, _OTHERS):
        link = f"/cases?unit_id={quote(unit.unit_id)}&open=1"
        yield Hit(kind="unit", title=unit.name, detail=unit.unit_id, link=link)


def _classes(web: Web, words: str) -> Iterator[Hit]:
    for one in web.parts.room.taxonomy.current.search(words, _OTHERS):
        detail, link = f"{one.major} {one.code}", f"/cases?category={quote(one.key)}"
        yield Hit(kind="class", title=one.name, detail=detail, link=link)


def _places(web: Web, words: str) -> Iterator[Hit]:
    for one in web.parts.room.places.suggest(words).candidates[:_OTHERS]:
        yield Hit(kind="place", title=one.name, detail=_area(web, one), link=_cases_there(one))


def _cases_there(one: Candidate) -> str:
    for area in _BY_PRECISION.get(one.precision, _AREAS):
        if place_id := getattr(one.whereabouts, area):
            return f"/cases?{area}={quote(place_id)}"
    return ""


def _area(web: Web, one: Candidate) -> str:
    atlas = web.parts.room.places.atlas
    kinds = (PlaceKind.DISTRICT, PlaceKind.STREET, PlaceKind.COMMUNITY)
    names = (atlas.name(kind, getattr(one.whereabouts, kind.value)) for kind in kinds)
    return " ".join(name for name in names if name and name != one.name)
