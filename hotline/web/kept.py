"""What is typed into forms that no offer brings: a callback's answers, a report's case.

Kept as the drafts of calls are (:mod:`hotline.web.drafts`), each for whom it is of, by the task:
``callback:7`` or ``case:2026112100001``.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from hotline.web.access import CaseStaff
from hotline.web.desk import Draft, OvertakenDraft, overtaken
from hotline.web.drafts import Overtaken
from hotline.web.page import PageOf
from hotline.web.web import WebOf

router = APIRouter()

TaskKey = Annotated[str, Path(pattern=r"^(callback:\d{1,10}|case:\d{1,20})$")]


@router.put(
    "/api/kept/{key}",
    status_code=204,
    responses={409: {"model": OvertakenDraft, "description": "Another page was quicker."}},
)
async def keep(web: WebOf, page: PageOf, viewer: CaseStaff, key: TaskKey, draft: Draft) -> Response:
    """Keep a half-filled form; 409 with what stands when another page brought it further."""
    try:
        await web.drafts.save(
            key,
            viewer.user_id,
            draft.form,
            draft.revision,
            seen=draft.seen,
            page=draft.page,
            over=draft.over,
            offered=False,
        )
    except Overtaken as error:
        return overtaken(error, page)
    return Response(status_code=204)


@router.delete("/api/kept/{key}", status_code=204)
async def forget(web: WebOf, viewer: CaseStaff, key: TaskKey) -> Response:
    """Forget a half-filled form."""
    await web.drafts.discard(key, viewer.user_id)
    return Response(status_code=204)
