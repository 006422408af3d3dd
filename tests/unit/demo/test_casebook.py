"""Synthetic cases: the same again for a seed, likely ones, and written as if they had happened."""

from __future__ import annotations

from collections import Counter
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from hotline.config import Config
from hotline.demo.casebook import City, CityClass, Handler, Spot, SyntheticCase, casebook
from hotline.demo.filling import fill
from hotline.demo.history import NoDemo, sample, write_history
from hotline.registry.searching.service import index_batch
from hotline.storage.database import Database
from hotline.storage.tables import CaseRow, JournalRow
from tests.databases import MORNING, database, database_url  # noqa: F401

DAY = 86_400.0
CITY = City(
    zone=ZoneInfo("Asia/Shanghai"),
    spots=[Spot(f"{n:015}", "d", "c", "s", "x", 118.4, 31.5, "滨江路") for n in range(50)],
    handlers=[Handler("B01", "市城市管理局"), Handler("B02", "市水务局")],
    classes=[CityClass("gbt-30428.2-2013", f"event/01{n:02}", "暴露垃圾") for n in range(9)],
)


def drawn(count: int = 2_000, seed: int = 1) -> list[SyntheticCase]:
    return list(casebook(CITY, count, MORNING, 60, Random(seed)))


def test_a_seed_gives_the_same_cases_again_and_another_seed_others() -> None:
    assert drawn() == drawn()
    assert drawn() != drawn(seed=2)


def test_they_are_as_many_as_asked_for_and_come_by_when_they_were_opened() -> None:
    cases = drawn(1_234)
    assert len(cases) == 1_234
    opened = [case.columns["opened_at"] for case in cases]
    assert opened == sorted(opened)
    assert opened[0] > MORNING - 61 * DAY
    assert opened[-1] < MORNING
    assert len({case.columns["case_number"] for case in cases}) == 1_234


def test_steps_follow_on_one_another_and_end_where_the_case_stands() -> None:
    for case in drawn():
        state, at = case.began, case.columns["opened_at"]
        for step in case.steps:
            assert step.source == state
            assert at <= step.at <= MORNING
            state, at = step.target, step.at
        assert case.columns["state"] == state
        assert (case.columns["closed_at"] is not None) == (state == "closed")


def test_most_are_over_and_some_are_open_late_and_sent_back() -> None:
    cases = drawn(5_000)
    states = Counter(case.columns["state"] for case in cases)
    assert states["closed"] > 4_000
    assert states["handling"] > 20
    late = [
        case
        for case in cases
        if (due := case.columns["handle_due_at"]) and (case.columns["handled_at"] or MORNING) > due
    ]
    assert 0.05 < len(late) / len(cases) < 0.3
    assert sum(case.columns["returns"] for case in cases) > 50


def test_a_city_without_units_has_no_cases() -> None:
    bare = City(CITY.zone, CITY.spots, (), CITY.classes)
    with pytest.raises(ValueError, match="units"):
        next(casebook(bare, 1, MORNING, 1, Random(1)))


async def test_they_are_written_with_a_journal_in_the_order_of_time(database: Database) -> None:  # noqa: F811
    cases = drawn(300)
    assert await fill(database, cases, also=(index_batch,)) == 300
    async with database.session() as session:
        rows = (await session.scalars(select(CaseRow))).all()
        journal = (await session.execute(select(JournalRow.at).order_by(JournalRow.seq))).all()
    assert len(rows) == 300
    assert len(journal) == 300 + sum(len(case.steps) for case in cases)
    assert journal == sorted(journal)


async def test_outside_the_demo_nothing_is_written() -> None:
    with pytest.raises(NoDemo, match="not for live use"):
        await write_history(Config(), 1, 1, 1, lambda done: None)


def test_the_sample_city_has_places_units_and_classes_for_them() -> None:
    city = sample(Config())
    assert len(city.spots) >= 8_000
    assert len(city.handlers) >= 30
    assert all(spot.road and spot.street and spot.district for spot in city.spots)
