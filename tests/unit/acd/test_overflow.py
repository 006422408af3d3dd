"""Callers who are sent elsewhere, and the service level that decides with them."""

from __future__ import annotations

import pytest

from hotline.acd.model import (
    AgentReady,
    AgentSignsOff,
    AgentSignsOn,
    CallWaits,
    Need,
    Overflowed,
    OverflowRule,
    QueueRules,
    RestoreAgent,
    RestoreTalk,
    TalkEnded,
    UseRules,
)
from tests.acd.floor import Floor, Q


def sent(floor: Floor) -> list[tuple[str, str, str]]:
    """Who was just sent where, and why."""
    return [(it.call_id, it.to, it.why) for it in floor.heard(Overflowed)]


def house(*rules: OverflowRule, **more: float) -> Floor:
    """A floor whose queue has these overflow rules."""
    known = {"overflow_s": 500.0, **more}
    return Floor({Q: QueueRules(overflow=rules, **known)})  # type: ignore[arg-type]


def busy(floor: Floor, name: str = "zhang") -> None:
    """An agent who talks."""
    floor.work(name)
    floor.call(f"of-{name}")
    floor.answer(f"of-{name}")


def test_who_has_waited_long_goes_where_the_rule_says() -> None:
    floor = house(OverflowRule("wait", 60, "queue:night"))
    floor.call("c1")
    floor.after(59.75)
    assert not sent(floor)
    floor.after(0.25)
    assert sent(floor) == [("c1", "queue:night", "wait")]


def test_the_last_resort_is_a_report_whatever_the_rules_say() -> None:
    floor = house(OverflowRule("wait", 600, "queue:night"))
    floor.call("c1")
    floor.after(500)
    assert sent(floor) == [("c1", "report", "wait")]


def test_the_wait_counts_from_when_the_call_came_to_this_queue() -> None:
    floor = house(OverflowRule("wait", 60, "report"))
    floor.now = 1_000.0
    floor.tell(CallWaits("moved", Q, 0, 900.0, entered=1_000.0))
    floor.after(59)
    assert not sent(floor)
    floor.after(1)
    assert [it.waited_s for it in floor.heard(Overflowed)] == [160.0]


def test_a_full_queue_turns_newcomers_away_and_nobody_else() -> None:
    floor = house(limit=2)
    floor.call("c1")
    floor.call("c2")
    floor.call("c3")
    assert sent(floor) == [("c3", "report", "full")]
    assert [row.call_id for row in floor.engine.waiting()] == ["c1", "c2"]


def test_a_caller_who_has_a_place_is_not_turned_away() -> None:
    floor = house(limit=1)
    floor.call("c1")
    floor.tell(CallWaits("back", Q, 0, 0.0, admitted=True))
    assert not sent(floor)
    assert len(floor.engine.waiting()) == 2


def test_a_full_queue_does_not_turn_away_whom_a_free_agent_takes() -> None:
    floor = house(OverflowRule("length", 0, "target:12345"))
    floor.work("zhang")
    floor.call("c1")
    assert floor.offered() == {"c1": "zhang"}
    floor.call("c2")
    assert sent(floor) == [("c2", "target:12345", "length")]


def test_of_newcomers_at_once_the_least_urgent_is_turned_away() -> None:
    floor = house(limit=1)
    floor.tell(CallWaits("ordinary", Q, 0, 0.0), CallWaits("urgent", Q, 5, 0.0))
    assert sent(floor) == [("ordinary", "report", "full")]


def test_callers_are_sent_on_when_the_last_agent_leaves() -> None:
    floor = house(OverflowRule("nobody", 5, "target:110"))
    floor.tell(AgentSignsOn("zhang", (Q,)))
    floor.call("c1")
    floor.after(10)
    assert not sent(floor)
    floor.tell(AgentSignsOff("zhang"))
    assert sent(floor) == [("c1", "target:110", "nobody")]


def test_nobody_on_duty_means_nobody_with_the_skills_too() -> None:
    floor = house(OverflowRule("nobody", 5, "target:110"))
    busy(floor)
    floor.call("easy")
    floor.tell(CallWaits("hard", Q, 0, floor.now, requires=(Need("law"),)))
    assert floor.engine.next_deadline() == floor.now + 5
    floor.after(5)
    assert sent(floor) == [("hard", "target:110", "nobody")]


def test_callers_go_elsewhere_while_the_target_is_breached() -> None:
    floor = house(OverflowRule("target", 20, "target:12345"), target_s=15)
    busy(floor)
    floor.call("late")
    floor.after(15)
    level = floor.engine.service_level(Q)
    assert (level.within, level.counted, level.breached) == (1, 2, True)
    assert floor.engine.next_deadline() == floor.now + 5
    floor.after(5)
    assert sent(floor) == [("late", "target:12345", "target")]


def test_callers_stay_while_the_target_is_kept() -> None:
    floor = house(OverflowRule("target", 20, "target:12345"), target_s=15, target_share=0.5)
    busy(floor)
    floor.call("late")
    floor.after(20)
    assert not sent(floor)


def test_what_has_left_the_window_counts_no_more() -> None:
    floor = house(target_s=15, target_window_s=300)
    busy(floor)
    assert floor.engine.service_level(Q).share == 1.0
    floor.after(311)
    assert floor.engine.service_level(Q).share is None


def test_callers_of_a_queue_that_is_closed_are_sent_on(floor: Floor) -> None:
    floor.call("c1")
    floor.tell(UseRules({"other": QueueRules()}))
    assert sent(floor) == [("c1", "report", "nobody")]


def test_a_call_that_rings_when_its_queue_closes_may_still_be_answered(floor: Floor) -> None:
    floor.work("zhang")
    floor.call("c1")
    floor.tell(UseRules({"other": QueueRules()}))
    floor.answer("c1")
    assert floor.agent("zhang").state == "talking"


def test_a_caller_of_a_queue_that_never_was_is_sent_on(floor: Floor) -> None:
    floor.call("c1", queue="misspelt")
    assert sent(floor) == [("c1", "report", "nobody")]


def test_an_agent_keeps_the_queues_that_are_left() -> None:
    floor = Floor({Q: QueueRules(), "other": QueueRules()})
    floor.tell(AgentSignsOn("zhang", (Q, "other")))
    floor.tell(AgentReady("zhang"))
    floor.tell(UseRules({"other": QueueRules()}))
    assert floor.agent("zhang").queues == ("other",)


@pytest.mark.parametrize("value", [-1, float("nan")])
def test_an_overflow_rule_that_cannot_work_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="overflow"):
        QueueRules(overflow=(OverflowRule("wait", value, "report"),))


def test_a_talk_from_before_a_restart_goes_on_although_its_queue_is_gone(floor: Floor) -> None:
    restored = RestoreAgent("zhang", (), "talking", 0.0, call_id="c1")
    floor.tell(restored, RestoreTalk("c1", "zhang", 0.0, "closed"))
    assert floor.agent("zhang").state == "talking"
    floor.tell(UseRules({"closed": QueueRules(wrap_up_s=7)}))
    floor.tell(TalkEnded("c1"))
    assert floor.agent("zhang").until == floor.now + 7
