"""The public's query: progress for who knows number and digits, nothing for anybody else."""

from __future__ import annotations

import httpx
import pytest

from hotline import events
from hotline.registry.lifecycle import State
from hotline.registry.model import Case
from hotline.registry.service import CaseRegistry
from hotline.throttle import FREE_FAILURES_OF_A_NAME, LONGEST_WAIT_S
from hotline.web.catalogue import load_catalogue
from tests.databases import HandClock
from tests.unit.registry.cases import CHIEF, arrive, opened
from tests.unit.web.house import Browser, House

PHONE = "13800138000"


@pytest.fixture
async def case(house: House) -> Case:
    """A case whose caller's number ends in 8000, with everything that must not be shown."""
    await arrive(house.journal, calling=PHONE)
    return await opened(house.web.parts.cases, caller_name="李先生", address="中山路 12 号")


@pytest.fixture
def cases(house: House) -> CaseRegistry:
    return house.web.parts.cases


async def ask(browser: Browser, number: str, last_four: str) -> httpx.Response:
    return await browser.send_form("/status", number=number, last_four=last_four)


async def test_the_progress_is_told_without_a_login(
    house: House, case: Case, cases: CaseRegistry
) -> None:
    case = await cases.move(case.case_number, "file", CHIEF, version=case.version)
    async with house.browser() as browser:
        assert "案卷进度查询" in (await browser.get("/status")).text
        answer = await ask(browser, case.case_number, "8000")
    assert answer.status_code == 200
    assert "已立案，正在安排处置单位" in answer.text
    assert "2026-11-20 08:00" in answer.text


@pytest.mark.parametrize(
    "secret", ["李先生", "中山路", "路灯不亮", "13800138000", "138****", "张敏"]
)
async def test_nothing_but_the_progress_is_told(house: House, case: Case, secret: str) -> None:
    async with house.browser() as browser:
        assert secret not in (await ask(browser, case.case_number, "8000")).text


async def test_a_wrong_number_and_wrong_digits_are_answered_alike(house: House, case: Case) -> None:
    async with house.browser() as browser:
        wrong_digits = await ask(browser, case.case_number, "8001")
        no_case = await ask(browser, "2026112099999", "8000")
    assert wrong_digits.status_code == no_case.status_code == 404
    without = wrong_digits.text.replace(case.case_number, "")
    assert without == no_case.text.replace("2026112099999", "")


async def test_a_case_without_a_telephone_is_answered_like_none(
    house: House, cases: CaseRegistry
) -> None:
    await house.journal.append(events.CallArrived("pbx1-2", "pbx1", "PJSIP/t", "12319", ""))
    case = await opened(cases, "pbx1-2")
    async with house.browser() as browser:
        for digits in ("0000", "    ", ""):
            answer = await ask(browser, case.case_number, digits)
            assert answer.status_code in {404, 422}


async def test_digits_count_however_they_were_typed(house: House, case: Case) -> None:
    wide = case.case_number.translate({ord("0") + n: chr(0xFF10 + n) for n in range(10)})
    async with house.browser() as browser:
        assert (await ask(browser, f" {wide[:8]} {wide[8:]}", "８０００")).status_code == 200


@pytest.mark.parametrize(
    ("number", "digits", "words"),
    [
        ("", "8000", "编号是一串数字"),
        ("abc", "8000", "编号是一串数字"),
        ("2026112000001", "80", "请填写四位数字"),
        ("2026112000001", "138000", "请填写四位数字"),
    ],
)
async def test_what_is_typed_wrongly_is_told_beside_the_field(
    house: House, number: str, digits: str, words: str
) -> None:
    async with house.browser() as browser:
        answer = await ask(browser, number, digits)
    assert answer.status_code == 422
    assert words in answer.text


async def test_guessing_is_slowed_down_also_for_the_right_digits(house: House, case: Case) -> None:
    async with house.browser() as browser:
        for guess in range(FREE_FAILURES_OF_A_NAME):
            assert (await ask(browser, case.case_number, f"{guess:04}")).status_code == 404
        assert (await ask(browser, case.case_number, "8000")).status_code == 429
        assert isinstance(house.clock, HandClock)
        house.clock.advance(LONGEST_WAIT_S)
        assert (await ask(browser, case.case_number, "8000")).status_code == 200


async def test_guessing_at_a_case_that_is_none_is_slowed_down_alike(house: House) -> None:
    async with house.browser() as browser:
        for guess in range(FREE_FAILURES_OF_A_NAME):
            await ask(browser, "2026112099999", f"{guess:04}")
        assert (await ask(browser, "2026112099999", "8000")).status_code == 429


async def test_guessing_does_not_slow_down_logins(house: House, case: Case) -> None:
    async with house.browser() as browser:
        for guess in range(30):
            await ask(browser, f"20261120{guess:05}", "0000")
        answer = await browser.send_form("/login", user_id="agent1", password="correct horse")
    assert answer.status_code == 303


@pytest.mark.parametrize("state", State)
def test_every_state_has_words_for_the_public(state: State) -> None:
    assert load_catalogue().has(f"status.says.{state}")
    assert load_catalogue().has(f"case.stage.{state}")


async def test_the_reasons_of_the_desk_are_not_told(
    house: House, case: Case, cases: CaseRegistry
) -> None:
    for action, why in (("reject", "私人物业"), ("reopen", "复核"), ("close", "已答复")):
        case = await cases.move(case.case_number, action, CHIEF, why, version=case.version)
        async with house.browser() as browser:
            answer = await ask(browser, case.case_number, "8000")
        assert answer.status_code == 200
        assert why not in answer.text
