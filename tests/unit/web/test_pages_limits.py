"""The page of time limits and the working calendar, and a case's clocks on its page."""

from __future__ import annotations

import re

import httpx

from hotline.registry.clocks.limit_table import TimeLimit
from hotline.registry.model import Person
from tests.unit.web.house import Browser, House

CHIEF = Person("supervisor", "supervisor")
STANDARD = "gbt-30428.2-2013"
ROW = {
    "standard": STANDARD,
    "class_key": "component/0101",
    "condition": "blocked",
    "condition_text": "堵塞",
    "urgency": "",
    "kind": "handle",
    "limit": "4小时",
    "version": "0",
    "why": "年度调整",
}


async def test_a_supervisor_adds_finds_and_changes_a_limit(house: House) -> None:
    async with house.browser("supervisor") as browser:
        saved = await browser.send_form("/limits", **ROW)
        assert saved.status_code == 303
        opened = (await browser.get(saved.headers["location"])).text
        assert "年度调整" in opened
        found = (await browser.get("/limits", params={"q": "上水", "kind": "handle"})).text
        assert "4工作时" in found
        assert "所有类别" not in found.split("limit-table")[1].split("foot")[0]
        changed = await browser.send_form("/limits", **ROW | {"limit": "2工作时", "version": "1"})
        assert changed.status_code == 303
        late = await browser.send_form("/limits", **ROW | {"limit": "8工作时", "version": "1"})
        assert late.status_code == 409


async def test_a_faulty_limit_is_told_beside_its_field_and_kept_as_typed(house: House) -> None:
    async with house.browser("admin") as browser:
        answer = await browser.send_form("/limits", **ROW | {"limit": "四周", "why": ""})
    assert answer.status_code == 422
    assert "请写数字加" in answer.text
    assert 'value="四周"' in answer.text


async def test_the_preview_says_when_a_limit_would_end(house: House) -> None:
    async with house.browser("supervisor") as browser:
        due = await browser.get("/limits/preview", params={"limit": "4工作时"})
        wrong = await browser.get("/limits/preview", params={"limit": "soon"})
    assert "2026-11-20 12:00" in due.text
    assert "请写数字加" in wrong.text


async def test_the_table_goes_out_and_comes_in_as_a_file(house: House) -> None:
    async with house.browser("supervisor") as browser:
        out = await browser.get("/limits/export")
        text = out.text + f"{STANDARD},component/0102,,,,handle,2天\n"
        good = await send_file(browser, text)
        assert "新增 1 行，修改 0 行" in good.text
        bad = await send_file(browser, out.text + ",pipe,,,,handle,soon\n")
        assert bad.status_code == 422
        assert "没有导入" in bad.text
        coded = await browser.post(
            "/limits/import", data={"_csrf": browser.csrf}, files={"file": ("a.csv", b"\xff\xfe")}
        )
        assert "UTF-8" in coded.text
        none = await browser.post("/limits/import", data={"_csrf": browser.csrf})
        assert none.status_code == 422


async def test_a_removed_row_is_gone_and_asks_why(house: House) -> None:
    limits = house.web.parts.room.clocks.limits
    row = await limits.save(
        TimeLimit(STANDARD, "component/0101", "", "", "", "handle", "4工作时"), CHIEF, "new"
    )
    path = f"/limits/{row.limit_id}/remove"
    async with house.browser("supervisor") as browser:
        assert (await browser.send_form(path, version="1", why="")).status_code == 422
        assert (await browser.send_form(path, version="1", why="废止")).status_code == 303
        assert (await browser.send_form(path, version="1", why="废止")).status_code == 404
        assert (await browser.get(f"/limits?row={row.limit_id}")).status_code == 404


async def test_a_new_calendar_is_a_revision_and_refused_when_it_cannot_count(house: House) -> None:
    form = {
        "hours": "08:30-12:00 13:30-17:30",
        "official": "true",
        "holidays": "2026-11-23，2026-11-24",
        "workdays": "",
        "revision": "1",
        "why": "台风",
    }
    async with house.browser("supervisor") as browser:
        wrong = await browser.send_form("/limits/calendar", **form | {"hours": "22:00-06:00"})
        assert wrong.status_code == 422
        assert "不能跨过午夜" in wrong.text
        assert (await browser.send_form("/limits/calendar", **form)).status_code == 303
        assert (await browser.send_form("/limits/calendar", **form)).status_code == 409
        page = (await browser.get("/limits?view=calendar")).text
    assert "台风" in page
    assert "第 2 版" in page


async def test_a_case_shows_its_clocks(house: House) -> None:
    async with house.journal.transaction() as tx:
        number = await house.web.parts.cases.open_for_storm(tx, CHIEF, "积水", "中山路")
    async with house.browser("supervisor") as browser:
        page = (await browser.get(f"/cases/{number}")).text
    shown = re.search(r'id="case-clocks".*?</section>', page, re.DOTALL)
    assert shown
    assert "立案时限" in shown[0]
    assert "剩 1:00 工作时" in shown[0]


async def test_programs_ask_for_deadlines_and_clocks(house: House) -> None:
    async with house.journal.transaction() as tx:
        number = await house.web.parts.cases.open_for_storm(tx, CHIEF, "积水", "中山路")
    async with house.browser("agent1") as browser:
        asked = {"start": "2026-09-30 17:00", "limit": "4工作时"}
        answer = (await browser.get("/api/deadline", params=asked)).json()
        assert answer["deadline"] == "2026-10-08T11:00:00+08:00"
        wrong = await browser.get("/api/deadline", params={"start": "soon", "limit": "4周"})
        assert wrong.status_code == 422
        assert wrong.json()["fields"].keys() == {"start", "limit"}
        [clock] = (await browser.get(f"/api/cases/{number}/clocks")).json()["clocks"]
        assert (clock["kind"], clock["state"], clock["left"]) == ("file", "running", 3600)
        assert (await browser.get("/api/cases/1/clocks")).status_code == 404


async def send_file(browser: Browser, text: str) -> httpx.Response:
    files = {"file": ("limits.csv", text.encode("utf-8"))}
    data = {"_csrf": browser.csrf, "why": "年度调整"}
    return await browser.post("/limits/import", data=data, files=files)
