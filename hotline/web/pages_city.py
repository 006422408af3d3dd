"""The city at a glance: open cases on its own map, and the wall of what is overdue."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel

from hotline.registry.due import due_of, pressure
from hotline.registry.forms import KINDS
from hotline.registry.model import Case, CaseFilter
from hotline.registry.places.model import Kind
from hotline.registry.places.model import Place as CityPlace
from hotline.web.access import CaseStaff, DispatchStaff
from hotline.web.case_lists import state_text, wanted_of
from hotline.web.page import Page, PageOf
from hotline.web.web import Web, WebOf

router = APIRouter()

_LATEST, _SUPERVISED = 11, 11
_FINE = 5
_LEVELS = {"district": Kind.DISTRICT, "street": Kind.STREET, "grid": Kind.UNIT_GRID}
_DAY_S = 86_400


class GridCases(BaseModel):
    """The open cases of a unit grid, empty for those that nobody has located.

    ``ages``: younger than a day, three days, a week, and older. ``oldest``: Unix seconds."""

    grid: str
    street: str
    cases: int
    overdue: int
    ages: tuple[int, int, int, int]
    oldest: float


class OpenMap(BaseModel):
    """The open cases of the city by grid; ``at`` is when they were counted (Unix seconds)."""

    at: float
    total: int
    overdue: int
    located: int
    grids: list[GridCases]


class Outline(BaseModel):
    """An area of the city: its rings as longitude, latitude, longitude, … in WGS 84."""

    id: str
    name: str
    street: str
    rings: list[list[float]]


class Outlines(BaseModel):
    """The areas of one kind; empty while the city's places have not been imported."""

    areas: list[Outline]


class WallUnit(BaseModel):
    """How a unit stands."""

    unit_id: str
    name: str
    cases: int
    overdue: int
    soon: int


class WallCase(BaseModel):
    """A case on the wall; ``due`` in Unix seconds, null without a limit."""

    number: str
    what: str
    where: str
    unit: str
    state: str
    due: float | None
    pressure: Literal["overdue", "soon", "in_time", "none"]
    supervision: int
    urgings: int


class Wall(BaseModel):
    """What is overdue and soon will be: by unit, the longest overdue, the most supervised."""

    at: float
    open: int
    overdue: int
    soon: int
    units: list[WallUnit]
    latest: list[WallCase]
    supervised: list[WallCase]


@router.get("/map")
async def map_page(request: Request, web: WebOf, page: PageOf, viewer: CaseStaff) -> HTMLResponse:
    """The city's grids with their open cases; its numbers come from ``/api/map/open``."""
    units = [(unit.unit_id, unit.name) for unit in web.parts.room.units.all()]
    wanted = wanted_of(web, viewer, request.query_params, frozenset())
    return page.render("city/map.html", units=units, kinds=KINDS, wanted=wanted)


@router.get("/api/map/open")
async def open_map(request: Request, web: WebOf, viewer: CaseStaff) -> OpenMap:
    """Open cases by grid, narrowed by the filters of the list of cases."""
    now = web.parts.clock.now()
    wanted = wanted_of(web, viewer, request.query_params, frozenset())
    counts = await web.parts.room.picture.by_grid(wanted, now)
    return OpenMap(
        at=now,
        total=sum(one.cases for one in counts),
        overdue=sum(one.overdue for one in counts),
        located=sum(one.cases for one in counts if one.grid),
        grids=[GridCases(**_fields(one)) for one in counts],
    )


@router.get("/api/map/areas/{level}", response_model=Outlines)
async def areas(
    request: Request,
    web: WebOf,
    viewer: CaseStaff,
    level: Annotated[Literal["district", "street", "grid"], Path()],
) -> Response:
    """The outlines of the city's areas, the same until places are imported again."""
    atlas = web.parts.room.places.atlas
    tag = f'"{level}-{atlas.revision}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    body = await asyncio.to_thread(_outlines, atlas.of(_LEVELS[level]).values())
    return Response(body, media_type="application/json", headers=headers)


@router.get("/wall")
async def wall_page(web: WebOf, page: PageOf, viewer: DispatchStaff) -> HTMLResponse:
    """The wall; its numbers come with it, and later from ``/api/wall``."""
    return page.render("city/wall.html", wall=await _wall(web, page))


@router.get("/api/wall")
async def wall(web: WebOf, page: PageOf, viewer: DispatchStaff) -> Wall:
    """The same, for programs."""
    return await _wall(web, page)


async def _wall(web: Web, page: Page) -> Wall:
    now = web.parts.clock.now()
    units = await web.parts.room.picture.by_unit(now)
    latest = CaseFilter(overdue_at=now)
    supervised = CaseFilter(supervised=True, still_open=True)
    book = web.parts.room.units
    return Wall(
        at=now,
        open=sum(one.cases for one in units),
        overdue=sum(one.overdue for one in units),
        soon=sum(one.soon for one in units),
        units=[
            WallUnit(
                unit_id=one.unit_id,
                name=unit.name if (unit := book.get(one.unit_id)) else one.unit_id,
                cases=one.cases,
                overdue=one.overdue,
                soon=one.soon,
            )
            for one in units
            if one.unit_id
        ],
        latest=[_told(page, one, now) for one in await _first(web, latest, "due", _LATEST)],
        supervised=[
            _told(page, one, now)
            for one in await _first(web, supervised, "-supervision", _SUPERVISED)
        ],
    )


async def _first(web: Web, wanted: CaseFilter, sort: str, size: int) -> tuple[Case, ...]:
    found = await web.parts.cases.list(
        wanted, sort=sort.removeprefix("-"), descending=sort.startswith("-"), size=size
    )
    return found.cases


def _told(page: Page, case: Case, now: float) -> WallCase:
    due = due_of(case)
    return WallCase(
        number=case.case_number,
        what=case.category_name or case.description[:30],
        where=case.address,
        unit=case.unit,
        state=state_text(page, case.state),
        due=due,
        pressure=pressure(due, now),
        supervision=case.supervision,
        urgings=case.urgings,
    )


def _fields(one: Any) -> dict[str, Any]:
    return {name: getattr(one, name) for name in GridCases.model_fields}


def _outlines(places: Collection[CityPlace]) -> bytes:
    drawn = [
        Outline(id=one.place_id, name=one.name, street=one.street, rings=_rings(one.geometry))
        for one in places
        if one.geometry
    ]
    return Outlines(areas=drawn).model_dump_json().encode()


def _rings(geometry: str) -> list[list[float]]:
    shape = json.loads(geometry)
    polygons = {"Polygon": [shape.get("coordinates")], "MultiPolygon": shape.get("coordinates")}
    return [
        [round(value, _FINE) for point in ring for value in point[:2]]
        for polygon in polygons.get(shape["type"]) or []
        for ring in polygon
    ]
