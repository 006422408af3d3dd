"""Callbacks that agents do between calls: taken from the desk, done on a page of their own."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from hotline.callback.model import POINTS
from hotline.callback.worklist import Worklist
from hotline.web.access import AgentOnly
from hotline.web.desk import agent as own_state
from hotline.web.errors import Conflict
from hotline.web.page import PageOf
from hotline.web.web import WebOf

router = APIRouter()


class TakenTask(BaseModel):
    """Which callback is begun: a late key must not begin the next one."""

    task: int = Field(ge=1, le=2**31 - 1)


@router.get("/desk/task", response_class=HTMLResponse)
async def task_page(web: WebOf, page: PageOf, viewer: AgentOnly) -> Response:
    """The callback that the agent works on; without one the desk is the place to be."""
    task_id = web.parts.calls.task_in_hand(viewer.user_id)
    if task_id is None:
        return RedirectResponse("/desk", status_code=303)
    worklist = Worklist(web.parts.database)
    task = await worklist.task(task_id)
    return page.render(
        "desk/task.html",
        task=task,
        tasks=(task,),
        stage_since=await worklist.stage_since(task),
        points=POINTS,
    )


@router.post("/api/agent/task/take")
async def take(web: WebOf, viewer: AgentOnly, taken: TakenTask) -> dict[str, object]:
    """Begin the callback that is shown; calls are kept away until it is done."""
    await web.parts.calls.take_task(viewer.user_id, taken.task)
    return await own_state(web, viewer)


@router.post("/api/agent/task/end")
async def end(web: WebOf, viewer: AgentOnly) -> dict[str, object]:
    """Give the callback back, done or not, and take calls again."""
    task_id = web.parts.calls.task_in_hand(viewer.user_id)
    if task_id is not None:
        task = await Worklist(web.parts.database).task(task_id)
        if task.call_id is not None and task.last_outcome is None:
            raise Conflict("callback.you_are_talking")
    await web.parts.calls.end_task(viewer.user_id)
    return await own_state(web, viewer)
