"""A citizen's data: found, handed out, and taken out of everything for good."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import (
    JSON,
    Boolean,
    LargeBinary,
    String,
    insert,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError

from hotline import events
from hotline.registry.attachments.service import AttachmentDesk, Offered
from hotline.registry.model import Person
from hotline.registry.privacy.erasing import Eraser, NotANumber, needle_of
from hotline.registry.privacy.holdings import Holding, holdings
from hotline.registry.privacy.model import Kept, PrivacyRefused, What
from hotline.registry.privacy.retention import Retention
from hotline.registry.privacy.service import PrivacyDesk
from hotline.registry.service import CaseRegistry
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.storage.numbers import variants
from hotline.storage.tables import Base, CaseRow, JournalRow
from hotline.storage.tables_privacy import MinimisingRow
from tests.databases import CITY, HandClock
from tests.unit.registry.attachments import files
from tests.unit.registry.cases import opened

NUMBER, NAME = "13812345678", "欧阳靖国"
CHIEF = Person("supervisor", "supervisor")
AGENT = Person("agent1", "agent")
CALL = "pbx1-7.1"


# The others ask both databases in the same words.
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def desk(journal: Journal, tmp_path: Path) -> PrivacyDesk:
    return PrivacyDesk(journal, tmp_path)


@pytest.fixture
async def known(journal: Journal, registry: CaseRegistry, tmp_path: Path) -> str:
    """The number of a closed case of the citizen's, with its call and its recording."""
    (tmp_path / "talk.wav").write_bytes(b"RIFF")
    await journal.append(
        events.CallArrived(CALL, "pbx1", "PJSIP/t", "12319", f"+86{NUMBER}"),
        events.CallAnswered(CALL, "agent1", 5.0, "talk.wav"),
    )
    said = f"{NAME}说井盖没了，电话138 1234 5678"
    case = await opened(
        registry,
        CALL,
        caller_name=NAME,
        caller_phone=NUMBER,
        description=said,
        callback_wanted=False,
    )
    case = await registry.edit(case.case_number, {"address": f"{NAME}家门口"}, 1, AGENT)
    case = await registry.move(case.case_number, "close", AGENT, "已答复", version=case.version)
    return case.case_number


def test_however_a_number_is_written_its_needle_stands_in_it() -> None:
    for way in (*variants(NUMBER), "138-1234-5678", "+86 138 1234 5678"):
        assert needle_of(way) == NUMBER
    assert needle_of("0571-8765 4321") == "57187654321"


@pytest.mark.parametrize("number", ["", "110", "12319", "李四", "0000000"])
def test_what_names_nobody_is_refused(number: str) -> None:
    with pytest.raises(NotANumber):
        needle_of(number)


def stars() -> str:
    return "***"


@given(
    st.text(max_size=40), st.sampled_from(["", "+86", "0086", "86", "0"]), st.sampled_from("- （."),
    st.text(max_size=40),
)  # fmt: skip
def test_a_number_is_taken_out_of_any_text(before: str, prefix: str, gap: str, after: str) -> None:
    spread = gap.join((NUMBER[:3], NUMBER[3:7], NUMBER[7:]))
    left = Eraser([NUMBER], [NAME], stars).text(f"{before} {prefix}{spread} {after}{NAME}")
    digits = "".join(one for one in left if one.isascii() and one.isdigit())
    assert NUMBER not in digits or NUMBER in before + after
    assert NAME not in left


def test_digits_inside_a_longer_number_stay() -> None:
    longer = f"9{NUMBER}0"
    assert Eraser([NUMBER], (), stars).text(longer) == longer


async def test_what_is_found_is_the_citizens_own_and_where_else_they_are_mentioned(
    desk: PrivacyDesk, registry: CaseRegistry, known: str
) -> None:
    said = f"请打{NUMBER}联系楼长"
    other = await opened(registry, "pbx1-8.1", caller_phone="13900000000", description=said)
    found = await desk.find(f"0086{NUMBER}", CHIEF, "本人书面申请")
    assert [case.case_number for case in found.cases] == [known]
    assert (found.calls, found.recordings) == (1, 1)
    assert found.own["cases"] == 1
    assert found.mentions["cases"] == 1
    assert other.case_number not in {case.case_number for case in found.cases}
    (kept,) = await desk.requests()
    assert (kept.what, kept.subject, kept.by) == (What.FOUND, "008****5678", "supervisor") or (
        kept.subject == "0086138****5678"
    )


