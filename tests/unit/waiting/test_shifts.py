"""A change of shifts that the roster tells of is foreseen."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from hotline.acd.views import AgentRow
from hotline.routing.model import Agent, Queue, RoutingPlan, Shifts
from hotline.routing.rules import Routing
from hotline.waiting.estimate import Changes
from hotline.waiting.shifts import ShiftChanges, changes
from tests.databases import CITY, MORNING

HOUR = 3600.0
NOON = MORNING + 4 * HOUR
OTHERS = Agent(agent_id="chen", queues={"english": 1})


def plan(**hours: str) -> Routing:
    """Everybody serves the hotline, and works these hours every day; Chen serves English."""
    queues = tuple(Queue(name=name, title={"zh": name}) for name in ("hotline", "english"))
    roster = {name: Shifts.model_validate({"week": [typed] * 7}) for name, typed in hours.items()}
    return Routing(RoutingPlan(queues=queues, agents=(OTHERS,), roster=roster), "hotline")


def row(agent_id: str, state: str = "ready", **more: object) -> AgentRow:
    """An agent of all queues."""
    values: dict[str, object] = {"state": state, "since": MORNING, **more}
    return AgentRow(agent_id, ("hotline", "english"), **values)  # type: ignore[arg-type]


def asked(routing: Routing, *rows: AgentRow, now: float, queue: str = "hotline") -> Changes:
    """What the roster says of the hour after ``now``."""
    return ShiftChanges(lambda: routing, lambda: rows, CITY)(queue, now)


def test_who_goes_home_and_who_comes_within_the_hour_is_told() -> None:
    by = plan(zhang="08:00-12:30", li="12:40-18:00", wang="08:00-18:00")
    told = asked(by, row("zhang"), row("wang", "talking"), now=NOON)
    assert told == Changes((30 * 60.0,), (40 * 60.0,))


def test_without_a_roster_nothing_changes() -> None:
    assert asked(plan(), row("zhang"), now=NOON) == Changes()


def test_what_is_more_than_an_hour_away_is_not_told() -> None:
    assert asked(plan(zhang="08:00-13:01", li="13:01-18:00"), row("zhang"), now=NOON) == Changes()


def test_only_the_agents_of_the_queue_are_looked_at() -> None:
    by = plan(chen="08:00-12:30", zhang="12:10-18:00")
    assert asked(by, row("chen"), now=NOON) == Changes((), (600.0,))
    assert asked(by, row("chen"), now=NOON, queue="english") == Changes((1800.0,), ())


def test_who_should_be_here_and_is_not_neither_leaves_nor_comes() -> None:
    assert asked(plan(zhang="08:00-12:30"), now=NOON) == Changes()


def test_who_stays_after_the_shift_is_not_told_to_leave() -> None:
    assert asked(plan(zhang="08:00-11:30"), row("zhang"), now=NOON) == Changes()


@pytest.mark.parametrize(
    "more", [{"state": "paused"}, {"state": "talking", "next_state": "offline"}]
)
def test_who_takes_no_calls_now_can_only_come(more: Mapping[str, str]) -> None:
    by = plan(zhang="08:00-12:10 12:30-18:00")
    away = row("zhang", **more)
    assert asked(by, away, now=NOON) == Changes((), (1800.0,))


def test_a_short_break_is_both() -> None:
    by = plan(zhang="08:00-12:10 12:30-18:00")
    assert asked(by, row("zhang"), now=NOON) == Changes((600.0,), (1800.0,))


def test_shifts_that_meet_are_one() -> None:
    assert asked(plan(zhang="08:00-12:10 12:10-18:00"), row("zhang"), now=NOON) == Changes()


def test_the_hour_goes_over_midnight() -> None:
    by = plan(zhang="16:00-00:10", li="00:20-08:00")
    told = asked(by, row("zhang"), now=NOON + 12 * HOUR - 600)
    assert told == Changes((1200.0,), (1800.0,))


def test_a_new_plan_is_looked_at_at_once() -> None:
    now, plans = NOON, [plan(zhang="08:00-12:30")]
    looked = ShiftChanges(lambda: plans[-1], lambda: (row("zhang"),), CITY)
    assert looked("hotline", now).leaving == (1800.0,)
    plans.append(plan(zhang="08:00-12:20"))
    assert looked("hotline", now).leaving == (1200.0,)


def test_who_came_early_stays_until_the_shift_ends() -> None:
    assert changes({"zhang": [(100.0, 400.0)]}, {"zhang"}, 0.0) == Changes((400.0,), ())
