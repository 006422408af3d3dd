"""The duty calendar: the month, each queue's week, closures, and what a caller would hear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from hotline.calendar.holidays import DayFacts
from hotline.calendar.hours import write_week
from hotline.calendar.model import HolidayRule, QueueState, Special, What
from hotline.calendar.service import (
    DAY_NAMES,
    CalendarConflict,
    CalendarFault,
    CalendarService,
    NoSuchSpecial,
    read_moment,
    write_moment,
)
from hotline.clock import local
from hotline.storm.model import Storm
from hotline.storm.service import storm_at
from hotline.web.access import CalendarStaff
from hotline.web.errors import Conflict, NotFound
from hotline.web.names import names_of
from hotline.web.page import Page, PageOf
from hotline.web.web import RowId, Web, WebOf

router = APIRouter()

QueueName = Annotated[str, Path(max_length=32)]
# What a browser may send at most; what hours may be is judged by the calendar.
_Text = Annotated[str, Field(max_length=1000)]
_DONE = frozenset({"hours", "added", "removed"})
_WEEK = timedelta(days=7)


class HoursForm(BaseModel):
    """A queue's week as it was typed."""

    mon: _Text = ""
    tue: _Text = ""
    wed: _Text = ""
    thu: _Text = ""
    fri: _Text = ""
    sat: _Text = ""
    sun: _Text = ""
    holidays: _Text = ""
    version: int = 0


class SpecialForm(BaseModel):
    """A closure or opening as it was typed; times in the city's."""

    what: _Text = What.CLOSED.value
    queue: _Text = ""
    since: _Text = ""
    until: _Text = ""
    text_zh: _Text = ""
    text_en: _Text = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of the month: what it is, its hours, and what is decided for it."""

    day: date
    in_month: bool
    facts: DayFacts
    hours: tuple[str, ...]
    specials: tuple[Special, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller would hear at ``at``. ``hears`` is None when nobody can say it in full."""

    at: float
    day: date
    facts: DayFacts
    states: Sequence[QueueState]
    storm: Storm | None
    hears: Sequence[str] | None


@router.get("/calendar")
async def calendar_page(
    request: Request, web: WebOf, page: PageOf, viewer: CalendarStaff
) -> Response:
    """The month that the address asks for, else this one."""
    done = request.query_params.get("done", "")
    return await _page(web, page, request.query_params, done=done if done in _DONE else "")


@router.post("/calendar/hours/{queue}")
async def save_hours(
    web: WebOf,
    page: PageOf,
    viewer: CalendarStaff,
    queue: QueueName,
    form: Annotated[HoursForm, Form()],
) -> Response:
    """Save a queue's week."""
    service = web.parts.calendar
    if queue not in service.queues:
        raise NotFound("not_found")
    typed = form.model_dump()
    days = [typed[name] for name in DAY_NAMES]
    try:
        await service.set_hours(queue, days, form.holidays, form.version, viewer.user_id)
    except CalendarFault as fault:
        return await _page(web, page, {"queue": queue}, fault=fault, hours=typed)
    except CalendarConflict as conflict:
        raise Conflict("calendar_changed") from conflict
    return RedirectResponse(f"/calendar?queue={queue}&done=hours", status_code=303)


@router.post("/calendar/specials")
async def add_special(
    web: WebOf, page: PageOf, viewer: CalendarStaff, form: Annotated[SpecialForm, Form()]
) -> Response:
    """Close or open for a time."""
    try:
        special = await web.parts.calendar.add_special(_typed(form, web), viewer.user_id)
    except CalendarFault as fault:
        return await _page(web, page, {}, fault=fault, special=form.model_dump())
    month = local(special.since, web.parts.config.zone).strftime("%Y-%m")
    return RedirectResponse(f"/calendar?month={month}&done=added", status_code=303)


@router.post("/calendar/specials/{special_id}/remove")
async def remove_special(
    web: WebOf, page: PageOf, viewer: CalendarStaff, special_id: RowId
) -> Response:
    """Take a closure or opening away; it stays as history."""
    try:
        await web.parts.calendar.remove_special(special_id, viewer.user_id)
    except NoSuchSpecial as error:
        raise NotFound("no_such_special") from error
    return RedirectResponse("/calendar?done=removed", status_code=303)


