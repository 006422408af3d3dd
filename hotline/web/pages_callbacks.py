"""The callbacks' worklist: who is to be asked, the call, and what they said."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field

from hotline.callback.model import POINTS, Answers, CallbackRefused, NoSuchTask, State
from hotline.callback.worklist import SORTS, VIEWS, Order, Task, Wanted, Worklist
from hotline.calls.tasks import CALLBACK, task_id_of
from hotline.clock import local, midnight
from hotline.registry.forms import WHY_LENGTH
from hotline.web.access import CallbackStaff, CaseStaff, Role, Viewer
from hotline.web.errors import Conflict, Forbidden, NotFound
from hotline.web.handover import HandedOver, WantedHandover, hand_on, shown_targets
from hotline.web.listing import Listing, listing_of
from hotline.web.names import names_of
from hotline.web.page import Page, PageOf
from hotline.web.pages_states import reason_names
from hotline.web.timeline import tell
from hotline.web.web import Web, WebOf

router = APIRouter()

_NOT_THEIRS: dict[int | str, dict[str, Any]] = {
    409: {"description": "It is another one's, or nobody talks."}
}
# As wide as the databases' integers.
TaskId = Annotated[int, Path(ge=1, le=2**31 - 1)]
PROMISED = "promised"
_TABS: tuple[str, ...] = ("due", PROMISED, "again", "later", "done")
"""The tab of nothing but the calls that were promised, among the views of callbacks."""


class GivenAnswers(BaseModel):
    """What the citizen said; see :class:`hotline.callback.model.Answers`."""

    reached: bool
    solved: bool | None = None
    satisfaction: int | None = None
    why_not: str = Field("", max_length=WHY_LENGTH)


@router.get("/callbacks")
async def worklist_page(
    request: Request, web: WebOf, page: PageOf, viewer: CallbackStaff
) -> HTMLResponse:
    """A list, the month's rates, and the callback that is open."""
    worklist, now = Worklist(web.parts.database), web.parts.clock.now()
    wanted, promised = _wanted(request), request.query_params.get("view") == PROMISED
    listing = listing_of(request, SORTS.keys(), "-done_at" if wanted.view == "done" else "due_at")
    tasks, total = await worklist.page(wanted, now, _order(listing))
    promises = await web.parts.floor.promises.open()
    counts = {str(view): count for view, count in (await worklist.counts(now)).items()}
    in_hand = await worklist.in_hand(viewer.user_id)
    task = await _open_task(request, worklist, in_hand, tasks)
    return page.render(
        "callbacks/worklist.html",
        wanted=wanted,
        tabs=_TABS,
        tab=PROMISED if promised else wanted.view,
        counts=counts | {PROMISED: len(promises)},
        tasks=tasks,
        listing=replace(listing, total=total),
        in_hand=in_hand,
        rates=await worklist.rates(_month_began(web, now), now + 1),
        own=await worklist.rates(midnight(now, web.parts.config.zone), now + 1, viewer.user_id),
        promises=promises,
        **await task_parts(web, page, viewer, task),
    )


async def task_parts(web: Web, page: Page, viewer: Viewer, task: Task | None) -> dict[str, Any]:
    """What ``callbacks/task.html`` shows of the callback that is open: its call, its case's story,
    and what the viewer has typed of the answers."""
    parts: dict[str, Any] = {"task": task, "points": POINTS, "stage_since": None, "story": ()}
    parts |= {"reason_names": reason_names(web, page), "held": ""}
    parts["targets"] = shown_targets(web.parts.config.handover.targets, page.language)
    if task is None:
        return parts
    history = await web.parts.cases.history(task.case.case_number)
    names = await names_of(web.parts.database)
    worklist = Worklist(web.parts.database)
    return parts | {
        "stage_since": await worklist.stage_since(task),
        "held": await worklist.why_held(task),
        "story": tell(history, task.case, names, page.t, web.parts.config.zone),
        "kept": await web.drafts.kept(_key_of(task.task_id), viewer.user_id),
    }


@router.post("/api/callbacks/{task_id}/call")
async def call(web: WebOf, viewer: CaseStaff, task_id: TaskId) -> dict[str, object]:
    """Ring the viewer's own phone, then the citizen's. How it goes on comes as ``worklist``."""
    _check_in_hand(web, viewer, task_id)
    try:
        await web.parts.dialler.call(task_id, viewer, viewer.extension)
    except (CallbackRefused, NoSuchTask) as error:
        raise _fault(error) from error
    return {"task": _shown(await Worklist(web.parts.database).task(task_id))}


@router.post("/api/callbacks/{task_id}/hang-up", status_code=204, responses=_NOT_THEIRS)
async def hang_up(web: WebOf, viewer: CaseStaff, task_id: TaskId) -> Response:
    """End the callback's call, on whichever telephone they talk."""
    return await _done(web.parts.dialler.hang_up(task_id, viewer))


