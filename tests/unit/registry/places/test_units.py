"""The units that handle cases: imported as a whole or not at all, found as people type them."""

from __future__ import annotations

import pytest

from hotline import events
from hotline.registry.model import Person
from hotline.registry.places.model import BadFile
from hotline.registry.places.units import Unit, UnitBook
from hotline.storage.journal import Journal

ADMIN = Person("admin", "admin")
GOOD = """unit_id,name,kind,parent,phone,districts,streets,professional,active
B01,市城市管理局,department,,12319,,,,
B02,市水务局,department,,,990101 990102,,是,
C01,市供水公司,company,B02,,,,no,yes
"""


async def test_units_are_taken_in_and_survive_a_restart(book: UnitBook, journal: Journal) -> None:
    assert await book.import_csv(GOOD, "units.csv", ADMIN) == (3, 0)
    again = UnitBook(journal)
    await again.open()
    assert [unit.unit_id for unit in again.all()] == ["B01", "B02", "C01"]
    assert again.get("B02") == Unit(
        "B02", "市水务局", "department", districts=("990101", "990102"), professional=True
    )
    kinds = [type(record.event) for record in await journal.read()]
    assert kinds == [events.UnitChanged] * 3 + [events.PlacesImported]


async def test_importing_the_same_file_again_changes_nothing(book: UnitBook) -> None:
    await book.import_csv(GOOD, "units.csv", ADMIN)
    assert await book.import_csv("\ufeff" + GOOD, "units.csv", ADMIN) == (0, 0)
    renamed = GOOD.replace("市供水公司", "供水集团")
    assert await book.import_csv(renamed, "units.csv", ADMIN) == (0, 1)
    assert book.get("C01") is not None
    assert book.named("供水集团") == book.get("C01")


async def test_one_wrong_row_keeps_the_whole_file_out_and_each_is_named(book: UnitBook) -> None:
    bad = """unit_id,name,kind,parent,professional
B01,市城市管理局,department,,
B01,另一个局,department,,
,没有编号,department,,
B03,市城市管理局,department,,
B04,某局,bureau,,
B05,某某局,department,B99,maybe
B06,,department,B01,
B07,多一列,department,,,x
"""
    with pytest.raises(BadFile) as refused:
        await book.import_csv(bad, "units.csv", ADMIN)
    told = {(fault.row, fault.field, fault.fault) for fault in refused.value.faults}
    assert told == {
        (3, "unit_id", "duplicate"),
        (4, "unit_id", "required"),
        (5, "name", "name_taken"),
        (6, "kind", "unknown_kind"),
        (7, "professional", "yes_or_no"),
        (8, "name", "required"),
        (9, "", "too_many_columns"),
    }
    assert book.all() == ()


async def test_a_file_without_rows_is_refused(book: UnitBook) -> None:
    with pytest.raises(BadFile):
        await book.import_csv("", "nothing.csv", ADMIN)


@pytest.mark.parametrize("typed", ["城管局", "市城市管理", "shicheng", "scsglj", "b01", "Ｂ０１"])
async def test_a_unit_is_found_by_characters_pinyin_initials_and_id(
    book: UnitBook, typed: str
) -> None:
    await book.import_csv(GOOD, "units.csv", ADMIN)
    assert book.search(typed)[0].unit_id == "B01"


async def test_a_closed_unit_is_not_offered_but_still_known(book: UnitBook) -> None:
    await book.import_csv(GOOD, "units.csv", ADMIN)
    row = {"unit_id": "C01", "name": "市供水公司", "kind": "company", "active": "no"}
    await book.save(row, ADMIN)
    assert book.search("供水") == ()
    kept = book.get("C01")
    assert kept is not None
    assert not kept.active
    assert kept.parent == ""


def test_a_unit_serves_its_districts_and_nobody_is_ruled_out_by_an_unknown_place() -> None:
    unit = Unit("D1", "一区中心", "district", districts=("990101",))
    assert unit.serves("990101", "")
    assert unit.serves("", "")
    assert not unit.serves("990102", "")
    assert Unit("B01", "市局", "department").serves("990102", "990102001")


async def test_what_no_csv_reader_can_take_is_told_with_its_line(book: UnitBook) -> None:
    huge = "unit_id,name,kind\nB01," + "长" * 140_000 + ",department\n"
    with pytest.raises(BadFile) as refused:
        await book.import_csv(huge, "huge.csv", ADMIN)
    assert [(fault.row, fault.fault) for fault in refused.value.faults] == [(2, "bad_csv")]


async def test_characters_that_no_database_keeps_are_marked(book: UnitBook) -> None:
    await book.import_csv("unit_id,name,kind\nB\x0001,市\x00局,department\n", "x.csv", ADMIN)
    assert book.named("市\ufffd局") is not None
