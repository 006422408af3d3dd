"""Files of tickets: all that is wrong is told by row, and nothing is half imported."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from hotline.registry.exchange.marking import marked
from hotline.registry.exchange.model import Peer
from hotline.registry.exchange.sheet import BadSheet, read
from hotline.storage.journal import Journal
from hotline.storage.tables import CaseRow
from hotline.storage.tables_exchange import ReferenceRow
from tests.databases import HandClock, sqlite_copy
from tests.exchange import Exchange, WildReceiver, make_exchange
from tests.sheets import FAULTS, HEADERS, workbook


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """Of one kind only: what is special to files asks nothing special of databases."""
    return sqlite_copy(tmp_path / "hotline.db")


@pytest.fixture
async def exchange(journal: Journal, clock: HandClock, tmp_path: Path) -> Exchange:
    return await make_exchange(journal, clock, tmp_path, WildReceiver())


@pytest.fixture
async def peer(exchange: Exchange) -> Peer:
    return await exchange.peer("12345", source="12345", url="", scope="own")


async def cases(exchange: Exchange) -> int:
    async with exchange.journal.database.session() as session:
        return await session.scalar(select(func.count()).select_from(CaseRow)) or 0


def test_the_faults_are_of_thirty_seven_ways() -> None:
    assert len(FAULTS) == 37


async def test_each_wrong_row_is_told_with_its_reason_and_nothing_is_imported(
    exchange: Exchange, peer: Peer
) -> None:
    data, wrong = workbook(400, faulty=True)
    verdict = await exchange.room.importer.check(peer, "工单.xlsx", data)
    assert (verdict.rows, verdict.bad_rows) == (400, 37)
    assert {fault.row: fault.key for fault in verdict.faults} == wrong
    one = next(fault for fault in verdict.faults if fault.key == "unknown_value")
    assert (one.column, one.header, one.value) == ("C", "诉求类型", "唠叨")
    with pytest.raises(ValueError, match="faults"):
        await exchange.room.importer.begin(peer, "工单.xlsx", verdict, "supervisor")
    assert await cases(exchange) == 0


async def test_a_mended_file_is_imported_once_and_known_the_second_time(
    exchange: Exchange, peer: Peer
) -> None:
    importer = exchange.room.importer
    data, _ = workbook(60, faulty=False)
    for opened, known in ((60, 0), (0, 60)):
        verdict = await importer.check(peer, "工单.xlsx", data)
        assert (len(verdict.tickets), verdict.known, verdict.faults) == (opened, known, ())
        number = await importer.begin(peer, "工单.xlsx", verdict, "supervisor")
        done = await importer.finish(number)
        assert (done.state, done.opened, done.known) == ("done", opened, known)
    assert await cases(exchange) == 60
    case = await exchange.room.inbox.case_of(peer, "T00002")
    assert case.description == "第2号路灯不亮\n夜里很黑，走路不便。"
    assert (case.kind, case.caller_phone, case.source) == ("complaint", "13812340002", "12345")


async def test_a_row_that_was_imported_with_another_content_is_told(
    exchange: Exchange, peer: Peer
) -> None:
    importer = exchange.room.importer
    data, _ = workbook(3, faulty=False)
    number = await importer.begin(
        peer, "a.xlsx", await importer.check(peer, "a.xlsx", data), "supervisor"
    )
    await importer.finish(number)

    def other(place: int, row: list[object]) -> None:
        if place == 2:
            row[HEADERS.index("地址")] = "别处"

    changed, _ = workbook(3, faulty=False, mend=other)
    verdict = await importer.check(peer, "b.xlsx", changed)
    assert [(fault.row, fault.key) for fault in verdict.faults] == [(3, "already_imported")]


async def test_an_import_that_died_on_the_way_is_finished_and_opens_none_twice(
    exchange: Exchange, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    importer = exchange.room.importer
    data, _ = workbook(65, faulty=False)
    verdict = await importer.check(peer, "a.xlsx", data)
    number = await importer.begin(peer, "a.xlsx", verdict, "supervisor")
    opened, open_in = 0, exchange.registry.open_in

    async def dies(*args: Any, **more: Any) -> CaseRow:
        nonlocal opened
        opened += 1
        if opened == 30:
            raise RuntimeError("the controller dies")
        return await open_in(*args, **more)

    monkeypatch.setattr(exchange.registry, "open_in", dies)
    with pytest.raises(RuntimeError):
        await importer.finish(number)
    assert (await importer.progress(number)).opened == await cases(exchange) == 20
    assert (await importer.finish(number)).opened == 65
    async with exchange.journal.database.session() as session:
        ids = (await session.scalars(select(ReferenceRow.external_id))).all()
    assert len(ids) == len(set(ids)) == await cases(exchange) == 65


async def test_the_file_comes_back_with_its_faults_beside_the_rows(
    exchange: Exchange, peer: Peer
) -> None:
    data, wrong = workbook(100, faulty=True)
    verdict = await exchange.room.importer.check(peer, "a.xlsx", data)
    file = marked(verdict.sheet, verdict.faults, ("错误", "行号"), lambda key: f"<{key}>")
    page = load_workbook(io.BytesIO(file)).active
    assert page is not None
    for row in page.iter_rows(min_row=2, max_row=101):
        told, number = row[len(HEADERS)].value, row[len(HEADERS) + 1].value
        assert isinstance(number, int)
        assert (f"<{wrong[number]}>" in str(told)) if number in wrong else told in {None, ""}
        # What was a formula comes back as text.
        assert all(cell.data_type != "f" for cell in row)


def test_a_csv_of_the_systems_encoding_is_read_like_a_sheet() -> None:
    text = "工单编号,标题\r\nT1,路灯\r\n\r\nT2,=1+1\r\n"
    found = read("a.csv", text.encode("gb18030"), 10)
    assert [(row.number, dict(row.faults)) for row in found.rows] == [
        (2, {}),
        (4, {"标题": "formula"}),
    ]


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for number in range(5):
            package.writestr(f"xl/{number}.bin", b"\0" * 50_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "key"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 100, "old_excel"),
        ("a.pdf", b"%PDF-1.7", "not_a_sheet"),
        ("a.xlsx", b"PK\x03\x04" + b"x" * 50, "not_a_sheet"),
        ("a.csv", b"\xff\xfe\x00\x81\x20\xff\xff", "not_text"),
        ("a.csv", b"", "empty"),
        ("a.csv", "编号,编号\n1,2\n".encode(), "same_header"),
        ("a.csv", ("编号\n" + "1\n" * 11).encode(), "too_many_rows"),
    ],
    ids=str,
)
def test_what_cannot_be_read_is_told_in_its_own_words(name: str, data: bytes, key: str) -> None:
    with pytest.raises(BadSheet) as bad:
        read(name, data, 10)
    assert bad.value.key == key


def test_a_file_that_unpacks_into_too_much_is_not_unpacked() -> None:
    with pytest.raises(BadSheet) as bad:
        read("a.xlsx", _bomb(), 10)
    assert bad.value.key == "unpacks_too_large"
