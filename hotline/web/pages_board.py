"""The supervisor's board: who waits, who talks, and the day so far, live."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from hotline.web.access import SupervisorOnly
from hotline.web.formats import UNKNOWN
from hotline.web.names import names_of
from hotline.web.page import PageOf
from hotline.web.pages_states import reason_names
from hotline.web.shown import shown_board
from hotline.web.web import Web, WebOf
from hotline.web.why_words import why_words

router = APIRouter()

# In the order of a call's life; the rest are not taking any.
STATES = ("ready", "offered", "talking", "wrap_up", "on_task", "paused", "offline")


@router.get("/board")
async def board_page(web: WebOf, page: PageOf, viewer: SupervisorOnly) -> HTMLResponse:
    """The board; its first numbers come with it, the next ones by the event ``board``."""
    return page.render(
        "board/board.html",
        board=_board(web),
        states=STATES,
        pause_reasons=web.parts.pause_reasons.all,
        reason_names=reason_names(web, page),
    )


@router.get("/api/calls/{call_id}/why")
async def why(call_id: str, web: WebOf, page: PageOf, viewer: SupervisorOnly) -> dict[str, str]:
    """Why a call waits now, or rings where it does, in a sentence; unknown for any other."""
    reasons = web.parts.calls.why(call_id)
    names = await names_of(web.parts.database) if reasons else {}
    return {"why": why_words(reasons, names, page.t) or UNKNOWN}


@router.get("/api/board")
async def board(web: WebOf, viewer: SupervisorOnly) -> dict[str, object]:
    """The same numbers, for programs."""
    return _board(web)


def _board(web: Web) -> dict[str, object]:
    return shown_board(web.parts.calls.board(), web.parts.plans.current.plan)
