"""The cases' pages: finding, reading, changing and moving them along."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from pathlib import Path

import pytest

from hotline import events
from hotline.config import Config, RecordingSection, SpeechSection
from hotline.registry.forms import read_form
from hotline.registry.model import Case
from hotline.storage.tables import CallRow
from hotline.web.case_facts import recording_state
from tests.unit.registry.cases import AGENT, CHIEF, TYPED
from tests.unit.web.house import Browser, House
from tests.unit.web.scenes import tone

PHONE = "13812345678"


async def called(house: House, n: int = 1, phone: str = PHONE, **typed: object) -> Case:
    """A case from a call of ``phone`` that agent1 answered."""
    call_id = f"pbx1-{n}.1"
    await house.journal.append(
        events.CallArrived(call_id, "pbx1", "PJSIP/t", "12319", phone),
        events.CallQueued(call_id, "hotline", 0, house.clock.now()),
        events.CallAnswered(call_id, "agent1", 8.0, f"talk{n}.wav"),
    )
    talked = events.TalkEnded(call_id, "agent1", 60.0, "citizen")
    await house.journal.append(talked, at=house.clock.now() + 60)
    form = read_form({**TYPED, **typed})
    return await house.web.parts.cases.open_from_call(form, call_id, AGENT)


async def spoken(house: House, *more: events.Event) -> Case:
    """A case from a spoken report; ``more`` is what became of it."""
    call_id, report_id = "pbx1-9.1", "pbx1-9.1/r1"
    await house.journal.append(
        events.CallArrived(call_id, "pbx1", "PJSIP/t", "12319", PHONE),
        events.ReportStarted(call_id, report_id, "reports/r1", "nobody_ready"),
        events.ReportRecorded(call_id, report_id, "reports/r1", 12.0, "hangup"),
        *more,
    )
    return await house.web.parts.cases.open_from_report(report_id)


async def shown(browser: Browser, path: str) -> str:
    """A page's words, without its markup."""
    answer = await browser.get(path)
    assert answer.status_code == 200
    body = re.sub(r"(?s)<script.*?</script>|<svg.*?</svg>", "", answer.text)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


async def listed(browser: Browser, query: str = "") -> list[str]:
    """The numbers of the cases on the list, in order."""
    answer = await browser.get(f"/cases?{query}")
    assert answer.status_code == 200
    return re.findall(r'<tr data-href="/cases/(\d+)"', answer.text)


async def act(
    browser: Browser, case: Case, action: str, **more: object
) -> tuple[int, dict[str, object]]:
    answer = await browser.send_json(
        "POST",
        f"/api/cases/{case.case_number}/actions",
        {"action": action, "version": case.version, **more},
    )
    return answer.status_code, answer.json()


# --- the list -------------------------------------------------------------------------------


async def test_the_list_finds_by_words_number_and_telephone(house: House) -> None:
    first = await called(house, 1, address="中山路 12 号")
    second = await called(house, 2, phone="13900001111", address="解放桥北侧")
    async with house.browser("agent1") as browser:
        assert await listed(browser) == [second.case_number, first.case_number]
        assert await listed(browser, "text=解放桥") == [second.case_number]
        assert await listed(browser, f"text={first.case_number}") == [first.case_number]
        assert await listed(browser, "text=139-0000-1111") == [second.case_number]
        assert await listed(browser, "text=139") == []


async def test_the_tabs_count_what_the_filter_leaves(house: House) -> None:
    await called(house, 1, kind="complaint")
    await called(house, 2, kind="praise")
    await spoken(house)
    async with house.browser("agent1") as browser:
        assert "全部 3 待核实 1 待立案 2" in await shown(browser, "/cases")
        assert "全部 1 待核实 0 待立案 1" in await shown(browser, "/cases?kind=praise")
        assert len(await listed(browser, "state=to_verify")) == 1


async def test_what_the_address_asks_for_wrongly_counts_as_not_asked(house: House) -> None:
    await called(house)
    async with house.browser("agent1") as browser:
        assert len(await listed(browser, "state=x&kind=y&sort=caller_phone&page=9999")) == 1


async def test_an_empty_list_says_what_to_do(house: House) -> None:
    async with house.browser("agent1") as browser:
        assert "还没有案卷" in await shown(browser, "/cases")
        assert "没有符合这些条件的案卷" in await shown(browser, "/cases?text=x")
        await called(house)
        assert "现在没有待核实的案卷" in await shown(browser, "/cases?state=to_verify")


