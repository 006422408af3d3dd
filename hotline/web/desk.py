"""The agent's desktop and what its scripts ask for."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, Field

from hotline.callers.model import Mark
from hotline.calls.holding import HOLD_S
from hotline.clock import local
from hotline.cti.views import Pop
from hotline.masking import mask_number
from hotline.phones.limits import DEAF_S
from hotline.registry.demands import read_whole_form
from hotline.registry.forms import AGENT_SOURCES, KINDS, REQUIRED, SEXES, URGENCIES
from hotline.registry.model import BadForm, Case, NoSuchCase
from hotline.web.access import AgentOnly, CaseStaff, Viewer
from hotline.web.desk_form import shown_form, typed_form
from hotline.web.drafts import NotOffered, Overtaken
from hotline.web.entries import entry_of, is_entry
from hotline.web.errors import Conflict, NotFound
from hotline.web.handover import shown_targets
from hotline.web.page import Page, PageOf
from hotline.web.pages_callers import caller_of
from hotline.web.pages_states import reason_names
from hotline.web.said_links import link_said
from hotline.web.shown import shown_pop, shown_queue, shown_reason
from hotline.web.web import Web, WebOf

router = APIRouter()

CallId = Annotated[str, Path(max_length=64)]
DraftValue = Annotated[str, Field(max_length=20_000)] | bool | None
# The form has fewer fields; a newer page's may have some more.
_MOST_FIELDS = 40


class WantedState(BaseModel):
    """What the agent wants to be; ``reason`` is for a pause."""

    state: Literal["ready", "paused", "offline"]
    reason: str = Field("rest", max_length=32)


class RefusedOffer(BaseModel):
    """Which offer is refused: a late click must not refuse the next one."""

    offer_id: str = Field(max_length=80)


class Draft(BaseModel):
    """A half-filled form. ``page`` counts what it sends of it by ``revision``; ``seen`` is the last
    one that it knows to be kept. ``over`` are the fields in which another page's words are replaced
    knowingly."""

    form: dict[Annotated[str, Field(max_length=32)], DraftValue] = Field(max_length=_MOST_FIELDS)
    revision: int | None = Field(None, ge=1, le=2**31 - 1)
    seen: int = Field(0, ge=0, le=2**31 - 1)
    page: str = Field("", max_length=32)
    over: list[Annotated[str, Field(max_length=32)]] = Field([], max_length=_MOST_FIELDS)


class OvertakenDraft(BaseModel):
    """Another page has brought the draft further: how it stands, to be put together."""

    error: str
    message: str
    fields: dict[str, str]
    form: dict[str, DraftValue]
    revision: int


class SavedForm(BaseModel):
    """A form to be saved; ``version`` is the case's that it was filled from, if any."""

    form: dict[str, DraftValue] = Field(max_length=_MOST_FIELDS)
    version: int | None = None


@router.get("/desk")
async def desk_page(web: WebOf, page: PageOf, viewer: AgentOnly) -> HTMLResponse:
    """The desktop; its first state comes with it, so the first paint is whole."""
    return page.render(
        "desk/desk.html",
        desk=await _desk(web, viewer),
        pause_reasons=web.parts.pause_reasons.all,
        reason_names=reason_names(web, page),
        kinds=KINDS,
        urgencies=URGENCIES,
        sexes=SEXES,
        sources=AGENT_SOURCES,
        required=web.parts.config.form.required,
        units=[unit.name for unit in web.parts.room.units.all()],
        crm=bool(web.parts.config.crm.url),
        marks=tuple(Mark),
        targets=shown_targets(web.parts.config.handover.targets, page.language),
        attachment_mb=web.parts.config.registry.attachment_mb,
        times={"deaf_s": DEAF_S, "hold_s": HOLD_S},
    )


@router.get("/api/desk")
async def desk(web: WebOf, viewer: AgentOnly) -> dict[str, object]:
    """Everything on the desktop, after a reconnect that was away for too long."""
    return await _desk(web, viewer)


