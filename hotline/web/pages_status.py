"""How a citizen's case is doing: asked without a login, by its number and the last four digits of
the telephone that was left with it."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from hotline.registry.model import Progress
from hotline.registry.progress import AskedTooOften
from hotline.web.access import Anyone
from hotline.web.errors import TooOften
from hotline.web.lifeline import arrivals, line_of
from hotline.web.page import Page, PageOf
from hotline.web.web import Web, WebOf

router = APIRouter()

_NUMBER = re.compile(r"\d{9,20}")
_LAST_FOUR = re.compile(r"\d{4}")


class Query(BaseModel):
    """What the form sends."""

    number: str = Field("", max_length=40)
    last_four: str = Field("", max_length=20)


@router.get("/status")
async def status_page(page: PageOf, viewer: Anyone) -> HTMLResponse:
    """The form."""
    return _answer(page, Query(), {})


@router.post("/status")
async def status(
    request: Request, web: WebOf, page: PageOf, viewer: Anyone, query: Annotated[Query, Form()]
) -> HTMLResponse:
    """The case's progress. A number that is none and digits that do not fit are answered alike."""
    number, last_four = _digits(query.number), _digits(query.last_four)
    problems = {}
    if not _NUMBER.fullmatch(number):
        problems["number"] = page.t("status.bad_number")
    if not _LAST_FOUR.fullmatch(last_four):
        problems["last_four"] = page.t("status.bad_last_four")
    if problems:
        return _answer(page, query, problems, status=422)
    address = request.client.host if request.client else "unknown"
    try:
        found = await _ask(web, number, last_four, address)
    except TooOften as error:
        problems["form"] = page.t("status.too_often", **error.values)
        return _answer(page, query, problems, status=error.status)
    if found is None:
        problems["form"] = page.t("status.not_found")
        return _answer(page, query, problems, status=404)
    return await _progress(web, page, found)


async def _ask(web: Web, number: str, last_four: str, address: str) -> Progress | None:
    """The progress, None when the two do not fit. Raises :class:`TooOften`."""
    try:
        return await web.parts.room.progress.by_page(number, last_four, address)
    except AskedTooOften as error:
        raise TooOften(error.seconds) from error


async def _progress(web: Web, page: Page, found: Progress) -> HTMLResponse:
    records = await web.parts.cases.history(found.case_number)
    return page.render(
        "status/progress.html", case=found, life=line_of(found.state, arrivals(records))
    )


def _answer(
    page: Page, query: Query, problems: dict[str, str], *, status: int = 200
) -> HTMLResponse:
    return page.render("status/ask.html", status=status, query=query, problems=problems)


def _digits(typed: str) -> str:
    """As typed on any keyboard: full-width digits and spaces count as what they look like."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", typed))
