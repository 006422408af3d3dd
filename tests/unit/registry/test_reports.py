from __future__ import annotations

import pytest

from hotline import events
from hotline.registry.model import (
    NoSuchReport,
)
from hotline.registry.service import CaseRegistry
from hotline.storage.journal import Journal
from tests.unit.registry.cases import AGENT, CALL, NUMBER, TYPED, kinds, opened, reported


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
