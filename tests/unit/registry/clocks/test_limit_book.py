"""The city's table of time limits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hotline import events
from hotline.config import Config
from hotline.registry import taxonomy
from hotline.registry.clocks import limit_table
from hotline.registry.clocks.limit_book import LimitConflict, NoSuchLimit
from hotline.registry.clocks.limit_table import BadTable, LimitTable, TimeLimit
from hotline.registry.clocks.service import CaseClocks, examples
from hotline.registry.model import BadForm, Person
from hotline.storage.journal import Journal
from tests.databases import HandClock

CHIEF = Person("chief", "supervisor")
STANDARD = "gbt-30428.2-2013"
HEAD = "standard,class_key,condition,condition_text,urgency,kind,limit\n"


def row(
    limit: str, condition: str = "", urgency: str = "", key: str = "component/0101"
) -> TimeLimit:
    return TimeLimit(STANDARD if key else "", key, condition, "", urgency, "handle", limit)


def test_the_narrowest_row_counts() -> None:
    table = LimitTable(
        (
            row("5工作日", key=""),
            row("1工作日", urgency="urgent", key=""),
            row("3工作日"),
            row("2工作日", condition="a"),
            row("1工作时", condition="a", urgency="critical"),
        )
    )

    def found(key: str, condition: str, urgency: str) -> str:
        limit = table.find("handle", STANDARD, key, condition, urgency)
        return limit.limit if limit else ""

    assert found("component/0101", "a", "critical") == "1工作时"
    assert found("component/0101", "a", "urgent") == "2工作日"
    assert found("component/0101", "b", "urgent") == "3工作日"
    assert found("component/0102", "a", "urgent") == "1工作日"
    assert found("component/0102", "a", "normal") == "5工作日"
    assert table.find("publish", STANDARD, "component/0101", "", "normal") is None


def test_published_examples_become_one_row_for_each_condition() -> None:
    rows = list(limit_table.from_example(STANDARD, "event/0101", "2紧急工作时/4小时/1天"))
    assert [(r.condition, r.limit) for r in rows] == [
        ("1", "2紧急工作时"),
        ("2", "4工作时"),
        ("3", "1工作日"),
    ]
    assert [(r.condition, r.limit) for r in limit_table.from_example("s", "event/1", "3天")] == [
        ("", "3工作日")
    ]
    [first, second] = limit_table.from_example(STANDARD, "event/0122", "1紧急工作时制止/3天")
    assert (first.condition_text, second.condition_text) == ("制止", "情形2")


def test_every_published_example_of_the_standard_is_read() -> None:
    standard = taxonomy.load(STANDARD)
    rows = list(examples(standard))
    written = sum(len([p for p in c.example_limit.split("/") if p]) for c in standard)
    assert len(rows) == written
    assert not [limit_table.check(row) for row in rows if limit_table.check(row)]


async def test_a_demo_begins_with_them_and_a_city_with_the_fallbacks_alone(
    journal: Journal, clock: HandClock, clocks: CaseClocks
) -> None:
    assert {row.class_key for row in clocks.limits.table.rows} == {""}
    demo = Config.model_validate({"hotline": {"demo": True}})
    again = CaseClocks.of(demo, journal, clock, taxonomy.load)
    await again.open()
    assert again.limits.table.rows == clocks.limits.table.rows


async def test_a_change_keeps_who_when_why_and_what_stood_there(
    clocks: CaseClocks, journal: Journal, clock: HandClock
) -> None:
    first = await clocks.limits.save(row(" ４小时 ", "blocked"), CHIEF, "新规定")
    assert (first.limit, first.version) == ("4工作时", 1)
    clock.advance(60)
    second = await clocks.limits.save(replace(first, limit="2工作时"), CHIEF, "更严")
    history = await clocks.limits.history(second.limit_id)
    assert [(h.limit, h.why, h.by) for h in history] == [
        ("2工作时", "更严", "chief"),
        ("4工作时", "新规定", "chief"),
    ]
    assert history[0].at - history[1].at == 60
    told = [record.event for record in await journal.read(kinds=[events.TimeLimitChanged])]
    assert isinstance(told[-1], events.TimeLimitChanged)
    assert (told[-1].limit, told[-1].before) == ("2工作时", "4工作时")
    assert clocks.limits.conditions(STANDARD, "component/0101") == (("blocked", ""),)


async def test_two_who_change_a_row_do_not_overwrite_each_other(clocks: CaseClocks) -> None:
    first = await clocks.limits.save(row("4工作时"), CHIEF, "new")
    await clocks.limits.save(replace(first, limit="2工作时"), CHIEF, "stricter")
    with pytest.raises(LimitConflict):
        await clocks.limits.save(replace(first, limit="8工作时"), CHIEF, "milder")
    with pytest.raises(LimitConflict):
        await clocks.limits.save(row("8工作时"), CHIEF, "a second one")


async def test_a_removed_row_keeps_its_history_and_may_come_back(clocks: CaseClocks) -> None:
    first = await clocks.limits.save(row("4工作时"), CHIEF, "new")
    await clocks.limits.remove(first.limit_id, first.version, CHIEF, "gone")
    with pytest.raises(NoSuchLimit):
        clocks.limits.get(first.limit_id)
    back = await clocks.limits.save(row("6工作时"), CHIEF, "back")
    assert back.limit_id == first.limit_id
    history = await clocks.limits.history(first.limit_id)
    assert [(h.version, h.removed) for h in history] == [(3, False), (2, True), (1, False)]


async def test_what_is_wrong_with_a_row_is_told_beside_its_field(clocks: CaseClocks) -> None:
    wrong = TimeLimit("", "pipe", "a b", "x" * 201, "soon", "wait", "4周")
    with pytest.raises(BadForm) as refused:
        await clocks.limits.save(wrong, CHIEF, " ")
    assert refused.value.faults == {
        "class_key": "limit_class",
        "standard": "limit_standard",
        "condition": "limit_condition",
        "condition_text": "too_long",
        "urgency": "choice",
        "kind": "choice",
        "limit": "limit_format",
        "why": "required",
    }


async def test_the_table_goes_out_to_a_file_and_comes_back_the_same(clocks: CaseClocks) -> None:
    await clocks.limits.save(row("4工作时", "blocked"), CHIEF, "new")
    before = clocks.limits.table.rows
    assert await clocks.limits.import_csv(clocks.limits.export_csv(), CHIEF, "again") == (0, 0)
    assert clocks.limits.table.rows == before


async def test_a_file_adds_and_changes_rows(clocks: CaseClocks) -> None:
    await clocks.limits.save(row("4工作时"), CHIEF, "new")
    text = (
        "\ufeff"
        + HEAD
        + f"{STANDARD},component/0101,,,,handle,2小时\n"
        + f"{STANDARD},component/0102,blocked,堵塞,urgent,arrive,1紧急工作时\n"
    )
    assert await clocks.limits.import_csv(text, CHIEF, "年度调整") == (1, 1)
    found = clocks.limits.table.find("handle", STANDARD, "component/0101", "", "normal")
    assert found is not None
    assert found.limit == "2工作时"


async def test_a_faulty_file_names_each_row_and_takes_in_none(clocks: CaseClocks) -> None:
    before = clocks.limits.table.rows
    text = (
        HEAD
        + f"{STANDARD},component/0101,,,,handle,2小时\n"
        + f"{STANDARD},component/0101,,,,handle,3小时\n"
        + f"{STANDARD},pipe,,,,handle,soon\n"
        + ",,a,,,handle,1天\n"
    )
    with pytest.raises(BadTable) as refused:
        await clocks.limits.import_csv(text, CHIEF, "")
    assert [(fault.line, fault.field, fault.key) for fault in refused.value.faults] == [
        (3, "", "limit_twice"),
        (4, "class_key", "limit_class"),
        (4, "limit", "limit_format"),
        (5, "class_key", "limit_class_missing"),
    ]
    assert clocks.limits.table.rows == before
    with pytest.raises(BadTable) as headless:
        await clocks.limits.import_csv("a,b\n1,2\n", CHIEF, "")
    assert headless.value.faults[0].key == "limit_column"
