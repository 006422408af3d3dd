"""Cases about the same matter, on the pages."""

from __future__ import annotations

import re

import pytest

from hotline import events
from hotline.registry.forms import read_form
from hotline.registry.model import Case, Person
from tests.unit.web.house import House

AGENT = Person("agent1", "agent")


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


async def case_of(house: House, number: int, **said: object) -> Case:
    call_id = f"pbx1-{number}"
    await house.journal.append(
        events.CallArrived(call_id, "pbx1", "PJSIP/t", "12319", f"1380013800{number}")
    )
    kind = next(iter(house.web.parts.room.taxonomy.current)).key
    typed = {
        "kind": "complaint",
        "category": kind,
        "description": "路灯不亮",
        "address": "望江路25号",
        "longitude": 118.5,
        "latitude": 31.5,
        **said,
    }
    return await house.web.parts.cases.open_from_call(read_form(typed), call_id, AGENT)


@pytest.fixture
async def three(house: House) -> list[Case]:
    return [await case_of(house, number) for number in (1, 2, 3)]


async def test_the_page_shows_what_is_alike_and_why_and_gathers_it(
    house: House, three: list[Case]
) -> None:
    main, two, other = (case.case_number for case in three)
    async with house.browser("agent1") as browser:
        page = text_of((await browser.get(f"/cases/{main}")).text)
        assert "50 米、24 小时内同类反映共 3 件" in page
        assert "同类，相距 0 米" in page
        answer = await browser.send_form(f"/cases/{main}/gather", cases=f"{two} {other}", why="")
        assert answer.headers["location"] == f"/cases/{main}"
        page = text_of((await browser.get(f"/cases/{main}")).text)
        assert "3 人反映同一件事" in page
        assert f"{two} 并入本案卷" in page
        merged = text_of((await browser.get(f"/cases/{two}")).text)
        assert f"本案卷已并入 {main}" in merged


async def test_a_merged_case_is_split_again_and_a_mark_taken_back(
    house: House, three: list[Case]
) -> None:
    one, two, third = three
    async with house.browser("supervisor") as browser:
        path = f"/cases/{two.case_number}"
        form = {"into": one.case_number, "version": str(two.version)}
        assert (await browser.send_form(f"{path}/merge", **form)).status_code == 303
        again = await browser.send_form(f"{path}/merge", **form)
        assert again.status_code == 409
        back = await browser.send_form(f"{path}/split", version=str(two.version + 1), why="不是")
        assert back.status_code == 303
        mark = {"other": third.case_number, "relation": "related"}
        await browser.send_form(f"{path}/links", **mark)
        assert "关联案卷" in (await browser.get(path)).text
        await browser.send_form(f"{path}/unlink", **mark)
        assert "关联案卷" not in (await browser.get(path)).text


async def test_a_report_with_two_matters_becomes_two_cases(house: House, three: list[Case]) -> None:
    case = three[0]
    async with house.browser("agent1") as browser:
        answer = await browser.send_form(
            f"/cases/{case.case_number}/second",
            version=str(case.version),
            description="还有井盖坏了",
        )
        page = text_of((await browser.get(answer.headers["location"])).text)
    assert "还有井盖坏了" in page
    assert f"拆自 {case.case_number}" in page


async def test_a_form_being_typed_is_told_of_similar_cases(house: House, three: list[Case]) -> None:
    async with house.browser("agent2") as browser:
        path = "/api/cases/similar?address=望江路25号&description=路灯不亮&category="
        found = (await browser.get(path)).json()
        assert {one["case_number"] for one in found} == {case.case_number for case in three}
        assert found[0]["state_name"] == "待立案"
        assert (await browser.get("/api/cases/similar")).json() == []
        (matter,) = (await browser.get("/api/cases/matters")).json()
        assert matter["reports"] == 3
        told = text_of((await browser.get("/cases/matters")).text)
        assert "1 处有多人反映，尚未合为一件" in told
        assert "3 人反映" in told


async def test_whoever_may_not_link_sees_the_likeness_and_no_buttons(
    house: House, three: list[Case]
) -> None:
    path = f"/cases/{three[0].case_number}"
    async with house.browser("checker1") as browser:
        page = (await browser.get(path)).text
        assert "相似案卷" in page
        assert "/merge" not in page
        refused = await browser.send_form(
            f"{path}/links", other=three[1].case_number, relation="related"
        )
        assert refused.status_code == 403
