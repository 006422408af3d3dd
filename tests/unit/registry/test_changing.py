from __future__ import annotations

import asyncio

import pytest

from hotline import events
from hotline.registry.life.model import Inputs
from hotline.registry.model import (
    BadForm,
    Case,
    CaseConflict,
    NoSuchCase,
    NotAllowed,
    Person,
)
from hotline.registry.service import CaseRegistry
from hotline.storage.journal import Journal, Transaction
from hotline.storage.tables import CaseRow
from tests.databases import HandClock
from tests.unit.registry.cases import (
    AGENT,
    CALLBACK,
    CHIEF,
    OTHER,
    TYPED,
    Noted,
    kinds,
    opened,
    reported,
)


async def test_an_edit_keeps_what_it_replaced(registry: CaseRegistry) -> None:
    case = await opened(registry)
    changes = {"address": "人民路", "kind": "complaint"}
    edited = await registry.edit(case.case_number, changes, 1, OTHER)
    assert (edited.address, edited.description, edited.version) == ("人民路", "路灯不亮", 2)
    assert edited.changed_by == "agent2"
    event = (await registry.history(case.case_number))[-1].event
    assert event == events.CaseEdited(
        case.case_number, "agent2", ("address",), {"address": "中山路"}, {"address": "人民路"}, 2
    )


async def test_an_edit_that_changes_nothing_leaves_no_trace(registry: CaseRegistry) -> None:
    case = await opened(registry)
    assert await registry.edit(case.case_number, TYPED, 1, OTHER) == case
    assert await kinds(registry, case) == ["CaseOpened"]


async def test_two_who_edit_at_once_do_not_overwrite_each_other(registry: CaseRegistry) -> None:
    case = await opened(registry)
    results = await asyncio.gather(
        registry.edit(case.case_number, {"address": "人民路"}, 1, AGENT),
        registry.edit(case.case_number, {"address": "解放路"}, 1, OTHER),
        return_exceptions=True,
    )
    [conflict] = [r for r in results if isinstance(r, CaseConflict)]
    [saved] = [r for r in results if isinstance(r, Case)]
    assert conflict.case == saved == await registry.get(case.case_number)


async def test_a_category_chosen_stays_until_another_one_is(registry: CaseRegistry) -> None:
    case = await opened(registry, category="event/0505")
    edited = await registry.edit(case.case_number, {"address": "人民路"}, 1, AGENT)
    assert (edited.category_code, edited.category_name) == ("event/0505", "路面塌陷")
    edited = await registry.edit(case.case_number, {"category": ""}, 2, AGENT)
    assert (edited.category_code, edited.category_name, edited.standard) == (None, None, None)


@pytest.mark.parametrize("who", [CALLBACK, Person("admin", "admin")])
async def test_who_may_not_edit_is_told_so(registry: CaseRegistry, who: Person) -> None:
    case = await opened(registry)
    with pytest.raises(NotAllowed, match="not_your_role"):
        await registry.edit(case.case_number, {"address": "x"}, 1, who)


async def test_a_case_passes_from_filing_to_its_end(
    registry: CaseRegistry, noted: Noted, clock: HandClock
) -> None:
    case = await opened(registry)
    number = case.case_number
    for action, who, why, state in (
        ("file", AGENT, "", "to_dispatch"),
        ("dispatch", CHIEF, "", "to_handle"),
        ("feedback", AGENT, "灯泡已更换", "to_check"),
        ("check_fail", AGENT, "仍不亮", "to_handle"),
        ("feedback", AGENT, "线路已修复", "to_check"),
        ("check_pass", AGENT, "", "to_close"),
        ("close", CHIEF, "", "closed"),
    ):
        clock.advance(60)
        unit = "路灯所" if action == "dispatch" else None
        given = Inputs(closing="solved")
        case = await registry.move(
            number, action, who, why, version=case.version, unit=unit, inputs=given
        )
        assert case.state == state
    assert (case.closed_at, case.unit) == (clock.now(), "路灯所")
    assert noted.told == [("closed", number)]
    case = await registry.move(number, "reopen", CALLBACK, "没有解决", version=case.version)
    assert (case.state, case.closed_at) == ("to_dispatch", None)
    assert noted.told[-1] == ("reopened", number)
    last = (await registry.history(number))[-1].event
    assert isinstance(last, events.CaseMoved)
    assert (last.action, last.by, last.why) == ("reopen", "callback1", "没有解决")
    assert (last.from_state, last.to_state) == ("closed", "to_dispatch")


