"""The routing plan as a file: downloaded, edited elsewhere, and read in again as a draft.

Reading a file changes nothing in force: the page takes it over as the draft, which is checked,
compared and published like any other.
"""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from hotline.routing.findings import Finding
from hotline.routing.library import NoSuchVersion
from hotline.routing.model import RoutingPlan, written
from hotline.routing.reading import MAX_BYTES, PlanFaults, parse_plan, write_values
from hotline.web.access import RoutingStaff
from hotline.web.errors import Conflict, NotFound
from hotline.web.page import Page, PageOf
from hotline.web.routing import shown_findings
from hotline.web.web import Web, WebOf

router = APIRouter()

_Version = Annotated[int | None, Query(ge=0, le=2**31 - 1)]


class Upload(BaseModel):
    """The text of a file."""

    text: Annotated[str, Field(max_length=MAX_BYTES)]


@router.get("/routing/plan.yaml")
async def download(
    web: WebOf, page: PageOf, viewer: RoutingStaff, version: _Version = None
) -> Response:
    """A version, or else the viewer's draft, or else the plan in force; as YAML."""
    if version is None:
        name, values = await _draft(web, viewer.user_id)
    else:
        name, values = f"routing-{version}", written(await _version(web, version))
    text = await asyncio.to_thread(write_values, values)
    return Response(
        f"{_comment(page, name)}{text}",
        media_type="application/yaml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.yaml"'},
    )


@router.post("/api/routing/upload")
async def upload(
    web: WebOf, page: PageOf, viewer: RoutingStaff, given: Upload
) -> dict[str, object]:
    """The plan that a file says, for the page to take over as its draft; or (``plan`` None) what
    has to be mended in the file, by line."""
    findings: tuple[Finding, ...] = ()
    plan: RoutingPlan | None = None
    try:
        plan = await asyncio.to_thread(parse_plan, given.text)
    except PlanFaults as faults:
        findings = faults.findings
    return {
        "plan": written(plan) if plan else None,
        "findings": shown_findings(findings, page.language),
    }


async def _draft(web: Web, user_id: str) -> tuple[str, dict[str, object]]:
    library = web.parts.plans
    for draft in await library.drafts():
        if draft.user_id == user_id:
            return "routing-draft", dict(draft.plan)
    return f"routing-{library.version}", written(library.current.plan)


async def _version(web: Web, version: int) -> RoutingPlan:
    try:
        return await web.parts.plans.plan(version)
    except NoSuchVersion as error:
        raise NotFound("no_such_plan") from error
    except PlanFaults as error:
        raise Conflict("plan_not_understood") from error


def _comment(page: Page, name: str) -> str:
    """What the file is, for whoever opens it."""
    return f"# {name}\n# {page.t('routing.file_comment')}\n\n"
