"""Open data hold nothing that leads to a person."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline.registry.judging.model import Month
from hotline.registry.judging.open_data import (
    COLUMNS,
    DICTIONARY,
    FEWEST,
    OpenData,
    Told,
    guarded,
    identity,
)
from hotline.registry.judging.service import JudgingDesk
from hotline.registry.model import Person
from hotline.storage.database import Database
from hotline.storage.tables import CaseRow
from hotline.storage.tables_places import PlaceRow
from tests.unit.judging.judged import DAY, UNTIL, case_values, ended_values, put

NOVEMBER = Month(2026, 11)
AFTER = UNTIL + DAY
ZHAO = Person("supervisor", "supervisor")
MARK = "秘密机密"
# Every column that holds text, but for those whose values the program itself chooses from.
CHOSEN = {"case_number", "state", "standard"}
TEXTS = sorted(
    column.name
    for column in CaseRow.__table__.columns
    if column.type.python_type is str and column.name not in CHOSEN
)


async def published(desk: JudgingDesk) -> OpenData:
    await desk.publish(NOVEMBER, ZHAO, AFTER, "again")
    found = await desk.published_data(NOVEMBER)
    assert found is not None
    return found[0]


@given(
    marked=st.sets(st.sampled_from(TEXTS), min_size=1).map(sorted),
    point=st.tuples(st.floats(-180, 180), st.floats(-90, 90)),
)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_whatever_stands_in_the_texts_of_a_case_none_of_it_gets_out(
    database: Database, desk: JudgingDesk, marked: list[str], point: tuple[float, float]
) -> None:
    def secret(n: int) -> dict[str, Any]:
        texts: dict[str, Any] = dict.fromkeys(marked, MARK)
        if "report_id" in texts:
            texts["report_id"] = f"{MARK}{n}"
        texts.pop("merged_into", None)
        if "call_id" in texts:
            texts["call_id"] = f"{MARK}{n}"
        where: dict[str, Any] = {"longitude": 123.456789, "latitude": point[1]}
        return ended_values(n, opened_at=ended_values(0)["opened_at"], **(texts | where))

    await put(database, [secret(n) for n in range(FEWEST + 1)])
    data = await published(desk)
    for text in (data.as_csv(), data.as_json()):
        assert MARK[:2] not in text
        assert "123.45" not in text
        assert "20261101" not in text
    assert len(data.rows) == FEWEST + 1


async def test_confidential_and_merged_and_void_cases_are_not_told(
    database: Database, desk: JudgingDesk
) -> None:
    same = {"opened_at": UNTIL - 5 * DAY}
    await put(
        database,
        [
            *(case_values(n, **same) for n in range(FEWEST)),
            case_values(20, confidential=True, **same),
            case_values(21, state="void", **same),
            case_values(22, merged_into="20261101000001", **same),
        ],
    )
    data = await published(desk)
    assert (len(data.rows), data.confidential, data.suppressed) == (FEWEST, 1, 0)


async def test_a_case_alone_in_a_month_is_not_told_at_all(
    database: Database, desk: JudgingDesk
) -> None:
    await put(database, [case_values(1)])
    data = await published(desk)
    assert (data.rows, data.suppressed) == ((), 1)


async def test_places_are_told_by_name_down_to_the_community(
    database: Database, desk: JudgingDesk
) -> None:
    async with database.writing() as session:
        for kind, key, name in (("street", "s1", "中山街道"), ("community", "c1", "新华社区")):
            session.add(PlaceRow(kind=kind, place_id=key, name=name, revision=1))
    same: dict[str, Any] = {"opened_at": UNTIL - 5 * DAY, "community": "c1", "grid": "g" * 15}
    await put(database, [ended_values(n, **same) for n in range(FEWEST)])
    data = await published(desk)
    row = data.rows[0]
    assert (row.street, row.community, row.day) == ("中山街道", "新华社区", "2026-11-26")
    assert "ggg" not in data.as_json()


ROWS = st.builds(
    Told,
    month=st.just("2026-11"),
    day=st.sampled_from(["2026-11-01", "2026-11-02"]),
    kind=st.sampled_from(["report", "help"]),
    category=st.sampled_from(["x:1", "x:2", "x:3"]),
    source=st.sampled_from(["hotline", "12345"]),
    district=st.sampled_from(["东", "西"]),
    street=st.sampled_from(["一", "二"]),
    community=st.sampled_from(["甲", "乙", ""]),
    category_name=st.just(""),
    unit=st.just("u"),
    state=st.sampled_from(["open", "closed"]),
    days_to_close=st.none() | st.integers(0, 9),
    handled_in_time=st.none() | st.booleans(),
    closed_in_time=st.none() | st.booleans(),
    reworked=st.booleans(),
)


@given(st.lists(ROWS, max_size=80), st.integers(2, 8))
@settings(deadline=None)
def test_every_combination_that_is_told_is_shared_by_enough(rows: list[Told], fewest: int) -> None:
    shown = guarded(rows, fewest)
    assert all(shared >= fewest for shared in Counter(map(identity, shown)).values())
    # Only what is left over when everything identifying is gone is suppressed.
    assert len(rows) - len(shown) < fewest
    # What became of the cases is told as it was, whatever else was coarsened.
    left = Counter((row.state, row.days_to_close) for row in rows)
    left.subtract((row.state, row.days_to_close) for row in shown)
    assert min(left.values(), default=0) >= 0


@given(st.lists(ROWS, max_size=30))
@settings(deadline=None)
def test_the_order_tells_nothing(rows: list[Told]) -> None:
    assert guarded(rows) == guarded(list(reversed(rows)))


def test_the_same_data_give_the_same_bytes_and_come_back_whole() -> None:
    row = Told("2026-11", "", "", "", "", "", "", "", "", "", "open", None, None, True, False)
    data = OpenData("2026-11", (row, replace(row, days_to_close=3)), 1, 2)
    assert data.packed() == data.packed()
    assert OpenData.unpacked(data.packed()) == data
    table = list(csv.DictReader(io.StringIO(data.as_csv().removeprefix("\ufeff"))))
    assert [line["days_to_close"] for line in table] == ["", "3"]
    assert [line["closed_in_time"] for line in table] == ["yes", "yes"]
    assert json.loads(data.as_json())["licence"]


@pytest.mark.parametrize("column", COLUMNS)
def test_the_dictionary_explains_every_column(column: str) -> None:
    assert DICTIONARY[column]
