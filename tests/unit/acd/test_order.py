"""Who is next: the order of calls, its bound on overtaking, and the order of agents."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.acd.model import (
    BOTTOM_PRIORITY,
    TOP_PRIORITY,
    AgentPauses,
    AgentReady,
    CallGone,
    CallWaits,
    QueueRules,
    TalkEnded,
)
from hotline.acd.ordered import Deadlines, Ordered
from tests.acd.floor import Floor, Q


def served(floor: Floor) -> list[str]:
    """The order in which one agent is given all that wait."""
    floor.work("zhang")
    order = []
    while call_id := floor.agent("zhang").call_id:
        order.append(call_id)
        floor.tell(CallGone(call_id))
    return order


def test_calls_of_one_priority_are_served_as_they_came(floor: Floor) -> None:
    for call_id in ("c3", "c1", "c2"):
        floor.call(call_id)
        floor.now += 1
    assert served(floor) == ["c3", "c1", "c2"]


def test_an_urgent_call_passes_those_that_came_shortly_before(floor: Floor) -> None:
    floor.call("ordinary")
    floor.now = 59.0
    floor.call("urgent", priority=1)
    assert served(floor) == ["urgent", "ordinary"]


def test_an_urgent_call_passes_nobody_who_waited_longer_than_its_priority_is_worth(
    floor: Floor,
) -> None:
    floor.call("ordinary")
    floor.now = 61.0
    floor.call("urgent", priority=1)
    assert served(floor) == ["ordinary", "urgent"]


def test_a_lowered_call_is_passed_for_three_minutes_and_no_longer() -> None:
    floor = Floor({Q: QueueRules(overflow_s=10_000)})
    floor.call("lowered", priority=BOTTOM_PRIORITY)
    floor.now = 179.0
    floor.call("soon")
    floor.now = 181.0
    floor.call("later")
    assert served(floor) == ["soon", "lowered", "later"]


def test_a_call_that_comes_back_keeps_its_place(floor: Floor) -> None:
    floor.work("zhang")
    floor.call("c1")
    floor.now += 5
    floor.call("c2")
    floor.fail("c1", "missed")
    assert [row.call_id for row in floor.engine.waiting()] == ["c1", "c2"]


@given(
    calls=st.lists(
        st.tuples(st.integers(0, 400), st.integers(BOTTOM_PRIORITY, TOP_PRIORITY)),
        min_size=2,
        max_size=30,
    ),
    aging_s=st.sampled_from([0.0, 10.0, 60.0]),
)
def test_nobody_is_overtaken_beyond_the_bound(calls: list[tuple[int, int]], aging_s: float) -> None:
    floor = Floor({Q: QueueRules(aging_s=aging_s, overflow_s=10_000)})
    floor.now = 1_000.0
    for number, (came, priority) in enumerate(calls):
        floor.tell(CallWaits(str(number), Q, priority, came))
    order = [calls[int(call_id)] for call_id in served(floor)]
    for place, (came, priority) in enumerate(order):
        passed_by = [other for other in order[:place] if other[0] > came]
        bound = (TOP_PRIORITY - priority) * aging_s
        assert all(other - came <= bound for other, _ in passed_by)
        assert all(theirs > priority for _, theirs in passed_by)


@pytest.mark.parametrize(("late", "first"), [(539.0, "late"), (541.0, "early")])
def test_the_bound_is_nine_minutes_with_the_default_rules(late: float, first: str) -> None:
    floor = Floor({Q: QueueRules(overflow_s=10_000)})
    floor.call("early")
    floor.now = late
    floor.call("late", priority=TOP_PRIORITY)
    assert served(floor)[0] == first


def test_the_agent_ready_longest_is_asked_first(floor: Floor) -> None:
    floor.work("zhang", "li", "wang")
    for call_id in ("c1", "c2", "c3"):
        floor.call(call_id)
    assert [floor.agent(name).call_id for name in ("zhang", "li", "wang")] == ["c1", "c2", "c3"]


def test_a_pause_neither_gains_nor_costs_a_place(floor: Floor) -> None:
    floor.work("zhang")
    floor.now = 100.0
    floor.work("li")
    floor.tell(AgentPauses("zhang", "rest"))
    floor.now = 150.0
    floor.tell(AgentReady("zhang"))
    # Zhang was ready for 100 s before the pause, li for 50 s by now.
    floor.call("c1")
    assert floor.offered() == {"c1": "zhang"}


def test_a_long_pause_does_not_count_as_idle(floor: Floor) -> None:
    floor.work("zhang", "li")
    floor.tell(AgentPauses("zhang", "meal"))
    floor.now = 3_600.0
    floor.tell(AgentReady("zhang"))
    floor.call("c1")
    assert floor.offered() == {"c1": "li"}


def test_a_refusal_costs_no_place_for_the_next_call(floor: Floor) -> None:
    floor.work("zhang", "li")
    floor.now += 10
    floor.call("c1")
    floor.fail("c1", "refused")
    floor.now += 1
    floor.call("c2")
    assert floor.offered() == {"c2": "zhang"}


def test_a_talk_sends_an_agent_to_the_end_of_the_line() -> None:
    floor = Floor({Q: QueueRules(wrap_up_s=0)})
    floor.work("zhang", "li")
    floor.call("c1")
    floor.answer("c1")
    floor.now += 60
    floor.tell(TalkEnded("c1"))
    floor.call("c2")
    assert floor.offered() == {"c2": "li"}


@pytest.mark.parametrize(
    "rules",
    [
        {"ring_s": 0},
        {"overflow_s": -1},
        {"miss_pause_s": 0},
        {"offer_grace_s": 0},
        {"wrap_up_s": -0.1},
        {"aging_s": -1},
        {"ring_s": float("nan")},
    ],
)
def test_rules_that_cannot_work_are_refused(rules: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(rules))):
        QueueRules(**rules)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 5) | st.none())))
def test_an_ordered_set_is_always_sorted(steps: list[tuple[str, int | None]]) -> None:
    ordered, plain = Ordered(), dict[str, int]()
    for name, rank in steps:
        if rank is None:
            ordered.drop(name)
            plain.pop(name, None)
        else:
            ordered.put(name, (rank,))
            plain[name] = rank
        assert list(ordered) == [key for _, key in sorted((at, key) for key, at in plain.items())]
        assert len(ordered) == len(plain)


def test_deadlines_are_taken_once_in_their_order() -> None:
    deadlines = Deadlines()
    for name, at in (("late", 3.0), ("early", 1.0), ("moved", 9.0), ("gone", 0.5)):
        deadlines.set(name, at)
    deadlines.set("moved", 2.0)
    deadlines.set("gone", None)
    assert deadlines.first() == 1.0
    assert list(deadlines.take_due(2.0)) == ["early", "moved"]
    assert list(deadlines.take_due(2.0)) == []
    assert deadlines.first() == 3.0
