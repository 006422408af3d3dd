"""The flows: what callers walk, edited beside its drawing, published and rolled back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from hotline.clock import local
from hotline.ivr.library import ANY_NUMBER, DEFAULT_FLOW, FlowLibrary, FlowRefused, NoSuchFlow
from hotline.ivr.model import NAME
from hotline.ivr.prompts.catalogue import Wording, catalogue
from hotline.web.access import SupervisorOnly
from hotline.web.errors import Conflict, NotFound
from hotline.web.flow_views import outdated, shown_publication, start_of
from hotline.web.names import names_of
from hotline.web.page import Page, PageOf
from hotline.web.periods import DAYS
from hotline.web.web import Web, WebOf

router = APIRouter()

FlowName = Annotated[str, Path(pattern=NAME)]
_NUMBER = re.compile(r"[0-9*#+]{1,32}")
_Text = Annotated[str, Field(max_length=100)]


class NewFlow(BaseModel):
    """The name of a flow to begin."""

    name: _Text = ""


class Entry(BaseModel):
    """In which flow calls to a number begin; an empty flow: as the other numbers' do."""

    called: _Text = ""
    flow: _Text = ""


@router.get("/flows")
async def flows_page(web: WebOf, page: PageOf, viewer: SupervisorOnly) -> Response:
    """Every flow, and in which one calls begin."""
    return await _list(web, page)


@router.post("/flows/new")
async def new_flow(
    web: WebOf, page: PageOf, viewer: SupervisorOnly, form: Annotated[NewFlow, Form()]
) -> Response:
    """Open the editor for a flow that is not there yet."""
    name = form.name.strip()
    if not re.fullmatch(NAME, name):
        return await _list(web, page, {"name": "flow_name"}, {"name": name})
    return RedirectResponse(f"/flows/{name}?new=1", status_code=303)


@router.post("/flows/entries")
async def set_entry(
    web: WebOf, page: PageOf, viewer: SupervisorOnly, form: Annotated[Entry, Form()]
) -> Response:
    """Let calls to a number begin in a flow."""
    called = form.called.strip()
    if called != ANY_NUMBER and not _NUMBER.fullmatch(called):
        given = {"called": called, "flow": form.flow}
        return await _list(web, page, {"called": "number_called"}, given)
    try:
        await web.parts.flows.set_entry(called, form.flow, by=viewer.user_id)
    except NoSuchFlow:
        return await _list(web, page, {"flow": "choice"}, {"called": called})
    except FlowRefused as refused:
        why = refused.findings[0].text(page.language)
        raise Conflict("flow_no_entry", flow=form.flow, why=why) from refused
    return RedirectResponse("/flows", status_code=303)


@router.get("/flows/{name}")
async def editor_page(
    request: Request, web: WebOf, page: PageOf, viewer: SupervisorOnly, name: FlowName
) -> Response:
    """One flow: the viewer's draft, or else what is in force."""
    library = web.parts.flows
    drafts = {draft.user_id: draft for draft in await library.drafts(name)}
    draft = drafts.pop(viewer.user_id, None)
    published = await _published_text(library, name)
    if published is None and draft is None and "new" not in request.query_params:
        raise NotFound("no_such_flow")
    names = await names_of(web.parts.database)
    prompts = catalogue(Wording.of(web.parts.config))
    text = published if published is not None else start_of(name, page.language)
    return page.render(
        "flows/editor.html",
        name=name,
        state={
            "name": name,
            "text": draft.text if draft else text,
            "published": published,
            "version": library.version(name),
            "based_on": draft.based_on if draft else library.version(name),
            "drafted_at": draft.saved_at if draft else None,
            "publication": shown_publication(library.publication(name), names),
            "flows": sorted(library.snapshot()),
            "prompts": sorted({prompt.name for prompt in prompts if not prompt.is_piece}),
        },
        title=_title(library, name, page.language),
        others=[(names.get(one.user_id, one.user_id), one.saved_at) for one in drafts.values()],
        outdated=published is not None and outdated(library, name),
        periods=[*DAYS, "chosen"],
    )


async def _list(
    web: Web,
    page: Page,
    errors: Mapping[str, str] | None = None,
    given: Mapping[str, str] | None = None,
) -> Response:
    library, now = web.parts.flows, web.parts.clock.now()
    midnight = local(now, web.parts.config.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    names = await names_of(web.parts.database)
    today = await web.parts.passages.entered(midnight.timestamp())
    drafts = await library.draft_names()
    return page.render(
        "flows/list.html",
        status=422 if errors else 200,
        flows=[
            {
                "name": name,
                "title": _title(library, name, page.language),
                "publication": shown_publication(library.publication(name), names),
                "shipped": library.is_shipped(name),
                "outdated": name in library.names() and outdated(library, name),
                "today": today.get(name, 0),
                "drafts": [names.get(user_id, user_id) for user_id in drafts.get(name, ())],
            }
            for name in sorted({*library.names(), *drafts})
        ],
        entries=dict(sorted(library.entries.items())),
        fallback=library.entries.get(ANY_NUMBER, DEFAULT_FLOW),
        any_number=ANY_NUMBER,
        choices=[(name, name) for name in sorted(library.snapshot())],
        errors={field: page.t(f"error.field.{key}") for field, key in (errors or {}).items()},
        given=given or {},
    )


def _title(library: FlowLibrary, name: str, language: str) -> str:
    flow = library.snapshot().get(name)
    if flow is None:
        return ""
    titles = {str(spoken): title for spoken, title in flow.flow.title.items()}
    return titles.get(language) or next(iter(titles.values()))


async def _published_text(library: FlowLibrary, name: str) -> str | None:
    try:
        return await library.text(name)
    except NoSuchFlow:
        return None
