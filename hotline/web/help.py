"""Urgent help: asked for from the desk, seen and answered on the supervisors' board."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from hotline.floor.model import LONGEST_TEXT, FloorFault, HelpCall, HelpOutcome, NoSuchHelp
from hotline.web.access import FloorStaff, SupervisorOnly, Viewer
from hotline.web.errors import BadInput, Conflict, NotFound
from hotline.web.web import RowId, Web, WebOf

router = APIRouter()

# For so long an agent is shown what became of a call for help.
SHOWN_S = 600.0
_OVER: dict[int | str, dict[str, Any]] = {
    409: {"description": "Somebody else has answered it, or the agent took it back."}
}


class HelpView(BaseModel):
    """A call for help; see :class:`hotline.floor.model.HelpCall`."""

    help_id: int
    agent_id: str
    name: str
    extension: str
    call_id: str
    calling: str
    asked_at: float
    state: str
    by: str
    words: str
    changed_at: float | None

    @classmethod
    def of(cls, one: HelpCall) -> HelpView:
        """As the browser is given it."""
        return cls.model_validate(asdict(one))


class OwnHelp(BaseModel):
    """The agent's own call for help: open, or over a moment ago; None for none."""

    help: HelpView | None


class OpenHelp(BaseModel):
    """Every call for help that waits for an answer, the oldest first."""

    open: list[HelpView]


class EndedHelp(BaseModel):
    """How it is ended: answered, with ``words`` for the agent, or dismissed."""

    outcome: Literal["answered", "dismissed"]
    words: str = Field("", max_length=LONGEST_TEXT)


@router.get("/api/agent/help")
async def own(web: WebOf, viewer: FloorStaff) -> OwnHelp:
    """What became of one's own call for help."""
    return await own_help(web, viewer)


@router.post("/api/agent/help")
async def ask(web: WebOf, viewer: FloorStaff) -> OwnHelp:
    """Call for help, with the call that the agent is in, if any."""
    try:
        call_id = web.parts.calls.agent(viewer.user_id).call_id
    except KeyError:
        call_id = ""
    return OwnHelp(help=HelpView.of(await web.parts.floor.help.ask(viewer, call_id)))


@router.delete("/api/agent/help", responses=_OVER)
async def withdraw(web: WebOf, viewer: FloorStaff) -> OwnHelp:
    """Need no help any more."""
    try:
        return OwnHelp(help=HelpView.of(await web.parts.floor.help.withdraw(viewer)))
    except NoSuchHelp as error:
        raise Conflict("help_over") from error


@router.get("/api/help")
async def waiting(web: WebOf, viewer: SupervisorOnly) -> OpenHelp:
    """Who needs help now."""
    return await open_help(web)


@router.post("/api/help/{help_id}/seen", responses=_OVER)
async def see(web: WebOf, viewer: SupervisorOnly, help_id: RowId) -> HelpView:
    """Let the agent know that it was seen."""
    try:
        return HelpView.of(await web.parts.floor.help.see(help_id, viewer))
    except NoSuchHelp as error:
        raise await _gone(web, help_id) from error


@router.post("/api/help/{help_id}/end", responses=_OVER)
async def end(web: WebOf, viewer: SupervisorOnly, help_id: RowId, ended: EndedHelp) -> HelpView:
    """Answer it, or put it aside."""
    outcome = HelpOutcome(ended.outcome)
    try:
        return HelpView.of(await web.parts.floor.help.end(help_id, outcome, ended.words, viewer))
    except NoSuchHelp as error:
        raise await _gone(web, help_id) from error
    except FloorFault as fault:
        raise BadInput({fault.field: fault.key}) from fault


async def own_help(web: Web, viewer: Viewer) -> OwnHelp:
    """The viewer's own call for help."""
    since = web.parts.clock.now() - SHOWN_S
    last = await web.parts.floor.help.last_of(viewer.user_id, since)
    return OwnHelp(help=HelpView.of(last) if last else None)


async def open_help(web: Web) -> OpenHelp:
    """The calls for help that wait for an answer."""
    return OpenHelp(open=[HelpView.of(one) for one in await web.parts.floor.help.open()])


async def _gone(web: Web, help_id: int) -> Conflict | NotFound:
    """What to say of a call for help that is over, or never was."""
    try:
        await web.parts.floor.help.get(help_id)
    except NoSuchHelp:
        return NotFound("not_found")
    return Conflict("help_over")
