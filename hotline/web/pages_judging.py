"""Judging: what a month amounts to, who does how well, when and where cases come up."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from hotline.registry.judging.asking import read_period
from hotline.registry.judging.counting import DIMENSIONS, TOTAL
from hotline.registry.judging.model import Line, Month
from hotline.registry.judging.presenting import (
    count_rows,
    in_language,
    ranked,
    rate_rows,
    time_rows,
)
from hotline.registry.judging.ranking import FEWEST, RANKED_BY
from hotline.registry.judging.rates import percent, points, rate_of, rates_of
from hotline.registry.judging.service import JudgingDesk
from hotline.web import judging_figures as figures
from hotline.web.access import AnalysisStaff
from hotline.web.errors import BadInput, NotFound
from hotline.web.page import PageOf
from hotline.web.web import Web, WebOf

router = APIRouter()

MonthWanted = Annotated[str, Query(alias="month", max_length=7)]
RANKED_DIMENSIONS = ("unit", "street")
TABS = (
    ("overview", "/judging"),
    ("rankings", "/judging/rankings"),
    ("patterns", "/judging/patterns"),
    ("themes", "/judging/themes"),
)


class JudgedRate(BaseModel):
    """A rate with what it is made of; ``value`` None is unknown."""

    id: str
    numerator: int | None
    denominator: int | None
    value: float | None
    percent: str | None
    in_use: bool


class JudgedLine(BaseModel):
    """What one unit, street, district, class or source amounts to."""

    key: str
    name: str
    counts: dict[str, int]
    rates: list[JudgedRate]
    mean_seconds: dict[str, float | None]


class JudgedPeriod(BaseModel):
    """A period, counted."""

    by: str
    lines: list[JudgedLine]


@router.get("/judging")
async def overview(
    web: WebOf, page: PageOf, viewer: AnalysisStaff, month: MonthWanted = ""
) -> HTMLResponse:
    """The rates of a month with their counts, beside the month before and the year before."""
    chosen = month_of(web, month)
    found = await desk_of(web).look(chosen, web.parts.clock.now())
    definitions = desk_of(web).definitions
    return page.render(
        "judging/overview.html",
        **frame(web, chosen, "overview"),
        found=found,
        rates=rate_rows(found, definitions, page.language),
        counts=count_rows(found, definitions, page.language),
        times=time_rows(found.total, definitions, page.language, found.working),
        definitions=definitions,
        days=figures.days(found, page.t),
        sources=figures.shares(found, "source", page.t),
        classes=figures.shares(found, "class", page.t),
    )


@router.get("/judging/rankings")
async def rankings(
    *,
    web: WebOf,
    page: PageOf,
    viewer: AnalysisStaff,
    month: MonthWanted = "",
    by: Annotated[str, Query(max_length=16)] = "unit",
    rate: Annotated[str, Query(max_length=32)] = RANKED_BY[0],
) -> HTMLResponse:
    """The units or streets of a month in order of one rate."""
    chosen = month_of(web, month)
    if by not in RANKED_DIMENSIONS or rate not in RANKED_BY:
        raise NotFound("not_found")
    desk = desk_of(web)
    found = await desk.look(chosen, web.parts.clock.now())
    definitions = desk.definitions
    order = ranked(found, by, definitions, rate)
    name = in_language(definitions.rate(rate), page.language)
    return page.render(
        "judging/rankings.html",
        **frame(web, chosen, "rankings"),
        found=found,
        by=by,
        rate=rate,
        order=order,
        figure=figures.standing(order, by, name, page.t),
        rate_name=name,
        choices=[(each, in_language(definitions.rate(each), page.language)) for each in RANKED_BY],
        others=[definitions.rate(each) for each in RANKED_BY if each != rate],
        dimensions=RANKED_DIMENSIONS,
        fewest=FEWEST,
    )


@router.get("/judging/patterns")
async def patterns(
    web: WebOf, page: PageOf, viewer: AnalysisStaff, month: MonthWanted = ""
) -> HTMLResponse:
    """When and where the cases of twelve months came up."""
    chosen = month_of(web, month)
    found = await desk_of(web).patterns(chosen.plus(-11), chosen)
    return page.render(
        "judging/patterns.html",
        **frame(web, chosen, "patterns"),
        found=found,
        week=figures.week(found, page.t),
        months=figures.months(found, page.t),
        seasons=("spring", "summer", "autumn", "winter"),
    )


@router.get("/api/judging")
async def judged_period(
    web: WebOf,
    viewer: AnalysisStaff,
    first: Annotated[str, Query(alias="from", max_length=10)],
    last: Annotated[str, Query(alias="to", max_length=10)],
    by: Annotated[str, Query(max_length=16)] = TOTAL,
) -> JudgedPeriod:
    """Any period, from the first day to the last, in all or by one dimension."""
    desk = desk_of(web)
    try:
        period = read_period(first, last, desk.zone)
    except (ValueError, OverflowError):
        raise BadInput({"from": "wrong"}) from None
    if by not in (TOTAL, *DIMENSIONS):
        raise BadInput({"by": "choice"})
    lines = await desk.lines(period, by)
    return JudgedPeriod(by=by, lines=[_line(desk, line) for line in lines])


def _line(desk: JudgingDesk, line: Line) -> JudgedLine:
    rates = [
        JudgedRate(
            id=rate.definition.id,
            numerator=rate.numerator,
            denominator=rate.denominator,
            value=None if rate.value is None else float(rate.value),
            percent=None if rate.value is None else percent(rate.value),
            in_use=rate.definition.in_use,
        )
        for rate in rates_of(desk.definitions, line.counts)
    ]
    return JudgedLine(
        key=line.key,
        name=line.name,
        counts=dict(line.counts),
        rates=rates,
        mean_seconds={name: time.mean for name, time in line.times.items()},
    )


def desk_of(web: Web) -> JudgingDesk:
    """The judging desk."""
    return web.parts.room.judging


def month_of(web: Web, text: str) -> Month:
    """The month that is asked for, else the present one. Raises :class:`BadInput`."""
    if not text:
        return Month.at(web.parts.clock.now(), desk_of(web).zone)
    try:
        return Month.read(text)
    except ValueError:
        raise BadInput({"month": "wrong"}) from None


def frame(web: Web, month: Month, tab: str) -> dict[str, Any]:
    """What every judging page shows around its own part."""
    now = web.parts.clock.now()
    return {
        "month": str(month),
        "earlier": str(month.plus(-1)),
        "later": str(month.plus(1)),
        "over": month.period(desk_of(web).zone).until <= now,
        "tab": tab,
        "tabs": TABS,
        "percent_of": percent,
        "points_of": points,
        "rate_of": rate_of,
        "named": named,
    }


def named(language: str, thing: Any) -> str:
    """What a definition is called."""
    return in_language(thing, language)
