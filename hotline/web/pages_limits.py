"""The city's time limits and its working calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile

from hotline.registry.clocks.limit_book import WHY_LENGTH, LimitConflict, NoSuchLimit
from hotline.registry.clocks.limit_table import COLUMNS, BadTable, RowFault, TimeLimit
from hotline.registry.clocks.limits import BadLimit, read_limit
from hotline.registry.clocks.model import KINDS
from hotline.registry.forms import URGENCIES
from hotline.registry.model import BadForm
from hotline.web.access import CalendarStaff, SupervisorOnly
from hotline.web.errors import BadInput, Conflict, NotFound
from hotline.web.listing import Listing, listing_of
from hotline.web.names import names_of
from hotline.web.page import Page, PageOf
from hotline.web.pages_cases import CaseNumber
from hotline.web.pages_work_calendar import show_calendar
from hotline.web.web import Web, WebOf

router = APIRouter()

BIGGEST_FILE = 5_000_000
SHOWN_FAULTS = 100
_Text = Annotated[str, Field(max_length=2000)]
_DONE = frozenset({"saved", "removed", "calendar"})


class LimitForm(BaseModel):
    """A row as it was typed; ``version`` 0 for a new one."""

    standard: _Text = ""
    class_key: _Text = ""
    condition: _Text = ""
    condition_text: _Text = ""
    urgency: _Text = ""
    kind: _Text = ""
    limit: _Text = ""
    version: int = 0
    why: _Text = ""


class RemovalForm(BaseModel):
    """Which version of a row is removed, and why."""

    version: int
    why: _Text = ""


@dataclass(frozen=True, slots=True)
class ShownLimit:
    """A row with its class's name, its limit in the page's language, and when it would end."""

    row: TimeLimit
    name: str
    limit: str
    due: float


@router.get("/limits")
async def limits_page(
    request: Request, web: WebOf, page: PageOf, viewer: CalendarStaff
) -> Response:
    """The table, or the working calendar."""
    done = request.query_params.get("done", "")
    if request.query_params.get("view") == "calendar":
        return await show_calendar(web, page, done=done if done in _DONE else "")
    return await _table(web, page, request, done=done if done in _DONE else "")


@router.get("/limits/preview")
async def preview(
    web: WebOf,
    page: PageOf,
    viewer: CalendarStaff,
    limit: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """When a limit would end that begins now, as a part of the page."""
    fault, due = "", None
    try:
        due = web.parts.room.clocks.due_if_begun(limit, web.parts.clock.now()) if limit else None
    except BadLimit as error:
        fault = page.t(f"error.field.{error.key}")
    return page.render("limits/preview.html", due=due, fault=fault)


@router.get("/limits/export")
async def export(web: WebOf, viewer: CalendarStaff) -> Response:
    """The whole table as CSV."""
    # Excel takes a file for UTF-8 only when it begins with this.
    text = "\ufeff" + web.parts.room.clocks.limits.export_csv()
    return Response(
        text.encode(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="time-limits.csv"'},
    )


@router.post("/limits")
async def save(
    request: Request,
    web: WebOf,
    page: PageOf,
    viewer: CalendarStaff,
    form: Annotated[LimitForm, Form()],
) -> Response:
    """Add or change a row."""
    typed = {name: getattr(form, name).strip() for name in COLUMNS}
    try:
        row = await web.parts.room.clocks.limits.save(
            TimeLimit(**typed, limit_id=0, version=form.version), viewer, form.why
        )
    except BadForm as fault:
        return await _table(web, page, request, fault=fault, given=form.model_dump())
    except LimitConflict as conflict:
        raise Conflict("limit_changed") from conflict
    return RedirectResponse(f"/limits?row={row.limit_id}&done=saved", status_code=303)


@router.post("/limits/{limit_id}/remove")
async def remove(
    request: Request,
    web: WebOf,
    page: PageOf,
    viewer: CalendarStaff,
    *,
    limit_id: int,
    form: Annotated[RemovalForm, Form()],
) -> Response:
    """Take a row away; its history stays."""
    book = web.parts.room.clocks.limits
    try:
        row = book.get(limit_id)
        await book.remove(limit_id, form.version, viewer, form.why)
    except BadForm as fault:
        given = _given(row) | {"why": form.why}
        return await _table(web, page, request, fault=fault, given=given, opened=row)
    except LimitConflict as conflict:
        raise Conflict("limit_changed") from conflict
    except NoSuchLimit as error:
        raise NotFound("no_such_limit") from error
    return RedirectResponse("/limits?done=removed", status_code=303)


@router.post("/limits/import")
async def take_in(request: Request, web: WebOf, page: PageOf, viewer: CalendarStaff) -> Response:
    """Take in a file as a whole, or tell what is wrong with each row."""
    # Not parameters: the file would be read before it is known whose it is.
    sent = await request.form()
    given, why = sent.get("file"), str(sent.get("why") or "")
    if not isinstance(given, UploadFile) or not given.size:
        raise BadInput({"file": "required"})
    try:
        added, changed = await _import(web, given, viewer, why)
    except BadTable as fault:
        return await _table(web, page, request, faults=fault.faults)
    return await _table(web, page, request, done="imported", counts=(added, changed))


@router.post("/cases/{number}/published")
async def published(web: WebOf, viewer: SupervisorOnly, number: CaseNumber) -> Response:
    """Note that a case's result was made public (公示)."""
    await web.parts.room.clocks.published(number, viewer)
    return RedirectResponse(f"/cases/{number}", status_code=303)


