"""The page about citizens' data: who asks, what they are shown, what they are given."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from hotline.registry.forms import read_form
from hotline.registry.model import Person
from tests.unit.web.house import House

NUMBER, NAME = "13812345678", "欧阳靖国"
AGENT = Person("agent1", "agent")


@pytest.fixture
async def known(house: House) -> str:
    """The number of an open case of the citizen's."""
    form = read_form(
        {
            "kind": "complaint",
            "description": "井盖没了",
            "caller_phone": NUMBER,
            "caller_name": NAME,
        }
    )
    case = await house.web.parts.cases.open_from_call(form, "pbx1-1.1", AGENT)
    return case.case_number


async def test_an_empty_page_says_what_to_do(house: House) -> None:
    async with house.browser("supervisor") as browser:
        for view in ("citizen", "kept", "holds", "log", "nonsense"):
            answer = await browser.get(f"/privacy?view={view}")
            assert answer.status_code == 200
    assert "查看完整号码与录音" not in answer.text


async def test_a_citizen_is_found_and_never_shown_in_full(house: House, known: str) -> None:
    async with house.browser("supervisor") as browser:
        answer = await browser.send_form("/privacy/find", number=NUMBER, why="本人申请")
    assert known in answer.text
    assert "138****5678" in answer.text
    assert NAME not in answer.text
    assert f"案卷 {known} 尚未办结" in answer.text


async def test_without_a_reason_or_a_number_nothing_is_looked_for(house: House) -> None:
    async with house.browser("supervisor") as browser:
        no_reason = await browser.send_form("/privacy/find", number=NUMBER, why="")
        no_number = await browser.send_form("/privacy/find", number="12319", why="x")
    assert (no_reason.status_code, no_number.status_code) == (422, 422)
    assert "请写明理由" in no_reason.text
    assert "请输入完整的电话号码" in no_number.text


async def test_what_is_handed_out_can_be_read_by_who_gets_it(house: House, known: str) -> None:
    async with house.browser("supervisor") as browser:
        asked = {"number": NUMBER, "why": "本人申请"}
        answer = await browser.send_form("/privacy/hand-out", **asked)
        log = await browser.get("/privacy?view=log")
    packed = zipfile.ZipFile(io.BytesIO(answer.content))
    assert set(packed.namelist()) >= {"README.txt", "data.json"}
    (case,) = json.loads(packed.read("data.json"))["cases"]
    assert (case["case_number"], case["caller_phone"]) == (known, NUMBER)
    assert "交付" in log.text
    assert "本人申请" in log.text


async def test_what_cannot_be_taken_out_says_why(house: House, known: str) -> None:
    async with house.browser("supervisor") as browser:
        asked = {"number": NUMBER, "why": "本人要求删除"}
        answer = await browser.send_form("/privacy/minimise", **asked)
    assert answer.status_code == 422
    assert f"案卷 {known} 尚未办结" in answer.text


async def test_a_rule_is_decided_with_a_reason_and_told(house: House) -> None:
    async with house.browser("supervisor") as browser:
        rule = {"kind": "recordings", "days": "90", "why": "市里规定"}
        await browser.send_form("/privacy/rules", **rule)
        answer = await browser.get("/privacy?view=kept")
        assert "90 天" in answer.text
        assert "市里规定" in answer.text
        for days in ("7", "viel", "-1"):
            answer = await browser.send_form("/privacy/rules", **(rule | {"days": days}))
            assert answer.status_code == 422
            assert "30 至 36500 天" in answer.text


async def test_a_case_is_held_and_let_go(house: House, known: str) -> None:
    async with house.browser("supervisor") as browser:
        held = {"case_number": known, "why": "诉讼保全"}
        await browser.send_form("/privacy/holds", **held)
        answer = await browser.get("/privacy?view=holds")
        assert "诉讼保全" in answer.text
        again = await browser.send_form("/privacy/holds", **held)
        assert f"案卷 {known} 已在保全中" in again.text
        lifted = {"case_number": known, "why": "判决生效"}
        await browser.send_form("/privacy/holds/lift", **lifted)
        answer = await browser.get("/privacy?view=holds")
        assert "没有保全中的案卷" in answer.text
        page = await browser.get(f"/cases/{known}")
        assert "解除保全" in page.text
