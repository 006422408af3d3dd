"""Tasks between calls, and the time that a wrap-up may be given."""

from __future__ import annotations

from hotline.acd.model import (
    AgentBecame,
    AgentPauses,
    AgentReady,
    AgentSignsOn,
    CallGone,
    ExtendWrapUp,
    Ignored,
    Need,
    OfferTask,
    QueueRules,
    TalkEnded,
    TaskDone,
    TaskGone,
    TaskStarted,
    TaskWaits,
    TaskWithdrawn,
)
from tests.acd.floor import Floor, Q


def spare(task_spare: int = 0, **rules: float) -> Floor:
    """A floor that gives tasks out while so many agents are left."""
    known = {"overflow_s": 500.0, "wrap_up_s": 0.0, **rules}
    return Floor({Q: QueueRules(task_spare=task_spare, **known)})  # type: ignore[arg-type]


def task(floor: Floor, task_id: str = "t1") -> list[OfferTask]:
    """A task is due; whom it is offered to."""
    floor.tell(TaskWaits(task_id, Q, floor.now))
    return floor.heard(OfferTask)


def test_an_idle_agent_is_given_a_task_and_stays_ready() -> None:
    floor = spare()
    floor.work("zhang")
    assert task(floor) == [OfferTask("t1", "zhang")]
    assert floor.agent("zhang").state == "ready"


def test_a_task_waits_until_enough_agents_are_left_for_calls() -> None:
    floor = spare(task_spare=1)
    floor.work("zhang")
    assert not task(floor)
    floor.work("li")
    assert [row.agent_id for row in floor.engine.tasks()] == ["zhang"]


def test_an_agent_has_one_task_at_a_time() -> None:
    floor = spare()
    floor.work("zhang")
    task(floor)
    assert not task(floor, "t2")


def test_a_call_comes_before_a_task_that_is_only_offered() -> None:
    floor = spare()
    floor.work("zhang")
    task(floor)
    floor.call("c1")
    assert floor.offered() == {"c1": "zhang"}
    assert floor.heard(TaskWithdrawn) == [TaskWithdrawn("t1", "zhang", "call")]
    floor.tell(TaskStarted("t1"))
    assert floor.heard(Ignored)
    floor.tell(CallGone("c1"))
    assert floor.heard(OfferTask) == [OfferTask("t1", "zhang")]


def test_a_started_task_is_not_interrupted_and_frees_its_agent_when_done() -> None:
    floor = spare()
    floor.work("zhang")
    task(floor)
    floor.tell(TaskStarted("t1"))
    assert floor.heard(AgentBecame)[0].call_id == "t1"
    assert not floor.call("c1")
    floor.tell(TaskDone("t1"))
    assert floor.offered() == {"c1": "zhang"}
    assert not floor.engine.tasks()


def test_a_pause_asked_for_during_a_task_follows_it() -> None:
    floor = spare()
    floor.work("zhang")
    task(floor)
    floor.tell(TaskStarted("t1"))
    floor.tell(AgentPauses("zhang", "meal"))
    floor.tell(TaskDone("t1"))
    assert floor.agent("zhang").reason == "meal"


def test_a_pause_gives_an_offered_task_back() -> None:
    floor = spare()
    floor.work("zhang")
    task(floor)
    floor.tell(AgentPauses("zhang", "meal"))
    assert floor.heard(TaskWithdrawn) == [TaskWithdrawn("t1", "zhang", "left")]


def test_a_task_that_is_gone_is_taken_back() -> None:
    floor = spare()
    floor.work("zhang")
    task(floor)
    floor.tell(TaskGone("t1"))
    assert floor.heard(TaskWithdrawn) == [TaskWithdrawn("t1", "zhang", "gone")]
    assert not floor.engine.tasks()


def test_no_task_is_offered_while_callers_wait_too_long() -> None:
    floor = spare(target_s=15, target_window_s=300)
    floor.now = 600.0
    floor.call("c1")
    floor.after(20)
    floor.work("zhang", "li")
    assert not task(floor)
    deadline = floor.engine.next_deadline()
    floor.tell(CallGone("c1"))
    assert not floor.heard(OfferTask)
    assert deadline is not None
    # The late caller counts in the slice that began at 610 s and leaves it 310 s later.
    floor.now = 920.0
    assert floor.engine.next_deadline() == 920.0
    floor.after(0)
    assert floor.heard(OfferTask)


def test_a_wrap_up_is_extended_as_far_as_the_rules_go() -> None:
    floor = Floor({Q: QueueRules(wrap_up_s=30, wrap_up_extra_s=20)})
    floor.work("zhang")
    floor.call("c1")
    floor.answer("c1")
    floor.tell(TalkEnded("c1"))
    ends = floor.now + 30
    for until in (ends + 15, ends + 20):
        floor.tell(ExtendWrapUp("zhang", 15))
        assert floor.agent("zhang").until == until
    floor.tell(ExtendWrapUp("zhang", 15))
    assert floor.heard(Ignored)
    floor.after(50)
    assert floor.agent("zhang").state == "ready"


def test_a_task_goes_to_who_has_what_it_requires_past_an_older_one() -> None:
    floor = spare()
    floor.tell(AgentSignsOn("zhang", (Q,), {}, {"dialect": 2}))
    floor.tell(AgentReady("zhang"))
    floor.tell(TaskWaits("older", Q, 0.0, (Need("law"),)), TaskWaits("t1", Q, 1.0))
    assert floor.heard(OfferTask) == [OfferTask("t1", "zhang")]
    floor.tell(TaskGone("t1"))
    assert not floor.heard(OfferTask)
