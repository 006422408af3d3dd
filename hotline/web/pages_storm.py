"""Storm mode: one switch, what callers are told, and who is affected."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import tzinfo
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from hotline.calendar.service import read_moment, write_moment
from hotline.storage.tables import RevealRow
from hotline.storm.model import REGISTER_KEY, SLOT_S, Picture, Storm, StormFault, StormWords
from hotline.storm.model import read_places as places_of
from hotline.storm.service import NoSuchStorm, StormConflict
from hotline.web.access import SupervisorOnly
from hotline.web.errors import Conflict, NotFound
from hotline.web.formats import moment_to_the_second
from hotline.web.listing import Listing, listing_of
from hotline.web.names import names_of
from hotline.web.page import Page, PageOf
from hotline.web.web import RowId, Web, WebOf

router = APIRouter()

USUAL_S = 4 * 3600.0
MOST_EXPORTED = 100_000
# Excel takes a file for UTF-8 only when it begins with this.
BOM = "\ufeff"

_Text = Annotated[str, Field(max_length=5000)]
_DONE = frozenset({"begun", "changed", "ended"})


class StormForm(BaseModel):
    """A storm as it was typed; ``ends_at`` in the city's time."""

    text_zh: _Text = ""
    text_en: _Text = ""
    places: _Text = ""
    ends_at: _Text = ""
    case_number: _Text = ""
    version: int = 0


class WantedCallback(BaseModel):
    """Whether somebody shall be called back."""

    wanted: bool


@router.get("/storm")
async def storm_page(
    request: Request, web: WebOf, page: PageOf, viewer: SupervisorOnly
) -> Response:
    """The storm that the address names, else the one in force, else the form of a new one."""
    done = request.query_params.get("done", "")
    return await _page(web, page, request, done=done if done in _DONE else "")


@router.post("/storm")
async def begin(
    request: Request,
    web: WebOf,
    page: PageOf,
    viewer: SupervisorOnly,
    form: Annotated[StormForm, Form()],
) -> Response:
    """Tell callers from now on."""
    try:
        await web.parts.storm.begin(_words(form, web), viewer, form.case_number)
    except StormFault as fault:
        return await _page(web, page, request, fault=fault, given=form.model_dump())
    except StormConflict as conflict:
        raise Conflict(conflict.key) from conflict
    return RedirectResponse("/storm?done=begun", status_code=303)


@router.post("/storm/{storm_id}/change")
async def change(
    request: Request,
    web: WebOf,
    page: PageOf,
    viewer: SupervisorOnly,
    *,
    storm_id: RowId,
    form: Annotated[StormForm, Form()],
) -> Response:
    """Other words or another end."""
    try:
        await web.parts.storm.change(storm_id, _words(form, web), form.version, viewer)
    except StormFault as fault:
        return await _page(web, page, request, fault=fault, given=form.model_dump())
    except StormConflict as conflict:
        raise Conflict(conflict.key) from conflict
    except NoSuchStorm as error:
        raise NotFound("no_such_storm") from error
    return RedirectResponse("/storm?done=changed", status_code=303)


@router.post("/storm/{storm_id}/end")
async def end(web: WebOf, viewer: SupervisorOnly, storm_id: RowId) -> Response:
    """End it before its time."""
    try:
        await web.parts.storm.end(storm_id, viewer)
    except StormConflict as conflict:
        raise Conflict(conflict.key) from conflict
    except NoSuchStorm as error:
        raise NotFound("no_such_storm") from error
    return RedirectResponse(f"/storm?storm={storm_id}&done=ended", status_code=303)


@router.post("/api/storm/affected/{affected_id}/callback")
async def want_callback(
    web: WebOf, viewer: SupervisorOnly, affected_id: RowId, body: WantedCallback
) -> dict[str, bool]:
    """Note whether somebody who is affected shall be called back."""
    try:
        await web.parts.storm.want_callback(affected_id, body.wanted, viewer)
    except NoSuchStorm as error:
        raise NotFound("no_number") from error
    except StormFault as fault:
        raise Conflict("no_number") from fault
    return {"wanted": body.wanted}