def month_of(service: CalendarService, queue: str, month: date) -> list[list[Cell]]:
    """The weeks that ``month`` (its first day) touches, each from Monday to Sunday."""
    calendar = service.calendar
    first = month - timedelta(days=month.weekday())
    weeks = []
    while first.month == month.month or first < month:
        days = [first + timedelta(days=ahead) for ahead in range(7)]
        weeks.append(
            [
                Cell(
                    day,
                    day.month == month.month,
                    calendar.days(day),
                    tuple(map(str, calendar.spans(queue, day))),
                    calendar.specials_on(queue, day),
                )
                for day in days
            ]
        )
        first += _WEEK
    return weeks


async def _page(
    web: Web,
    page: Page,
    query: Mapping[str, str],
    *,
    fault: CalendarFault | None = None,
    hours: Mapping[str, Any] | None = None,
    special: Mapping[str, Any] | None = None,
    done: str = "",
) -> Response:
    service, zone, now = web.parts.calendar, web.parts.config.zone, web.parts.clock.now()
    queue = query.get("queue", "")
    if queue not in service.queues:
        queue = service.queues[0]
    today = local(now, zone).date()
    month = _month(query.get("month", ""), today)
    weeks = month_of(service, queue, month)
    asked = query.get("at", "")
    at = _moment(asked, web)
    specials = await service.specials()
    errors = fault.faults if fault else {}
    return page.render(
        "calendar/calendar.html",
        status=422 if fault else 200,
        queues=service.queues,
        queue=queue,
        queue_options=[
            ("", page.t("calendar.every_queue")),
            *((q, page.queue_title(q)) for q in service.queues),
        ],
        kept=service.calendar.queues[queue],
        given=hours or _given(service, queue),
        day_names=DAY_NAMES,
        rules=[rule.value for rule in HolidayRule],
        month=month,
        before=(month - timedelta(days=1)).strftime("%Y-%m"),
        after=(month + timedelta(days=31)).strftime("%Y-%m"),
        today=today,
        weeks=weeks,
        unknown=sorted({c.day.year for week in weeks for c in week if not c.facts.known}),
        asked=write_moment(now if at is None else at, zone),
        unread=bool(asked) and at is None,
        answer=None if at is None else await _answer(web, at),
        upcoming=[s for s in reversed(specials) if s.until > now and s.removed_at is None],
        past=[s for s in specials if s.until <= now or s.removed_at is not None],
        special=special or _new_special(today),
        errors={name: page.t(f"error.field.{key}") for name, key in errors.items()},
        wrong="special" if special else "hours" if hours else "",
        names=await names_of(web.parts.database),
        done=done,
    )


async def _answer(web: Web, at: float) -> Answer:
    service = web.parts.calendar
    calendar = service.calendar
    return Answer(
        at,
        calendar.date_of(at),
        calendar.day(at),
        [service.state(queue, at) for queue in service.queues],
        await storm_at(web.parts.database, at),
        list(web.parts.hears(at)) if web.parts.hears else None,
    )


def _given(service: CalendarService, queue: str) -> dict[str, Any]:
    kept = service.calendar.queues[queue]
    days = dict(zip(DAY_NAMES, write_week(kept.week), strict=True))
    return {**days, "holidays": kept.holidays.value, "version": kept.version}


def _new_special(today: date) -> dict[str, Any]:
    tomorrow = today + timedelta(days=1)
    after = tomorrow + timedelta(days=1)
    return SpecialForm(since=f"{tomorrow}T00:00", until=f"{after}T00:00").model_dump()


def _typed(form: SpecialForm, web: Web) -> Special:
    """What was typed, for the calendar to judge. Raises :class:`CalendarFault`."""
    times = {name: _moment(getattr(form, name), web) for name in ("since", "until")}
    faults = {name: "moment" for name, at in times.items() if at is None}
    if form.what not in {what.value for what in What}:
        faults["what"] = "choice"
    since, until = times["since"], times["until"]
    if faults or since is None or until is None:
        raise CalendarFault(faults)
    return Special(0, What(form.what), form.queue, since, until, form.text_zh, form.text_en)


def _month(typed: str, today: date) -> date:
    try:
        month = date.fromisoformat(f"{typed}-01")
    except ValueError:
        return today.replace(day=1)
    # Beyond these the weeks around a month are no dates.
    return month if 1900 <= month.year <= 9000 else today.replace(day=1)


def _moment(typed: str, web: Web) -> float | None:
    try:
        return read_moment(typed, web.parts.config.zone)
    except (ValueError, OverflowError):
        return None
