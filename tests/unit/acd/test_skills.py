"""Skills, widening rings and first agents: who may be asked, and from when on."""

from __future__ import annotations

from hotline.acd.model import (
    AgentPauses,
    AgentReady,
    AgentSignsOn,
    CallWaits,
    Choice,
    Need,
    PassedOver,
    QueueRules,
    Ring,
    TalkEnded,
    UseRules,
    WaitReasons,
)
from tests.acd.floor import Floor, Q

LAW = Need("law", 3)
RINGS = (Ring(0, weight=5, preferred=True), Ring(10, weight=5), Ring(25))


def work(floor: Floor, name: str, weight: int = 1, **skills: int) -> None:
    """An agent signs on and is ready, one second after the one before."""
    floor.tell(AgentSignsOn(name, (Q,), {Q: weight}, skills))
    floor.tell(AgentReady(name))
    floor.now += 1


def test_a_call_waits_for_the_level_it_requires(floor: Floor) -> None:
    work(floor, "zhang", law=2)
    floor.tell(CallWaits("c1", Q, 0, floor.now, requires=(LAW,)))
    assert not floor.offered()
    work(floor, "li", law=3)
    assert floor.agent("li").call_id == "c1"


def test_a_free_agent_takes_an_easy_call_past_one_they_cannot_take(floor: Floor) -> None:
    floor.tell(CallWaits("hard", Q, 0, floor.now, requires=(LAW,)))
    floor.call("easy")
    work(floor, "zhang")
    assert floor.agent("zhang").call_id == "easy"


def test_skills_learnt_on_duty_count_at_once(floor: Floor) -> None:
    work(floor, "zhang")
    floor.tell(CallWaits("c1", Q, 0, floor.now, requires=(LAW,)))
    floor.tell(AgentSignsOn("zhang", (Q,), {}, {"law": 4}))
    assert floor.offered() == {"c1": "zhang"}


def test_a_refuser_is_asked_again_when_the_others_lack_the_skill() -> None:
    floor = Floor({Q: QueueRules(ring_s=20)})
    work(floor, "zhang", law=3)
    work(floor, "li")
    floor.tell(CallWaits("c1", Q, 0, floor.now, requires=(LAW,)))
    floor.fail("c1", "refused")
    assert not floor.offered()
    floor.after(20)
    assert floor.offered() == {"c1": "zhang"}


def test_rings_widen_with_the_wait() -> None:
    floor = Floor({Q: QueueRules(rings=RINGS)})
    work(floor, "everyone")
    floor.tell(CallWaits("c1", Q, 0, floor.now, prefers=(LAW,)))
    came = floor.now
    work(floor, "weighty", weight=5)
    assert not floor.offered()
    assert floor.engine.next_deadline() == came + 10
    floor.after(came + 10 - floor.now)
    assert floor.offered() == {"c1": "weighty"}


def test_the_last_ring_asks_everyone() -> None:
    floor = Floor({Q: QueueRules(rings=RINGS)})
    work(floor, "everyone")
    floor.call("c1")
    floor.after(24.75)
    assert not floor.offered()
    floor.after(0.25)
    assert floor.offered() == {"c1": "everyone"}


def test_the_first_ring_asks_only_who_meets_what_is_preferred() -> None:
    floor = Floor({Q: QueueRules(rings=RINGS)})
    work(floor, "weighty", weight=9)
    work(floor, "both", weight=5, law=3)
    floor.tell(CallWaits("c1", Q, 0, floor.now, prefers=(LAW,)))
    assert floor.offered() == {"c1": "both"}


def test_rings_count_from_when_the_call_came_to_this_queue() -> None:
    floor = Floor({Q: QueueRules(rings=RINGS)})
    floor.now = 100.0
    work(floor, "everyone")
    floor.tell(CallWaits("moved", Q, 0, 60.0, entered=floor.now))
    assert not floor.offered()
    floor.after(25)
    assert floor.offered() == {"moved": "everyone"}