@router.get("/api/agent")
async def agent(web: WebOf, viewer: AgentOnly) -> dict[str, object]:
    """The agent's own state, and their day."""
    return {"agent": _agent(web, viewer), "today": await _today(web, viewer)}


@router.post("/api/agent/state")
async def set_state(web: WebOf, viewer: AgentOnly, wanted: WantedState) -> dict[str, object]:
    """Become ready, paused or offline: at once, or after the talk."""
    calls = web.parts.calls
    _must_have_phone(web, viewer)
    if wanted.state == "offline":
        await calls.sign_off(viewer.user_id)
    else:
        if calls.agent(viewer.user_id).state == "offline":
            await calls.sign_on(viewer.user_id)
        if wanted.state == "ready":
            await calls.ready(viewer.user_id)
        else:
            await calls.pause(viewer.user_id, wanted.reason)
    return {"agent": _agent(web, viewer)}


@router.post("/api/agent/refuse")
async def refuse(web: WebOf, viewer: AgentOnly, offer: RefusedOffer) -> dict[str, object]:
    """Refuse the offer on the screen."""
    _must_have_phone(web, viewer)
    await web.parts.calls.refuse(viewer.user_id, offer.offer_id)
    return {"agent": _agent(web, viewer)}


@router.post("/api/agent/wrap-up/end")
async def end_wrap_up(web: WebOf, viewer: AgentOnly) -> dict[str, object]:
    """End the wrap-up before its time."""
    _must_have_phone(web, viewer)
    await web.parts.calls.end_wrap_up(viewer.user_id)
    return {"agent": _agent(web, viewer)}


@router.post("/api/agent/wrap-up/extend")
async def extend_wrap_up(web: WebOf, viewer: AgentOnly) -> dict[str, object]:
    """Go on with the wrap-up for a while."""
    _must_have_phone(web, viewer)
    await web.parts.calls.extend_wrap_up(viewer.user_id)
    return {"agent": _agent(web, viewer)}


@router.post("/api/agent/hang-up")
async def hang_up(web: WebOf, viewer: AgentOnly) -> dict[str, object]:
    """End the talk."""
    _must_have_phone(web, viewer)
    await web.parts.calls.hang_up(viewer.user_id)
    return {"agent": _agent(web, viewer)}


@router.get("/api/calls/{call_id}/pop")
async def pop(web: WebOf, viewer: AgentOnly, call_id: CallId) -> dict[str, object]:
    """A call that was offered to this agent."""
    return await _call(web, viewer, await own_pop(web, viewer, call_id))


@router.put(
    "/api/calls/{call_id}/draft",
    status_code=204,
    responses={409: {"model": OvertakenDraft, "description": "Another page was quicker."}},
)
async def save_draft(
    web: WebOf, page: PageOf, viewer: AgentOnly, call_id: CallId, draft: Draft
) -> Response:
    """Keep a half-filled form; 409 with what stands when another page brought it further."""
    try:
        await web.drafts.save(
            call_id,
            viewer.user_id,
            draft.form,
            draft.revision,
            seen=draft.seen,
            page=draft.page,
            over=draft.over,
            offered=not is_entry(call_id) or await entry_of(web, viewer, call_id) is None,
        )
    except NotOffered:
        raise NotFound("not_your_call") from None
    except Overtaken as error:
        return overtaken(error, page)
    return Response(status_code=204)


def overtaken(error: Overtaken, page: Page) -> Response:
    """The answer to a page that another one has overtaken: how the draft stands now."""
    body = OvertakenDraft(
        error="draft_overtaken",
        message=page.t("error.draft_overtaken"),
        fields={},
        form=error.draft.form,
        revision=error.draft.revision,
    )
    return JSONResponse(body.model_dump(), status_code=409)


@router.delete("/api/calls/{call_id}/draft", status_code=204)
async def discard_draft(web: WebOf, viewer: CaseStaff, call_id: CallId) -> Response:
    """Forget a half-filled form."""
    await web.drafts.discard(call_id, viewer.user_id)
    return Response(status_code=204)


