"""Files of tickets: checked row by row, given back marked, taken in whole."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel
from starlette.datastructures import UploadFile

from hotline.registry.exchange.importing import NoSuchImport, Progress, Verdict
from hotline.registry.exchange.model import NoSuchPeer, Peer
from hotline.registry.exchange.sheet import MOST_BYTES, BadSheet
from hotline.web.access import ExchangeStaff
from hotline.web.errors import BadInput, Conflict, NotFound
from hotline.web.names import names_of
from hotline.web.page import Page, PageOf
from hotline.web.web import Web, WebOf

router = APIRouter()

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ImportId = Annotated[int, Path(ge=1, le=2**31 - 1)]
Token = Annotated[str, Path(max_length=64)]
_KEPT = 8
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that was checked and waits for what its bringer decides."""

    token: str
    user_id: str
    peer: Peer
    name: str
    verdict: Verdict


class Shelf:
    """The last files that were checked: one for each person, and few in all."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Checked] = OrderedDict()

    def put(self, user_id: str, peer: Peer, name: str, verdict: Verdict) -> Checked:
        """Keep a file in the place of the same person's former one."""
        checked = Checked(secrets.token_urlsafe(12), user_id, peer, name, verdict)
        self._kept.pop(user_id, None)
        self._kept[user_id] = checked
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return checked

    def get(self, token: str, user_id: str) -> Checked:
        """The file that ``user_id`` brought. Raises :class:`NotFound`."""
        checked = self._kept.get(user_id)
        if checked is None or not secrets.compare_digest(checked.token.encode(), token.encode()):
            raise NotFound("no_such_import")
        return checked

    def drop(self, user_id: str) -> None:
        """Let a file go."""
        self._kept.pop(user_id, None)


class ImportProgress(BaseModel):
    """How far a file is taken in: ``opened`` new cases and ``known`` ones of ``total``."""

    import_id: int
    state: Literal["running", "done", "stopped"]
    total: int
    opened: int
    known: int
    fault: str


@router.get("/exchange/import", response_class=HTMLResponse)
async def import_page(
    request: Request, web: WebOf, page: PageOf, viewer: ExchangeStaff
) -> Response:
    """Choose a file; the last imports, and how far they are."""
    return await _page(web, page)


@router.post("/exchange/import", response_class=HTMLResponse)
async def check(request: Request, web: WebOf, page: PageOf, viewer: ExchangeStaff) -> Response:
    """Check a file and say what is wrong in which row; nothing is kept of it."""
    form = await request.form()
    given, peer_id = form.get("file"), form.get("peer")
    if not isinstance(given, UploadFile) or not given.size:
        raise BadInput({"file": "required"})
    peer = _peer(web, peer_id if isinstance(peer_id, str) else "")
    if given.size > MOST_BYTES:
        return await _page(web, page, peer=peer, bad=BadSheet("too_large", most=MOST_BYTES >> 20))
    name = (given.filename or "")[-200:]
    try:
        verdict = await web.parts.room.exchange.importer.check(peer, name, await given.read())
    except BadSheet as bad:
        return await _page(web, page, peer=peer, bad=bad)
    checked = _shelf(request).put(viewer.user_id, peer, name, verdict)
    return await _page(web, page, peer=peer, checked=checked)


@router.post("/exchange/import/{token}/begin", status_code=303)
async def begin(request: Request, web: WebOf, viewer: ExchangeStaff, token: Token) -> Response:
    """Take a checked file in."""
    checked = _shelf(request).get(token, viewer.user_id)
    importer = web.parts.room.exchange.importer
    if checked.verdict.faults:
        raise Conflict("import_has_faults")
    _shelf(request).drop(viewer.user_id)
    await importer.begin(checked.peer, checked.name, checked.verdict, viewer.user_id)
    return RedirectResponse("/exchange/import", status_code=303)


@router.get(
    "/exchange/import/{token}/faults.xlsx",
    response_class=Response,
    responses={200: {"content": {XLSX: {}}, "description": "The file with its faults marked."}},
)
async def faults(request: Request, page: PageOf, viewer: ExchangeStaff, token: Token) -> Response:
    """The checked file with what is wrong beside each row."""
    checked = _shelf(request).get(token, viewer.user_id)
    headers = (page.t("exchange.column_fault"), page.t("exchange.column_row"))

    def write() -> bytes:
        # Imported by the first file: no start of the controller waits for it.
        from hotline.registry.exchange.marking import marked  # noqa: PLC0415

        found = checked.verdict
        return marked(found.sheet, found.faults, headers, lambda key: _say(page, key))

    content = await asyncio.to_thread(write)
    disposition = 'attachment; filename="faults.xlsx"'
    return Response(content, media_type=XLSX, headers={"Content-Disposition": disposition})


@router.post("/exchange/imports/{import_id}/resume", status_code=303)
async def resume(web: WebOf, viewer: ExchangeStaff, import_id: ImportId) -> Response:
    """Go on with an import that stopped."""
    try:
        await web.parts.room.exchange.importer.resume(import_id)
    except NoSuchImport as error:
        raise NotFound("no_such_import") from error
    return RedirectResponse("/exchange/import", status_code=303)


@router.get("/api/exchange/imports/{import_id}", response_model=ImportProgress)
async def progress(web: WebOf, viewer: ExchangeStaff, import_id: ImportId) -> Progress:
    """How far an import is."""
    try:
        return await web.parts.room.exchange.importer.progress(import_id)
    except NoSuchImport as error:
        raise NotFound("no_such_import") from error


async def _page(
    web: Web,
    page: Page,
    *,
    peer: Peer | None = None,
    bad: BadSheet | None = None,
    checked: Checked | None = None,
) -> HTMLResponse:
    found = checked.verdict.faults if checked else ()
    room = web.parts.room.exchange
    return page.render(
        "exchange/import.html",
        status=422 if bad or found else 200,
        peers=[(one.peer_id, one.name) for one in room.peers.peers.values()],
        peer=peer,
        bad=page.t(f"exchange.sheet.{bad.key}", **bad.values) if bad else "",
        checked=checked,
        faults=found[:_SHOWN],
        hidden=max(0, len(found) - _SHOWN),
        recent=await room.importer.recent(),
        names=await names_of(web.parts.database),
    )


def _say(page: Page, key: str) -> str:
    return f"{page.t(f'error.field.{key}')}。{page.t(f'exchange.mend.{key}')}"


def _shelf(request: Request) -> Shelf:
    state = request.app.state
    if not hasattr(state, "import_shelf"):
        state.import_shelf = Shelf()
    shelf: Shelf = state.import_shelf
    return shelf


def _peer(web: Web, peer_id: str) -> Peer:
    try:
        return web.parts.room.exchange.peers.get(peer_id)
    except NoSuchPeer as error:
        raise BadInput({"peer": "required"}) from error
