"""What the routing page's script asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from hotline.routing.changes import changes
from hotline.routing.findings import Finding
from hotline.routing.gate import LONGEST_DAYS, GateBusy
from hotline.routing.library import (
    Examined,
    NoSuchVersion,
    NothingChanged,
    PlanConflict,
    PlanRefused,
    Unproved,
)
from hotline.routing.model import written
from hotline.routing.reading import PlanFaults
from hotline.storage.routing import Draft, Publication
from hotline.web.access import RoutingStaff
from hotline.web.errors import Conflict, NotFound, WebError
from hotline.web.names import names_of
from hotline.web.page import Page, PageOf
from hotline.web.web import Web, WebOf

router = APIRouter()

Version = Annotated[int, Path(ge=0, le=2**31 - 1)]
_VersionField = Annotated[int, Field(ge=0, le=2**31 - 1)]
_MOST_TOLD = 3


class Edited(BaseModel):
    """A plan as the page has it, faults and all, and the version it was begun from."""

    plan: dict[str, Any]
    based_on: _VersionField


class Compared(BaseModel):
    """A plan to be compared with the one in force, on the last whole ``days`` days."""

    plan: dict[str, Any]
    days: Annotated[int, Field(ge=1, le=LONGEST_DAYS)] = 30


class Publish(Edited):
    """A plan to be put in force; ``unproved`` says why it was not compared before."""

    note: Annotated[str, Field(max_length=500)] = ""
    unproved: Annotated[str, Field(max_length=500)] = ""


class RollBack(BaseModel):
    """A version to be put in force again, and why."""

    version: _VersionField
    based_on: _VersionField
    note: Annotated[str, Field(min_length=1, max_length=500)]


@router.get("/api/routing")
async def current(web: WebOf, viewer: RoutingStaff) -> dict[str, object]:
    """What is in force."""
    return await _in_force(web)


@router.get("/api/routing/versions/{version}")
async def version(web: WebOf, viewer: RoutingStaff, version: Version) -> dict[str, object]:
    """The plan of a version."""
    try:
        plan = await web.parts.plans.plan(version)
    except NoSuchVersion as error:
        raise NotFound("no_such_plan") from error
    except PlanFaults as error:
        raise Conflict("plan_not_understood") from error
    return {"version": version, "plan": written(plan)}


@router.post("/api/routing/check")
async def check(web: WebOf, page: PageOf, viewer: RoutingStaff, given: Edited) -> dict[str, object]:
    """The findings of a plan, what it changes, and whether it was compared already."""
    library = web.parts.plans
    examined = await library.examine(given.plan)
    gate = await library.gate_of(examined.plan) if examined.plan else None
    return {
        "findings": shown_findings(examined.findings, page.language),
        "changes": await asyncio.to_thread(_shown_changes, web, examined),
        "gate": gate.gate_id if gate else None,
    }


@router.put("/api/routing/draft")
async def save_draft(web: WebOf, viewer: RoutingStaff, given: Edited) -> dict[str, object]:
    """Keep what was changed."""
    now = web.parts.clock.now()
    await web.parts.plans.save_draft(Draft(viewer.user_id, given.plan, given.based_on, now))
    return {"saved_at": now}


@router.delete("/api/routing/draft")
async def drop_draft(web: WebOf, viewer: RoutingStaff) -> dict[str, object]:
    """Forget what was changed."""
    await web.parts.plans.drop_draft(viewer.user_id)
    return {}


@router.post("/api/routing/publish")
async def publish(
    web: WebOf, page: PageOf, viewer: RoutingStaff, given: Publish
) -> dict[str, object]:
    """Put a plan in force, for callers who wait now too."""
    try:
        await web.parts.plans.publish(
            given.plan,
            by=viewer.user_id,
            based_on=given.based_on,
            note=given.note.strip(),
            unproved=given.unproved.strip(),
        )
    except (PlanConflict, PlanRefused, NothingChanged, Unproved) as error:
        raise _fault(error, page) from error
    return await _in_force(web)


@router.post("/api/routing/roll-back")
async def roll_back(
    web: WebOf, page: PageOf, viewer: RoutingStaff, given: RollBack
) -> dict[str, object]:
    """Put an earlier version in force again."""
    try:
        await web.parts.plans.roll_back(
            given.version, by=viewer.user_id, note=given.note.strip(), based_on=given.based_on
        )
    except NoSuchVersion as error:
        raise NotFound("no_such_plan") from error
    except (PlanConflict, PlanRefused, NothingChanged) as error:
        raise _fault(error, page) from error
    return await _in_force(web)


@router.post("/api/routing/gate")
async def start_gate(
    web: WebOf, page: PageOf, viewer: RoutingStaff, given: Compared
) -> dict[str, object]:
    """Compare a plan with the one in force on a past period."""
    try:
        await web.parts.gate.start(given.plan, by=viewer.user_id, days=given.days)
    except GateBusy as error:
        names = await names_of(web.parts.database)
        raise Conflict("gate_busy", by=names.get(error.by, error.by)) from error
    except PlanRefused as error:
        raise _fault(error, page) from error
    return {}


@router.get("/api/routing/gate")
async def gate_progress(web: WebOf, viewer: RoutingStaff) -> dict[str, object]:
    """How far the last comparison is, and what came of it."""
    return asdict(web.parts.gate.progress)


@router.get("/api/routing/gates/{gate_id}")
async def gate(
    web: WebOf, viewer: RoutingStaff, gate_id: Annotated[int, Path(ge=1, le=2**31 - 1)]
) -> dict[str, object]:
    """A comparison that was kept."""
    kept = await web.parts.plans.gate(gate_id)
    if kept is None:
        raise NotFound("no_such_gate")
    return {"gate_id": kept.gate_id, "result": dict(kept.result)}


@router.delete("/api/routing/gate")
async def stop_gate(web: WebOf, viewer: RoutingStaff) -> dict[str, object]:
    """End the comparison that runs."""
    await web.parts.gate.stop()
    return {}


@router.get("/api/routing/history")
async def history(web: WebOf, viewer: RoutingStaff) -> dict[str, object]:
    """What was in force when, the newest first."""
    names = await names_of(web.parts.database)
    publications = await web.parts.plans.history()
    return {"publications": [shown_publication(one, names) for one in publications]}


def shown_publication(one: Publication | None, names: Mapping[str, str]) -> dict[str, object]:
    """A publication with its author's name; version 0 is the configured plan."""
    if one is None:
        one = Publication(0, "", 0.0, "")
        return asdict(one) | {"at": None}
    return asdict(one) | {"by": names.get(one.by, one.by)}


def shown_findings(findings: Sequence[Finding], language: str) -> list[dict[str, object]]:
    """What was found, in words; ``line`` is 0 for what does not come from a file."""
    return [
        {
            "code": one.code,
            "severity": one.severity,
            "where": list(one.where),
            "line": one.line,
            "text": one.text(language),
        }
        for one in findings
    ]


def _shown_changes(web: Web, examined: Examined) -> list[dict[str, object]] | None:
    if examined.plan is None:
        return None
    return [asdict(one) for one in changes(web.parts.plans.current.plan, examined.plan)]


async def _in_force(web: Web) -> dict[str, object]:
    names = await names_of(web.parts.database)
    library = web.parts.plans
    return {
        "version": library.version,
        "plan": written(library.current.plan),
        "publication": shown_publication(library.publication, names),
    }


def _fault(error: Exception, page: Page) -> WebError:
    match error:
        case PlanConflict():
            return Conflict("plan_changed")
        case PlanRefused():
            told = [finding.text(page.language) for finding in error.findings[:_MOST_TOLD]]
            return Conflict("plan_faulty", count=len(error.findings), what=" ".join(told))
        case Unproved():
            return Conflict("plan_unproved")
        case _:
            return Conflict("plan_unchanged")
