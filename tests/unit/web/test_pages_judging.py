"""Judging's pages, the bulletins as files, and what the public sees."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest
from openpyxl import load_workbook

from hotline.registry.judging.model import Month
from hotline.registry.judging.service import JudgingDesk
from hotline.registry.model import Person
from hotline.storage.tables_places import UnitRow
from tests.databases import MORNING
from tests.unit.judging.judged import DAY, ended_values, put
from tests.unit.web.house import House

OCTOBER = Month(2026, 10)
IN_OCTOBER = MORNING - 30 * DAY
ZHAO = Person("supervisor", "supervisor")


def october(n: int, *, late: bool = False, **more: Any) -> dict[str, Any]:
    """A case of the month that is over when the house's clock begins."""
    values = ended_values(n, late=late)
    moved = {
        name: at - 31 * DAY
        for name, at in values.items()
        if name.endswith("_at") and isinstance(at, float)
    }
    return values | moved | more


@pytest.fixture
def desk(house: House) -> JudgingDesk:
    return house.web.parts.room.judging


@pytest.fixture
async def cases(house: House) -> None:
    async with house.database.writing() as session:
        session.add(
            UnitRow(
                unit_id="u1", name="市政公司", kind="company", districts=[], streets=[],
                professional=False, changed_by="admin", changed_at=0.0,
            )
        )  # fmt: skip
    typed: dict[str, Any] = {"unit": "张三（13800138000）", "unit_id": ""}
    rows = [october(n, late=n < 3) for n in range(12)]
    await put(house.database, [*rows, *(october(20 + n, **typed) for n in range(11))])


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.mark.usefixtures("cases")
async def test_the_month_shows_each_rate_with_its_counts_and_its_definition(house: House) -> None:
    async with house.browser("supervisor") as browser:
        page = text_of((await browser.get("/judging?month=2026-10")).text)
    assert "86.96 % 20 / 23" in page
    assert "按时结案率 = 按时结案数 ÷ 应结案数" in page


async def test_a_month_without_cases_says_so(house: House) -> None:
    async with house.browser("dispatcher1") as browser:
        for path in ("/judging", "/judging/rankings", "/judging/patterns"):
            answer = await browser.get(f"{path}?month=2025-01")
            assert answer.status_code == 200
            assert "没有案卷" in answer.text
        assert (await browser.get("/judging?month=1-1")).status_code == 422
        assert (await browser.get("/judging/bulletin/2026-13")).status_code == 404


@pytest.mark.usefixtures("cases")
async def test_the_ranking_is_by_the_rate_that_is_chosen(house: House) -> None:
    async with house.browser("admin") as browser:
        page = text_of((await browser.get("/judging/rankings?month=2026-10&rate=rework")).text)
        assert "市政公司 0.00 % 0 / 12" in page
        assert (await browser.get("/judging/rankings?rate=filing")).status_code == 404


@pytest.mark.usefixtures("cases")
async def test_the_interface_answers_for_any_period(house: House) -> None:
    async with house.browser("supervisor") as browser:
        asked = "/api/judging?from=2026-10-01&to=2026-10-31&by=unit"
        answer = (await browser.get(asked, headers={"accept": "application/json"})).json()
        assert [line["counts"]["should_close"] for line in answer["lines"]] == [12, 11]
        bad = await browser.get("/api/judging?from=x&to=2026-10-31")
        assert (bad.status_code, list(bad.json()["fields"])) == (422, ["from"])


@pytest.mark.usefixtures("cases")
async def test_the_workbook_has_real_numbers_and_charts(house: House) -> None:
    async with house.browser("supervisor") as browser:
        answer = await browser.get("/judging/bulletin/2026-10.xlsx")
        again = await browser.get("/judging/bulletin/2026-10.xlsx")
    assert answer.content == again.content
    book = load_workbook(io.BytesIO(answer.content))
    rows = {row[0].value: row for row in book.worksheets[0].iter_rows()}
    rate = rows["按时结案率"][1]
    assert rate.value == pytest.approx(20 / 23)
    assert rate.number_format == "0.00%"
    assert rows["挂账占比"][1].value is None
    parts = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert sum(name.startswith("xl/charts/chart") for name in parts) >= 4


@pytest.mark.usefixtures("cases")
async def test_a_name_that_looks_like_a_formula_stays_a_name(house: House) -> None:
    await put(house.database, [october(1, unit='=cmd|"/c calc"', unit_id="")])
    async with house.browser("supervisor") as browser:
        answer = await browser.get("/judging/bulletin/2026-10.xlsx")
    book = load_workbook(io.BytesIO(answer.content))
    found = [
        cell
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and cell.value.startswith("=cmd")
    ]
    assert found
    assert all(cell.data_type == "s" for cell in found)


