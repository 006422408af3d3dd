"""A handling unit's list is fetched again when one of its cases moves, and at no other time."""

from __future__ import annotations

from hotline import events
from hotline.storage.tables import CaseRow, UserRow
from hotline.storage.tables_life import CasePartRow
from hotline.web.server import WebServer
from tests.databases import MORNING
from tests.unit.web.house import House
from tests.unit.web.listener import listening
from tests.unit.web.test_search import case_of


def moved(number: str) -> events.CaseMoved:
    return events.CaseMoved(number, "urge", "handling", "handling", "supervisor")


async def test_a_unit_is_told_of_its_own_cases_alone(house: House) -> None:
    mine, helped, other = [(await case_of(house, n)).case_number for n in (1, 2, 3)]
    async with house.database.writing() as session:
        (await session.get_one(UserRow, "unit1")).unit_id = "B01"
        for number, unit_id in ((mine, "B01"), (helped, "B02"), (other, "B02")):
            (await session.get_one(CaseRow, number)).unit_id = unit_id
        part = CasePartRow(
            case_number=helped, unit_id="B01", state="open", words="", by="", at=MORNING
        )
        session.add(part)
    server = WebServer(house.app, "127.0.0.1", 0)
    await server.start()
    try:
        async with listening(house, server, "unit1") as page:
            told = []
            for number in (other, mine, helped):
                (record,) = await house.journal.append(moved(number))
                told.append(str(record.seq))
            heard = [await page.next("worklist") for _ in range(2)]
    finally:
        await server.stop()
    assert [one.data for one in heard] == [{"list": "unit"}] * 2
    assert [one.id for one in heard] == told[1:]
