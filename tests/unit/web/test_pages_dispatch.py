"""The dispatch desk and its rules, and a unit's pages, as their people use them."""

from __future__ import annotations

import re

import pytest

from hotline.registry.forms import read_form
from hotline.registry.life.model import Inputs
from hotline.registry.model import Case, Person
from hotline.storage.tables import CaseRow, UserRow
from tests.unit.registry.cases import CALL, TYPED, arrive
from tests.unit.web.house import Browser, House

AGENT, CHIEF = Person("agent1", "agent"), Person("supervisor", "supervisor")
LAMP = "component/0137"
RULE = {"category": LAMP, "place": "", "unit": "市照明处", "note": "权责清单"}


@pytest.fixture
async def case(house: House) -> Case:
    """A lamp that waits to be dispatched, and the units that might mend it."""
    room = house.web.parts.room
    for unit_id, name in (("lamps", "市照明处"), ("drains", "市排水处")):
        await room.units.save({"unit_id": unit_id, "name": name, "kind": "department"}, CHIEF)
    async with house.database.writing() as session:
        (await session.get_one(UserRow, "unit1")).unit_id = "lamps"
    await arrive(house.journal)
    typed = TYPED | {"category": LAMP, "caller_name": "李先生", "caller_phone": "13812345678"}
    opened = await room.registry.open_from_call(read_form(typed), CALL, AGENT)
    inputs = Inputs(condition="general")
    return await room.registry.move(
        opened.case_number, "file", CHIEF, version=opened.version, inputs=inputs
    )


async def dispatched(browser: Browser, case: Case, **more: object) -> dict[str, object]:
    body = {"version": case.version, "unit_id": "lamps"} | more
    answer = await browser.send_json("POST", f"/api/dispatch/{case.case_number}", body)
    return {"status": answer.status_code, **answer.json()}


async def unit_step(browser: Browser, house: House, number: str, action: str, **more: str) -> int:
    version = (await house.web.parts.cases.get(number)).version
    body = {"action": action, "version": version} | more
    path = f"/api/unit/cases/{number}/actions"
    return (await browser.send_json("POST", path, body)).status_code


async def test_the_desk_shows_whom_a_rule_suggests_and_why(house: House, case: Case) -> None:
    async with house.browser("dispatcher1") as browser:
        assert "没有适用的规则" in (await browser.get("/dispatch")).text
        assert (await browser.send_form("/dispatch/rules", **RULE)).status_code == 303
        page = (await browser.get("/dispatch")).text
        assert "规则：路灯 → 市照明处（全市） · 权责清单" in page
        told = (await browser.get(f"/api/cases/{case.case_number}/suggestions")).json()
    assert [(one["name"], one["points"]) for one in told["units"]] == [("市照明处", 100)]


async def test_a_dispatch_gives_the_case_to_a_lead_and_those_that_help(
    house: House, case: Case
) -> None:
    async with house.browser("dispatcher1") as browser:
        done = await dispatched(browser, case, assist=["drains", "lamps", "drains"])
        assert (done["status"], done["unit"], done["state"]) == (200, "市照明处", "to_handle")
        again = await dispatched(browser, case)
    assert (again["status"], again["error"]) == (409, "case_changed")
    life = await house.web.parts.cases.life(case.case_number)
    assert [part.unit_id for part in life.parts] == ["drains"]


async def test_a_unit_that_is_none_is_refused(house: House, case: Case) -> None:
    async with house.browser("dispatcher1") as browser:
        done = await dispatched(browser, case, unit_id="nobody")
    assert done["status"] == 422


async def test_wrong_dispatches_are_learned_from_through_the_real_steps(
    house: House, case: Case
) -> None:
    async with house.browser("dispatcher1") as desk, house.browser("unit1") as unit:
        await dispatched(desk, case)
        number = case.case_number
        assert await unit_step(unit, house, number, "send_back", why="是排水井，不归我们") == 200
        back = await house.web.parts.cases.get(number)
        assert (back.state, back.returns) == ("to_dispatch", 1)
        await dispatched(desk, back, unit_id="drains")
        page = (await desk.get(f"/api/cases/{number}/suggestions")).json()
    lamps = next(one for one in page["units"] if one["unit_id"] == "lamps")
    assert (lamps["returned"], lamps["points"]) == (1, -20)
    assert any("改派给 市排水处" in line for line in lamps["evidence"])


