"""What anybody may see: the units' results of published months, and open data.

Only published bulletins are shown, and of a unit only a name that is in the city's list.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from hotline.registry.judging.bulletin import Bulletin
from hotline.registry.judging.model import Line, Month
from hotline.registry.judging.open_data import DICTIONARY, LICENCE, OpenData
from hotline.registry.judging.ranking import FEWEST, rank
from hotline.registry.judging.rates import percent, rate_of
from hotline.registry.judging.service import Publication
from hotline.web.access import Anyone
from hotline.web.errors import NotFound, TooOften
from hotline.web.page import PageOf
from hotline.web.pages_judging import desk_of
from hotline.web.web import Web, WebOf

router = APIRouter()

MonthPath = Annotated[str, Path(max_length=7)]
FRESH_S = 300
_BAR = 26
_CSV, _JSON = "text/csv; charset=utf-8", "application/json"
_ANYWHERE = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
ROBOTS = "User-agent: *\nAllow: /public\nDisallow: /\n"


@router.get("/robots.txt", response_class=PlainTextResponse)
async def robots(viewer: Anyone) -> PlainTextResponse:
    """What search engines may read: the public's pages."""
    return PlainTextResponse(ROBOTS, headers={"Cache-Control": "public, max-age=86400"})


@router.get("/public")
async def months(request: Request, web: WebOf, page: PageOf, viewer: Anyone) -> HTMLResponse:
    """The months that were published."""
    _spend(web, request)
    found = await desk_of(web).published_months()
    return page.render("public/months.html", months=[str(month) for month in found])


# Before the page of a month: the address of a file fits that too.
@router.get("/public/data/{month}.csv", response_class=Response, responses={
    200: {"content": {"text/csv": {}}, "description": "One case a line."}})  # fmt: skip
async def data_as_csv(request: Request, web: WebOf, viewer: Anyone, month: MonthPath) -> Response:
    """The open data of a published month for a spreadsheet."""
    return await _data(web, request, month, (OpenData.as_csv, _CSV, "csv"))


@router.get("/public/data/{month}.json", response_class=Response, responses={
    200: {"content": {_JSON: {}}, "description": "The cases and the dictionary."}})  # fmt: skip
async def data_as_json(request: Request, web: WebOf, viewer: Anyone, month: MonthPath) -> Response:
    """The open data of a published month for programs."""
    return await _data(web, request, month, (OpenData.as_json, _JSON, "json"))


@router.get("/public/{month}")
async def results(
    request: Request, web: WebOf, page: PageOf, viewer: Anyone, month: MonthPath
) -> Response:
    """The units' results of a published month."""
    _spend(web, request)
    kept = await desk_of(web).published(_month(month))
    if kept is None:
        raise NotFound("not_found")
    tag = f'"{kept.bulletin.month}-{kept.revision}-{page.language}"'
    headers = {"ETag": tag, "Vary": "Cookie, Accept-Language"}
    # Who is logged in gets a page of their own, with their token in it.
    if viewer is None:
        headers["Cache-Control"] = f"private, max-age={FRESH_S}"
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
    return page.render("public/month.html", headers=headers, **_shown(web, kept))


def _shown(web: Web, kept: Publication) -> dict[str, Any]:
    definitions = desk_of(web).definitions
    rates = [definitions.rate(name) for name in ("closing_in_time", "closing", "rework")]
    lines = units_of(kept.bulletin)
    order = rank(lines, rates[0])
    bars = [each for each in order if each.place is not None]
    return {
        "month": str(kept.bulletin.month),
        "kept": kept,
        "order": order,
        "city": kept.bulletin.total,
        "rates": rates,
        "rate_of": rate_of,
        "percent_of": percent,
        "bars": [(each, n * _BAR) for n, each in enumerate(bars)],
        "height": len(bars) * _BAR,
        "fewest": FEWEST,
        "licence": LICENCE,
        "dictionary": DICTIONARY,
    }


def units_of(found: Bulletin) -> tuple[Line, ...]:
    """The units under their listed names; all others, whose names somebody typed, in one."""
    listed = [line for line in found.by["unit"] if line.listed]
    others: Counter[str] = Counter()
    for line in found.by["unit"]:
        if not line.listed:
            others.update(line.counts)
    rest = [Line("", "", dict(others))] if any(others.values()) else []
    return (*listed, *rest)


async def _data(
    web: Web, request: Request, text: str, form: tuple[Callable[[OpenData], str], str, str]
) -> Response:
    _spend(web, request)
    month = _month(text)
    write, kind, ending = form
    found = await desk_of(web).published_data(month)
    if found is None:
        raise NotFound("not_found")
    data, revision = found
    tag = f'"{month}-{revision}-{ending}"'
    headers = {"ETag": tag, "Cache-Control": f"public, max-age={FRESH_S}", **_ANYWHERE}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = f'attachment; filename="12319-{month}.{ending}"'
    async with web.drawing:
        body = await asyncio.to_thread(lambda: write(data).encode())
    return Response(body, media_type=kind, headers=headers)


def _spend(web: Web, request: Request) -> None:
    """Count one look from this address. Raises :class:`TooOften`."""
    address = request.client.host if request.client else "unknown"
    now = web.parts.clock.now()
    wait = web.public_looks.wait(address, now)
    if wait > 0:
        raise TooOften(wait)
    web.public_looks.use(address, now)


def _month(text: str) -> Month:
    try:
        return Month.read(text)
    except ValueError:
        raise NotFound("not_found") from None
