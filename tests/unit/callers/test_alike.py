"""Who may be the same person as a caller, and who certainly is not shown as that."""

from __future__ import annotations

from typing import Any

import pytest

from hotline.callers.alike import AlikeFinder
from hotline.callers.notes import CallerNotes, NoNumber
from hotline.events import CallArrived
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.storage.tables import CaseRow
from tests.databases import MORNING, HandClock

MOBILE, OTHER = "13800138000", "13900139000"


def case(number: str, phone: str, **more: Any) -> CaseRow:
    given: dict[str, Any] = {
        "case_number": number,
        "state": "to_file",
        "source": "hotline",
        "kind": "complaint",
        "caller_phone": phone,
        "caller_name": "王小明",
        "address": "人民路 23 号",
        "opened_by": "agent1",
        "opened_at": MORNING,
        "changed_by": "agent1",
        "changed_at": MORNING,
    }
    return CaseRow(**{**given, **more})


async def found(database: Database, number: str, *cases: CaseRow) -> list[tuple[str, str, str]]:
    async with database.writing() as session:
        session.add_all(cases)
    alike = await AlikeFinder(database, "0571").find(number)
    return [(one.why, one.number, one.case_number) for one in alike]


async def test_another_number_with_the_same_name_and_address_may_be_the_same_person(
    database: Database,
) -> None:
    mine = case("1", MOBILE)
    same = case("2", OTHER, address="人民路23号")
    elsewhere = case("3", "13700137000", address="中山路 1 号")
    assert await found(database, f"+86 {MOBILE}", mine, same, elsewhere) == [
        ("name_and_address", OTHER, "2")
    ]


@pytest.mark.parametrize(
    "hidden", [{"anonymous": True}, {"confidential": True}, {"phone": f"0{MOBILE}"}]
)
async def test_who_wished_to_be_hidden_and_the_caller_themselves_are_not_shown(
    database: Database, hidden: dict[str, Any]
) -> None:
    other = case("2", **{"phone": OTHER, **hidden})
    assert await found(database, MOBILE, case("1", MOBILE), other) == []


async def test_a_landline_without_its_area_code_may_be_the_same(
    database: Database, journal: Journal
) -> None:
    await journal.append(CallArrived("a", "pbx1", "PJSIP/t", "12319", "87654321"))
    assert await found(database, "+86 571 8765 4321") == [("area_code", "87654321", "")]
    assert await found(database, "87654321", case("1", "057187654321")) == [
        ("area_code", "057187654321", "1")
    ]


async def test_a_withheld_number_is_like_nobody(database: Database) -> None:
    assert await found(database, "", case("1", "", caller_name="")) == []


async def test_a_note_is_found_however_the_number_is_written(
    database: Database, clock: HandClock
) -> None:
    notes = CallerNotes(database, clock)
    await notes.add(f"0086{MOBILE}", "听力不好，请慢些说", "agent1")
    clock.advance(1)
    await notes.add(MOBILE, "第二条", "agent2")
    kept = await notes.of(f"0{MOBILE}")
    assert [one.text for one in kept] == ["第二条", "听力不好，请慢些说"]
    assert await notes.of(OTHER) == ()
    assert not await notes.drop(kept[0].note_id, OTHER)
    assert await notes.drop(kept[0].note_id, MOBILE)
    assert [one.text for one in await notes.of(MOBILE)] == ["听力不好，请慢些说"]
    with pytest.raises(NoNumber):
        await notes.add("", "没有号码", "agent1")
