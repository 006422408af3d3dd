"""A citizen's full number, to whoever says why they need it; who looked is written down first."""

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
    """``subject``: call:<call_id>, case:<case_number>, callback:<task_id>,
    storm:<affected_id> or rule:<rule_id>."""

    subject: str = Field(pattern=r"^(call|case|callback|storm|rule):[^:]{1,70}$")
    reason: Reason


@router.post("/api/reveal")
async def reveal(web: WebOf, viewer: CaseStaff, wanted: RevealRequest) -> dict[str, str]:
    """The number. Agents see those of calls that were offered to them, and of any case; a
    rule's is for supervisors."""
    kind, _, name = wanted.subject.partition(":")
    number = await _number(web, viewer, kind, name)
    if not number:
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
    return {"number": number}


async def _number(web: Web, viewer: Viewer, kind: str, name: str) -> str | None:
    if kind == "call":
        if viewer.role is Role.AGENT and await web.parts.calls.pop(name, viewer.user_id) is None:
            raise Forbidden("not_your_call")
        query = select(CallRow.calling).where(CallRow.call_id == name)
    elif kind == "case":
        query = select(CaseRow.caller_phone).where(CaseRow.case_number == name)
    elif kind == "storm":
        query = select(AffectedRow.number).where(AffectedRow.affected_id == _number_in(name))
    elif kind == "rule":
        if viewer.role is not Role.SUPERVISOR:
            raise Forbidden("not_your_role")
        query = select(CallerRuleRow.number).where(CallerRuleRow.rule_id == _number_in(name))
    else:
        query = select(CallbackTaskRow.phone).where(CallbackTaskRow.task_id == _number_in(name))
    async with web.parts.database.session() as session:
        return (await session.execute(query)).scalar_one_or_none()


def _number_in(name: str) -> int:
    return int(name) if name.isdecimal() and len(name) < 10 else 0