@router.post("/api/callbacks/{task_id}/hold", status_code=204, responses=_NOT_THEIRS)
async def hold(web: WebOf, viewer: CaseStaff, task_id: TaskId) -> Response:
    """Let the citizen of the callback's call hear music; that they do comes as ``held``."""
    return await _done(web.parts.dialler.hold(task_id, viewer))


@router.delete("/api/callbacks/{task_id}/hold", status_code=204, responses=_NOT_THEIRS)
async def take_back(web: WebOf, viewer: CaseStaff, task_id: TaskId) -> Response:
    """End that music."""
    return await _done(web.parts.dialler.take_back(task_id, viewer))


@router.post("/api/callbacks/{task_id}/handover", responses=_NOT_THEIRS)
async def hand_over(
    web: WebOf, viewer: CaseStaff, task_id: TaskId, wanted: WantedHandover
) -> HandedOver:
    """Hand the citizen of the callback's call over; it goes on as a call of ours."""
    try:
        return await hand_on(web, viewer, wanted, lambda: web.parts.dialler.bring(task_id, viewer))
    except (CallbackRefused, NoSuchTask) as error:
        raise _fault(error) from error


async def _done(job: Awaitable[None]) -> Response:
    try:
        await job
    except (CallbackRefused, NoSuchTask) as error:
        raise _fault(error) from error
    return Response(status_code=204)


@router.post("/api/callbacks/{task_id}/answers")
async def answer(
    web: WebOf, viewer: CaseStaff, task_id: TaskId, given: GivenAnswers
) -> dict[str, object]:
    """Keep the answers; ``next`` is the callback to go on with, None when nothing is due."""
    _check_in_hand(web, viewer, task_id)
    answers = Answers(given.reached, given.solved, given.satisfaction, given.why_not)
    try:
        await web.parts.callbacks.answer(task_id, answers, viewer)
    except (CallbackRefused, NoSuchTask) as error:
        raise _fault(error) from error
    await web.drafts.discard(_key_of(task_id), viewer.user_id)
    worklist = Worklist(web.parts.database)
    return {
        "task": _shown(await worklist.task(task_id)),
        "next": None if viewer.role is Role.AGENT else await _next(web, worklist, viewer),
    }


def _key_of(task_id: int) -> str:
    """Under what a callback's answers are kept while they are typed (:mod:`hotline.web.kept`)."""
    return f"callback:{task_id}"


def _check_in_hand(web: Web, viewer: Viewer, task_id: int) -> None:
    """An agent does the callback that they took between calls, and no other."""
    asked = task_id_of(CALLBACK, str(task_id))
    if viewer.role is Role.AGENT and web.parts.calls.task_in_hand(viewer.user_id) != asked:
        raise Forbidden("not_your_task")


def _wanted(request: Request) -> Wanted:
    asked = request.query_params.get("view", "")
    view = next((view for view in VIEWS if view == asked), VIEWS[0])
    return Wanted(view, request.query_params.get("text", ""))


def _order(listing: Listing) -> Order:
    return Order(listing.key, listing.descending, listing.offset, listing.page_size)


async def _open_task(
    request: Request, worklist: Worklist, in_hand: Sequence[Task], tasks: Sequence[Task]
) -> Task | None:
    """The callback that the address names, else what is in hand, else the first that is free."""
    asked = request.query_params.get("task", "")
    if asked.isdecimal() and len(asked) < 10:
        try:
            return await worklist.task(int(asked))
        except NoSuchTask as error:
            raise _fault(error) from error
    return next(iter([*in_hand, *filter(_is_free, tasks)]), None)


async def _next(web: Web, worklist: Worklist, viewer: Viewer) -> int | None:
    in_hand = await worklist.in_hand(viewer.user_id)
    due, _ = await worklist.page(Wanted(), web.parts.clock.now())
    return next((task.task_id for task in [*in_hand, *filter(_is_free, due)]), None)


def _is_free(task: Task) -> bool:
    return task.claimed_by is None or task.state == State.DONE


def _month_began(web: Web, now: float) -> float:
    today = local(now, web.parts.config.zone)
    return today.replace(day=1, hour=0, minute=0, second=0, microsecond=0).timestamp()


def _shown(task: Task) -> dict[str, object]:
    """A callback for scripts; the citizen's number stays on the server."""
    return {
        "task_id": task.task_id,
        "case_number": task.case.case_number,
        "case_state": task.case.state,
        "state": task.state,
        "due_at": task.due_at,
        "claimed_by": task.claimed_by,
        "attempts": task.attempts,
        "unreached": task.unreached,
        "last_outcome": task.last_outcome,
        "reached": task.reached,
        "solved": task.solved,
        "satisfaction": task.satisfaction,
        "why_not": task.why_not,
    }


def _fault(error: CallbackRefused | NoSuchTask) -> Conflict | NotFound:
    if isinstance(error, CallbackRefused):
        return Conflict(error.key)
    return NotFound("no_such_callback")
