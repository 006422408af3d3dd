"""What is counted in the database equals a slow count in Python, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline import events
from hotline.registry.clocks.calendar import WorkCalendar, read_hours
from hotline.registry.judging.counting import DIMENSIONS, Scope, count, time_to_verify
from hotline.registry.judging.model import MeanTime
from hotline.registry.judging.repeats import repeated, repeats_in
from hotline.registry.judging.working import working_times
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from tests.databases import CITY
from tests.unit.judging.judged import (
    DAY,
    DEFINITIONS,
    HOUR,
    PERIOD,
    SINCE,
    UNTIL,
    case_values,
    ended_values,
    put,
    slow_counts,
)

SCOPE = Scope(PERIOD, DEFINITIONS)
# The bounds themselves, and instants around them.
INSTANTS = st.one_of(
    st.none(),
    st.sampled_from([SINCE - 1, SINCE, SINCE + DAY, SINCE + DAY + 1, UNTIL - 1, UNTIL, UNTIL + 1]),
    st.integers(-40, 40).map(lambda days: SINCE + days * DAY),
)
CASES = st.fixed_dictionaries(
    {
        "state": st.sampled_from(
            ["to_verify", "to_file", "to_handle", "to_check", "closed", "not_filed", "void"]
        ),
        "source": st.sampled_from(["hotline", "inspector", "12345"]),
        "unit_id": st.sampled_from(["", "u1", "u2"]),
        "unit": st.sampled_from(["", "甲", "乙"]),
        "street": st.sampled_from(["", "s1", "s2"]),
        "district": st.sampled_from(["", "d1"]),
        "category_code": st.sampled_from([None, "component/0101", "event/0111"]),
        "opened_at": INSTANTS.map(lambda at: at or SINCE),
        "filed_at": INSTANTS,
        "dispatched_at": INSTANTS,
        "handled_at": INSTANTS,
        "closed_at": INSTANTS,
        "handle_due_at": INSTANTS,
        "close_due_at": INSTANTS,
        "suspended_at": INSTANTS,
        "returns": st.integers(0, 2),
        "reworks": st.integers(0, 2),
        "extensions": st.integers(0, 1),
        "forced": st.booleans(),
        "merged_into": st.sampled_from(["", "", "2026110100001"]),
    }
)
_KEYS: dict[str, Callable[[dict[str, Any]], str]] = {
    "unit": lambda case: case["unit_id"] or case["unit"],
    "street": lambda case: case["street"],
    "district": lambda case: case["district"],
    "source": lambda case: case["source"],
    "class": lambda case: (
        f"gbt-30428.2-2013:{case['category_code']}" if case["category_code"] else ""
    ),
}


@given(cases=st.lists(CASES, max_size=25))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_each_count_equals_the_slow_one_in_all_and_by_everything(
    database: Database, cases: list[dict[str, Any]]
) -> None:
    rows = [case_values(n, **case) for n, case in enumerate(cases)]
    await put(database, rows)
    async with database.session() as session:
        (total,) = await count(session, SCOPE)
        by = {name: await count(session, SCOPE, name) for name in DIMENSIONS}
    assert total.counts == slow_counts(rows)
    for name, lines in by.items():
        for line in lines:
            mine = [row for row in rows if _KEYS[name](row) == line.key]
            assert line.counts == slow_counts(mine), (name, line.key)
        assert sum(line.counts["report"] for line in lines) == total.counts["report"]


async def test_mean_times_leave_out_what_is_unknown_and_count_it(database: Database) -> None:
    await put(
        database,
        [
            ended_values(1),
            ended_values(2, handled_at=None),
            # Closed by an answer on the line: it was never sent anywhere.
            ended_values(3, dispatched_at=None, handled_at=None),
            # Opened again meanwhile: its stamps stand in no order.
            ended_values(4, filed_at=SINCE - HOUR),
        ],
    )
    async with database.session() as session:
        (total,) = await count(session, SCOPE)
    handle = total.times["handle"]
    assert (handle.known, handle.unknown, handle.mean) == (2, 2, 8 * HOUR)
    assert total.times["file"].known == 3
    assert total.times["total"].mean == 12 * HOUR


async def test_nothing_closed_gives_no_mean_time(database: Database) -> None:
    await put(database, [case_values(1)])
    async with database.session() as session:
        (total,) = await count(session, SCOPE)
    assert total.times["total"].mean is None


async def test_the_time_to_verify_is_that_of_the_first_verification(
    database: Database, journal: Journal
) -> None:
    await put(database, [ended_values(1), ended_values(2)])
    number, opened_at = ended_values(1)["case_number"], ended_values(1)["opened_at"]
    moved = events.CaseMoved(number, "verify", "to_verify", "to_file", "agent1")
    await journal.append(moved, at=opened_at + 300)
    await journal.append(moved, at=opened_at + 900)
    async with database.session() as session:
        verify = await time_to_verify(session, SCOPE)
    assert (verify.known, verify.unknown, verify.mean) == (1, 1, 300.0)


# --- repeated -----------------------------------------------------------------------------

EAST_50_M = 50 / (6_371_008.8 * np.cos(np.radians(30.0))) * 180 / np.pi


@given(
    st.lists(
        st.tuples(
            st.integers(0, 60), st.integers(0, 12), st.integers(0, 12), st.sampled_from("ab")
        ),
        max_size=40,
    ),
    st.sampled_from([1, 2, 12]),
)
@settings(max_examples=200, deadline=None)
def test_repeats_equal_a_slow_comparison_of_all_with_all(
    cases: list[tuple[int, int, int, str]], rounds: int
) -> None:
    cases.sort(key=lambda case: case[0])
    at = np.array([case[0] for case in cases], dtype=float)
    # Steps of 20 m on a flat grid near the equator, where a degree is the same both ways.
    step = 20 / 6_371_008.8 * 180 / np.pi
    points = np.array([(x * step, y * step) for _, x, y, _ in cases]).reshape(-1, 2)
    found = repeated(
        at, points, [case[3] for case in cases], metres=50.0, within_s=10.0, rounds=rounds
    )
    for n, (when, x, y, kind) in enumerate(cases):
        expected = any(
            kind == other and when - then <= 10 and 400 * ((x - a) ** 2 + (y - b) ** 2) <= 2500
            for then, a, b, other in cases[:n]
        )
        assert found[n] == expected, n


@pytest.mark.parametrize(
    ("second", "repeats"),
    [
        ({}, 1),
        ({"longitude": 114.0 + 0.9 * EAST_50_M}, 1),
        ({"longitude": 114.0 + 1.1 * EAST_50_M}, 0),
        ({"category_code": "event/0111"}, 0),
        ({"opened_at": SINCE + 8 * DAY}, 0),
        ({"filed_at": None}, 0),
        ({"merged_into": "2026110100001"}, 0),
        ({"longitude": None}, 0),
    ],
)
async def test_a_repeat_is_of_the_same_class_near_and_soon(
    database: Database, second: dict[str, Any], repeats: int
) -> None:
    place = {"longitude": 114.0, "latitude": 30.0}
    # The first was opened before the month: it is no repeat, and is not counted itself.
    first = case_values(1, opened_at=SINCE - HOUR, **place)
    await put(database, [first, case_values(2, **(place | {"opened_at": SINCE + DAY} | second))])
    async with database.session() as session:
        found = await repeats_in(session, SCOPE)
    assert found.total == repeats
    assert found.by["unit"] == ({"u1": 1} if repeats else {})
    assert found.without_point == (
        1 if "longitude" in second and second["longitude"] is None else 0
    )


async def test_working_time_leaves_out_nights_and_days_off(database: Database) -> None:
    # Sunday the 1st, 00:00 on: opened, filed an hour later, and so on; closed at 12:00.
    await put(database, [ended_values(0), ended_values(24), ended_values(48, handled_at=None)])
    calendar = WorkCalendar(CITY, read_hours("08:00-12:00 14:00-18:00"))
    async with database.session() as session:
        times = await working_times(session, SCOPE, calendar)
    # Monday's and Tuesday's cases had four working hours from midnight to noon, Sunday's none.
    assert times["total"] == MeanTime(3, 0, 8 * HOUR)
    assert times["handle"] == MeanTime(2, 1, 2 * HOUR)
    assert times["file"].mean == 0.0


async def test_working_time_is_unknown_where_the_holidays_are(database: Database) -> None:
    await put(database, [ended_values(0, opened_at=SINCE - 30 * 366 * DAY)])
    calendar = WorkCalendar(CITY, read_hours("08:00-12:00"), official=True)
    async with database.session() as session:
        assert await working_times(session, SCOPE, calendar) == {}
