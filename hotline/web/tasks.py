"""Work that agents do between calls: taken from the desk, done on a page of its own."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from hotline.callback.worklist import Worklist
from hotline.calls.tasks import CALLBACK, kind_of, number_of
from hotline.web.access import AgentOnly, Viewer
from hotline.web.desk import agent as own_state
from hotline.web.errors import Conflict
from hotline.web.page import Page, PageOf
from hotline.web.pages_callbacks import task_parts
from hotline.web.verification import desk_parts
from hotline.web.web import Web, WebOf

router = APIRouter()


class TakenTask(BaseModel):
    """Which task is begun: a late key must not begin the next one."""

    task: str = Field(min_length=1, max_length=64)


@router.get("/desk/task", response_class=HTMLResponse)
async def task_page(web: WebOf, page: PageOf, viewer: AgentOnly) -> Response:
    """The task that the agent works on; without one the desk is the place to be."""
    task_id = web.parts.calls.task_in_hand(viewer.user_id)
    if task_id is None:
        return RedirectResponse("/desk", status_code=303)
    if kind_of(task_id) == CALLBACK:
        return page.render(
            "desk/callback.html", **await _callback_parts(web, page, viewer, task_id)
        )
    parts = await _verification_parts(web, page, viewer, task_id)
    return page.render("verification/desk.html", **parts)


@router.post("/api/agent/task/take")
async def take(web: WebOf, viewer: AgentOnly, taken: TakenTask) -> dict[str, object]:
    """Begin the task that is shown; calls are kept away until it is done."""
    await web.parts.calls.take_task(viewer.user_id, taken.task)
    return await own_state(web, viewer)


@router.post("/api/agent/task/end")
async def end(web: WebOf, viewer: AgentOnly) -> dict[str, object]:
    """Give the task back, done or not, and take calls again."""
    task_id = web.parts.calls.task_in_hand(viewer.user_id)
    if task_id is not None and kind_of(task_id) == CALLBACK:
        task = await Worklist(web.parts.database).task(int(number_of(task_id)))
        if task.call_id is not None and task.last_outcome is None:
            raise Conflict("callback.you_are_talking")
    await web.parts.calls.end_task(viewer.user_id)
    return await own_state(web, viewer)


async def _callback_parts(web: Web, page: Page, viewer: Viewer, task_id: str) -> dict[str, Any]:
    task = await Worklist(web.parts.database).task(int(number_of(task_id)))
    return {"tasks": (task,), **await task_parts(web, page, viewer, task)}


async def _verification_parts(web: Web, page: Page, viewer: Viewer, task_id: str) -> dict[str, Any]:
    parts = await desk_parts(web, page, viewer, number_of(task_id))
    # The next one is for whoever is shown it.
    return parts | {"work": {**parts["work"], "next": ""}, "alone": True}
