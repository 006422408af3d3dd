"""What the flow editor's script asks for."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from hotline.ivr.library import FlowConflict, FlowRefused, NoSuchFlow, NothingChanged
from hotline.ivr.marked import MAX_BYTES
from hotline.ivr.model import PublishedFlow, json_schema
from hotline.storage.flows import Draft
from hotline.storage.passages import FlowCounts
from hotline.web.access import SupervisorOnly
from hotline.web.errors import Conflict, NotFound, WebError
from hotline.web.flow_views import Shown, shown_counts, shown_publication
from hotline.web.names import names_of
from hotline.web.page import Page, PageOf
from hotline.web.pages_flows import FlowName
from hotline.web.periods import period_of
from hotline.web.web import Web, WebOf

router = APIRouter()

Version = Annotated[int, Path(ge=0, le=2**31 - 1)]
_VersionField = Annotated[int, Field(ge=0, le=2**31 - 1)]
_Text = Annotated[str, Field(max_length=MAX_BYTES)]
_Note = Annotated[str, Field(max_length=500)]


class Walked(BaseModel):
    """A period (:func:`~hotline.web.periods.period_of`), and a version; None: all of them."""

    period: Annotated[str, Field(max_length=16)] = "today"
    since: Annotated[str, Field(max_length=32)] = ""
    until: Annotated[str, Field(max_length=32)] = ""
    version: _VersionField | None = None


class Wanted(BaseModel):
    """A text to be checked and drawn; coloured by how callers walked it, when that is asked."""

    text: _Text
    walked: Walked | None = None


class DraftText(BaseModel):
    """What is typed, and the version it was begun from."""

    text: _Text
    based_on: _VersionField


class Publish(DraftText):
    """A text to be put in force."""

    note: _Note = ""


class RollBack(BaseModel):
    """A version to be put in force again, and why."""

    version: _VersionField
    based_on: _VersionField
    note: Annotated[str, Field(min_length=1, max_length=500)]


@router.get("/api/flow-schema")
async def schema(viewer: SupervisorOnly) -> dict[str, object]:
    """The flow language, for completion."""
    return dict(json_schema())


@router.get("/api/flows/{name}")
async def current(web: WebOf, viewer: SupervisorOnly, name: FlowName) -> dict[str, object]:
    """What is in force."""
    library = web.parts.flows
    text = await _text(web, name, None)
    names = await names_of(web.parts.database)
    publication = shown_publication(library.publication(name), names)
    return {"version": library.version(name), "text": text, "publication": publication}


@router.get("/api/flows/{name}/versions/{version}")
async def version(
    web: WebOf, viewer: SupervisorOnly, name: FlowName, version: Version
) -> dict[str, object]:
    """The text of a version."""
    return {"version": version, "text": await _text(web, name, version)}


@router.post("/api/flows/{name}/check")
async def check(
    web: WebOf, page: PageOf, viewer: SupervisorOnly, name: FlowName, wanted: Wanted
) -> dict[str, object]:
    """The findings of a text, its drawing, and what it changes."""
    examined = await web.parts.flows.examine(name, wanted.text)
    counts = await _counts(web, name, wanted.walked) if wanted.walked else None
    flow = web.parts.flows.snapshot().get(name)
    show = Shown(wanted.text, flow.flow if flow else None, page.language, counts)
    async with web.drawing:
        return await asyncio.to_thread(show.examined, examined)


@router.put("/api/flows/{name}/draft")
async def save_draft(
    web: WebOf, viewer: SupervisorOnly, name: FlowName, given: DraftText
) -> dict[str, object]:
    """Keep what is typed."""
    now = web.parts.clock.now()
    draft = Draft(name, viewer.user_id, given.text, given.based_on, now)
    await web.parts.flows.save_draft(draft)
    return {"saved_at": now}


@router.delete("/api/flows/{name}/draft")
async def drop_draft(web: WebOf, viewer: SupervisorOnly, name: FlowName) -> dict[str, object]:
    """Forget what was typed."""
    await web.parts.flows.drop_draft(name, viewer.user_id)
    return {}


@router.post("/api/flows/{name}/publish")
async def publish(
    web: WebOf, page: PageOf, viewer: SupervisorOnly, name: FlowName, given: Publish
) -> dict[str, object]:
    """Put a text in force for every call that begins from now on."""
    try:
        flow = await web.parts.flows.publish(
            name, given.text, by=viewer.user_id, note=given.note.strip(), based_on=given.based_on
        )
    except (FlowConflict, FlowRefused, NothingChanged, NoSuchFlow) as error:
        raise _fault(error, page) from error
    return await _in_force(web, flow)


@router.post("/api/flows/{name}/roll-back")
async def roll_back(
    web: WebOf, page: PageOf, viewer: SupervisorOnly, name: FlowName, given: RollBack
) -> dict[str, object]:
    """Put an earlier version in force again."""
    try:
        flow = await web.parts.flows.roll_back(
            name,
            given.version,
            by=viewer.user_id,
            note=given.note.strip(),
            based_on=given.based_on,
        )
    except (FlowConflict, FlowRefused, NothingChanged, NoSuchFlow) as error:
        raise _fault(error, page) from error
    return await _in_force(web, flow)


@router.get("/api/flows/{name}/history")
async def history(web: WebOf, viewer: SupervisorOnly, name: FlowName) -> dict[str, object]:
    """What was in force when, the newest first."""
    names = await names_of(web.parts.database)
    publications = await web.parts.flows.history(name)
    return {
        "shipped": web.parts.flows.is_shipped(name),
        "publications": [shown_publication(one, names) for one in publications],
    }


@router.get("/api/flows/{name}/counts")
async def counts(
    web: WebOf,
    viewer: SupervisorOnly,
    name: FlowName,
    walked: Annotated[Walked, Query()],
) -> dict[str, object]:
    """How callers walked the flow in a period, of one version or of all."""
    return shown_counts(await _counts(web, name, walked))


async def _counts(web: Web, name: str, walked: Walked) -> FlowCounts:
    now, zone = web.parts.clock.now(), web.parts.config.zone
    period = period_of(walked.period, (walked.since, walked.until), now, zone)
    return await web.parts.passages.counts(name, period.since, period.until, walked.version)


async def _text(web: Web, name: str, version: int | None) -> str:
    try:
        return await web.parts.flows.text(name, version)
    except NoSuchFlow as error:
        raise NotFound("no_such_flow") from error


async def _in_force(web: Web, flow: PublishedFlow) -> dict[str, object]:
    names = await names_of(web.parts.database)
    publication = shown_publication(web.parts.flows.publication(flow.name), names)
    return {"version": flow.version, "publication": publication}


def _fault(error: FlowConflict | FlowRefused | NothingChanged | NoSuchFlow, page: Page) -> WebError:
    match error:
        case FlowConflict():
            return Conflict("flow_changed")
        case FlowRefused(breaks=breaks) if breaks:
            told = [
                f"{name}: {finding.text(page.language)}"
                for name, findings in breaks.items()
                for finding in findings
            ]
            return Conflict("flow_breaks", what="; ".join(told))
        case FlowRefused():
            return Conflict("flow_faulty", count=len(error.findings))
        case NothingChanged():
            return Conflict("flow_unchanged")
        case _:
            return NotFound("no_such_flow")
