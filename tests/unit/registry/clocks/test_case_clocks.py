"""The clocks of a case, as its life starts, stops, pauses and extends them."""

from __future__ import annotations

import pytest

from hotline import events
from hotline.registry.clocks.limit_table import TimeLimit
from hotline.registry.clocks.service import CaseClocks
from hotline.registry.model import Person
from tests.databases import HandClock
from tests.unit.registry.clocks.lives import HOUR, Lives, since_morning

CHIEF = Person("chief", "supervisor")


async def test_each_stage_has_its_own_clock(lives: Lives) -> None:
    number = await lives.open("to_verify")
    assert await lives.running(number) == {"verify"}
    await lives.step(number, "verify", "to_file")
    assert await lives.running(number) == {"file"}
    await lives.step(number, "file", "to_dispatch")
    assert await lives.running(number) == {"dispatch", "close"}
    await lives.step(number, "dispatch", "to_handle")
    assert await lives.running(number) == {"arrive", "handle", "close"}
    await lives.step(number, "accept", "handling")
    assert await lives.running(number) == {"handle", "close"}
    await lives.step(number, "feedback", "to_check")
    assert await lives.running(number) == {"check", "close"}
    await lives.step(number, "check_pass", "to_close")
    await lives.step(number, "close", "closed")
    assert await lives.running(number) == set()
    assert {row.outcome for row in (await lives.rows(number)).values()} == {"met"}


async def test_the_case_says_when_it_is_due(lives: Lives) -> None:
    number = await lives.dispatched()
    row = await lives.row(number)
    assert row.handle_due_at == (await lives.rows(number))["handle"].due_at
    assert await lives.due(number) == "11-27 08:00"
    assert row.close_due_at == (await lives.rows(number))["close"].due_at
    edits = [
        r.event
        for r in await lives.journal.read(case_number=number)
        if isinstance(r.event, events.CaseEdited)
    ]
    assert {"handle_due_at", "close_due_at"} == {name for e in edits for name in e.changed}


async def test_what_is_done_too_late_is_late(lives: Lives, clock: HandClock) -> None:
    number = await lives.dispatched(urgency="critical")
    clock.advance(4 * HOUR + 1)
    await lives.step(number, "feedback", "to_check")
    rows = await lives.rows(number)
    assert (rows["handle"].outcome, rows["arrive"].outcome) == ("late", "late")
    # Kept, so that the case can be judged by it.
    assert (await lives.row(number)).handle_due_at == rows["handle"].due_at


async def test_a_case_on_hold_loses_no_time(lives: Lives, clock: HandClock) -> None:
    number = await lives.dispatched(urgency="urgent")
    assert await lives.due(number) == "11-23 08:00"
    clock.advance(2 * HOUR)
    await lives.step(number, "suspend", "suspended")
    assert (await lives.row(number)).handle_due_at is None
    clock.advance(since_morning("11-25 15:00") - 2 * HOUR)
    await lives.step(number, "resume", "to_handle")
    rows = await lives.rows(number)
    assert await lives.due(number) == "11-26 13:00"
    assert [entry["what"] for entry in rows["handle"].trace] == ["started", "paused", "resumed"]
    assert (await lives.row(number)).handle_due_at == rows["handle"].due_at


async def test_an_extension_moves_the_limit_once_to_what_was_granted(
    lives: Lives, clock: HandClock
) -> None:
    number = await lives.dispatched(urgency="urgent")
    until = clock.now() + since_morning("11-27 12:00")
    await lives.step(number, "grant_extension", until=until)
    assert await lives.due(number) == "11-27 12:00"
    assert await lives.due(number, "close") == "11-27 12:00"
    assert (await lives.row(number)).handle_due_at == until
    assert await lives.due(number, "arrive") == "11-20 10:00"


async def test_rework_starts_a_new_clock(lives: Lives, clock: HandClock) -> None:
    number = await lives.dispatched(urgency="urgent")
    await lives.step(number, "feedback", "to_check")
    clock.advance(3 * HOUR)
    await lives.step(number, "check_fail", "to_handle")
    assert await lives.due(number) == "11-23 11:00"
    views = await lives.clocks.of_case(number, clock.now())
    assert [v.outcome for v in views if v.kind == "handle"] == ["", "met"]


async def test_a_case_sent_back_is_nobodys_delay(lives: Lives) -> None:
    number = await lives.dispatched()
    await lives.step(number, "send_back", "to_dispatch")
    rows = await lives.rows(number)
    assert rows["handle"].outcome == "withdrawn"
    assert (await lives.row(number)).handle_due_at is None
    assert await lives.running(number) == {"dispatch", "close"}


@pytest.mark.parametrize("action", ["void", "force_close"])
async def test_a_case_that_ends_by_force_stops_its_clocks(lives: Lives, action: str) -> None:
    number = await lives.dispatched()
    await lives.step(number, action, "void" if action == "void" else "closed")
    rows = await lives.rows(number)
    assert rows["handle"].outcome == "withdrawn"
    assert rows["close"].outcome == ("withdrawn" if action == "void" else "met")
    assert await lives.running(number) == set()


async def test_the_class_and_its_condition_decide_the_limit(
    lives: Lives, clocks: CaseClocks
) -> None:
    await limit(clocks, "2工作时", condition="blocked")
    await limit(clocks, "3自然日")
    standard = {"standard": "gbt-30428.2-2013", "category_code": "component/0101"}
    number = await lives.dispatched(**standard, condition="blocked")
    assert await lives.due(number) == "11-20 10:00"
    assert await lives.due(await lives.dispatched(**standard)) == "11-23 08:00"
    await lives.edit(number, condition="broken")
    assert await lives.due(number) == "11-23 08:00"
    assert (await lives.rows(number))["handle"].trace[-1]["what"] == "relimited"


async def test_a_limit_that_changes_later_leaves_open_cases_alone(
    lives: Lives, clocks: CaseClocks
) -> None:
    number = await lives.dispatched()
    fallback = next(
        row for row in clocks.limits.table.rows if (row.kind, row.urgency) == ("handle", "")
    )
    changed = TimeLimit(*fallback.key[:3], "", "", "handle", "1工作时", version=fallback.version)
    await clocks.limits.save(changed, CHIEF, "stricter")
    assert await lives.due(number) == "11-27 08:00"
    assert await lives.due(await lives.dispatched()) == "11-20 09:00"


async def test_publication_is_a_clock_of_its_own_where_the_city_sets_a_limit(
    lives: Lives, clocks: CaseClocks
) -> None:
    row = TimeLimit("", "", "", "", "", "publish", "3自然日")
    await clocks.limits.save(row, CHIEF, "by decree")
    number = await lives.dispatched()
    await lives.step(number, "force_close", "closed")
    assert await lives.running(number) == {"publish"}
    await clocks.published(number, CHIEF)
    assert (await lives.rows(number))["publish"].outcome == "met"


async def limit(clocks: CaseClocks, text: str, condition: str = "") -> None:
    key = ("gbt-30428.2-2013", "component/0101", condition)
    row = TimeLimit(*key, condition and "堵塞", "", "handle", text)
    await clocks.limits.save(row, CHIEF, "new")
