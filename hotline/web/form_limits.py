"""What the city's table of time limits says of the form being typed."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from hotline.registry.clocks.limits import read_limit
from hotline.registry.clocks.model import ClockKind
from hotline.registry.taxonomy.chosen import AS_IT_STANDS
from hotline.web.access import CaseStaff
from hotline.web.page import PageOf
from hotline.web.web import WebOf

router = APIRouter()

_TOLD = (ClockKind.ARRIVE, ClockKind.HANDLE, ClockKind.CLOSE)


class TypedForm(BaseModel):
    """As much of the form as decides it; ``category`` is empty for none yet."""

    category: str = Field("", max_length=40)
    condition: str = Field("", max_length=64)
    urgency: Literal["normal", "urgent", "critical"] = "normal"


class ConditionView(BaseModel):
    """A filing condition of the class, and what it is called."""

    key: str
    text: str


class LimitView(BaseModel):
    """A time limit in words; ``due_at`` is when it would end if it began now, in Unix seconds."""

    name: str
    limit: str
    due_at: float


class FormLimits(BaseModel):
    """What may be chosen, and how long there will be for the case."""

    conditions: list[ConditionView]
    limits: list[LimitView]


@router.get("/api/form/limits")
async def form_limits(
    web: WebOf, page: PageOf, viewer: CaseStaff, form: Annotated[TypedForm, Query()]
) -> FormLimits:
    """The filing conditions of a class, and the time limits that a case like this would have."""
    known = web.parts.room.taxonomy.current.get(form.category.removeprefix(AS_IT_STANDS))
    standard, key = (known.standard, known.key) if known else ("", "")
    clocks, now = web.parts.room.clocks, web.parts.clock.now()
    limits = []
    for kind in _TOLD:
        row = clocks.limits.table.find(kind, standard, key, form.condition, form.urgency)
        if row is not None:
            words = read_limit(row.limit).text(page.language)
            due = clocks.due_if_begun(row.limit, now)
            limits.append(LimitView(name=page.t(f"clock.{kind}"), limit=words, due_at=due))
    offered = clocks.limits.conditions(standard, key)
    return FormLimits(
        conditions=[ConditionView(key=one, text=text or one) for one, text in offered],
        limits=limits,
    )
