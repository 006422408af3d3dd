from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from hotline import events
from hotline.registry import taxonomy
from hotline.registry.forms import read_form
from hotline.registry.model import (
    BadForm,
    Case,
    CaseConflict,
    CaseFilter,
    NoSuchCase,
    NoSuchReport,
    NotAllowed,
    Person,
)
from hotline.registry.service import CaseRegistry
from hotline.storage.database import Database
from hotline.storage.journal import Journal, Transaction
from hotline.storage.tables import CaseRow, DraftRow
from tests.databases import CITY, MORNING, HandClock

AGENT, OTHER = Person("agent1", "agent"), Person("agent2", "agent")
CHIEF, CALLBACK = Person("supervisor", "supervisor"), Person("callback1", "callback")
CALL, NUMBER = "pbx1-1", "13800138000"
TYPED: dict[str, Any] = {"kind": "complaint", "description": "路灯不亮", "address": "中山路"}


class Noted:
    """Aftercare that only notes what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    async def closed(self, tx: Transaction, case: CaseRow) -> None:
        self.told.append(("closed", case.case_number))

    async def reopened(self, tx: Transaction, case: CaseRow) -> None:
        self.told.append(("reopened", case.case_number))


@pytest.fixture
def noted() -> Noted:
    return Noted()


@pytest.fixture
def registry(journal: Journal, noted: Noted) -> CaseRegistry:
    return CaseRegistry(journal, CITY, taxonomy.load(), noted)


async def arrive(journal: Journal, call_id: str = CALL, calling: str = NUMBER) -> None:
    await journal.append(events.CallArrived(call_id, "pbx1", "PJSIP/t", "12319", calling))


async def opened(registry: CaseRegistry, call_id: str = CALL, **typed: Any) -> Case:
    return await registry.open_from_call(read_form({**TYPED, **typed}), call_id, AGENT)


async def kinds(registry: CaseRegistry, case: Case) -> list[str]:
    return [record.event.kind for record in await registry.history(case.case_number)]


async def reported(journal: Journal, report_id: str = f"{CALL}/r1", text: str = "") -> str:
    await arrive(journal)
    await journal.append(
        events.ReportStarted(CALL, report_id, "r.wav", "nobody_ready"),
        events.ReportRecorded(CALL, report_id, "r.wav", 9.0, "key"),
    )
    if text:
        await journal.append(events.ReportTranscribed(CALL, report_id, text, 0.9, "demo"))
    return report_id


# --- opened -------------------------------------------------------------------------------


async def test_a_saved_form_is_a_case_with_a_number_and_its_call(
    journal: Journal, registry: CaseRegistry
) -> None:
    await arrive(journal)
    case = await opened(registry, category="component/0101", unit="供水公司")
    assert (case.case_number, case.state, case.version) == ("2026112000001", "to_file", 1)
    assert (case.call_id, case.source, case.opened_by) == (CALL, "hotline", "agent1")
    assert (case.standard, case.category_name) == ("gbt-30428.2-2013", "上水井盖")
    assert (case.opened_at, case.changed_at, case.closed_at) == (MORNING, MORNING, None)
    assert await registry.get(case.case_number) == case
    assert await kinds(registry, case) == ["CaseOpened"]


async def test_the_caller_can_be_reached_at_the_number_they_called_from(
    journal: Journal, registry: CaseRegistry
) -> None:
    await arrive(journal, calling=f"+86{NUMBER}")
    assert (await opened(registry)).caller_phone == NUMBER


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ({"caller_phone": "13900139000"}, "13900139000"),
        ({"caller_phone": ""}, ""),
        ({"anonymous": True}, ""),
    ],
)
async def test_what_the_agent_says_of_the_phone_counts(
    journal: Journal, registry: CaseRegistry, typed: dict[str, Any], phone: str
) -> None:
    await arrive(journal)
    assert (await opened(registry, **typed)).caller_phone == phone


async def test_a_withheld_number_leaves_the_phone_empty(
    journal: Journal, registry: CaseRegistry
) -> None:
    await arrive(journal, calling="anonymous")
    assert (await opened(registry)).caller_phone == ""


async def test_saving_twice_edits_the_same_case(journal: Journal, registry: CaseRegistry) -> None:
    await arrive(journal)
    first = await opened(registry)
    again = await opened(registry, address="人民路", caller_phone=NUMBER)
    assert (again.case_number, again.address, again.version) == (first.case_number, "人民路", 2)
    assert (await opened(registry, address="人民路")).version == 2
    assert await kinds(registry, first) == ["CaseOpened", "CaseEdited"]


async def test_saving_at_the_same_time_makes_one_case(
    journal: Journal, registry: CaseRegistry
) -> None:
    await arrive(journal)
    cases = await asyncio.gather(*(opened(registry) for _ in range(5)))
    assert {case.case_number for case in cases} == {"2026112000001"}


async def test_a_second_save_does_not_undo_what_somebody_else_changed(
    journal: Journal, registry: CaseRegistry
) -> None:
    case = await opened(registry)
    await registry.edit(case.case_number, {"unit": "路灯所"}, case.version, CHIEF)
    with pytest.raises(CaseConflict) as conflict:
        await opened(registry)
    assert conflict.value.case.unit == "路灯所"
    form = read_form({**TYPED, "unit": "路灯所", "address": "人民路"})
    saved = await registry.open_from_call(form, CALL, AGENT, conflict.value.case.version)
    assert (saved.address, saved.version) == ("人民路", 3)


async def test_saving_clears_the_draft_of_that_agent_only(
    database: Database, registry: CaseRegistry
) -> None:
    async with database.writing() as session:
        for who in ("agent1", "agent2"):
            session.add(DraftRow(call_id=CALL, user_id=who, form={}, saved_at=0.0))
    await opened(registry)
    async with database.session() as session:
        assert [d.user_id for d in await session.scalars(select(DraftRow))] == ["agent2"]


async def test_numbers_are_given_once_under_a_rush(registry: CaseRegistry) -> None:
    cases = await asyncio.gather(*(opened(registry, call_id=f"c{n}") for n in range(30)))
    numbers = sorted(case.case_number for case in cases)
    assert numbers == [f"20261120{n:05d}" for n in range(1, 31)]


async def test_numbers_begin_anew_at_the_citys_midnight(
    registry: CaseRegistry, clock: HandClock
) -> None:
    await opened(registry, call_id="today")
    clock.advance(16 * 3600 - 1)
    assert (await opened(registry, call_id="late")).case_number == "2026112000002"
    clock.advance(1)
    assert (await opened(registry, call_id="tomorrow")).case_number == "2026112100001"


async def test_an_unknown_category_is_refused_and_uses_up_no_number(
    registry: CaseRegistry,
) -> None:
    with pytest.raises(BadForm) as refused:
        await opened(registry, category="component/9999")
    assert refused.value.faults == {"category": "form.category"}
    assert (await opened(registry)).case_number == "2026112000001"


async def test_only_the_desk_opens_cases(registry: CaseRegistry) -> None:
    for who in (CALLBACK, Person("admin", "admin")):
        with pytest.raises(NotAllowed, match="not_your_role"):
            await registry.open_from_call(read_form(TYPED), CALL, who)


# --- spoken reports -----------------------------------------------------------------------


async def test_a_spoken_report_becomes_a_case_to_verify(
    journal: Journal, registry: CaseRegistry
) -> None:
    report = await reported(journal)
    case = await registry.open_from_report(report)
    assert (case.state, case.source, case.kind) == ("to_verify", "voice_report", "")
    assert (case.report_id, case.call_id, case.opened_by) == (report, CALL, "system")
    assert (case.caller_phone, case.description) == (NUMBER, "")
    assert await registry.open_from_report(report) == case
    assert await kinds(registry, case) == ["CaseOpened"]


async def test_a_report_that_the_dialplan_took_alone_says_so(
    journal: Journal, registry: CaseRegistry
) -> None:
    await journal.append(events.ReportRecorded(CALL, f"{CALL}/r1", "r.wav", 5.0, "unknown"))
    assert (await registry.open_from_report(f"{CALL}/r1")).source == "fallback"


async def test_a_report_and_a_form_of_one_call_are_two_cases(
    journal: Journal, registry: CaseRegistry
) -> None:
    case = await registry.open_from_report(await reported(journal))
    assert (await opened(registry)).case_number != case.case_number


async def test_the_text_of_a_report_comes_into_its_case(
    journal: Journal, registry: CaseRegistry
) -> None:
    report = await reported(journal)
    case = await registry.open_from_report(report)
    await registry.take_transcript(report)
    assert (await registry.get(case.case_number)).description == ""
    await journal.append(events.ReportTranscribed(CALL, report, "井盖坏了", 0.9, "demo"))
    await registry.take_transcript(report)
    await registry.take_transcript(report)
    now = await registry.get(case.case_number)
    assert (now.description, now.version, now.changed_by) == ("井盖坏了", 1, "system")
    assert await kinds(registry, case) == ["CaseOpened", "CaseEdited"]


async def test_a_report_known_in_words_opens_with_them(
    journal: Journal, registry: CaseRegistry
) -> None:
    case = await registry.open_from_report(await reported(journal, text="井盖坏了"))
    assert case.description == "井盖坏了"


async def test_text_never_overwrites_what_a_person_typed(
    journal: Journal, registry: CaseRegistry
) -> None:
    report = await reported(journal)
    case = await registry.open_from_report(report)
    await registry.edit(case.case_number, TYPED, case.version, AGENT)
    await journal.append(events.ReportTranscribed(CALL, report, "井盖坏了", 0.9, "demo"))
    await registry.take_transcript(report)
    assert (await registry.get(case.case_number)).description == "路灯不亮"


async def test_whoever_types_while_the_text_comes_saves_without_conflict(
    journal: Journal, registry: CaseRegistry
) -> None:
    report = await reported(journal)
    case = await registry.open_from_report(report)
    await journal.append(events.ReportTranscribed(CALL, report, "井盖坏了", 0.9, "demo"))
    await registry.take_transcript(report)
    saved = await registry.edit(case.case_number, TYPED, case.version, AGENT)
    assert saved.description == "路灯不亮"
    edited = (await registry.history(case.case_number))[-1].event
    assert isinstance(edited, events.CaseEdited)
    assert edited.before["description"] == "井盖坏了"


async def test_an_unknown_or_empty_report_opens_nothing(
    journal: Journal, registry: CaseRegistry
) -> None:
    await journal.append(events.ReportEmpty(CALL, f"{CALL}/r1", "nothing was said"))
    for report in (f"{CALL}/r1", "unknown"):
        with pytest.raises(NoSuchReport):
            await registry.open_from_report(report)
        await registry.take_transcript(report)
    assert (await registry.list()).total == 0


# --- changed ------------------------------------------------------------------------------


async def test_an_edit_keeps_what_it_replaced(registry: CaseRegistry) -> None:
    case = await opened(registry)
    changes = {"address": "人民路", "kind": "complaint"}
    edited = await registry.edit(case.case_number, changes, 1, OTHER)
    assert (edited.address, edited.description, edited.version) == ("人民路", "路灯不亮", 2)
    assert edited.changed_by == "agent2"
    event = (await registry.history(case.case_number))[-1].event
    assert event == events.CaseEdited(
        case.case_number, "agent2", ("address",), {"address": "中山路"}
    )


async def test_an_edit_that_changes_nothing_leaves_no_trace(registry: CaseRegistry) -> None:
    case = await opened(registry)
    assert await registry.edit(case.case_number, TYPED, 1, OTHER) == case
    assert await kinds(registry, case) == ["CaseOpened"]


async def test_two_who_edit_at_once_do_not_overwrite_each_other(registry: CaseRegistry) -> None:
    case = await opened(registry)
    results = await asyncio.gather(
        registry.edit(case.case_number, {"address": "人民路"}, 1, AGENT),
        registry.edit(case.case_number, {"address": "解放路"}, 1, OTHER),
        return_exceptions=True,
    )
    [conflict] = [r for r in results if isinstance(r, CaseConflict)]
    [saved] = [r for r in results if isinstance(r, Case)]
    assert conflict.case == saved == await registry.get(case.case_number)


async def test_a_category_chosen_stays_until_another_one_is(registry: CaseRegistry) -> None:
    case = await opened(registry, category="event/0505")
    edited = await registry.edit(case.case_number, {"address": "人民路"}, 1, AGENT)
    assert (edited.category_code, edited.category_name) == ("event/0505", "路面塌陷")
    edited = await registry.edit(case.case_number, {"category": ""}, 2, AGENT)
    assert (edited.category_code, edited.category_name, edited.standard) == (None, None, None)


@pytest.mark.parametrize("who", [CALLBACK, Person("admin", "admin")])
async def test_who_may_not_edit_is_told_so(registry: CaseRegistry, who: Person) -> None:
    case = await opened(registry)
    with pytest.raises(NotAllowed, match="not_your_role"):
        await registry.edit(case.case_number, {"address": "x"}, 1, who)


async def test_a_case_passes_from_filing_to_its_end(
    registry: CaseRegistry, noted: Noted, clock: HandClock
) -> None:
    case = await opened(registry)
    number = case.case_number
    for action, who, why, state in (
        ("file", AGENT, "", "to_dispatch"),
        ("dispatch", CHIEF, "", "to_handle"),
        ("feedback", AGENT, "灯泡已更换", "to_check"),
        ("check_fail", AGENT, "仍不亮", "to_handle"),
        ("feedback", AGENT, "线路已修复", "to_check"),
        ("check_pass", AGENT, "", "to_close"),
        ("close", CHIEF, "", "closed"),
    ):
        clock.advance(60)
        unit = "路灯所" if action == "dispatch" else None
        case = await registry.move(number, action, who, why, version=case.version, unit=unit)
        assert case.state == state
    assert (case.closed_at, case.unit) == (clock.now(), "路灯所")
    assert noted.told == [("closed", number)]
    case = await registry.move(number, "reopen", CALLBACK, "没有解决", version=case.version)
    assert (case.state, case.closed_at) == ("to_dispatch", None)
    assert noted.told[-1] == ("reopened", number)
    last = (await registry.history(number))[-1].event
    assert last == events.CaseMoved(
        number, "reopen", "closed", "to_dispatch", "callback1", "没有解决"
    )


async def test_a_step_without_its_reason_or_its_field_changes_nothing(
    registry: CaseRegistry,
) -> None:
    case = await opened(registry)
    with pytest.raises(BadForm) as refused:
        await registry.move(case.case_number, "reject", AGENT, "  ", version=1)
    assert refused.value.faults == {"why": "form.required"}
    case = await registry.move(case.case_number, "file", AGENT, version=1)
    with pytest.raises(BadForm) as refused:
        await registry.move(case.case_number, "dispatch", CHIEF, version=2)
    assert refused.value.faults == {"unit": "form.required"}
    assert await registry.get(case.case_number) == case


async def test_a_spoken_report_is_verified_once_somebody_has_judged_it(
    journal: Journal, registry: CaseRegistry
) -> None:
    case = await registry.open_from_report(await reported(journal))
    with pytest.raises(BadForm) as refused:
        await registry.move(case.case_number, "verify", AGENT, version=1)
    assert refused.value.faults == {"kind": "form.required"}
    await registry.edit(case.case_number, TYPED, 1, AGENT)
    assert (await registry.move(case.case_number, "verify", AGENT, version=2)).state == "to_file"


@pytest.mark.parametrize(
    ("action", "who", "key"),
    [("void", AGENT, "not_your_role"), ("dispatch", CHIEF, "not_in_this_state")],
)
async def test_a_step_that_is_not_open_is_refused(
    registry: CaseRegistry, action: str, who: Person, key: str
) -> None:
    case = await opened(registry)
    with pytest.raises(NotAllowed, match=key):
        await registry.move(case.case_number, action, who, "why", version=1)


async def test_a_case_that_somebody_moved_on_is_not_moved_again(registry: CaseRegistry) -> None:
    case = await opened(registry)
    await registry.move(case.case_number, "file", AGENT, version=1)
    with pytest.raises(CaseConflict):
        await registry.move(case.case_number, "reject", OTHER, "重复", version=1)


async def test_a_closed_case_is_not_edited(registry: CaseRegistry) -> None:
    case = await opened(registry)
    case = await registry.move(case.case_number, "close", AGENT, "已答复", version=1)
    with pytest.raises(NotAllowed, match="not_in_this_state"):
        await registry.edit(case.case_number, {"address": "x"}, case.version, CHIEF)
    with pytest.raises(NotAllowed, match="not_in_this_state"):
        await opened(registry)


async def test_what_does_not_exist_is_not_changed(registry: CaseRegistry) -> None:
    with pytest.raises(NoSuchCase):
        await registry.get("2026112099999")
    with pytest.raises(NoSuchCase):
        await registry.edit("2026112099999", {}, 1, AGENT)
    with pytest.raises(NoSuchCase):
        await registry.move("2026112099999", "file", AGENT, version=1)


async def test_what_follows_a_closing_fails_with_it(
    registry: CaseRegistry, noted: Noted, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(tx: Transaction, case: CaseRow) -> None:
        raise RuntimeError

    monkeypatch.setattr(noted, "closed", fail)
    case = await opened(registry)
    with pytest.raises(RuntimeError):
        await registry.move(case.case_number, "close", AGENT, "已答复", version=1)
    assert await registry.get(case.case_number) == case
    assert await kinds(registry, case) == ["CaseOpened"]


# --- found --------------------------------------------------------------------------------


async def test_lists_are_filtered_sorted_and_paged(
    journal: Journal, registry: CaseRegistry, clock: HandClock
) -> None:
    for number, urgency in enumerate(("normal", "critical", "urgent", "normal", "urgent")):
        await opened(registry, call_id=f"c{number}", urgency=urgency, address=f"中山路{number}号")
        clock.advance(60)
    first = await registry.list(size=2)
    assert first.total == 5
    assert [case.address for case in first.cases] == ["中山路4号", "中山路3号"]
    last = await registry.list(size=2, page=3)
    assert [case.address for case in last.cases] == ["中山路0号"]
    urgent_first = await registry.list(sort="urgency")
    assert [case.urgency for case in urgent_first.cases] == [
        "critical",
        "urgent",
        "urgent",
        "normal",
        "normal",
    ]
    recent = CaseFilter(since=MORNING + 60, until=MORNING + 180, urgency="urgent")
    assert [case.address for case in (await registry.list(recent)).cases] == ["中山路2号"]
    assert await registry.counts() == {"to_file": 5}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("中山", True),
        ("不亮", True),
        ("2026112000001", True),
        ("138-0013-8000", True),
        ("上水井盖", True),
        ("李", True),
        ("人民路", False),
        ("%", False),
        ("_", False),
        ("\x00\ud83d", False),
    ],
)
async def test_a_case_is_found_by_its_words(
    journal: Journal, registry: CaseRegistry, text: str, found: bool
) -> None:
    await arrive(journal)
    await opened(registry, category="component/0101", caller_name="李先生")
    assert (await registry.list(CaseFilter(text=text))).total == int(found)


async def test_states_and_kinds_narrow_a_list(registry: CaseRegistry) -> None:
    case = await opened(registry, call_id="a", kind="praise")
    await opened(registry, call_id="b")
    await registry.move(case.case_number, "file", AGENT, version=1)
    assert (await registry.list(CaseFilter(states=frozenset({"to_dispatch"})))).cases[
        0
    ].kind == "praise"
    assert (await registry.list(CaseFilter(kind="complaint"))).total == 1
    assert (await registry.list(CaseFilter(source="voice_report"))).total == 0
    assert (await registry.list(CaseFilter(opened_by="agent1"))).total == 2


async def test_an_order_that_is_none_is_refused(registry: CaseRegistry) -> None:
    with pytest.raises(KeyError):
        await registry.list(sort="description; DROP TABLE cases")
    for page, size in ((0, 10), (1, 0), (1, 100_000)):
        with pytest.raises(ValueError, match="page"):
            await registry.list(page=page, size=size)


async def test_the_citizen_sees_the_progress_with_the_last_four_digits(
    journal: Journal, registry: CaseRegistry
) -> None:
    await arrive(journal)
    case = await opened(registry)
    progress = await registry.progress(case.case_number, "8000")
    assert progress is not None
    assert progress.state == "to_file"
    for number, digits in (
        (case.case_number, "8001"),
        (case.case_number, ""),
        (case.case_number, "00138000"),
        ("2026112099999", "8000"),
    ):
        assert await registry.progress(number, digits) is None


async def test_a_case_without_a_number_shows_its_progress_to_nobody(
    registry: CaseRegistry,
) -> None:
    case = await opened(registry, caller_phone="")
    assert await registry.progress(case.case_number, "") is None