async def test_the_list_shows_no_telephone_numbers(house: House) -> None:
    await called(house)
    async with house.browser("supervisor") as browser:
        assert PHONE not in (await browser.get("/cases")).text


# --- one case -------------------------------------------------------------------------------


async def test_a_case_tells_its_call_and_masks_the_number(house: House) -> None:
    case = await called(house, caller_name="李先生")
    await house.journal.append(events.CallRated("pbx1-1.1", "agent1", 4))
    async with house.browser("supervisor") as browser:
        page = await browser.get(f"/cases/{case.case_number}")
        words = await shown(browser, f"/cases/{case.case_number}")
    assert PHONE not in page.text
    for expected in ("138****5678", "张敏接听，等待 0:08", "4 分（满分 5 分）", "热线", "张敏建案"):
        assert expected in words


async def test_a_case_that_is_none_is_not_found(house: House) -> None:
    async with house.browser("agent1") as browser:
        assert (await browser.get("/cases/2026112099999")).status_code == 404


async def test_the_call_of_another_case_stays_out_of_the_history(house: House) -> None:
    of_call = await called(house, 9)
    of_report = await spoken(house)
    async with house.browser("agent1") as browser:
        assert "张敏建案" not in await shown(browser, f"/cases/{of_report.case_number}")
        assert "语音留言转为案卷" not in await shown(browser, f"/cases/{of_call.case_number}")


async def test_other_cases_of_the_number_are_shown_beside(house: House) -> None:
    first, second = await called(house, 1), await called(house, 2)
    await called(house, 3, phone="13900001111")
    async with house.browser("agent1") as browser:
        text = (await browser.get(f"/cases/{first.case_number}")).text
    assert f'href="/cases/{second.case_number}"' in text
    assert "同一号码的其他案卷" in text


async def test_the_next_case_of_the_same_state_is_one_key_away(house: House) -> None:
    cases = [await called(house, n) for n in range(3)]
    numbers = [case.case_number for case in cases]
    async with house.browser("agent1") as browser:
        found = []
        for number in numbers:
            page = (await browser.get(f"/cases/{number}")).text
            found += re.findall(r'id="following" href="/cases/(\d+)"', page)
    assert found == [numbers[1], numbers[2], numbers[0]]


async def test_the_only_case_of_its_state_has_no_next_one(house: House) -> None:
    case = await called(house)
    async with house.browser("agent1") as browser:
        assert 'id="following"' not in (await browser.get(f"/cases/{case.case_number}")).text


@pytest.mark.parametrize(
    ("user", "form", "steps"),
    [
        ("agent1", True, ["file", "reject", "close", "merge"]),
        ("supervisor", True, ["file", "reject", "close", "merge", "void"]),
        ("callback1", False, []),
    ],
)
async def test_each_role_gets_the_form_and_the_steps_it_may_use(
    house: House, user: str, form: bool, steps: Sequence[str]
) -> None:
    case = await called(house)
    async with house.browser(user) as browser:
        page = (await browser.get(f"/cases/{case.case_number}")).text
    assert ('id="case-form"' in page) is form
    assert re.findall(r'data-action="(\w+)"', page) == steps


# --- changing it ----------------------------------------------------------------------------


async def test_a_change_is_saved_and_its_before_and_after_told(house: House) -> None:
    case = await called(house, address="旧地址")
    async with house.browser("agent1") as browser:
        body = {"form": {"address": "新地址"}, "version": case.version}
        saved = await browser.send_json("PUT", f"/api/cases/{case.case_number}", body)
        assert saved.json()["case"]["form"]["address"] == "新地址"
        assert saved.json()["case"]["version"] == case.version + 1
        assert "地址 旧地址 新地址" in await shown(browser, f"/cases/{case.case_number}")


async def test_who_is_second_gets_both_values_and_nothing_is_overwritten(house: House) -> None:
    case = await called(house, description="原来的")
    await house.web.parts.cases.edit(case.case_number, {"description": "班长的"}, 1, CHIEF)
    async with house.browser("agent1") as browser:
        body = {"form": {"description": "坐席的"}, "version": 1}
        answer = await browser.send_json("PUT", f"/api/cases/{case.case_number}", body)
    assert (answer.status_code, answer.json()["error"]) == (409, "case_changed")
    assert answer.json()["case"]["form"]["description"] == "班长的"
    assert answer.json()["case"]["version"] == 2
    assert "赵主任刚刚改了这个案卷" in answer.json()["message"]
    now = await house.web.parts.cases.get(case.case_number)
    assert now.description == "班长的"