@SQLITE
async def test_what_is_handed_out_is_their_own_only(
    desk: PrivacyDesk, registry: CaseRegistry, known: str, tmp_path: Path
) -> None:
    said = f"举报{NUMBER}的机主"
    await opened(registry, "pbx1-8.1", caller_phone="13900000000", description=said)
    given = await desk.hand_out(NUMBER, CHIEF, "本人书面申请")
    assert [row["case_number"] for row in given.tables["cases"]] == [known]
    assert given.tables["cases"][0]["caller_name"] == NAME
    assert given.files == {"recordings/talk.wav": tmp_path / "talk.wav"}
    assert "举报" not in str(given)


async def test_nothing_of_them_is_left_when_it_was_minimised(
    desk: PrivacyDesk, database: Database, known: str, tmp_path: Path
) -> None:
    done = await desk.minimise(NUMBER, CHIEF, "本人要求删除")
    assert done.own["cases"] == 1
    assert done.own["journal"] >= 1
    assert not (tmp_path / "talk.wav").exists()
    for table, row in [one async for one in everything(database)]:
        said = str(row).replace(" ", "")
        assert NUMBER not in said, table
        assert NAME not in said, table
    again = await desk.find(NUMBER, CHIEF, "复查")
    assert not again.anything


@SQLITE
async def test_the_case_and_its_life_stay(
    desk: PrivacyDesk, registry: CaseRegistry, known: str
) -> None:
    before = await registry.history(known)
    await desk.minimise(NUMBER, CHIEF, "本人要求删除")
    case = await registry.get(known)
    assert case.state == "closed"
    assert "井盖没了" in case.description
    after = await registry.history(known)
    assert [(one.seq, one.at, one.event.kind) for one in after] == [
        (one.seq, one.at, one.event.kind) for one in before
    ]


@SQLITE
async def test_a_case_that_is_open_or_held_keeps_its_citizen(
    desk: PrivacyDesk, registry: CaseRegistry, known: str
) -> None:
    await desk.hold(known, CHIEF, "诉讼保全")
    with pytest.raises(PrivacyRefused) as held:
        await desk.minimise(NUMBER, CHIEF, "本人要求删除")
    assert (held.value.key, held.value.cases) == ("privacy.held", (known,))
    await desk.lift(known, CHIEF, "判决生效")
    open_case = await opened(registry, "pbx1-9.1", caller_phone=NUMBER)
    with pytest.raises(PrivacyRefused) as still_open:
        await desk.minimise(NUMBER, CHIEF, "本人要求删除")
    assert still_open.value.cases == (open_case.case_number,)


@SQLITE
async def test_whoever_says_no_reason_learns_nothing(desk: PrivacyDesk, known: str) -> None:
    for ask in (desk.find, desk.hand_out, desk.minimise):
        with pytest.raises(PrivacyRefused, match="say_why"):
            await ask(NUMBER, CHIEF, "  ")
    assert await desk.requests() == []


async def test_the_journal_is_still_append_only_for_everybody_else(
    desk: PrivacyDesk, database: Database, known: str
) -> None:
    await desk.minimise(NUMBER, CHIEF, "本人要求删除")
    with pytest.raises(DBAPIError, match="append-only"):
        await write(database, update(JournalRow).values(data={}))
    with pytest.raises(DBAPIError, match="append-only"):
        await write(
            database, insert(MinimisingRow).values(token="x"), update(JournalRow).values(kind="x")
        )


async def write(database: Database, *statements: Any) -> None:
    async with database.writing() as session:
        for statement in statements:
            await session.execute(statement)


async def test_every_text_of_every_table_is_looked_into(
    desk: PrivacyDesk, database: Database
) -> None:
    async with database.writing() as session:
        for table in Base.metadata.sorted_tables:
            for holding in holdings():
                if holding.table is table:
                    await session.execute(insert(table), filled(holding))
    found = await desk.find(NUMBER, CHIEF, "完整性检查")
    seen = {**found.own, **found.mentions}
    assert {one.name for one in holdings()} <= seen.keys()


def filled(holding: Holding) -> Mapping[str, Any]:
    """A row with the citizen's number in every column that can hold it."""
    return {column.name: _value(holding, column) for column in holding.table.columns}