@router.post("/storm/{storm_id}/export")
async def export(
    web: WebOf,
    page: PageOf,
    viewer: SupervisorOnly,
    storm_id: RowId,
    which: Annotated[str, Form(max_length=20)] = "callbacks",
) -> Response:
    """The affected, or those to call back, as CSV with their full numbers; noted as a reveal."""
    storm = await _storm(web, storm_id)
    rows = await web.parts.storm.registered(
        storm_id, callbacks_only=which != "all", limit=MOST_EXPORTED
    )
    async with web.parts.database.writing() as session:
        session.add(
            RevealRow(
                user_id=viewer.user_id,
                subject=f"storm-list:{storm_id}",
                reason="call_back",
                at=web.parts.clock.now(),
            )
        )
    out = io.StringIO(BOM, newline="")
    out.seek(0, io.SEEK_END)
    table = csv.writer(out)
    columns = ("case", "number", "place", "at", "again", "callback", "call")
    table.writerow([page.t(f"storm.csv.{name}") for name in columns])
    for row in rows:
        at = moment_to_the_second(row.at, web.parts.config.zone)
        number = row.number or page.t("storm.withheld")
        wanted = page.t("base.yes" if row.callback else "base.no")
        fields = (storm.case_number, number, row.place, at, row.again, wanted, row.call_id)
        table.writerow([_harmless(field) for field in fields])
    name = f"storm-{storm_id}-{'all' if which == 'all' else 'callbacks'}.csv"
    return Response(
        out.getvalue().encode(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _page(
    web: Web,
    page: Page,
    request: Request,
    *,
    fault: StormFault | None = None,
    given: Mapping[str, Any] | None = None,
    done: str = "",
) -> Response:
    desk, now, zone = web.parts.storm, web.parts.clock.now(), web.parts.config.zone
    active = desk.active(now)
    named = request.query_params.get("storm", "")
    storm = await _storm(web, int(named)) if named.isdecimal() and len(named) < 10 else active
    picture = await desk.picture(storm.storm_id) if storm else None
    faults = fault.faults if fault else {}
    view = "callbacks" if request.query_params.get("view") == "callbacks" else "all"
    listing = listing_of(request, sortable=("at",), default="-at")
    if picture:
        listing = _within(listing, picture.callbacks if view == "callbacks" else picture.count)
    return page.render(
        "storm/storm.html",
        status=422 if fault else 200,
        active=active,
        storm=storm,
        picture=picture,
        chart=_chart(storm, picture, now),
        view=view,
        listing=listing,
        affected=await desk.registered(
            storm.storm_id,
            callbacks_only=view == "callbacks",
            offset=listing.offset,
            limit=listing.page_size,
        )
        if storm
        else [],
        given=given or _given(active, now, zone),
        errors={name: page.t(f"error.field.{key}") for name, key in faults.items()},
        key=REGISTER_KEY,
        storms=[one for one in await desk.storms() if one != active],
        names=await names_of(web.parts.database),
        done=done,
    )


async def _storm(web: Web, storm_id: int) -> Storm:
    try:
        return await web.parts.storm.get(storm_id)
    except NoSuchStorm as error:
        raise NotFound("no_such_storm") from error


def _within(listing: Listing, total: int) -> Listing:
    listing = replace(listing, total=total)
    return replace(listing, page=min(listing.page, listing.pages))


def _chart(storm: Storm | None, picture: Picture | None, now: float) -> dict[str, Any]:
    """Registrations by ten minutes from the storm's beginning to now or its end; none is zero."""
    if storm is None or picture is None:
        return {"slot": SLOT_S, "slots": []}
    last = min(now, storm.ended_at if storm.ended_at is not None else storm.ends_at)
    found = dict(picture.slots)
    first = storm.began_at // SLOT_S * SLOT_S
    count = int((last - first) // SLOT_S) + 1
    starts = [first + n * SLOT_S for n in range(count)]
    return {"slot": SLOT_S, "slots": [[start, found.get(start, 0)] for start in starts]}


def _given(storm: Storm | None, now: float, zone: tzinfo) -> dict[str, Any]:
    if storm is None:
        return StormForm(ends_at=write_moment(now + USUAL_S, zone)).model_dump()
    return {
        "text_zh": storm.text_zh,
        "text_en": storm.text_en,
        "places": "\n".join(storm.places),
        "ends_at": write_moment(storm.ends_at, zone),
        "case_number": storm.case_number,
        "version": storm.version,
    }


def _words(form: StormForm, web: Web) -> StormWords:
    """What was typed, for the desk to judge. Raises :class:`StormFault`."""
    try:
        ends_at = read_moment(form.ends_at, web.parts.config.zone)
    except (ValueError, OverflowError) as error:
        raise StormFault({"ends_at": "moment"}) from error
    return StormWords(form.text_zh, form.text_en, places_of(form.places), ends_at)


def _harmless(value: object) -> object:
    """A text that a spreadsheet would take for a formula, with an apostrophe before it."""
    text = str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else value