async def test_a_faulty_field_is_told_beside_it(house: House) -> None:
    case = await called(house)
    async with house.browser("agent1") as browser:
        body = {"form": {"description": "", "caller_phone": "abc"}, "version": 1}
        answer = await browser.send_json("PUT", f"/api/cases/{case.case_number}", body)
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {"description", "caller_phone"}


async def test_an_answer_never_holds_the_number(house: House) -> None:
    case = await called(house)
    async with house.browser("agent1") as browser:
        body = {"form": {"caller_phone": "13900001111"}, "version": 1}
        answer = await browser.send_json("PUT", f"/api/cases/{case.case_number}", body)
    assert "13900001111" not in answer.text
    assert answer.json()["case"]["phone"] == "139****1111"


async def test_callback_staff_change_nothing(house: House) -> None:
    case = await called(house)
    async with house.browser("callback1") as browser:
        body = {"form": {"address": "x"}, "version": 1}
        answer = await browser.send_json("PUT", f"/api/cases/{case.case_number}", body)
    assert (answer.status_code, answer.json()["error"]) == (403, "case.not_your_role")


# --- moving it along ------------------------------------------------------------------------


async def test_a_case_goes_its_way_from_filing_to_closing(house: House) -> None:
    case = await called(house)
    async with house.browser("supervisor") as browser:
        for action, more in (
            ("file", {}),
            ("dispatch", {"unit": "城东市政养护所"}),
            ("feedback", {"why": "已更换井盖"}),
            ("check_pass", {}),
            ("close", {"closing": "solved"}),
        ):
            status, answer = await act(browser, case, action, **more)
            assert status == 200, answer
            case = await house.web.parts.cases.get(case.case_number)
        words = await shown(browser, f"/cases/{case.case_number}")
    assert case.state == "closed"
    assert "赵主任：登记处置反馈（待处置 → 待核查） 已更换井盖" in words
    assert "已办结，内容不再改动" in words


@pytest.mark.parametrize(
    ("action", "more", "status", "fault"),
    [
        ("reject", {}, 422, {"why"}),
        ("reject", {"why": "  "}, 422, {"why"}),
        ("dispatch", {"unit": "x"}, 403, set()),
        ("fly", {}, 422, {"action"}),
    ],
)
async def test_a_step_that_cannot_be_taken_says_why(
    house: House, action: str, more: dict[str, object], status: int, fault: set[str]
) -> None:
    case = await called(house)
    async with house.browser("supervisor") as browser:
        found, answer = await act(browser, case, action, **more)
    fields = answer["fields"]
    assert isinstance(fields, dict)
    assert (found, set(fields)) == (status, fault)
    assert (await house.web.parts.cases.get(case.case_number)).state == "to_file"


async def test_a_step_on_a_case_that_changed_meanwhile_is_not_taken(house: House) -> None:
    case = await called(house)
    await house.web.parts.cases.edit(case.case_number, {"address": "别处"}, 1, CHIEF)
    async with house.browser("agent1") as browser:
        status, answer = await act(browser, case, "file")
    assert (status, answer["error"]) == (409, "case_changed")
    assert (await house.web.parts.cases.get(case.case_number)).state == "to_file"


# --- what can be heard ----------------------------------------------------------------------


async def with_recordings(house: House, folder: Path, model: str = "") -> House:
    section = RecordingSection(dir=folder)
    config = Config(recording=section, speech=SpeechSection(model=model))
    return await house.rebuilt(config)


def players(page: str) -> list[str]:
    return re.findall(r'<audio[^>]* src="([^"]+)"', page)


