"""Agents' states: the reasons for pausing with what a day allows, and changes by supervisors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from hotline.cti.pauses import PauseReason, ReasonChanged, ReasonFault
from hotline.events import StateForced
from hotline.web.access import SupervisorOnly
from hotline.web.errors import BadInput, Conflict, NotFound
from hotline.web.names import names_of
from hotline.web.page import Page, PageOf
from hotline.web.web import Web, WebOf

router = APIRouter()

AgentId = Annotated[str, Path(max_length=64)]
# What a browser may send at most; what a reason may be is judged by the reasons.
_Text = Annotated[str, Field(max_length=200)]
_HISTORY_S = 7 * 86_400.0
_MOST_SHOWN = 100
_BATCH = 1000


class ForcedState(BaseModel):
    """What a supervisor makes of an agent; ``reason`` is a pause's, ``why`` the supervisor's."""

    want: Literal["ready", "paused", "offline", "end_wrap_up"]
    reason: str = Field("", max_length=32)
    why: str = Field("", max_length=200)


class ReasonForm(BaseModel):
    """A reason as it was typed; without a code a new one."""

    code: _Text = ""
    zh: _Text = ""
    en: _Text = ""
    minutes: _Text = ""
    times: _Text = ""
    offered: bool = False
    version: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """A supervisor's change of an agent's state, as the history shows it."""

    at: float
    agent: str
    event: StateForced


@router.post("/api/board/agents/{agent_id}/state")
async def force(
    web: WebOf, viewer: SupervisorOnly, agent_id: AgentId, forced: ForcedState
) -> dict[str, object]:
    """Change an agent's state for them; the reason why is required."""
    why = forced.why.strip()
    if not why:
        raise BadInput({"why": "required"})
    try:
        await web.parts.calls.force(agent_id, forced.want, forced.reason, why, viewer)
        return {"agent": asdict(web.parts.calls.agent(agent_id))}
    except KeyError:
        raise NotFound("no_such_agent") from None


@router.get("/board/states")
async def states_page(web: WebOf, page: PageOf, viewer: SupervisorOnly) -> Response:
    """Who used how much, what supervisors changed, and the reasons."""
    return await _page(web, page)


@router.post("/board/states/reasons")
async def save_reason(
    web: WebOf, page: PageOf, viewer: SupervisorOnly, form: Annotated[ReasonForm, Form()]
) -> Response:
    """Change a reason, or add one."""
    reasons = web.parts.pause_reasons
    if form.code and reasons.get(form.code) is None:
        raise NotFound("not_found")
    try:
        await reasons.save(_typed(form), viewer.user_id)
    except ReasonFault as fault:
        return await _page(web, page, typed=form, fault=fault)
    except ReasonChanged as conflict:
        raise Conflict("reason_changed") from conflict
    return RedirectResponse("/board/states", status_code=303)


def reason_names(web: Web, page: Page) -> Mapping[str, str]:
    """What every reason for pausing is called in the page's language, by its code."""
    return {reason.code: reason.name(page.language) for reason in web.parts.pause_reasons.all}


async def _page(
    web: Web, page: Page, typed: ReasonForm | None = None, fault: ReasonFault | None = None
) -> Response:
    reasons = web.parts.pause_reasons
    agents = [web.parts.calls.agent(row.agent_id) for row in web.parts.calls.board().agents]
    return page.render(
        "board/states.html",
        status=422 if fault else 200,
        agents=agents,
        reasons=reasons.all,
        offered=reasons.offered,
        reason_names=reason_names(web, page),
        changes=await _changes(web, {agent.agent_id: agent.name for agent in agents}),
        names=await names_of(web.parts.database),
        typed=typed,
        errors={
            name: page.t(f"error.field.{key}")
            for name, key in (fault.faults if fault else {}).items()
        },
    )


async def _changes(web: Web, names: Mapping[str, str]) -> Sequence[Change]:
    """What supervisors changed in the last seven days, the newest first."""
    since, after = web.parts.clock.now() - _HISTORY_S, 0
    found: list[Change] = []
    while batch := await web.parts.journal.read(after, _BATCH, kinds=[StateForced], since=since):
        after = batch[-1].seq
        for record in batch:
            if isinstance(record.event, StateForced):
                agent_id = record.event.agent_id
                found.append(Change(record.at, names.get(agent_id, agent_id), record.event))
    return found[: -_MOST_SHOWN - 1 : -1]


def _typed(form: ReasonForm) -> PauseReason:
    """What was typed, for the reasons to judge. Raises :class:`ReasonFault`."""
    faults = {}
    minutes: float | None = None
    times: int | None = None
    try:
        minutes = float(form.minutes) if form.minutes.strip() else None
    except ValueError:
        faults["minutes"] = "pause_minutes"
    try:
        times = int(form.times) if form.times.strip() else None
    except ValueError:
        faults["times"] = "pause_times"
    if faults:
        raise ReasonFault(faults)
    return PauseReason(form.code, form.zh, form.en, minutes, times, form.offered, form.version)
