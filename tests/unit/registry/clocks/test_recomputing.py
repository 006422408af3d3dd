"""What a new working calendar does to the clocks that run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hotline import events
from hotline.config import Config
from hotline.registry import taxonomy
from hotline.registry.clocks.calendars import CalendarConflict, CalendarWords
from hotline.registry.clocks.service import CaseClocks
from hotline.registry.model import BadForm, Person
from hotline.storage.journal import Journal
from tests.databases import HandClock
from tests.unit.registry.clocks.lives import HOUR, Lives

CHIEF = Person("chief", "supervisor")


async def declare_holidays(clocks: CaseClocks, *days: str, why: str = "台风停工") -> None:
    words = replace(CalendarWords.of(clocks.calendars.current), holidays=" ".join(days))
    await clocks.calendars.save(words, clocks.calendars.current.revision, CHIEF, why)


async def test_open_limits_move_with_the_calendar_and_say_why(
    lives: Lives, clocks: CaseClocks, journal: Journal
) -> None:
    number = await lives.dispatched(urgency="urgent")
    assert await lives.due(number) == "11-23 08:00"
    await declare_holidays(clocks, "2026-11-23", "2026-11-24")
    assert await clocks.recomputer.catch_up() == 1
    assert await lives.due(number) == "11-25 08:00"
    rows = await lives.rows(number)
    assert (await lives.row(number)).handle_due_at == rows["handle"].due_at
    trace = rows["handle"].trace[-1]
    assert (trace["what"], trace["why"], trace["revision"]) == ("recomputed", "台风停工", 2)
    assert trace["after"] - trace["before"] == 48 * HOUR
    [record] = await journal.read(kinds=[events.ClocksRecomputed])
    assert isinstance(record.event, events.ClocksRecomputed)
    assert record.event.case_number == number
    assert {change["clock"] for change in record.event.changes} == {"handle", "close"}
    [latest, first] = await clocks.calendars.history()
    assert (latest.moved, latest.made_by, first.made_by) == (1, "chief", "system")
    assert latest.recomputed_at is not None


async def test_what_has_ended_or_runs_by_the_wall_clock_stays(
    lives: Lives, clocks: CaseClocks
) -> None:
    done, critical = await lives.dispatched(), await lives.dispatched(urgency="critical")
    before = {number: await lives.rows(number) for number in (done, critical)}
    await lives.step(done, "void", "void")
    await declare_holidays(clocks, "2026-11-20", "2026-11-23")
    assert await clocks.recomputer.catch_up() == 0
    assert await lives.told(done) == await lives.told(critical) == []
    for number, rows in before.items():
        after = await lives.rows(number)
        assert after["handle"].due_at == rows["handle"].due_at


async def test_pauses_and_extensions_are_kept_through_a_new_calendar(
    lives: Lives, clocks: CaseClocks, clock: HandClock
) -> None:
    number = await lives.dispatched(urgency="urgent")
    clock.advance(2 * HOUR)
    await lives.step(number, "suspend", "suspended")
    clock.advance(HOUR)
    await declare_holidays(clocks, "2026-11-23")
    await clocks.recomputer.catch_up()
    assert (await lives.row(number)).handle_due_at is None
    await lives.step(number, "resume", "to_handle")
    assert await lives.due(number) == "11-24 09:00"
    await lives.step(number, "grant_extension", until=clock.now() + 10 * 24 * HOUR)
    await declare_holidays(clocks, "2026-11-23", "2026-11-24")
    await clocks.recomputer.catch_up()
    assert await lives.due(number) == "11-30 11:00"


async def test_many_cases_are_recomputed_in_batches_also_after_a_restart(
    lives: Lives, clocks: CaseClocks, journal: Journal, clock: HandClock
) -> None:
    numbers = [await lives.dispatched(urgency="urgent") for _ in range(45)]
    await declare_holidays(clocks, "2026-11-23")
    again = CaseClocks.of(Config(), journal, clock, taxonomy.load)
    await again.open()
    assert await again.recomputer.catch_up() == 45
    assert {await lives.due(number) for number in numbers} == {"11-24 08:00"}
    assert (await again.calendars.history())[0].moved == 45


async def test_a_calendar_changed_in_the_file_is_a_revision_unless_somebody_saved_one(
    journal: Journal, clock: HandClock, clocks: CaseClocks
) -> None:
    other = Config.model_validate({"clocks": {"holidays": ["2026-11-23"]}})
    changed = CaseClocks.of(other, journal, clock, taxonomy.load)
    await changed.open()
    assert changed.calendars.current.revision == 2
    await declare_holidays(changed, "2026-11-24")
    back = CaseClocks.of(Config(), journal, clock, taxonomy.load)
    await back.open()
    assert back.calendars.current.revision == 3
    assert [str(day) for day in back.calendars.current.holidays] == ["2026-11-24"]


async def test_two_who_change_the_calendar_do_not_overwrite_each_other(clocks: CaseClocks) -> None:
    words = CalendarWords.of(clocks.calendars.current)
    await clocks.calendars.save(words, 1, CHIEF, "first")
    with pytest.raises(CalendarConflict):
        await clocks.calendars.save(words, 1, CHIEF, "second")


@pytest.mark.parametrize(
    ("field", "typed", "key"),
    [
        ("hours", "", "calendar_no_hours"),
        ("hours", "22:00-06:00", "calendar_midnight"),
        ("hours", "eight", "hours_format"),
        ("holidays", "10-01", "calendar_day"),
        ("holidays", "2026-02-30", "calendar_day"),
    ],
)
async def test_a_faulty_calendar_is_refused_beside_its_field(
    clocks: CaseClocks, field: str, typed: str, key: str
) -> None:
    given: dict[str, Any] = {field: typed}
    words = replace(CalendarWords.of(clocks.calendars.current), **given)
    with pytest.raises(BadForm) as refused:
        await clocks.calendars.save(words, 1, CHIEF, "why")
    assert refused.value.faults == {field: key}