def _value(holding: Holding, column: Any) -> Any:
    if column.name in holding.columns:
        room = getattr(column.type, "length", None) or 100
        said = NUMBER if room >= len(NUMBER) else "x"
        return {"deep": [{"number": NUMBER}]} if isinstance(column.type, JSON) else said
    plain: dict[type[Any], Any] = {Boolean: False, LargeBinary: b"x", String: "x"}
    return next((value for kind, value in plain.items() if isinstance(column.type, kind)), 10_000)


async def everything(database: Database) -> Any:
    """Every row of every table that can hold a citizen's data."""
    async with database.session() as session:
        for holding in holdings():
            for row in (await session.execute(select(holding.table))).mappings():
                yield holding.name, dict(row)


def test_no_table_is_forgotten() -> None:
    names = {one.name for one in holdings()}
    assert {"cases", "calls", "journal", "reports", "callback_tasks", "drafts"} <= names
    assert {"users", "sessions"}.isdisjoint(names)
    assert CaseRow.__tablename__ in names


@pytest.fixture
def retention(journal: Journal, desk: PrivacyDesk, clock: HandClock, tmp_path: Path) -> Retention:
    return Retention(journal, desk, clock, CITY, tmp_path)


@SQLITE
async def test_without_a_rule_everything_is_kept(retention: Retention, known: str) -> None:
    assert set((await retention.rules()).values()) == {None}
    assert await retention.apply() == {}


async def test_what_is_older_than_the_rule_allows_is_taken_out_and_the_rest_stays(
    retention: Retention, registry: CaseRegistry, clock: HandClock, known: str, tmp_path: Path
) -> None:
    await retention.decide(Kept.CASE_PERSONAL, 30, CHIEF, "市里规定")
    await retention.decide(Kept.RECORDINGS, 90, CHIEF, "市里规定")
    os.utime(tmp_path / "talk.wav", (clock.now(), clock.now()))
    assert await retention.apply() == {Kept.CASE_PERSONAL: 0, Kept.RECORDINGS: 0}
    clock.advance(31 * 86_400)
    young = await opened(registry, "pbx1-9.1", caller_phone="13900000001", caller_name="张三丰")
    old = clock.now() - 91 * 86_400
    os.utime(tmp_path / "talk.wav", (old, old))
    assert await retention.apply() == {Kept.CASE_PERSONAL: 1, Kept.RECORDINGS: 1}
    case = await registry.get(known)
    assert case.caller_phone.startswith("***")
    assert NAME not in case.description + case.address + case.caller_name
    assert (await registry.get(young.case_number)).caller_name == "张三丰"
    assert (await retention.apply())[Kept.CASE_PERSONAL] == 0


@SQLITE
async def test_a_case_on_hold_outlives_the_rule(
    retention: Retention, desk: PrivacyDesk, registry: CaseRegistry, clock: HandClock, known: str
) -> None:
    await desk.hold(known, CHIEF, "诉讼保全")
    await retention.decide(Kept.CASE_PERSONAL, 30, CHIEF, "市里规定")
    clock.advance(400 * 86_400)
    assert (await retention.apply())[Kept.CASE_PERSONAL] == 0
    assert (await registry.get(known)).caller_name == NAME


@SQLITE
@pytest.mark.parametrize("days", [0, 29, 40_000])
async def test_a_rule_of_no_sense_is_refused(retention: Retention, days: int) -> None:
    with pytest.raises(PrivacyRefused, match="bad_days"):
        await retention.decide(Kept.RECORDINGS, days, CHIEF, "x")


@SQLITE
async def test_a_photo_that_they_sent_is_handed_out_and_erased_with_the_rest(
    journal: Journal, known: str, tmp_path: Path
) -> None:
    attachments = AttachmentDesk.of(journal, tmp_path / "data", 1)
    desk = PrivacyDesk(journal, tmp_path, attachments)
    sent = Offered(known, "report", "井盖.jpg", "key-00000001")
    photo, _ = await attachments.take(sent, files.sent(files.photo()), AGENT)
    given = await desk.hand_out(NUMBER, CHIEF, "本人书面申请")
    path = given.files[f"attachments/{known}-{photo.attachment_id}-井盖.jpg"]
    assert path.read_bytes().startswith(b"\xff\xd8")
    await desk.minimise(NUMBER, CHIEF, "本人要求删除")
    assert not path.exists()