async def test_a_file_of_rules_with_a_faulty_row_changes_nothing_and_names_the_row(
    house: House, case: Case
) -> None:
    text = f"category,place,unit,note\n{LAMP},,市照明处,\ncomponent/99,,没有的,\n"
    async with house.browser("supervisor") as browser:
        form = {"_csrf": browser.csrf}
        sent = {"file": ("rules.csv", text.encode(), "text/csv")}
        answer = await browser.post("/dispatch/rules/import", data=form, files=sent)
        assert answer.status_code == 422
        assert "有 2 处错误" in answer.text
        assert "没有名为“没有的”的在用单位" in answer.text
        assert await house.web.parts.room.dispatching.rules() == ()
        sent = {
            "file": ("rules.csv", text.split("component/99", maxsplit=1)[0].encode(), "text/csv")
        }
        done = await browser.post("/dispatch/rules/import", data=form, files=sent)
        assert done.status_code == 303
        (rule,) = await house.web.parts.room.dispatching.rules()
        await browser.send_form(f"/dispatch/rules/{rule.rule_id}/close")
        assert await house.web.parts.room.dispatching.rules() == ()


async def test_a_unit_works_on_its_case_and_never_learns_who_reported_it(
    house: House, case: Case
) -> None:
    number = case.case_number
    async with house.browser("dispatcher1") as desk, house.browser("unit1") as unit:
        assert (await unit.get(f"/unit/cases/{number}")).status_code == 404
        await dispatched(desk, case)
        listed = (await unit.get("/unit")).text
        assert f"/unit/cases/{number}" in listed
        page = (await unit.get(f"/unit/cases/{number}")).text
        assert "李先生" not in page + listed
        assert not re.search(r"1381234|5678", page + listed)
        assert await unit_step(unit, house, number, "accept") == 200
        assert await unit_step(unit, house, number, "feedback") == 422
        assert await unit_step(unit, house, number, "feedback", why="已更换灯头，恢复照明") == 200
        assert "已提交 <b>1</b>" in (await unit.get("/unit")).text
        assert f"/unit/cases/{number}" in (await unit.get("/unit?tab=waiting")).text


async def test_a_helping_unit_sees_the_case_and_reports_its_own_part(
    house: House, case: Case
) -> None:
    number = case.case_number
    async with house.browser("dispatcher1") as desk, house.browser("unit1") as unit:
        await dispatched(desk, case, unit_id="drains", assist=["lamps"])
        assert "联动协办" in (await unit.get("/unit")).text
        assert (await unit.get(f"/unit/cases/{number}")).status_code == 200
        assert await unit_step(unit, house, number, "feedback", why="不是我们的") == 403
        assert await unit_step(unit, house, number, "part_done", why="已断电配合") == 200
        assert "没有待办案卷" in (await unit.get("/unit")).text


async def test_an_extension_is_asked_for_in_the_citys_own_time(house: House, case: Case) -> None:
    number = case.case_number
    async with house.browser("dispatcher1") as desk, house.browser("unit1") as unit:
        await dispatched(desk, case)
        async with house.database.writing() as session:
            row = await session.get_one(CaseRow, number)
            row.handle_due_at = house.clock.now() + 3600
        faulty = {"until": "later", "why": "缺配件"}
        assert await unit_step(unit, house, number, "request_extension", **faulty) == 422
        asked = {"until": "2026-11-23T18:00", "why": "缺配件"}
        assert await unit_step(unit, house, number, "request_extension", **asked) == 200
    life = await house.web.parts.cases.life(number)
    assert [(one.kind, one.until) for one in life.requests] == [("extension", 1795428000.0)]


async def test_somebody_without_a_unit_is_told_so(house: House) -> None:
    async with house.browser("unit1") as unit:
        assert "还没有对应的处置单位" in (await unit.get("/unit")).text
