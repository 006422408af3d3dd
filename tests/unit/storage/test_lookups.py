from __future__ import annotations

import pytest

from hotline import events
from hotline.cti.views import EarlierCall
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.storage.lookups import Lookups
from hotline.storage.pops import DraftFacts, case_of_call, draft, earlier_calls, earlier_cases
from hotline.storage.tables import CaseRow, DraftRow, UserRow
from tests.databases import MORNING, HandClock

NUMBER = "13800138000"


@pytest.fixture
def lookups(database: Database) -> Lookups:
    return Lookups(database)


def arrived(call_id: str, calling: str = NUMBER) -> events.CallArrived:
    return events.CallArrived(call_id, "pbx1", "PJSIP/t", "12319", calling)


def case(number: str, phone: str = NUMBER, **more: object) -> CaseRow:
    given: dict[str, object] = {
        "case_number": number,
        "state": "to_file",
        "source": "hotline",
        "kind": "complaint",
        "caller_phone": phone,
        "opened_by": "agent1",
        "opened_at": MORNING,
        "changed_by": "agent1",
        "changed_at": MORNING,
    }
    return CaseRow(**{**given, **more})


async def earlier(database: Database, number: str, before: float) -> tuple[EarlierCall, ...]:
    return await database.read(lambda session: earlier_calls(session, number, before))


async def typed(database: Database, user_id: str) -> DraftFacts:
    return await database.read(lambda session: draft(session, "a", user_id))


async def test_a_pop_shows_the_numbers_earlier_calls_and_what_became_of_them(
    database: Database, journal: Journal, clock: HandClock
) -> None:
    async with database.writing() as session:
        session.add(
            UserRow(user_id="agent1", name="张敏", role="agent", password_hash="", created_at=0.0)
        )
    await journal.append(arrived("answered"), events.CallAnswered("answered", "agent1", 1.0))
    clock.advance(60)
    await journal.append(
        events.TalkEnded("answered", "agent1", 60.0, "agent"),
        events.CallEnded("answered", "citizen"),
        arrived("abandoned", f"+86{NUMBER}"),
        events.CallAbandoned("abandoned", "hotline", 5.0),
        events.CallEnded("abandoned", "citizen"),
    )
    clock.advance(60)
    await journal.append(
        arrived("reported", f"0{NUMBER}"),
        events.CallAbandoned("reported", "hotline", 5.0),
        events.ReportRecorded("reported", "reported/r1", "p.wav", 9.0, "key"),
        events.CallEnded("reported", "citizen"),
    )
    clock.advance(60)
    await journal.append(arrived("lost"), events.CallEnded("lost", "citizen"))
    clock.advance(1)
    await journal.append(arrived("other", "13900139000"), arrived("now"))
    found = await earlier(database, NUMBER, clock.now())
    assert [(call.call_id, call.outcome) for call in found] == [
        ("lost", "unserved"),
        ("reported", "reported"),
        ("abandoned", "abandoned"),
        ("answered", "answered"),
    ]
    assert found[3] == EarlierCall("answered", MORNING, "张敏", 60.0, "answered")
    assert found[2].talked_s is None


async def test_a_pop_shows_the_newest_five(
    journal: Journal, clock: HandClock, database: Database
) -> None:
    for number in range(8):
        await journal.append(arrived(f"c{number}"))
        clock.advance(1)
    found = await earlier(database, NUMBER, clock.now())
    assert [call.call_id for call in found] == ["c7", "c6", "c5", "c4", "c3"]
    async with database.writing() as session:
        session.add_all(case(f"2026112000{n:03d}", opened_at=MORNING + n) for n in range(8))
    cases = await database.read(lambda session: earlier_cases(session, f"+86{NUMBER}"))
    assert [row.case_number for row in cases] == [f"2026112000{n:03d}" for n in (7, 6, 5, 4, 3)]


async def test_a_withheld_number_is_nobodys(
    database: Database, journal: Journal, clock: HandClock
) -> None:
    await journal.append(arrived("a", ""))
    async with database.writing() as session:
        session.add(case("2026112000001", phone=""))
    clock.advance(1)
    assert await earlier(database, "", clock.now()) == ()
    assert await database.read(lambda session: earlier_cases(session, "")) == ()


async def test_a_starting_controller_finds_what_was_alive(
    journal: Journal, lookups: Lookups
) -> None:
    await journal.append(
        arrived("living"),
        arrived("over"),
        events.CallEnded("over", "citizen"),
        events.AgentStateChanged("agent1", "paused", MORNING, "meal"),
        events.ReportStarted("living", "living/r1", "reports/x.wav", "asked"),
    )
    assert [row.call_id for row in await lookups.living_calls()] == ["living"]
    assert [(row.state, row.reason) for row in await lookups.presence()] == [("paused", "meal")]
    assert [row.report_id for row in await lookups.unfinished_reports()] == ["living/r1"]
    assert await lookups.report_paths() == {"reports/x.wav"}
    assert (await lookups.call("over")) is not None
    assert (await lookups.call("unknown")) is None


async def test_reports_wait_for_a_recogniser_and_for_a_case(
    database: Database, journal: Journal, lookups: Lookups
) -> None:
    await journal.append(
        events.ReportRecorded("a", "a/r1", "a.wav", 9.0, "key"),
        events.ReportRecorded("b", "b/r1", "b.wav", 9.0, "key"),
        events.ReportTranscribed("b", "b/r1", "路灯不亮", 0.8, "demo"),
        events.ReportEmpty("c", "c/r1", "nothing was said"),
    )
    assert [row.report_id for row in await lookups.waiting_reports()] == ["a/r1"]
    without = await lookups.reports_without_case()
    assert {row.report_id for row in without} == {"a/r1", "b/r1"}
    async with database.writing() as session:
        session.add(case("2026112000001", report_id="a/r1", call_id="a"))
    assert [row.report_id for row in await lookups.reports_without_case()] == ["b/r1"]
    assert await database.read(lambda session: case_of_call(session, "a")) == ""
    assert [row.report_id for row in await lookups.reports_of("a")] == ["a/r1"]
    report = await lookups.report("b/r1")
    assert report is not None
    assert report.text == "路灯不亮"


async def test_a_calls_draft_and_case_are_found(database: Database) -> None:
    async with database.writing() as session:
        session.add(case("2026112000001", call_id="a"))
        session.add(
            DraftRow(call_id="a", user_id="agent1", form={"address": "中山路"}, saved_at=0.0)
        )
    assert await database.read(lambda session: case_of_call(session, "a")) == "2026112000001"
    assert await typed(database, "agent1") == DraftFacts({"address": "中山路"})
    # Another agent who has the call now goes on with what the first one typed.
    assert await typed(database, "agent2") == DraftFacts({"address": "中山路"}, of="agent1")