@pytest.mark.usefixtures("cases")
async def test_the_paper_embeds_its_font_and_says_its_pages(house: House) -> None:
    async with house.browser("supervisor") as browser:
        answer = await browser.get("/judging/bulletin/2026-10.pdf")
        again = await browser.get("/judging/bulletin/2026-10.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content == again.content
    assert b"/FontFile2" in answer.content
    assert b"NotoSansSC" in answer.content
    assert len(re.findall(rb"/Type /Page\b", answer.content)) >= 4


@pytest.mark.usefixtures("cases")
async def test_a_supervisor_publishes_a_month_that_is_over_and_corrects_it_with_a_reason(
    house: House, desk: JudgingDesk
) -> None:
    async with house.browser("supervisor") as browser:
        assert "发布本月月报" in (await browser.get("/judging/bulletin/2026-10")).text
        answer = await browser.send_form("/judging/bulletin/2026-10/publish")
        assert answer.headers["location"] == "/judging/bulletin/2026-10?done=published"
        assert (await browser.send_form("/judging/bulletin/2026-11/publish")).status_code == 409
        assert (await browser.send_form("/judging/bulletin/2026-10/publish")).status_code == 422
        await put(house.database, [october(1)])
        compared = text_of((await browser.get("/judging/bulletin/2026-10?compare=true")).text)
        assert "应结案数 23 1" in compared
        await browser.send_form("/judging/bulletin/2026-10/publish", why="补录")
        assert "更正原因：补录" in (await browser.get("/judging/bulletin/2026-10")).text
    assert [each.revision for each in await desk.revisions(OCTOBER)] == [2, 1]


@pytest.mark.usefixtures("cases")
async def test_an_administrator_reads_bulletins_and_publishes_none(house: House) -> None:
    async with house.browser("admin") as browser:
        page = await browser.get("/judging/bulletin/2026-10")
        assert "发布本月月报" not in page.text
        assert (await browser.send_form("/judging/bulletin/2026-10/publish")).status_code == 403


# --- the public ---------------------------------------------------------------------------


@pytest.mark.usefixtures("cases")
async def test_the_public_sees_nothing_before_it_was_published(house: House) -> None:
    async with house.browser() as browser:
        for path in ("/public/2026-10", "/public/data/2026-10.csv", "/public/data/2026-10.json"):
            assert (await browser.get(path)).status_code == 404
        assert "还没有发布过月报" in (await browser.get("/public")).text


@pytest.mark.usefixtures("cases")
async def test_the_public_sees_listed_units_and_never_a_name_that_was_typed(
    house: House, desk: JudgingDesk
) -> None:
    await desk.publish(OCTOBER, ZHAO, MORNING)
    async with house.browser() as browser:
        page = await browser.get("/public/2026-10")
        months = await browser.get("/public")
    assert "/public/2026-10" in months.text
    assert "市政公司 12 12 75.00 %" in text_of(page.text)
    assert "其他单位 11 11 100.00 %" in text_of(page.text)
    assert "张三" not in page.text
    assert "13800138000" not in page.text
    # The chart is part of the page: it needs no script.
    assert "<svg" in page.text
    assert "<script" not in page.text.split("</head>")[1]


@pytest.mark.usefixtures("cases")
async def test_the_public_page_speaks_english_too(house: House, desk: JudgingDesk) -> None:
    await desk.publish(OCTOBER, ZHAO, MORNING)
    async with house.browser() as browser:
        browser.cookies.set("hotline_language", "en")
        assert "Results of the units in 2026-10" in (await browser.get("/public/2026-10")).text


@pytest.mark.usefixtures("cases")
async def test_open_data_may_be_kept_and_are_not_sent_twice(
    house: House, desk: JudgingDesk
) -> None:
    await desk.publish(OCTOBER, ZHAO, MORNING)
    async with house.browser() as browser:
        first = await browser.get("/public/data/2026-10.csv")
        assert first.headers["cache-control"] == "public, max-age=300"
        assert first.headers["access-control-allow-origin"] == "*"
        tag = {"if-none-match": first.headers["etag"]}
        assert (await browser.get("/public/data/2026-10.csv", headers=tag)).status_code == 304
        whole = (await browser.get("/public/data/2026-10.json")).json()
        assert (whole["licence"], len(whole["cases"])) == ("CC BY 4.0", 23 - whole["suppressed"])
        robots = await browser.get("/robots.txt")
        assert robots.text == "User-agent: *\nAllow: /public\nDisallow: /\n"


@pytest.mark.usefixtures("cases")
async def test_who_asks_for_too_much_is_told_when_to_come_back(house: House) -> None:
    async with house.browser() as browser:
        answers = [(await browser.get("/public")).status_code for _ in range(61)]
        assert (answers[0], answers[-1]) == (200, 429)


# --- themes -------------------------------------------------------------------------------


@pytest.mark.usefixtures("cases")
async def test_a_theme_is_kept_shown_and_taken_away(house: House) -> None:
    typed = {"title": "井盖专题", "category": "井盖", "first": "2026-10", "last": "2026-10",
             "text": "<b>雨季</b>"}  # fmt: skip
    async with house.browser("dispatcher1") as browser:
        assert "还没有专题" in (await browser.get("/judging/themes")).text
        answer = await browser.send_form("/judging/themes", **typed)
        page = await browser.get(answer.headers["location"])
        assert "&lt;b&gt;雨季&lt;/b&gt;" in page.text
        assert "上报数 23" in text_of(page.text)
        bad = await browser.send_form("/judging/themes", **typed | {"title": ""})
        assert (bad.status_code, "请填写" in bad.text) == (422, True)
        dropped = await browser.send_form("/judging/themes/1/drop")
        assert dropped.headers["location"] == "/judging/themes?done=dropped"
        assert (await browser.get("/judging/themes/1")).status_code == 404
