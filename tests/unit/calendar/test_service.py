"""The calendar in force: saved, journalled, answered from memory."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hotline import events
from hotline.calendar.model import HolidayRule, Special, What, Why
from hotline.calendar.service import (
    CalendarConflict,
    CalendarFault,
    CalendarService,
    NoSuchSpecial,
)
from hotline.storage.journal import Journal
from tests.databases import CITY, MORNING, HandClock

HOUR = 3600.0
WEEK = ["09:00-17:00"] * 5 + ["", ""]


def closure(**more: object) -> Special:
    made = Special(0, What.CLOSED, "", MORNING, MORNING + 4 * HOUR, "系统升级", "Upgrade")
    return replace(made, **more)  # type: ignore[arg-type]


async def restarted(journal: Journal) -> CalendarService:
    service = CalendarService(journal, CITY, {"hotline": "08:00-18:00"})
    await service.load()
    return service


async def test_the_configured_hours_hold_until_others_are_saved(
    calendar: CalendarService, journal: Journal
) -> None:
    await calendar.load()
    assert calendar.is_open("hotline", MORNING)
    await calendar.set_hours("hotline", WEEK, "closed", 0, "supervisor")
    assert not calendar.is_open("hotline", MORNING)
    again = await restarted(journal)
    assert again.calendar.queues == calendar.calendar.queues
    hours = again.calendar.queues["hotline"]
    assert (hours.holidays, hours.version, hours.changed_by) == (
        HolidayRule.CLOSED,
        1,
        "supervisor",
    )


async def test_a_change_of_hours_is_journalled_with_what_stood_before(
    calendar: CalendarService, journal: Journal
) -> None:
    await calendar.set_hours("hotline", WEEK, "sunday", 0, "supervisor")
    [record] = await journal.read(kinds=(events.DutyHoursChanged,))
    assert record.event == events.DutyHoursChanged(
        "hotline", tuple(WEEK), "sunday", "supervisor", ("08:00-18:00",) * 7, "usual"
    )


async def test_whoever_saves_from_an_older_page_is_told(calendar: CalendarService) -> None:
    await calendar.set_hours("hotline", WEEK, "closed", 0, "supervisor")
    with pytest.raises(CalendarConflict):
        await calendar.set_hours("hotline", [""] * 7, "closed", 0, "admin")
    assert calendar.calendar.queues["hotline"].changed_by == "supervisor"


async def test_each_faulty_day_is_named(calendar: CalendarService) -> None:
    typed = ["8-12", "09:00-17:00", "09:00-12:00 11:00-13:00", "", "", "", ""]
    with pytest.raises(CalendarFault) as refused:
        await calendar.set_hours("hotline", typed, "closed", 0, "supervisor")
    assert refused.value.faults == {"mon": "hours_format", "wed": "hours_overlap"}
    with pytest.raises(CalendarFault):
        await calendar.set_hours("hotline", WEEK, "sometimes", 0, "supervisor")


async def test_a_closure_holds_at_once_and_after_a_restart(
    calendar: CalendarService, journal: Journal
) -> None:
    made = await calendar.add_special(closure(), "supervisor")
    assert calendar.state("hotline", MORNING).why is Why.CLOSURE
    again = await restarted(journal)
    assert again.state("hotline", MORNING).special == made
    assert again.is_open("hotline", MORNING + 4 * HOUR)
    [record] = await journal.read(kinds=(events.SpecialAdded,))
    assert record.event.data()["by"] == "supervisor"


async def test_a_removed_closure_stays_as_history(
    calendar: CalendarService, journal: Journal, clock: HandClock
) -> None:
    made = await calendar.add_special(closure(), "supervisor")
    clock.advance(60)
    await calendar.remove_special(made.special_id, "admin")
    assert calendar.is_open("hotline", MORNING)
    [kept] = await calendar.specials()
    assert (kept.removed_by, kept.removed_at) == ("admin", MORNING + 60)
    with pytest.raises(NoSuchSpecial):
        await calendar.remove_special(made.special_id, "admin")
    assert len(await journal.read(kinds=(events.SpecialRemoved,))) == 1


@pytest.mark.parametrize(
    ("change", "field", "key"),
    [
        ({"until": MORNING}, "until", "until_before_since"),
        ({"since": MORNING - 9 * HOUR, "until": MORNING - HOUR}, "until", "until_past"),
        ({"until": MORNING + 400 * 24 * HOUR}, "until", "special_too_long"),
        ({"queue": "elsewhere"}, "queue", "choice"),
        ({"text_en": "x" * 301}, "text_en", "too_long"),
    ],
)
async def test_a_closure_that_cannot_be_is_refused(
    calendar: CalendarService, change: dict[str, object], field: str, key: str
) -> None:
    with pytest.raises(CalendarFault) as refused:
        await calendar.add_special(closure(**change), "supervisor")
    assert refused.value.faults == {field: key}
    assert await calendar.specials() == []


async def test_a_flow_is_told_the_facts(calendar: CalendarService) -> None:
    await calendar.add_special(closure(until=MORNING + HOUR), "supervisor")
    assert calendar.facts(MORNING) == {
        "queue.hotline.open": False,
        "queue.hotline.why": "closure",
        "calendar.holiday": "",
        "calendar.holiday_en": "",
        "calendar.workday": True,
        "calendar.known": True,
        "announcement": "系统升级",
        "announcement_en": "Upgrade",
    }
    later = calendar.facts(MORNING + HOUR)
    assert (later["queue.hotline.open"], later["announcement"]) == (True, "")
