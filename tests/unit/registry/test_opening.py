from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from hotline.registry.forms import read_form
from hotline.registry.model import (
    BadForm,
    CaseConflict,
    NotAllowed,
    Person,
)
from hotline.registry.service import CaseRegistry
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.storage.tables import DraftRow
from tests.databases import MORNING, HandClock
from tests.unit.registry.cases import (
    AGENT,
    CALL,
    CALLBACK,
    CHIEF,
    NUMBER,
    TYPED,
    arrive,
    kinds,
    opened,
)


async def test_a_saved_form_is_a_case_with_a_number_and_its_call(
    journal: Journal, registry: CaseRegistry
) -> None:
    await arrive(journal)
    case = await opened(registry, category="component/0101", unit="供水公司")
    assert (case.case_number, case.state, case.version) == ("2026112000001", "to_file", 1)
    assert (case.call_id, case.source, case.opened_by) == (CALL, "hotline", "agent1")
    assert (case.standard, case.category_name) == ("gbt-30428.2-2013", "上水井盖")
    assert (case.opened_at, case.changed_at, case.closed_at) == (MORNING, MORNING, None)
    assert await registry.get(case.case_number) == case
    assert await kinds(registry, case) == ["CaseOpened"]


async def test_the_caller_can_be_reached_at_the_number_they_called_from(
    journal: Journal, registry: CaseRegistry
) -> None:
    await arrive(journal, calling=f"+86{NUMBER}")
    assert (await opened(registry)).caller_phone == NUMBER


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ({"caller_phone": "13900139000"}, "13900139000"),
        ({"caller_phone": ""}, ""),
        ({"anonymous": True}, ""),
    ],
)
async def test_what_the_agent_says_of_the_phone_counts(
    journal: Journal, registry: CaseRegistry, typed: dict[str, Any], phone: str
) -> None:
    await arrive(journal)
    assert (await opened(registry, **typed)).caller_phone == phone


async def test_a_withheld_number_leaves_the_phone_empty(
    journal: Journal, registry: CaseRegistry
) -> None:
    await arrive(journal, calling="anonymous")
    assert (await opened(registry)).caller_phone == ""


async def test_saving_twice_edits_the_same_case(journal: Journal, registry: CaseRegistry) -> None:
    await arrive(journal)
    first = await opened(registry)
    again = await opened(registry, address="人民路", caller_phone=NUMBER)
    assert (again.case_number, again.address, again.version) == (first.case_number, "人民路", 2)
    assert (await opened(registry, address="人民路")).version == 2
    assert await kinds(registry, first) == ["CaseOpened", "CaseEdited"]


async def test_saving_at_the_same_time_makes_one_case(
    journal: Journal, registry: CaseRegistry
) -> None:
    await arrive(journal)
    cases = await asyncio.gather(*(opened(registry) for _ in range(5)))
    assert {case.case_number for case in cases} == {"2026112000001"}


async def test_a_second_save_does_not_undo_what_somebody_else_changed(
    journal: Journal, registry: CaseRegistry
) -> None:
    case = await opened(registry)
    await registry.edit(case.case_number, {"unit": "路灯所"}, case.version, CHIEF)
    with pytest.raises(CaseConflict) as conflict:
        await opened(registry)
    assert conflict.value.case.unit == "路灯所"
    form = read_form({**TYPED, "unit": "路灯所", "address": "人民路"})
    saved = await registry.open_from_call(form, CALL, AGENT, conflict.value.case.version)
    assert (saved.address, saved.version) == ("人民路", 3)


async def test_saving_clears_the_draft_of_that_agent_only(
    database: Database, registry: CaseRegistry
) -> None:
    async with database.writing() as session:
        for who in ("agent1", "agent2"):
            session.add(DraftRow(call_id=CALL, user_id=who, form={}, saved_at=0.0))
    await opened(registry)
    async with database.session() as session:
        assert [d.user_id for d in await session.scalars(select(DraftRow))] == ["agent2"]


async def test_numbers_are_given_once_under_a_rush(registry: CaseRegistry) -> None:
    cases = await asyncio.gather(*(opened(registry, call_id=f"c{n}") for n in range(30)))
    numbers = sorted(case.case_number for case in cases)
    assert numbers == [f"20261120{n:05d}" for n in range(1, 31)]


async def test_numbers_begin_anew_at_the_citys_midnight(
    registry: CaseRegistry, clock: HandClock
) -> None:
    await opened(registry, call_id="today")
    clock.advance(16 * 3600 - 1)
    assert (await opened(registry, call_id="late")).case_number == "2026112000002"
    clock.advance(1)
    assert (await opened(registry, call_id="tomorrow")).case_number == "2026112100001"


async def test_an_unknown_category_is_refused_and_uses_up_no_number(
    registry: CaseRegistry,
) -> None:
    with pytest.raises(BadForm) as refused:
        await opened(registry, category="component/9999")
    assert refused.value.faults == {"category": "form.category"}
    assert (await opened(registry)).case_number == "2026112000001"


async def test_only_the_desk_opens_cases(registry: CaseRegistry) -> None:
    for who in (CALLBACK, Person("admin", "admin")):
        with pytest.raises(NotAllowed, match="not_your_role"):
            await registry.open_from_call(read_form(TYPED), CALL, who)
