"""The duty calendar's page."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from hotline.calendar.model import Special, What
from hotline.registry.model import Person
from hotline.storm.model import StormWords
from hotline.web.app import create_app
from tests.databases import MORNING
from tests.unit.web.house import House

WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-17:00")
CLOSURE = {
    "what": "closed",
    "queue": "",
    "since": "2026-11-23T00:00",
    "until": "2026-11-24T00:00",
    "text_zh": "系统升级，暂停服务",
    "text_en": "",
}


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


async def test_hours_are_saved_and_hold_at_once(house: House) -> None:
    calendar = house.web.parts.calendar
    async with house.browser("supervisor") as browser:
        form = WEEK | {"sat": "", "sun": "", "holidays": "closed", "version": "0"}
        answer = await browser.send_form("/calendar/hours/hotline", **form)
        assert answer.headers["location"] == "/calendar?queue=hotline&done=hours"
        page = text_of((await browser.get("/calendar?done=hours")).text)
    assert not calendar.is_open("hotline", MORNING)
    assert "赵主任 改于 2026-11-20 08:00" in page
    assert "已保存" in page


async def test_what_was_typed_stays_with_its_fault_beside_it(house: House) -> None:
    async with house.browser("admin") as browser:
        form = WEEK | {"mon": "早上", "holidays": "closed", "version": "0"}
        answer = await browser.send_form("/calendar/hours/hotline", **form)
    assert answer.status_code == 422
    assert 'value="早上"' in answer.text
    assert "请写成 08:30-12:00 这样的时段" in answer.text
    assert house.web.parts.calendar.is_open("hotline", MORNING)


async def test_whoever_saves_from_an_older_page_is_told(house: House) -> None:
    form = WEEK | {"holidays": "closed", "version": "0"}
    async with house.browser("supervisor") as browser:
        await browser.send_form("/calendar/hours/hotline", **form)
        answer = await browser.send_form("/calendar/hours/hotline", **form)
    assert answer.status_code == 409
    assert "刚被其他人改过" in answer.text


async def test_a_closure_is_added_shown_and_removed(house: House) -> None:
    calendar = house.web.parts.calendar
    async with house.browser("supervisor") as browser:
        answer = await browser.send_form("/calendar/specials", **CLOSURE)
        assert answer.headers["location"] == "/calendar?month=2026-11&done=added"
        assert "系统升级，暂停服务" in (await browser.get("/calendar")).text
        [special] = await calendar.specials()
        await browser.send_form(f"/calendar/specials/{special.special_id}/remove")
        page = text_of((await browser.get("/calendar")).text)
        assert "没有将来的安排" in page
        assert "赵主任 移除于 2026-11-20 08:00" in page
        again = await browser.send_form(f"/calendar/specials/{special.special_id}/remove")
        assert again.status_code == 404


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"since": ""}, "请填写日期和时间"),
        ({"until": "2026-11-22T00:00"}, "结束要晚于开始"),
        ({"what": "perhaps"}, "请选择其中一项"),
        ({"text_zh": "长" * 301}, "内容过长"),
    ],
)
async def test_a_closure_that_cannot_be_stays_open_with_its_fault(
    house: House, change: dict[str, str], said: str
) -> None:
    async with house.browser("supervisor") as browser:
        answer = await browser.send_form("/calendar/specials", **(CLOSURE | change))
    assert answer.status_code == 422
    assert said in answer.text
    assert '<details class="body" open>' in answer.text
    assert await house.web.parts.calendar.specials() == []


async def test_what_a_caller_meets_is_answered_for_any_moment(house: House) -> None:
    calendar = house.web.parts.calendar
    await calendar.set_hours("hotline", ["09:00-17:00"] * 7, "closed", 0, "supervisor")
    since = MORNING + 3 * 86_400
    closure = Special(0, What.CLOSED, "", since, since + 3600, "系统升级", "Upgrade")
    await calendar.add_special(closure, "supervisor")
    async with house.browser("supervisor") as browser:
        holiday = text_of((await browser.get("/calendar?at=2026-10-01T09:00")).text)
        assert "2026-10-01 09:00 周四 节假日 国庆节" in holiday
        assert "不值班 节假日不值班 到 2026-10-08 09:00 为止" in holiday
        closed = text_of((await browser.get("/calendar?at=2026-11-23T08:30")).text)
        assert "不值班 临时停止服务 到 2026-11-23 09:00 为止 系统升级" in closed
        unread = await browser.get("/calendar?at=tomorrow")
        assert "请填写日期和时间" in unread.text


async def test_a_storm_that_will_still_be_on_belongs_to_the_answer(house: House) -> None:
    words = StormWords("人民路积水", "", (), MORNING + 3600)
    await house.web.parts.storm.begin(words, Person("supervisor", "supervisor"))
    async with house.browser("supervisor") as browser:
        during = text_of((await browser.get("/calendar?at=2026-11-20T08:59")).text)
        after = text_of((await browser.get("/calendar?at=2026-11-20T09:00")).text)
    assert "应急播报 人民路积水" in during
    assert "人民路积水" not in after


async def test_whoever_walks_the_flow_says_what_is_heard(house: House) -> None:
    asked: list[float] = []

    def hears(at: float) -> list[str]:
        asked.append(at)
        return ["您好，欢迎致电", "现在是非服务时间"]

    house.app = create_app(replace(house.web.parts, hears=hears))
    async with house.browser("supervisor") as browser:
        page = await browser.get("/calendar?at=2026-11-20T08:00")
    assert asked == [MORNING]
    assert "<li>现在是非服务时间</li>" in page.text


async def test_a_year_without_known_holidays_says_so(house: House) -> None:
    async with house.browser("supervisor") as browser:
        assert "尚未公布" not in (await browser.get("/calendar?month=2026-10")).text
        page = text_of((await browser.get("/calendar?month=2190-10&at=2190-10-01T09:00")).text)
    assert "2190 年的节假日尚未公布或尚未收录" in page
    assert "2190 年节假日未知" in page


async def test_the_month_marks_holidays_and_worked_weekends(house: House) -> None:
    async with house.browser("supervisor") as browser:
        page = text_of((await browser.get("/calendar?month=2026-10")).text)
        assert "1 国庆节" in page
        assert "10 调休上班" in page
        for strange in ("2026-13", "x", "9999-12", "0001-01"):
            assert (await browser.get(f"/calendar?month={strange}")).status_code == 200