async def test_the_agent_of_a_call_and_the_supervisor_get_its_player(
    house: House, tmp_path: Path
) -> None:
    house = await with_recordings(house, tmp_path)
    tone(tmp_path / "talk1.wav", 60.0)
    await house.journal.append(events.RecordingStored("pbx1-1.1", "talk1.wav", 60.0))
    case = await called(house)
    await house.journal.append(events.RecordingStored("pbx1-1.1", "talk1.wav", 60.0))
    for user, heard in (
        ("agent1", ["/media/recordings/pbx1-1.1"]),
        ("supervisor", ["/media/recordings/pbx1-1.1"]),
        ("agent2", []),
    ):
        async with house.browser(user) as browser:
            page = (await browser.get(f"/cases/{case.case_number}")).text
            assert players(page) == heard
            assert ("其他坐席接听的电话" in page) is (user == "agent2")


async def test_a_short_recording_is_played_and_told(house: House, tmp_path: Path) -> None:
    house = await with_recordings(house, tmp_path)
    tone(tmp_path / "talk1.wav", 6.0)
    case = await called(house)
    await house.journal.append(events.RecordingFailed("pbx1-1.1", "talk1.wav", "6.0 s recorded"))
    async with house.browser("agent1") as browser:
        page = (await browser.get(f"/cases/{case.case_number}")).text
    assert players(page) == ["/media/recordings/pbx1-1.1"]
    assert "录音不完整：通话 1:00，录到 0:06" in page


@pytest.mark.parametrize(
    ("values", "there", "state"),
    [
        ({}, False, "no_talk"),
        ({"answered_at": 10.0}, True, "talking"),
        ({"answered_at": 10.0, "talk_ended_at": 70.0}, True, "coming"),
        ({"answered_at": 10.0, "talk_ended_at": 20.0}, True, "unknown"),
        ({"answered_at": 10.0, "ended_at": 20.0}, False, "unknown"),
        ({"answered_at": 10.0, "ended_at": 20.0, "recording_seconds": 9.0}, True, "whole"),
        ({"answered_at": 10.0, "ended_at": 20.0, "recording_seconds": 9.0}, False, "gone"),
        ({"answered_at": 10.0, "ended_at": 20.0, "recording_fault": "x"}, True, "short"),
        ({"answered_at": 10.0, "ended_at": 20.0, "recording_fault": "x"}, False, "failed"),
    ],
)
def test_what_is_known_of_a_recording(values: dict[str, object], there: bool, state: str) -> None:
    assert recording_state(CallRow(**values), there, now=100.0) == state


async def test_a_spoken_report_is_heard_and_read_with_its_confidence(
    house: House, tmp_path: Path
) -> None:
    house = await with_recordings(house, tmp_path, model="demo")
    tone(tmp_path / "reports" / "r1.wav", 12.0)
    said = events.ReportTranscribed(
        "pbx1-9.1", "pbx1-9.1/r1", "井盖坏了", 0.876, "demo (synthetic voices only)"
    )
    case = await spoken(house, said)
    async with house.browser("agent2") as browser:
        page = (await browser.get(f"/cases/{case.case_number}")).text
    assert players(page) == ["/media/reports/pbx1-9.1/r1"]
    for expected in ("井盖坏了", "置信度 87.6 %", "演示模型：只适用于合成语音"):
        assert expected in page


@pytest.mark.parametrize(
    ("model", "words"), [("", "没有配置语音识别"), ("demo", "转好后文字自动出现在这里")]
)
async def test_a_report_that_waits_for_a_recogniser_says_so(
    house: House, tmp_path: Path, model: str, words: str
) -> None:
    house = await with_recordings(house, tmp_path, model)
    case = await spoken(house)
    async with house.browser("agent1") as browser:
        text = await shown(browser, f"/cases/{case.case_number}")
    assert "等待转写" in text
    assert words in text
    assert "录音文件不在了" in text


async def test_a_report_that_could_not_be_transcribed_says_so(house: House) -> None:
    failed = events.ReportTranscriptionFailed("pbx1-9.1", "pbx1-9.1/r1", "tried 2 times")
    case = await spoken(house, failed)
    async with house.browser("agent1") as browser:
        assert "没能转写成文字" in await shown(browser, f"/cases/{case.case_number}")


@pytest.mark.parametrize("path", ["/cases", "/cases/{number}"])
async def test_the_pages_are_there_in_english_too(house: House, path: str) -> None:
    case = await spoken(house)
    await house.set_language("agent1", "en")
    async with house.browser("agent1") as browser:
        words = await shown(browser, path.format(number=case.case_number))
    chinese = re.findall(r"[一-鿿]+", words)
    assert set(chinese) <= {"中文", "张敏", "城市管理服务热线"}
