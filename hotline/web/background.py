"""What stands behind a call on offer: the way through the menus and the words said, what is noted
of the number, and who may be the same person. Asked for once the pop is painted, which it never
delays.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response
from pydantic import BaseModel, Field

from hotline import events
from hotline.callers.alike import Alike, AlikeFinder
from hotline.callers.notes import LONGEST, CallerNotes, NoNumber
from hotline.cti.views import Pop
from hotline.ivr.library import FlowLibrary
from hotline.masking import mask_name, mask_number
from hotline.storage.lookups import Lookups
from hotline.web.access import AgentOnly, Viewer
from hotline.web.errors import BadInput, Conflict, NotFound
from hotline.web.names import names_of
from hotline.web.page import Page, PageOf
from hotline.web.ports import Record
from hotline.web.web import RowId, Web, WebOf

router = APIRouter()

CallId = Annotated[str, Path(max_length=64)]
_RECORDS = 300
# Steps that a caller chooses in or leaves something at; the others only lead there, and that they
# wait is told by the queue.
_STATIONS = frozenset({"menu", "digits", "listen", "report", "lookup", "transfer"})


class StepView(BaseModel):
    """A station of the caller's way, in words."""

    at: float
    text: str


class SaidView(BaseModel):
    """A spoken report of the call: its text, empty while it has none, and why that is."""

    report_id: str
    at: float
    text: str
    state: str


class MaybeView(BaseModel):
    """Another number that may be the same person's; ``why`` is what speaks for it, in words."""

    phone: str
    name: str
    address: str
    case_number: str
    why: str
    at: float


class NoteView(BaseModel):
    """A note about the number; ``yours``: this agent wrote it."""

    note_id: int
    text: str
    by: str
    at: float
    yours: bool


class BackgroundView(BaseModel):
    """What stands behind a call. ``place`` is where the number's newest case is, empty for
    unknown."""

    path: list[StepView]
    said: list[SaidView]
    place: str
    maybe: list[MaybeView]
    notes: list[NoteView]


class NewNote(BaseModel):
    """What the next agent should know."""

    text: str = Field(max_length=20_000)


@router.get("/api/calls/{call_id}/background")
async def background(
    web: WebOf, page: PageOf, viewer: AgentOnly, call_id: CallId
) -> BackgroundView:
    """What stands behind a call that was offered to this agent."""
    pop = await _own_pop(web, viewer, call_id)
    records = await web.parts.journal.read(limit=_RECORDS, call_id=call_id)
    reports = await Lookups(web.parts.database).reports_of(call_id)
    finder = AlikeFinder(web.parts.database, web.parts.config.hotline.area_code)
    return BackgroundView(
        path=list(told_path(records, web.parts.flows, page)),
        said=[
            SaidView(
                report_id=one.report_id, at=one.started_at, text=one.text or "", state=one.state
            )
            for one in reports
        ],
        place=next((one.address for one in pop.cases if one.address), ""),
        maybe=[_maybe(one, page) for one in await finder.find(pop.calling)],
        notes=await _notes(web, viewer, pop),
    )


@router.post("/api/calls/{call_id}/notes", responses={409: {"description": "No number."}})
async def add_note(web: WebOf, viewer: AgentOnly, call_id: CallId, note: NewNote) -> list[NoteView]:
    """Note something about the number of a call; gives its notes."""
    pop = await _own_pop(web, viewer, call_id)
    text = note.text.strip()
    if not text or len(text) > LONGEST:
        raise BadInput({"text": "too_long" if text else "required"})
    try:
        await _desk(web).add(pop.calling, text, viewer.user_id)
    except NoNumber:
        raise Conflict("no_number") from None
    return await _notes(web, viewer, pop)


@router.delete("/api/calls/{call_id}/notes/{note_id}", status_code=204)
async def drop_note(web: WebOf, viewer: AgentOnly, call_id: CallId, note_id: RowId) -> Response:
    """Take a note about the call's number away, whoever wrote it: it is wrong, or over."""
    pop = await _own_pop(web, viewer, call_id)
    if not await _desk(web).drop(note_id, pop.calling):
        raise NotFound("not_found")
    return Response(status_code=204)


def told_path(records: Iterable[Record], flows: FlowLibrary, page: Page) -> Iterable[StepView]:
    """The stations of a caller's way until they waited, oldest first, in words."""
    for record in records:
        event = record.event
        match event:
            case events.FlowStep():
                text = _step_words(event, flows, page)
            case events.CallQueued():
                text = page.t("background.queued", queue=page.queue_title(event.queue))
            case events.CallOverflowed():
                text = page.t("background.overflowed", queue=page.queue_title(event.queue))
            case events.ProgressAsked():
                text = page.t(f"background.progress.{'found' if event.found else 'none'}")
            case _:
                continue
        if text:
            yield StepView(at=record.at, text=text)


def _step_words(event: events.FlowStep, flows: FlowLibrary, page: Page) -> str:
    """What the caller did to come here, and where that is; empty for what only leads on."""
    how, _, what = event.by.partition(":")
    chosen = how in {"key", "word"}
    node = None
    if event.flow in flows.names():
        node = flows.current(event.flow).flow.nodes.get(event.step)
    if not chosen and (node is None or node.kind not in _STATIONS):
        return ""
    if node is None:
        where = event.step
    elif node.kind in _STATIONS:
        where = node.note or page.t(f"background.kind.{node.kind}")
    else:
        where = node.note or page.t("background.kind.other")
    if chosen:
        return page.t(f"background.by_{how}", what=what, where=where)
    return page.t("background.at", where=where)


def _maybe(one: Alike, page: Page) -> MaybeView:
    return MaybeView(
        phone=mask_number(one.number),
        name=mask_name(one.name),
        address=one.address,
        case_number=one.case_number,
        why=page.t(f"background.maybe.{one.why}"),
        at=one.at,
    )


async def _notes(web: Web, viewer: Viewer, pop: Pop) -> list[NoteView]:
    found = await _desk(web).of(pop.calling)
    names = await names_of(web.parts.database) if found else {}
    return [
        NoteView(
            note_id=one.note_id,
            text=one.text,
            by=names.get(one.by, one.by),
            at=one.at,
            yours=one.by == viewer.user_id,
        )
        for one in found
    ]


def _desk(web: Web) -> CallerNotes:
    return CallerNotes(web.parts.database, web.parts.clock)


async def _own_pop(web: Web, viewer: Viewer, call_id: str) -> Pop:
    found = await web.parts.calls.pop(call_id, viewer.user_id)
    if found is None:
        raise NotFound("not_your_call")
    return found