@router.post("/api/calls/{call_id}/case")
async def save_case(
    web: WebOf, viewer: AgentOnly, call_id: CallId, saved: SavedForm
) -> dict[str, object]:
    """Save the form: the first time as a new case, then as a change of it."""
    found = await own_pop(web, viewer, call_id)
    stands = await web.parts.cases.get(found.case_number) if found.case_number else None
    kind = saved.form.get("kind")
    demanded = next((of for name, of in web.parts.config.form.required.items() if name == kind), [])
    typed = typed_form(saved.form, stands)
    if is_entry(call_id) and saved.form.get("source") in (None, "", "hotline"):
        # A call's case came by the hotline unless the agent says otherwise; this one did not.
        raise BadForm({"source": REQUIRED})
    form = read_whole_form(typed, demanded, reachable=bool(found.calling))
    case = await web.parts.cases.open_from_call(form, call_id, viewer, saved.version)
    await link_said(web, case.case_number, saved.form, viewer)
    return {"case": shown_case(case)}


async def _desk(web: Web, viewer: Viewer) -> dict[str, object]:
    view = _agent(web, viewer)
    current = _current(view)
    unfinished = await web.drafts.unfinished(viewer.user_id)
    calls = []
    for call_id in dict.fromkeys([*current, *unfinished]):
        found = await _pop(web, viewer, call_id)
        if found is not None:
            calls.append(await _call(web, viewer, found))
    return {
        "agent": view,
        "today": await _today(web, viewer),
        "queue": shown_queue(web.parts.calls.board()),
        "calls": calls,
        "current": current[0] if current else "",
        "reasons": [shown_reason(one) for one in web.parts.pause_reasons.all],
    }


def _current(view: dict[str, object] | None) -> list[str]:
    """The call that the agent is in or asked into; of both, their own."""
    if view is None:
        return []
    asked = view["asked"]
    helps = asked["call_id"] if isinstance(asked, dict) else ""
    return [str(call_id) for call_id in (view["call_id"] or helps,) if call_id]


async def _call(web: Web, viewer: Viewer, found: Pop) -> dict[str, object]:
    case = None
    if found.case_number:
        try:
            case = shown_case(await web.parts.cases.get(found.case_number))
        except NoSuchCase:
            raise NotFound("not_found") from None
    caller = await caller_of(web, found, viewer.user_id)
    return {"pop": shown_pop(found), "case": case, "caller": caller}


def shown_case(case: Case) -> dict[str, object]:
    """A case as the desk's form holds it; the citizen's number stays on the server."""
    return {
        "number": case.case_number,
        "version": case.version,
        "state": case.state,
        "saved_at": case.changed_at,
        "phone": mask_number(case.caller_phone),
        "form": shown_form(case),
    }


async def own_pop(web: Web, viewer: Viewer, call_id: str) -> Pop:
    """A call that was offered to this agent, or an entry of theirs. Raises :class:`NotFound`."""
    found = await _pop(web, viewer, call_id)
    if found is None:
        raise NotFound("not_your_call")
    return found


async def _pop(web: Web, viewer: Viewer, call_id: str) -> Pop | None:
    if is_entry(call_id):
        return await entry_of(web, viewer, call_id)
    return await web.parts.calls.pop(call_id, viewer.user_id)


def _agent(web: Web, viewer: Viewer) -> dict[str, object] | None:
    try:
        return asdict(web.parts.calls.agent(viewer.user_id))
    except KeyError:
        return None


def _must_have_phone(web: Web, viewer: Viewer) -> None:
    if _agent(web, viewer) is None:
        raise Conflict("no_extension")


async def _today(web: Web, viewer: Viewer) -> dict[str, object]:
    now = local(web.parts.clock.now(), web.parts.config.zone)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return asdict(await web.drafts.day_of(viewer.user_id, midnight.timestamp()))
