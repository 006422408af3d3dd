"""Deadlines, and the clocks of cases, for programs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from hotline.registry.clocks import engine
from hotline.registry.clocks.asking import read_start
from hotline.registry.clocks.calendar import micros_of
from hotline.registry.clocks.limits import BadLimit, read_limit
from hotline.registry.clocks.service import ClockView
from hotline.web.access import CaseStaff
from hotline.web.errors import BadInput
from hotline.web.pages_cases import CaseNumber
from hotline.web.web import WebOf

router = APIRouter()


class DeadlineAnswer(BaseModel):
    """When a limit ends by the working calendar in force, whose revision is told."""

    start: str
    limit: str
    deadline: str
    calendar_revision: int


class ClockAnswer(BaseModel):
    """One clock of a case. Instants are Unix seconds, ``left`` seconds (of working time when
    ``by_calendar``; negative: it is over by so much)."""

    kind: str
    limit: str
    state: str
    by_calendar: bool
    started_at: float
    due_at: float
    paused_at: float | None
    ended_at: float | None
    left: float
    used: float

    @classmethod
    def of(cls, view: ClockView) -> ClockAnswer:
        """The clock as programs are told of it."""
        return cls(**{name: getattr(view, name) for name in cls.model_fields})


class ClocksAnswer(BaseModel):
    """The clocks of a case, those that run first."""

    clocks: list[ClockAnswer]


@router.get("/api/deadline")
async def deadline(
    web: WebOf,
    viewer: CaseStaff,
    start: Annotated[str, Query(max_length=40)],
    limit: Annotated[str, Query(max_length=40)],
) -> DeadlineAnswer:
    """When ``limit`` (such as ``4工作时``) ends that begins at ``start`` (the city's time)."""
    calendar = web.parts.room.clocks.calendars.current
    faults = {}
    try:
        wanted = read_limit(limit)
    except BadLimit as fault:
        faults["limit"] = fault.key
    try:
        begin = read_start(start, calendar.zone)
    except (ValueError, OverflowError):
        faults["start"] = "moment"
    if faults:
        raise BadInput(faults)
    due = engine.deadline(micros_of(begin), wanted, calendar)
    return DeadlineAnswer(
        start=begin.isoformat(),
        limit=wanted.text(),
        deadline=calendar.local(due).isoformat(),
        calendar_revision=calendar.revision,
    )


@router.get("/api/cases/{number}/clocks")
async def clocks_of_case(web: WebOf, viewer: CaseStaff, number: CaseNumber) -> ClocksAnswer:
    """The clocks of a case as they stand now."""
    await web.parts.cases.get(number)
    views = await web.parts.room.clocks.of_case(number, web.parts.clock.now())
    return ClocksAnswer(clocks=[ClockAnswer.of(view) for view in views])