def test_a_call_waits_for_its_first_agent_for_a_while_and_no_longer() -> None:
    floor = Floor({Q: QueueRules(first_s=15)})
    work(floor, "wang")
    floor.call("earlier")
    floor.answer("earlier")
    work(floor, "li")
    floor.tell(CallWaits("c1", Q, 0, floor.now, first_agent="wang"))
    assert not floor.offered()
    floor.after(15)
    assert floor.offered() == {"c1": "li"}


def test_the_first_agent_who_gets_free_in_time_has_the_call() -> None:
    floor = Floor({Q: QueueRules(first_s=15, wrap_up_s=0)})
    work(floor, "wang")
    floor.call("earlier")
    floor.answer("earlier")
    work(floor, "li")
    floor.tell(CallWaits("c1", Q, 0, floor.now, first_agent="wang"))
    floor.now += 5
    floor.tell(TalkEnded("earlier"))
    assert floor.offered() == {"c1": "wang"}


def test_a_call_is_not_kept_for_a_first_agent_who_is_not_on_duty() -> None:
    floor = Floor({Q: QueueRules(first_s=15)})
    work(floor, "li")
    floor.tell(CallWaits("c1", Q, 0, floor.now, first_agent="wang"))
    assert floor.offered() == {"c1": "li"}


def test_a_call_is_free_at_once_when_its_first_agent_pauses_next_or_refuses() -> None:
    floor = Floor({Q: QueueRules(first_s=15)})
    work(floor, "wang")
    floor.call("earlier")
    floor.answer("earlier")
    work(floor, "li")
    floor.tell(CallWaits("c1", Q, 0, floor.now, first_agent="wang"))
    floor.tell(AgentPauses("wang", "meal"))
    assert floor.offered() == {"c1": "li"}
    work(floor, "chen")
    floor.tell(CallWaits("c2", Q, 0, floor.now, first_agent="chen"))
    floor.fail("c2", "refused")
    work(floor, "zhou")
    assert floor.agent("zhou").call_id == "c2"


def test_rules_that_change_leave_everyone_in_their_place(floor: Floor) -> None:
    for call_id in ("c1", "c2", "c3"):
        floor.call(call_id)
        floor.now += 1
    floor.tell(UseRules({Q: QueueRules(strategy="round_robin", rings=RINGS, overflow_s=300)}))
    assert [row.call_id for row in floor.engine.waiting()] == ["c1", "c2", "c3"]
    work(floor, "weighty", weight=5)
    assert floor.agent("weighty").call_id == "c1"


def test_an_offer_says_who_was_free_and_who_was_passed_over() -> None:
    floor = Floor({Q: QueueRules(rings=RINGS)})
    work(floor, "novice")
    work(floor, "light", law=3)
    work(floor, "weighty", weight=5, law=3)
    floor.tell(CallWaits("c1", Q, 0, floor.now, requires=(LAW,)))
    why = floor.engine.explain("c1")
    passed = (PassedOver("ring", 1, ("light",)), PassedOver("skill", 1, ("novice",)))
    assert why == Choice("longest_idle", free=1, ring=0, waited_s=0.0, passed=passed)


def test_a_waiting_call_says_who_is_excluded_by_what() -> None:
    floor = Floor({Q: QueueRules(first_s=30)})
    work(floor, "wang", law=3)
    floor.call("earlier")
    floor.answer("earlier")
    work(floor, "li", law=3)
    work(floor, "novice")
    floor.tell(AgentSignsOn("chen", (Q,), {}, {"law": 5}))
    came = floor.now
    floor.tell(CallWaits("c1", Q, 0, came, requires=(LAW,), first_agent="wang"))
    floor.after(2)
    assert floor.engine.explain("c1") == WaitReasons(
        "c1",
        Q,
        place=1,
        waited_s=2.0,
        reserved_for="wang",
        passed=(
            PassedOver("busy", 1, ("wang",)),
            PassedOver("paused", 1, ("chen",)),
            PassedOver("reserved", 1, ("li",)),
            PassedOver("skill", 1, ("novice",)),
        ),
    )


def test_nothing_is_explained_of_a_call_that_nobody_knows(floor: Floor) -> None:
    assert floor.engine.explain("nobody") is None
