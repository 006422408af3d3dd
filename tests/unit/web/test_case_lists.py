"""The list's filters, kept filters, bulk steps, exports; the map and the wall."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from openpyxl import load_workbook

from hotline import events
from hotline.registry.searching import service
from hotline.storage.tables import CaseRow
from tests.databases import MORNING
from tests.unit.registry.cases import CHIEF
from tests.unit.web.house import ON_BOTH, Browser, House
from tests.unit.web.test_search import PHONE, case_of

HOUR, DAY = 3600.0, 86_400.0


async def cases(house: House, count: int, **columns: Any) -> list[str]:
    """Cases with these columns, written past the registry."""
    rows = [
        {
            "case_number": f"20261119{number:05}", "state": "to_handle", "version": 1,
            "source": "hotline", "kind": "report", "urgency": "normal", "opened_by": "agent1",
            "opened_at": MORNING - DAY + number, "changed_by": "agent1", "changed_at": MORNING,
            "description": f"第{number}件", "caller_name": "王小明", "caller_phone": PHONE,
            **columns,
        }
        for number in range(1, count + 1)
    ]  # fmt: skip
    async with house.database.writing() as session:
        session.add_all(CaseRow(**row) for row in rows)
        await session.flush()
        await service.index_batch(session, rows)
    return [row["case_number"] for row in rows]


async def change(house: House, number: str, **columns: Any) -> None:
    async with house.database.writing() as session:
        row = await session.get_one(CaseRow, number)
        for name, value in columns.items():
            setattr(row, name, value)


async def listed(browser: Browser, query: str = "") -> list[str]:
    answer = await browser.get(f"/cases?{query}")
    assert answer.status_code == 200
    return re.findall(r'data-number="(\d+)"', answer.text)


@ON_BOTH
async def test_every_filter_narrows_the_list(house: House) -> None:
    first, second, third, _ = await cases(house, 4)
    await change(house, first, handle_due_at=MORNING - HOUR, supervision=1, grid="g1", street="s1")
    await change(house, second, handle_due_at=MORNING + HOUR, unit_id="u1", owner="dispatcher1")
    await change(house, third, suspended_at=MORNING, category_code="component/0101", district="d1")
    async with house.browser("dispatcher1") as browser:
        for query, found in (
            ("overdue=1", [first]),
            ("soon=1", [second]),
            ("supervised=1", [first]),
            ("suspended=1", [third]),
            ("mine=1&open=1", [second]),
            ("unit_id=u1", [second]),
            ("grid=g1", [first]),
            ("street=s1&overdue=1", [first]),
            ("district=d1", [third]),
            ("category=component/0101", [third]),
            ("opened_from=2026-11-20", []),
            ("due_from=2026-11-20&due_to=2026-11-20&sort=-due", [second, first]),
            ("due_from=nonsense&opened_to=9999-99-99&text=第1件", [first]),
        ):
            assert await listed(browser, query) == found, query
        assert (await listed(browser, "open=1&sort=due"))[:2] == [first, second]


async def test_a_page_does_not_count_what_takes_long(house: House) -> None:
    await cases(house, 60, state="closed", closed_at=MORNING)
    async with house.browser("dispatcher1") as browser:
        whole = (await browser.get("/cases?state=closed")).text
        narrowed = (await browser.get("/cases?state=closed&kind=report")).text
    assert "共 60" in whole or "60" in whole
    assert "第1页，后面还有" in narrowed


async def test_filters_are_kept_by_their_owner_and_shared_by_a_supervisor(house: House) -> None:
    query = {"overdue": "1", "sort": "due", "page": "7", "nonsense": "x"}
    async with house.browser("dispatcher1") as browser:
        kept = await browser.send_json("POST", "/api/filters", {"name": "急的", "query": query})
        assert kept.json()["query"] == {"overdue": "1", "sort": "due"}
        wish = {"name": "大家的", "query": query, "shared": True}
        assert (await browser.send_json("POST", "/api/filters", wish)).status_code == 403
        assert "急的" in (await browser.get("/cases")).text
    async with house.browser("supervisor") as browser:
        assert (await browser.send_json("POST", "/api/filters", wish)).status_code == 200
        assert "急的" not in (await browser.get("/cases")).text
        mine = kept.json()["filter_id"]
        gone = await browser.send_json("DELETE", f"/api/filters/{mine}", None)
        assert gone.status_code == 404
    async with house.browser("dispatcher1") as browser:
        names = [(one["name"], one["mine"]) for one in (await browser.get("/api/filters")).json()]
        assert names == [("大家的", False), ("急的", True)]
        assert (await browser.send_json("DELETE", f"/api/filters/{mine}", None)).status_code == 204


async def test_one_step_for_many_tells_each_that_could_not_be_taken(house: House) -> None:
    made = [await case_of(house, n, description=f"路灯{n}") for n in range(1, 5)]
    await house.web.parts.cases.edit(
        made[1].case_number, {"description": "改过"}, made[1].version, CHIEF
    )
    await change(house, made[2].case_number, state="closed")
    chosen = [{"number": one.case_number, "version": one.version} for one in made]
    chosen.append({"number": "2026112099999", "version": 1})
    body = {"action": "void", "cases": [*chosen, chosen[0]], "why": "测试数据"}
    async with house.browser("supervisor") as browser:
        answer = (await browser.send_json("POST", "/api/cases/bulk", body)).json()
        assert (answer["done"], answer["failed"]) == (2, 3)
        assert [one["error"] for one in answer["results"]] == [
            "", "conflict", "case.not_in_this_state", "", "no_such_case",
        ]  # fmt: skip
        assert all(one["message"] for one in answer["results"] if not one["done"])
        reasonless = body | {"cases": [{"number": made[1].case_number, "version": 2}], "why": ""}
        [refused] = (await browser.send_json("POST", "/api/cases/bulk", reasonless)).json()[
            "results"
        ]
        assert refused["error"] == "bad_form"
        assert "必填" in refused["message"]


async def test_many_cases_are_closed_with_the_condition_that_was_chosen(house: House) -> None:
    made = [await case_of(house, n, description=f"路灯{n}") for n in range(1, 3)]
    for one in made:
        await change(house, one.case_number, state="to_close")
    chosen = [{"number": one.case_number, "version": one.version} for one in made]
    body: dict[str, Any] = {"action": "close", "cases": chosen}
    async with house.browser("supervisor") as browser:
        listed = (await browser.get("/cases")).text
        assert '<option value="transferred">已移交其他渠道</option>' in listed
        refused = (await browser.send_json("POST", "/api/cases/bulk", body)).json()
        assert [one["error"] for one in refused["results"]] == ["bad_form", "bad_form"]
        closed = await browser.send_json(
            "POST", "/api/cases/bulk", body | {"closing": "transferred"}
        )
        assert closed.json()["done"] == 2
    for one in made:
        assert (await house.web.parts.cases.life(one.case_number)).closing == "transferred"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_a_list_is_exported_masked_and_journalled(house: House, kind: str) -> None:
    case = await case_of(house, 1, description="=HYPERLINK(1)", caller_name="王小明")
    async with house.browser("checker1") as browser:
        answer = await browser.get(f"/api/cases/export?format={kind}&text=HYPERLINK")
    assert answer.headers["x-rows-limited"] == "false"
    if kind == "csv":
        text = answer.content.decode("utf-8-sig")
    else:
        rows = load_workbook(io.BytesIO(answer.content))["cases"].iter_rows(values_only=True)
        text = "\n".join(",".join(str(cell) for cell in row) for row in rows)
    assert case.case_number in text
    assert "'=HYPERLINK" in text
    assert "138****5678" in text
    assert PHONE not in text
    assert "王小明" not in text
    [record] = await house.journal.read(kinds=[events.CasesExported])
    assert record.event == events.CasesExported("checker1", kind, 1, {"text": "HYPERLINK"})


@ON_BOTH
async def test_the_map_counts_open_cases_by_grid_and_age(house: House) -> None:
    first, second, *_ = await cases(house, 3, grid="g1", street="s1")
    await change(house, first, opened_at=MORNING - 9 * DAY, handle_due_at=MORNING - 1)
    await change(house, second, opened_at=MORNING - 10)
    async with house.browser("agent1") as browser:
        answer = (await browser.get("/api/map/open")).json()
        assert (answer["total"], answer["overdue"], answer["located"]) == (3, 1, 3)
        [grid] = answer["grids"]
        assert (grid["grid"], grid["cases"], grid["overdue"]) == ("g1", 3, 1)
        assert grid["ages"] == [2, 0, 0, 1]
        assert (await browser.get("/api/map/open?kind=praise")).json()["total"] == 0
        assert (await browser.get("/map")).status_code == 200
        areas = await browser.get("/api/map/areas/street")
        assert areas.json() == {"areas": []}
        again = await browser.get(
            "/api/map/areas/street", headers={"if-none-match": areas.headers["etag"]}
        )
        assert again.status_code == 304


@ON_BOTH
async def test_the_wall_names_what_is_overdue_longest_first(house: House) -> None:
    first, second, third = await cases(house, 3, unit_id="u1", unit="市政一队")
    await change(house, first, handle_due_at=MORNING - HOUR)
    await change(house, second, handle_due_at=MORNING - DAY, supervision=2)
    await change(house, third, handle_due_at=MORNING + HOUR)
    async with house.browser("supervisor") as browser:
        wall = (await browser.get("/api/wall")).json()
        assert (wall["open"], wall["overdue"], wall["soon"]) == (3, 2, 1)
        assert [one["number"] for one in wall["latest"]] == [second, first]
        assert [one["number"] for one in wall["supervised"]] == [second]
        assert wall["units"][0]["overdue"] == 2
        assert (await browser.get("/wall")).status_code == 200


@pytest.mark.parametrize(
    ("user", "where"), [("checker1", "state=to_check"), ("dispatcher1", "state=to_dispatch")]
)
async def test_each_role_lands_on_its_worklist(house: House, user: str, where: str) -> None:
    async with house.browser(user) as browser:
        answer = await browser.get("/work")
    assert where in answer.headers["location"]


@ON_BOTH
@pytest.mark.parametrize("nasty", ["\x00'\"*:&|!()<->\\%_;--", "井9" * 150])
async def test_nothing_typed_into_a_filter_breaks_it(house: House, nasty: str) -> None:
    names = ("text", "state", "unit_id", "grid", "owner", "category", "opened_from", "due_to")
    query = dict.fromkeys(names, nasty)
    chosen = [{"number": nasty[:20], "version": 2**31 - 1}]
    async with house.browser("supervisor") as browser:
        for path in ("/cases", "/map", "/api/map/open", "/api/cases/export"):
            for params in (query, {"text": nasty}):
                assert (await browser.get(path, params=params)).status_code == 200
        assert (await browser.get("/api/search", params={"q": nasty[:200]})).status_code == 200
        kept = await browser.send_json(
            "POST", "/api/filters", {"name": f"a{nasty}"[:40], "query": query}
        )
        assert kept.status_code == 200
        body = {"action": "void", "cases": chosen, "why": nasty}
        answer = await browser.send_json("POST", "/api/cases/bulk", body)
    assert [one["error"] for one in answer.json()["results"]] == ["no_such_case"]
