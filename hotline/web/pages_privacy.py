"""Citizens' data: found, handed out, minimised; how long what is kept; who looked at what."""

from __future__ import annotations

import asyncio
import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy import select
from starlette.background import BackgroundTask

from hotline.registry.privacy.erasing import NotANumber
from hotline.registry.privacy.model import Found, Kept, PrivacyRefused, What
from hotline.registry.privacy.retention import LONGEST_DAYS, SHORTEST_DAYS
from hotline.registry.privacy.service import HandOut
from hotline.storage.tables import RevealRow
from hotline.web.access import SupervisorOnly
from hotline.web.names import names_of
from hotline.web.page import Page, PageOf
from hotline.web.web import Web, WebOf

router = APIRouter()

_NEWEST = 50
_MOST_CASES_NAMED = 5
_VIEWS = ("citizen", "kept", "holds", "log")
_Text = Annotated[str, Field(max_length=20_000)]


class Asked(BaseModel):
    """Whose data, and why."""

    number: str = Field("", max_length=80)
    why: _Text = ""


class Rule(BaseModel):
    """How long something is kept; empty days: for ever."""

    kind: Kept
    days: str = Field("", max_length=10)
    why: _Text = ""


class Hold(BaseModel):
    """A case of which nothing may be taken out."""

    case_number: str = Field("", max_length=20)
    why: _Text = ""


@router.get("/privacy")
async def privacy_page(
    request: Request, web: WebOf, page: PageOf, viewer: SupervisorOnly
) -> HTMLResponse:
    """One of the views: a citizen, what is kept how long, holds, who looked at what."""
    view = request.query_params.get("view", "")
    done = request.query_params.get("done", "")
    return await _page(web, page, view, done=done if done in ("rule", "held", "lifted") else "")


@router.post("/privacy/find")
async def find(
    web: WebOf, page: PageOf, viewer: SupervisorOnly, asked: Annotated[Asked, Form()]
) -> HTMLResponse:
    """What there is of a citizen."""
    return await _of_citizen(web, page, viewer, asked, What.FOUND)


@router.post("/privacy/minimise")
async def minimise(
    web: WebOf, page: PageOf, viewer: SupervisorOnly, asked: Annotated[Asked, Form()]
) -> HTMLResponse:
    """Take number, name and voice out of everything."""
    return await _of_citizen(web, page, viewer, asked, What.MINIMISED)


@router.post("/privacy/hand-out")
async def hand_out(
    web: WebOf, page: PageOf, viewer: SupervisorOnly, asked: Annotated[Asked, Form()]
) -> Response:
    """Everything of the citizen's own as a ZIP: data as JSON, recordings, what they sent."""
    try:
        given = await web.parts.room.privacy.hand_out(asked.number, viewer, asked.why)
    except (PrivacyRefused, NotANumber) as refused:
        return await _page(web, page, "citizen", given=asked, errors=_errors(page, refused))
    file = await asyncio.to_thread(_packed, given, page.t("privacy.readme"))
    return FileResponse(
        file,
        media_type="application/zip",
        filename="citizen-data.zip",
        background=BackgroundTask(file.unlink, missing_ok=True),
    )


@router.post("/privacy/rules")
async def decide(
    web: WebOf, page: PageOf, viewer: SupervisorOnly, rule: Annotated[Rule, Form()]
) -> Response:
    """Keep something for another time from now on."""
    typed = rule.days.strip()
    try:
        if typed and not typed.isdecimal():
            raise PrivacyRefused("privacy.bad_days")
        days = int(typed) if typed else None
        await web.parts.room.retention.decide(rule.kind, days, viewer, rule.why)
    except PrivacyRefused as refused:
        return await _page(web, page, "kept", given=rule, errors=_errors(page, refused))
    return _back("kept", "rule")


@router.post("/privacy/holds")
async def hold(
    web: WebOf, page: PageOf, viewer: SupervisorOnly, wanted: Annotated[Hold, Form()]
) -> Response:
    """Let nothing be taken out of a case."""
    try:
        await web.parts.room.privacy.hold(wanted.case_number.strip(), viewer, wanted.why)
    except PrivacyRefused as refused:
        return await _page(web, page, "holds", given=wanted, errors=_errors(page, refused))
    return _back("holds", "held")


@router.post("/privacy/holds/lift")
async def lift(
    web: WebOf, page: PageOf, viewer: SupervisorOnly, wanted: Annotated[Hold, Form()]
) -> Response:
    """End a hold."""
    try:
        await web.parts.room.privacy.lift(wanted.case_number.strip(), viewer, wanted.why)
    except PrivacyRefused as refused:
        return await _page(web, page, "holds", given=wanted, errors=_errors(page, refused))
    return _back("holds", "lifted")


async def _of_citizen(web: Web, page: Page, viewer: Any, asked: Asked, what: What) -> HTMLResponse:
    desk = web.parts.room.privacy
    do = desk.minimise if what is What.MINIMISED else desk.find
    try:
        found = await do(asked.number, viewer, asked.why)
    except (PrivacyRefused, NotANumber) as refused:
        return await _page(web, page, "citizen", given=asked, errors=_errors(page, refused))
    return await _page(web, page, "citizen", given=asked, found=found, what=what)


async def _page(
    web: Web,
    page: Page,
    view: str,
    *,
    done: str = "",
    given: BaseModel | None = None,
    errors: Mapping[str, str] | None = None,
    found: Found | None = None,
    what: str = "",
) -> HTMLResponse:
    room = web.parts.room
    shown = view if view in _VIEWS else _VIEWS[0]
    return page.render(
        "privacy/privacy.html",
        views=_VIEWS,
        view=shown,
        done=done,
        given=given.model_dump() if given else {},
        errors=errors or {},
        found=found,
        what=what,
        rules=await room.retention.rules() if shown == "kept" else {},
        shortest=SHORTEST_DAYS,
        longest=LONGEST_DAYS,
        holds=await room.privacy.holds() if shown == "holds" else (),
        requests=await room.privacy.requests(_NEWEST) if shown == "log" else (),
        reveals=await _reveals(web) if shown == "log" else (),
        names=await names_of(web.parts.database),
        status=422 if errors else 200,
    )


async def _reveals(web: Web) -> Sequence[RevealRow]:
    query = select(RevealRow).order_by(RevealRow.reveal_id.desc()).limit(_NEWEST)
    async with web.parts.database.session() as session:
        return (await session.scalars(query)).all()


def _errors(page: Page, refused: PrivacyRefused | NotANumber) -> dict[str, str]:
    if isinstance(refused, NotANumber):
        return {"number": page.t("privacy.no_number")}
    field = {"privacy.say_why": "why", "privacy.bad_days": "days"}.get(refused.key, "")
    field = field or ("case_number" if "held_already" in refused.key else "all")
    named = page.t("base.list_comma").join(refused.cases[:_MOST_CASES_NAMED])
    return {field: page.t(refused.key, cases=named, shortest=SHORTEST_DAYS, longest=LONGEST_DAYS)}


def _back(view: str, done: str) -> RedirectResponse:
    return RedirectResponse(f"/privacy?view={view}&done={done}", status_code=303)


def _packed(given: HandOut, readme: str) -> Path:
    """The ZIP, in a file that only this user can read."""
    with (
        tempfile.NamedTemporaryFile(suffix=".zip", delete=False) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        packed.writestr("README.txt", readme)
        data = json.dumps(given.tables, ensure_ascii=False, indent=2, default=str)
        packed.writestr("data.json", data)
        for name, path in given.files.items():
            packed.write(path, name)
    return Path(file.name)
