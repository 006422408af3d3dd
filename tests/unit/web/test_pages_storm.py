"""Storm mode's page."""

from __future__ import annotations

import csv
import io
import re

import pytest
from sqlalchemy import select

from hotline import events
from hotline.registry.model import Person
from hotline.storage.tables import RevealRow
from hotline.storm.model import Storm, StormWords
from hotline.storm.service import StormDesk
from tests.databases import MORNING
from tests.unit.web.house import House

ZHAO = Person("supervisor", "supervisor")
FORM = {
    "text_zh": "人民路积水",
    "text_en": "",
    "places": "人民路\n解放路",
    "ends_at": "2026-11-20T12:00",
    "case_number": "",
}


@pytest.fixture
def desk(house: House) -> StormDesk:
    return house.web.parts.storm


@pytest.fixture
async def storm(desk: StormDesk) -> Storm:
    return await desk.begin(StormWords("人民路积水", "", ("人民路",), MORNING + 3600), ZHAO)


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


async def test_the_switch_turns_it_on_and_the_case_is_linked(house: House, desk: StormDesk) -> None:
    async with house.browser("supervisor") as browser:
        assert "未开启" in (await browser.get("/storm")).text
        answer = await browser.send_form("/storm", **FORM)
        assert answer.headers["location"] == "/storm?done=begun"
        page = await browser.get("/storm?done=begun")
        storm = desk.active(MORNING)
        assert storm is not None
        assert (storm.places, storm.ends_at) == (("人民路", "解放路"), MORNING + 4 * 3600)
        assert "播报中" in page.text
        assert f"/cases/{storm.case_number}" in page.text
        case = text_of((await browser.get(f"/cases/{storm.case_number}")).text)
    assert "赵主任 开启应急播报时建案" in case.replace("赵主任开启", "赵主任 开启")
    assert "应急登记" in case


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text_zh": ""}, "必填"),
        ({"ends_at": ""}, "请填写日期和时间"),
        ({"ends_at": "2026-11-20T07:00"}, "结束时间已经过去"),
        ({"ends_at": "2026-11-23T08:00"}, "从现在起最长 48 小时"),
        ({"case_number": "2026112099999"}, "没有这个案卷"),
    ],
)
async def test_a_faulty_form_keeps_what_was_typed(
    house: House, desk: StormDesk, change: dict[str, str], said: str
) -> None:
    async with house.browser("supervisor") as browser:
        answer = await browser.send_form("/storm", **(FORM | {"places": "东湖"} | change))
    assert answer.status_code == 422
    assert said in answer.text
    assert "东湖" in answer.text
    assert desk.active(MORNING) is None


async def test_it_is_changed_extended_and_ended(
    house: House, desk: StormDesk, storm: Storm
) -> None:
    async with house.browser("supervisor") as browser:
        longer = FORM | {"text_zh": "水已退", "ends_at": "2026-11-21T08:00", "version": "1"}
        answer = await browser.send_form(f"/storm/{storm.storm_id}/change", **longer)
        assert answer.headers["location"] == "/storm?done=changed"
        changed = desk.active(MORNING)
        assert changed is not None
        assert (changed.text_zh, changed.ends_at) == ("水已退", MORNING + 86_400)
        older = await browser.send_form(f"/storm/{storm.storm_id}/change", **longer)
        assert older.status_code == 409
        await browser.send_form(f"/storm/{storm.storm_id}/end")
        assert desk.active(MORNING) is None
        page = text_of((await browser.get(f"/storm?storm={storm.storm_id}")).text)
        assert "赵主任 结束" in page.replace("赵主任结束", "赵主任 结束")
        again = await browser.send_form(f"/storm/{storm.storm_id}/end")
        assert again.status_code == 409
        assert (await browser.get("/storm?storm=99")).status_code == 404


async def test_the_list_masks_numbers_and_a_reveal_is_written_down(
    house: House, desk: StormDesk, storm: Storm
) -> None:
    one = await desk.register("c1", "13812345678", "人民路", MORNING)
    await desk.register("c2", "", None, MORNING)
    assert one is not None
    async with house.browser("supervisor") as browser:
        page = (await browser.get("/storm")).text
        assert "138****5678" in page
        assert "13812345678" not in page
        assert "号码未显示" in page
        wanted = {"subject": f"storm:{one.affected_id}", "reason": "call_back"}
        answer = await browser.send_json("POST", "/api/reveal", wanted)
    assert answer.json() == {"shown": "13812345678"}
    async with house.database.session() as session:
        [reveal] = await session.scalars(select(RevealRow))
    assert (reveal.subject, reveal.user_id) == (wanted["subject"], "supervisor")


async def test_callbacks_are_flagged_and_exported_for_a_spreadsheet(
    house: House, desk: StormDesk, storm: Storm
) -> None:
    one = await desk.register("c1", "13812345678", "=人民路", MORNING)
    hidden = await desk.register("c2", "", None, MORNING + 1)
    await desk.register("c3", "13900001111", None, MORNING + 2)
    assert one is not None
    assert hidden is not None
    path = "/api/storm/affected/{}/callback"
    async with house.browser("supervisor") as browser:
        body = {"wanted": True}
        marked = await browser.send_json("POST", path.format(one.affected_id), body)
        assert marked.json() == body
        refused = await browser.send_json("POST", path.format(hidden.affected_id), body)
        assert refused.status_code == 409
        answer = await browser.send_form(f"/storm/{storm.storm_id}/export", which="callbacks")
        whole = await browser.send_form(f"/storm/{storm.storm_id}/export", which="all")
    assert answer.content.startswith("\ufeff".encode())
    assert "attachment" in answer.headers["content-disposition"]
    head, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head[:3] == ["案卷号", "号码", "地点"]
    assert row == [
        storm.case_number, "13812345678", "'=人民路", "2026-11-20 08:00:00", "0", "是", "c1",
    ]  # fmt: skip
    assert len(list(csv.reader(io.StringIO(whole.content.decode("utf-8-sig"))))) == 4
    async with house.database.session() as session:
        reveals = (await session.scalars(select(RevealRow.subject))).all()
    assert reveals == [f"storm-list:{storm.storm_id}"] * 2


async def test_counts_by_place_and_time_are_shown(
    house: House, desk: StormDesk, storm: Storm
) -> None:
    for n in range(3):
        await desk.register(f"c{n}", f"1381234567{n}", "人民路", MORNING + 60 * n)
    async with house.browser("supervisor") as browser:
        page = (await browser.get("/storm")).text
    assert '{"slot": 600, "slots": [[1795132800.0, 3]]}' in page
    assert "人民路 3" in text_of(page)


async def test_supervisors_are_told_of_registrations_as_they_come(
    house: House, desk: StormDesk, storm: Storm
) -> None:
    from hotline.storage.records import Record
    from hotline.web.access import Role, Viewer
    from hotline.web.feed import Feed

    def viewer(role: Role) -> Viewer:
        return Viewer("x", "x", role, None, None, "", "")

    record = Record(9, MORNING, events.CallerAffected("c1", storm.storm_id, 1, "", True))
    told = await Feed(viewer(Role.SUPERVISOR), house.calls, 0).messages(record)
    assert [(m.event, m.data) for m in told] == [
        ("worklist", {"list": "storm", "what": "caller_affected", "call_id": "c1"})
    ]
    assert await Feed(viewer(Role.CALLBACK), house.calls, 0).messages(record) == []
