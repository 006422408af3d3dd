"""Places and units: what is loaded, files taken in with each row's faults, units edited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile

from hotline.registry.places.datum import Crs
from hotline.registry.places.model import BadFile, Kind, RowFault
from hotline.registry.places.service import PlacesChanged
from hotline.registry.places.units import UNIT_KINDS, Unit
from hotline.web.access import CalendarStaff, Viewer
from hotline.web.errors import BadInput, Conflict
from hotline.web.names import names_of
from hotline.web.page import Page, PageOf
from hotline.web.web import Web, WebOf

router = APIRouter()

UNITS = "unit"
BIGGEST_FILE = 24 * 1024 * 1024
_MOST_FAULTS = 200
_Text = Annotated[str, Field(max_length=2000)]
_DONE = frozenset({"unit", "same"})


class UnitForm(BaseModel):
    """A unit as it was typed; see :class:`hotline.registry.places.units.Unit`."""

    unit_id: _Text = ""
    name: _Text = ""
    kind: _Text = ""
    parent: _Text = ""
    phone: _Text = ""
    districts: _Text = ""
    streets: _Text = ""
    professional: bool = False
    active: bool = False


@router.get("/places")
async def places_page(
    request: Request, web: WebOf, page: PageOf, viewer: CalendarStaff
) -> Response:
    """What is loaded, the imports, and the units; one of them opened when the address names it."""
    done = request.query_params.get("done", "")
    return await _page(web, page, request, done=done if done in _DONE else "")


@router.post("/places/units")
async def save_unit(
    request: Request,
    web: WebOf,
    page: PageOf,
    viewer: CalendarStaff,
    form: Annotated[UnitForm, Form()],
) -> Response:
    """Add or change a unit."""
    given = form.model_dump()
    row = given | {name: "yes" if given[name] else "no" for name in ("professional", "active")}
    try:
        await web.parts.room.units.save(row, viewer)
    except BadFile as bad:
        return await _page(web, page, request, unit_faults=bad.faults, given=given)
    return RedirectResponse(f"/places?unit={form.unit_id}&done=unit", status_code=303)


@router.post("/places/import")
async def take_in(request: Request, web: WebOf, page: PageOf, viewer: CalendarStaff) -> Response:
    """Take in a file as a whole, or tell what is wrong with each row."""
    # Not parameters: the file would be read before it is known whose it is.
    sent = await request.form()
    kind, crs = str(sent.get("kind") or ""), str(sent.get("crs") or Crs.WGS84)
    given = sent.get("file")
    if kind != UNITS and kind not in set(Kind):
        raise BadInput({"kind": "choice"})
    if crs not in set(Crs):
        raise BadInput({"crs": "choice"})
    if not isinstance(given, UploadFile) or not given.size:
        raise BadInput({"file": "required"})
    replace = bool(sent.get("replace"))
    try:
        counts = await _import(web, given, viewer, kind=kind, crs=Crs(crs), replace=replace)
    except BadFile as bad:
        return await _page(web, page, request, file_faults=bad.faults, file=given.filename or "")
    except PlacesChanged as changed:
        raise Conflict("places_changed") from changed
    return await _page(web, page, request, counts=counts, file=given.filename or "")


async def _import(
    web: Web, given: UploadFile, viewer: Viewer, *, kind: str, crs: Crs, replace: bool
) -> tuple[int, int, int]:
    if (given.size or 0) > BIGGEST_FILE:
        raise BadFile([RowFault(0, "", "too_big")])
    try:
        text = (await given.read()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile([RowFault(0, "", "encoding")]) from error
    source = (given.filename or "")[:200]
    if kind == UNITS:
        return (*await web.parts.room.units.import_csv(text, source, viewer), 0)
    done = await web.parts.room.places.import_places(
        text, Kind(kind), viewer, source=source, crs=crs, replace=replace
    )
    return done.added, done.changed, done.retired


async def _page(
    web: Web,
    page: Page,
    request: Request,
    *,
    done: str = "",
    counts: tuple[int, int, int] | None = None,
    file: str = "",
    file_faults: Sequence[RowFault] = (),
    unit_faults: Sequence[RowFault] = (),
    given: Mapping[str, Any] | None = None,
) -> Response:
    desk, units = web.parts.room.places, web.parts.room.units
    opened = units.get(request.query_params.get("unit", ""))
    atlas = desk.atlas
    return page.render(
        "places/places.html",
        status=422 if file_faults or unit_faults else 200,
        loaded=[(kind.value, len(atlas.of(kind))) for kind in Kind],
        imports=await desk.imports(),
        kinds=[kind.value for kind in Kind],
        crss=[crs.value for crs in Crs],
        units=units.all(active_only=False),
        unit_kinds=UNIT_KINDS,
        opened=opened,
        given=given or _given(opened),
        errors={one.field: page.t(f"places.fault.{one.fault}") for one in unit_faults},
        faults=file_faults[:_MOST_FAULTS],
        more=max(0, len(file_faults) - _MOST_FAULTS),
        counts=counts,
        file=file,
        done=done,
        district_names={one.place_id: one.name for one in atlas.of(Kind.DISTRICT).values()},
        names=await names_of(web.parts.database),
    )


def _given(unit: Unit | None) -> dict[str, Any]:
    if unit is None:
        return UnitForm(kind="department", active=True).model_dump()
    return UnitForm(
        unit_id=unit.unit_id,
        name=unit.name,
        kind=unit.kind,
        parent=unit.parent,
        phone=unit.phone,
        districts=" ".join(unit.districts),
        streets=" ".join(unit.streets),
        professional=unit.professional,
        active=unit.active,
    ).model_dump()
