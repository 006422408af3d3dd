"""Monthly bulletins: looked at, written as Excel and PDF, published, compared with a new count.

The libraries of both are imported by the first file: no start of the controller waits for them.
"""

# ruff: noqa: PLC0415

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from hotline.registry.judging.bulletin import Bulletin, differences
from hotline.registry.judging.model import Month
from hotline.registry.judging.presenting import (
    count_rows,
    in_language,
    ranked,
    rate_rows,
    time_rows,
)
from hotline.registry.judging.ranking import FEWEST
from hotline.registry.judging.service import WHY_LENGTH, NotOver, Publication, WhyNeeded
from hotline.web import judging_figures as figures
from hotline.web.access import AnalysisStaff, Role, SupervisorOnly
from hotline.web.errors import BadInput, Conflict, NotFound
from hotline.web.formats import moment
from hotline.web.names import names_of
from hotline.web.page import Page, PageOf
from hotline.web.pages_judging import desk_of, frame
from hotline.web.web import Web, WebOf

router = APIRouter()

MonthPath = Annotated[str, Path(max_length=7)]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/judging/bulletin/{month}.xlsx", response_class=Response, responses={
    200: {"content": {XLSX: {}}, "description": "The workbook."}})  # fmt: skip
async def as_workbook(
    web: WebOf, page: PageOf, viewer: AnalysisStaff, month: MonthPath
) -> Response:
    """The bulletin as an Excel workbook: as published, else as it counts now."""
    found, _ = await _shown(web, _month(month))

    def write() -> bytes:
        from hotline.registry.judging.workbook import workbook

        return workbook(found, desk_of(web).definitions, page.t, page.language)

    data = await _written(web, write)
    return _file(data, XLSX, f"12319-{found.month}.xlsx")


@router.get("/judging/bulletin/{month}.pdf", response_class=Response, responses={
    200: {"content": {"application/pdf": {}}, "description": "The document."}})  # fmt: skip
async def on_paper(web: WebOf, page: PageOf, viewer: AnalysisStaff, month: MonthPath) -> Response:
    """The bulletin as PDF: as published, else as it counts now."""
    found, kept = await _shown(web, _month(month))
    told = await _told(web, page, found, kept)

    def write() -> bytes:
        from hotline.registry.judging.paper import paper

        return paper(found, desk_of(web).definitions, page.t, page.language, told)

    data = await _written(web, write)
    return _file(data, "application/pdf", f"12319-{found.month}.pdf")


@router.get("/judging/bulletin/{month}")
async def bulletin_page(
    *,
    web: WebOf,
    page: PageOf,
    viewer: AnalysisStaff,
    month: MonthPath,
    compare: bool = False,
    done: Annotated[str, Query(max_length=16)] = "",
) -> HTMLResponse:
    """A month's bulletin, as published when it was; ``compare`` counts it once more."""
    desk, wanted = desk_of(web), _month(month)
    revisions = await desk.revisions(wanted)
    kept = revisions[0] if revisions else None
    now = web.parts.clock.now()
    found = kept.bulletin if kept else await desk.look(wanted, now)
    definitions = desk.definitions
    changed = None
    if kept and compare:
        again = await desk.look(wanted, now, anew=True)
        changed = [
            (in_language(definitions.count(name), page.language), *values)
            for name, values in differences(kept.bulletin, again).items()
        ]
    return page.render(
        "judging/bulletin.html",
        **frame(web, wanted, "bulletin"),
        found=found,
        kept=kept,
        revisions=revisions[1:],
        told=await _told(web, page, found, kept),
        names=await names_of(web.parts.database),
        changed=changed,
        rates=rate_rows(found, definitions, page.language),
        counts=count_rows(found, definitions, page.language),
        times=time_rows(found.total, definitions, page.language, found.working),
        definitions=definitions,
        orders={by: ranked(found, by, definitions) for by in ("unit", "street")},
        main=definitions.rate("closing_in_time"),
        others=[definitions.rate(name) for name in ("closing", "handling_in_time", "rework")],
        fewest=FEWEST,
        days=figures.days(found, page.t),
        week=figures.week(found.patterns, page.t),
        classes=figures.shares(found, "class", page.t),
        sources=figures.shares(found, "source", page.t),
        may_publish=viewer.role == Role.SUPERVISOR,
        why_length=WHY_LENGTH,
        done=done if done == "published" else "",
    )


@router.post("/judging/bulletin/{month}/publish")
async def publish(
    web: WebOf,
    viewer: SupervisorOnly,
    month: MonthPath,
    why: Annotated[str, Form(max_length=WHY_LENGTH)] = "",
) -> Response:
    """Publish a month that is over; a further time only with a reason."""
    desk, wanted = desk_of(web), _month(month)
    try:
        await desk.publish(wanted, viewer, web.parts.clock.now(), why)
    except NotOver:
        raise Conflict("judging.not_over") from None
    except WhyNeeded:
        raise BadInput({"why": "required"}) from None
    return RedirectResponse(f"/judging/bulletin/{wanted}?done=published", status_code=303)


async def _shown(web: Web, month: Month) -> tuple[Bulletin, Publication | None]:
    desk = desk_of(web)
    kept = await desk.published(month)
    if kept:
        return kept.bulletin, kept
    return await desk.look(month, web.parts.clock.now()), None


async def _told(web: Web, page: Page, found: Bulletin, kept: Publication | None) -> str:
    zone = desk_of(web).zone
    if kept is None:
        return page.t("judging.counted_at", at=moment(found.counted_at, zone))
    names = await names_of(web.parts.database)
    by = names.get(kept.by, kept.by)
    at = moment(kept.at, zone)
    return page.t("judging.published_at", revision=kept.revision, at=at, by=by)


async def _written(web: Web, write: Callable[[], bytes]) -> bytes:
    # One at a time, and never on the loop: calls have the processor first.
    async with web.drawing:
        return await asyncio.to_thread(write)


def _file(data: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=kind, headers=headers)


def _month(text: str) -> Month:
    """The month of an address. Raises :class:`NotFound`."""
    try:
        return Month.read(text)
    except ValueError:
        raise NotFound("not_found") from None
