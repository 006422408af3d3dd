"""Searching over everything, and what each role may find."""

from __future__ import annotations

import pytest

from hotline import events
from hotline.registry.forms import read_form
from hotline.registry.model import Case
from hotline.storage.tables import CaseRow, UserRow
from tests.unit.registry.cases import AGENT, TYPED
from tests.unit.web.house import ON_BOTH, House

PHONE = "13812345678"


async def case_of(house: House, n: int, **typed: object) -> Case:
    call_id = f"pbx1-{n}.1"
    await house.journal.append(
        events.CallArrived(call_id, "pbx1", "PJSIP/t", "12319", PHONE),
        events.CallAnswered(call_id, "agent1", 3.0),
    )
    return await house.web.parts.cases.open_from_call(read_form({**TYPED, **typed}), call_id, AGENT)


async def hits(house: House, user: str, words: str) -> list[tuple[str, str]]:
    async with house.browser(user) as browser:
        answer = await browser.get("/api/search", params={"q": words})
    assert answer.status_code == 200
    assert PHONE not in answer.text
    return [(hit["kind"], hit["title"]) for hit in answer.json()["hits"]]


@ON_BOTH
async def test_cases_come_by_words_number_and_telephone(house: House) -> None:
    case = await case_of(house, 1, description="解放桥北侧井盖破损")
    number = case.case_number
    for words in ("盖破损", number, number[:8], "1", PHONE):
        assert ("case", number) in await hits(house, "agent1", words), words
    assert ("call", "138****5678") in await hits(house, "supervisor", PHONE)
    assert ("call", "138****5678") not in await hits(house, "checker1", PHONE)
    assert await hits(house, "agent1", "  '\"*:&|!()<->\\ %_") == []


async def test_an_administrator_finds_no_cases(house: House) -> None:
    case = await case_of(house, 1)
    assert await hits(house, "admin", case.case_number) == []


async def test_a_unit_finds_its_own_cases_and_nobody_by_name_or_number(house: House) -> None:
    await case_of(house, 1, description="井盖破损", caller_name="欧阳明")
    mine = await case_of(house, 2, description="井盖松动", caller_name="欧阳明")
    async with house.database.writing() as session:
        (await session.get_one(UserRow, "unit1")).unit_id = "u7"
        (await session.get_one(CaseRow, mine.case_number)).unit_id = "u7"
    assert await hits(house, "unit1", "井盖") == [("case", mine.case_number)]
    for words in ("欧阳明", PHONE):
        assert await hits(house, "unit1", words) == []


@pytest.mark.parametrize("words", ["", "   ", "\x00", "井" * 200])
async def test_any_words_are_answered(house: House, words: str) -> None:
    await hits(house, "supervisor", words)
