"""Reports on a theme: some cases, some months, and what somebody made of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from hotline.registry.judging.presenting import busiest, time_rows
from hotline.registry.judging.rates import growth, percent, points, rates_of
from hotline.registry.judging.service import NoSuchTheme
from hotline.registry.judging.themes import (
    TEXT_LENGTH,
    TITLE_LENGTH,
    WORD_LENGTH,
    BadTheme,
    read_theme,
)
from hotline.registry.model import SOURCES
from hotline.web import judging_figures as figures
from hotline.web.access import AnalysisStaff
from hotline.web.errors import NotFound
from hotline.web.names import names_of
from hotline.web.page import Page, PageOf
from hotline.web.pages_judging import desk_of, frame, month_of
from hotline.web.web import Web, WebOf

router = APIRouter()

ThemeId = Annotated[int, Path(ge=1, le=2**31 - 1)]
_DONE = frozenset({"kept", "dropped"})


class ThemeForm(BaseModel):
    """A theme as it was typed; ``first`` and ``last`` are months."""

    title: str = Field("", max_length=TITLE_LENGTH)
    category: str = Field("", max_length=WORD_LENGTH)
    street: str = Field("", max_length=WORD_LENGTH)
    unit: str = Field("", max_length=WORD_LENGTH)
    source: str = Field("", max_length=WORD_LENGTH)
    first: str = Field("", max_length=7)
    last: str = Field("", max_length=7)
    text: str = Field("", max_length=TEXT_LENGTH)


@router.get("/judging/themes")
async def theme_list(
    web: WebOf,
    page: PageOf,
    viewer: AnalysisStaff,
    done: Annotated[str, Query(max_length=16)] = "",
) -> HTMLResponse:
    """The reports that were kept, and the form of a new one."""
    month = str(month_of(web, ""))
    form = ThemeForm(first=month, last=month)
    return await _list(web, page, form, {}, done=done if done in _DONE else "")


@router.post("/judging/themes")
async def keep_theme(
    web: WebOf, page: PageOf, viewer: AnalysisStaff, form: Annotated[ThemeForm, Form()]
) -> Response:
    """Keep a report."""
    try:
        theme = await desk_of(web).keep_theme(read_theme(form.model_dump()), viewer)
    except BadTheme as bad:
        return await _list(web, page, form, bad.faults, status=422)
    return RedirectResponse(f"/judging/themes/{theme.theme_id}?done=kept", status_code=303)


@router.get("/judging/themes/{theme_id}")
async def theme_page(
    *,
    web: WebOf,
    page: PageOf,
    viewer: AnalysisStaff,
    theme_id: ThemeId,
    done: Annotated[str, Query(max_length=16)] = "",
) -> HTMLResponse:
    """A report with its numbers as they are now."""
    desk = desk_of(web)
    try:
        report = await desk.theme_report(theme_id)
    except NoSuchTheme:
        raise NotFound("not_found") from None
    now, before = report.total.counts, report.before.counts
    rates = [rate for rate in rates_of(desk.definitions, now) if rate.definition.in_use]
    earlier = {rate.definition.id: rate for rate in rates_of(desk.definitions, before)}
    return page.render(
        "judging/theme.html",
        **frame(web, report.theme.last, "themes"),
        theme=report.theme,
        report=report,
        rates=[(rate, points(rate.value, earlier[rate.definition.id].value)) for rate in rates],
        reported=(now["report"], before["report"], growth(now["report"], before["report"])),
        times=time_rows(report.total, desk.definitions, page.language),
        lines={by: busiest(report.by[by], 10) for by in ("street", "unit", "class")},
        week=figures.week(report.patterns, page.t),
        months=figures.months(report.patterns, page.t),
        percent=percent,
        names=await names_of(web.parts.database),
        done=done if done in _DONE else "",
    )


@router.post("/judging/themes/{theme_id}/drop")
async def drop_theme(web: WebOf, viewer: AnalysisStaff, theme_id: ThemeId) -> Response:
    """Take a report away; the journal keeps it."""
    try:
        await desk_of(web).drop_theme(theme_id, viewer)
    except NoSuchTheme:
        raise NotFound("not_found") from None
    return RedirectResponse("/judging/themes?done=dropped", status_code=303)


async def _list(
    web: Web,
    page: Page,
    form: ThemeForm,
    faults: dict[str, str],
    *,
    status: int = 200,
    done: str = "",
) -> HTMLResponse:
    return page.render(
        "judging/themes.html",
        status=status,
        **frame(web, month_of(web, ""), "themes"),
        themes=await desk_of(web).themes(),
        form=form,
        faults={name: page.t(f"judging.fault.{key}") for name, key in faults.items()},
        sources=SOURCES,
        streets=await desk_of(web).streets(),
        names=await names_of(web.parts.database),
        done=done,
        text_length=TEXT_LENGTH,
        word_length=WORD_LENGTH,
        title_length=TITLE_LENGTH,
    )
