"""A citizen's full number or name, to whoever says why they need it; who looked is written down
first."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import select

from hotline.storage.tables import CallbackTaskRow, CallRow, CaseRow, RevealRow
from hotline.storage.tables_callers import CallerRuleRow
from hotline.storage.tables_storm import AffectedRow
from hotline.web.access import CaseStaff, Role, Viewer
from hotline.web.errors import Forbidden, NotFound
from hotline.web.web import Web, WebOf

router = APIRouter()

Reason = Literal["check", "call_back", "dispatch"]


class RevealRequest(BaseModel):
    """``subject``: call:<call_id>, case:<case_number>, callback:<task_id>, storm:<affected_id> or
    rule:<rule_id> for the number, name:<case_number> for the name."""

    subject: str = Field(pattern=r"^(call|case|name|callback|storm|rule):[^:]{1,70}$")
    reason: Reason


class Revealed(BaseModel):
    """The number or the name in full."""

    shown: str


@router.post("/api/reveal")
async def reveal(web: WebOf, viewer: CaseStaff, wanted: RevealRequest) -> Revealed:
    """The number, or the name. Agents see those of calls that were offered to them, and of any
    case that is not confidential; a rule's is for supervisors."""
    kind, _, name = wanted.subject.partition(":")
    shown = await _shown(web, viewer, kind, name)
    if not shown:
        raise NotFound("no_number")
    async with web.parts.database.writing() as session:
        session.add(
            RevealRow(
                user_id=viewer.user_id,
                subject=wanted.subject,
                reason=wanted.reason,
                at=web.parts.clock.now(),
            )
        )
    return Revealed(shown=shown)


async def _shown(web: Web, viewer: Viewer, kind: str, name: str) -> str | None:
    if kind == "call":
        if viewer.role is Role.AGENT and await web.parts.calls.pop(name, viewer.user_id) is None:
            raise Forbidden("not_your_call")
        query = select(CallRow.calling).where(CallRow.call_id == name)
    elif kind in ("case", "name"):
        return await _of_case(web, viewer, kind, name)
    elif kind == "storm":
        query = select(AffectedRow.number).where(AffectedRow.affected_id == _number_in(name))
    elif kind == "rule":
        if viewer.role is not Role.SUPERVISOR:
            raise Forbidden("not_your_role")
        query = select(CallerRuleRow.number).where(CallerRuleRow.rule_id == _number_in(name))
    else:
        return await _of_callback(web, viewer, _number_in(name))
    async with web.parts.database.session() as session:
        return (await session.execute(query)).scalar_one_or_none()


async def _of_callback(web: Web, viewer: Viewer, task_id: int) -> str | None:
    async with web.parts.database.session() as session:
        task = await session.get(CallbackTaskRow, task_id)
    return await _of_case(web, viewer, "case", task.case_number) and task.phone if task else None


async def _of_case(web: Web, viewer: Viewer, kind: str, number: str) -> str | None:
    async with web.parts.database.session() as session:
        case = await session.get(CaseRow, number)
    if case is None:
        return None
    if case.confidential and not _answers_for(case, viewer):
        raise Forbidden("name_hidden")
    return case.caller_name if kind == "name" else case.caller_phone


def _answers_for(case: CaseRow, viewer: Viewer) -> bool:
    return viewer.role is Role.SUPERVISOR or viewer.user_id in {case.owner, case.opened_by}


def _number_in(name: str) -> int:
    return int(name) if name.isdecimal() and len(name) < 10 else 0