async def _import(web: Web, given: UploadFile, viewer: CalendarStaff, why: str) -> tuple[int, int]:
    if (given.size or 0) > BIGGEST_FILE:
        raise BadTable([RowFault(0, "", "limit_big")])
    try:
        text = (await given.read()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadTable([RowFault(0, "", "limit_encoding")]) from error
    return await web.parts.room.clocks.limits.import_csv(text, viewer, why)


# --- the table ------------------------------------------------------------------------------


async def _table(
    web: Web,
    page: Page,
    request: Request,
    *,
    fault: BadForm | None = None,
    given: Mapping[str, Any] | None = None,
    opened: TimeLimit | None = None,
    faults: Sequence[RowFault] = (),
    done: str = "",
    counts: tuple[int, int] = (0, 0),
) -> Response:
    clocks, now = web.parts.room.clocks, web.parts.clock.now()
    listing = listing_of(request, sortable=(), default="class")
    rows = _fitting(web, request.query_params.get("q", ""), request.query_params.get("kind", ""))
    listing = _within(listing, len(rows))
    shown = rows[listing.offset : listing.offset + listing.page_size]
    opened = opened or _opened(web, request)
    errors = fault.faults if fault else {}
    return page.render(
        "limits/limits.html",
        status=422 if fault or faults else 200,
        view="table",
        listing=listing,
        rows=[
            ShownLimit(
                row,
                _class_name(web, row),
                read_limit(row.limit).text(page.language),
                clocks.due_if_begun(row.limit, now),
            )
            for row in shown
        ],
        opened=opened,
        opened_name=_class_name(web, opened) if opened else "",
        history=await clocks.limits.history(opened.limit_id) if opened else [],
        given=given or (_given(opened) if opened else _new(request, web)),
        due=clocks.due_if_begun(opened.limit, now) if opened and not fault else None,
        errors={name: page.t(f"error.field.{key}") for name, key in errors.items()},
        faults=faults[:SHOWN_FAULTS],
        faults_in_all=len(faults),
        counts=counts,
        kinds=KINDS,
        urgencies=URGENCIES,
        names=await names_of(web.parts.database),
        why_length=WHY_LENGTH,
        done=done,
    )


def _fitting(web: Web, words: str, kind: str) -> list[TimeLimit]:
    """The rows that the filters ask for: by class (as the taxonomy finds it) or by their own
    words."""
    rows = [row for row in web.parts.room.clocks.limits.table.rows if kind in ("", row.kind)]
    wanted = words.strip()
    if not wanted:
        return rows
    classes = {category.key for category in web.parts.room.taxonomy.search(wanted, 200)}
    return [
        row
        for row in rows
        if row.class_key in classes
        or wanted in row.class_key
        or wanted in row.condition_text
        or wanted in row.limit
    ]


def _within(listing: Listing, total: int) -> Listing:
    listing = replace(listing, total=total)
    return replace(listing, page=min(listing.page, listing.pages))


def _opened(web: Web, request: Request) -> TimeLimit | None:
    asked = request.query_params.get("row", "")
    if not asked.isdecimal() or len(asked) > 9:
        return None
    try:
        return web.parts.room.clocks.limits.get(int(asked))
    except NoSuchLimit as error:
        raise NotFound("no_such_limit") from error


def _class_name(web: Web, row: TimeLimit) -> str:
    found = web.parts.room.taxonomy.find(row.standard, row.class_key) if row.class_key else None
    return found.name if found else row.class_key


def _given(row: TimeLimit) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in COLUMNS}
    return values | {"version": row.version, "why": ""}


def _new(request: Request, web: Web) -> dict[str, Any]:
    form = LimitForm(standard=web.parts.room.taxonomy.standard, kind="handle")
    return form.model_dump()