async def test_a_step_without_its_reason_or_its_field_changes_nothing(
    registry: CaseRegistry,
) -> None:
    case = await opened(registry)
    with pytest.raises(BadForm) as refused:
        await registry.move(case.case_number, "reject", AGENT, "  ", version=1)
    assert refused.value.faults == {"why": "form.required"}
    case = await registry.move(case.case_number, "file", AGENT, version=1)
    with pytest.raises(BadForm) as refused:
        await registry.move(case.case_number, "dispatch", CHIEF, version=2)
    assert refused.value.faults == {"unit": "form.required"}
    assert await registry.get(case.case_number) == case


async def test_a_spoken_report_is_verified_once_somebody_has_judged_it(
    journal: Journal, registry: CaseRegistry
) -> None:
    case = await registry.open_from_report(await reported(journal))
    with pytest.raises(BadForm) as refused:
        await registry.move(case.case_number, "verify", AGENT, version=1)
    assert refused.value.faults == {"kind": "form.required"}
    await registry.edit(case.case_number, TYPED, 1, AGENT)
    assert (await registry.move(case.case_number, "verify", AGENT, version=2)).state == "to_file"


@pytest.mark.parametrize(
    ("action", "who", "key"),
    [("void", AGENT, "not_your_role"), ("dispatch", CHIEF, "not_in_this_state")],
)
async def test_a_step_that_is_not_open_is_refused(
    registry: CaseRegistry, action: str, who: Person, key: str
) -> None:
    case = await opened(registry)
    with pytest.raises(NotAllowed, match=key):
        await registry.move(case.case_number, action, who, "why", version=1)


async def test_a_case_that_somebody_moved_on_is_not_moved_again(registry: CaseRegistry) -> None:
    case = await opened(registry)
    await registry.move(case.case_number, "file", AGENT, version=1)
    with pytest.raises(CaseConflict):
        await registry.move(case.case_number, "reject", OTHER, "重复", version=1)


async def test_a_closed_case_is_not_edited(registry: CaseRegistry) -> None:
    case = await opened(registry)
    case = await registry.move(case.case_number, "close", AGENT, "已答复", version=1)
    with pytest.raises(NotAllowed, match="not_in_this_state"):
        await registry.edit(case.case_number, {"address": "x"}, case.version, CHIEF)
    with pytest.raises(NotAllowed, match="not_in_this_state"):
        await opened(registry)


async def test_what_does_not_exist_is_not_changed(registry: CaseRegistry) -> None:
    with pytest.raises(NoSuchCase):
        await registry.get("2026112099999")
    with pytest.raises(NoSuchCase):
        await registry.edit("2026112099999", {}, 1, AGENT)
    with pytest.raises(NoSuchCase):
        await registry.move("2026112099999", "file", AGENT, version=1)


async def test_what_follows_a_closing_fails_with_it(
    registry: CaseRegistry, noted: Noted, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(tx: Transaction, case: CaseRow) -> None:
        raise RuntimeError

    monkeypatch.setattr(noted, "closed", fail)
    case = await opened(registry)
    with pytest.raises(RuntimeError):
        await registry.move(case.case_number, "close", AGENT, "已答复", version=1)
    assert await registry.get(case.case_number) == case
    assert await kinds(registry, case) == ["CaseOpened"]
