"""The shift as the desk shows it."""

from __future__ import annotations

from hotline.floor.roster import shift_at
from hotline.routing.model import Queue, RoutingPlan, Shifts
from tests.databases import CITY, MORNING

HOUR = 3600.0
# 2026-11-20 00:00 in the city, a Friday.
MIDNIGHT = MORNING - 8 * HOUR
DAILY = {name: Shifts(week=(hours,) * 7) for name, hours in {
    "early": "06:00-14:00", "late": "14:00-22:00", "night": "22:00-06:00",
}.items()}  # fmt: skip


def plan(roster: dict[str, Shifts]) -> RoutingPlan:
    return RoutingPlan(queues=(Queue(name="hotline", title={"zh": "热线"}),), roster=roster)


def test_without_a_roster_nobody_is_planned() -> None:
    shift = shift_at(plan({}), MORNING, CITY)
    assert (shift.planned, shift.now, shift.next) == (False, (), ())


def test_who_is_on_duty_and_who_comes_next() -> None:
    shift = shift_at(plan(DAILY), MORNING, CITY)
    assert [duty.agent_id for duty in shift.now] == ["early"]
    assert [(duty.agent_id, duty.begins) for duty in shift.next] == [
        ("late", MIDNIGHT + 14 * HOUR),
    ]


def test_a_night_goes_on_after_midnight_and_ends_in_the_morning() -> None:
    shift = shift_at(plan(DAILY), MIDNIGHT + 2 * HOUR, CITY)
    assert [(duty.agent_id, duty.ends) for duty in shift.now] == [("night", MIDNIGHT + 6 * HOUR)]
    assert [duty.agent_id for duty in shift.next] == ["early", "late"]


def test_at_its_end_a_shift_is_over() -> None:
    shift = shift_at(plan(DAILY), MIDNIGHT + 14 * HOUR, CITY)
    assert [duty.agent_id for duty in shift.now] == ["late"]


def test_shifts_that_meet_at_midnight_are_one_and_told_once() -> None:
    both = {"double": Shifts(week=("00:00-08:00 16:00-24:00",) * 7)}
    shift = shift_at(plan(both), MIDNIGHT + 2 * HOUR, CITY)
    assert [(duty.agent_id, duty.begins, duty.ends) for duty in shift.now] == [
        ("double", MIDNIGHT - 8 * HOUR, MIDNIGHT + 8 * HOUR)
    ]
