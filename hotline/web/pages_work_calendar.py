"""The working calendar that time limits count by: the one in force, and its revisions."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from hotline.clock import local
from hotline.registry.clocks.calendar import years_unknown
from hotline.registry.clocks.calendars import CalendarConflict, CalendarWords
from hotline.registry.clocks.limit_book import WHY_LENGTH
from hotline.registry.model import BadForm
from hotline.web.access import CalendarStaff
from hotline.web.errors import Conflict
from hotline.web.names import names_of
from hotline.web.page import Page, PageOf
from hotline.web.web import Web, WebOf

router = APIRouter()

DAYS_AHEAD = 35
_Text = Annotated[str, Field(max_length=2000)]


class CalendarForm(BaseModel):
    """A working calendar as it was typed."""

    hours: _Text = ""
    official: bool = False
    holidays: Annotated[str, Field(max_length=20_000)] = ""
    workdays: Annotated[str, Field(max_length=20_000)] = ""
    revision: int = 0
    why: _Text = ""


@router.post("/limits/calendar")
async def save_calendar(
    web: WebOf, page: PageOf, viewer: CalendarStaff, form: Annotated[CalendarForm, Form()]
) -> Response:
    """Count by another working calendar; open clocks are recomputed from now on."""
    words = CalendarWords(form.hours, form.official, form.holidays, form.workdays)
    try:
        await web.parts.room.clocks.calendars.save(words, form.revision, viewer, form.why)
    except BadForm as fault:
        return await show_calendar(web, page, fault=fault, given=form.model_dump())
    except CalendarConflict as conflict:
        raise Conflict("work_calendar_changed") from conflict
    return RedirectResponse("/limits?view=calendar&done=calendar", status_code=303)


async def show_calendar(
    web: Web,
    page: Page,
    *,
    fault: BadForm | None = None,
    given: Mapping[str, Any] | None = None,
    done: str = "",
) -> Response:
    """The page: the calendar in force, or as it was typed with what is wrong with it."""
    calendars = web.parts.room.clocks.calendars
    current = calendars.current
    words = CalendarWords.of(current)
    today = local(web.parts.clock.now(), web.parts.config.zone).date()
    first = today - timedelta(days=today.weekday())
    days = [first + timedelta(days=ahead) for ahead in range(DAYS_AHEAD)]
    # A year's first days are not computed on the loop's time: the library is slow at them.
    facts = await asyncio.to_thread(lambda: [(day, current.facts(day)) for day in days])
    errors = fault.faults if fault else {}
    kept = {
        "hours": words.hours,
        "official": words.official,
        "holidays": words.holidays,
        "workdays": words.workdays,
        "revision": current.revision,
        "why": "",
    }
    return page.render(
        "limits/calendar.html",
        status=422 if fault else 200,
        view="calendar",
        current=current,
        given=given or kept,
        weeks=[facts[at : at + 7] for at in range(0, DAYS_AHEAD, 7)],
        today=today,
        unknown=years_unknown(current, days),
        history=await calendars.history(),
        errors={name: page.t(f"error.field.{key}") for name, key in errors.items()},
        names=await names_of(web.parts.database),
        why_length=WHY_LENGTH,
        done=done,
    )
