"""The rules of a case's life, on random people, steps and inputs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hotline.registry.life.check import ALWAYS_NEEDED, REASONED, checked
from hotline.registry.life.drawing import ANYWHERE
from hotline.registry.life.guards import KEYS
from hotline.registry.life.machine import BACK
from hotline.registry.life.model import (
    BEFORE_FILING,
    FINAL,
    Action,
    Decision,
    Facts,
    Inputs,
    PartState,
    Refusal,
    RequestKind,
    RequestState,
    State,
)
from hotline.registry.life.rules import after, decide
from hotline.registry.model import Person

MACHINE = checked()
UNITS = ("lamps", "roads", "parks")
PEOPLE = (
    Person("agent1", "agent"),
    Person("agent2", "agent"),
    Person("callback1", "callback"),
    Person("dispatcher1", "dispatcher"),
    Person("dispatcher2", "dispatcher"),
    Person("checker1", "checker"),
    Person("supervisor", "supervisor"),
    Person("admin", "admin"),
    Person("system", "system"),
    *(Person(f"{unit}{n}", "unit", unit) for unit in UNITS for n in (1, 2)),
    Person("nobody", "unit"),
)
NOW = 1_795_000_000.0

inputs_given = st.builds(
    Inputs,
    why=st.sampled_from(["", "  ", "原因"]),
    condition=st.sampled_from(["", "general", "other"]),
    closing=st.sampled_from(["", "solved", "explained", "other"]),
    unit_id=st.sampled_from(["", *UNITS]),
    assist=st.lists(st.sampled_from(UNITS), max_size=2).map(tuple),
    part=st.sampled_from(["", *UNITS]),
    until=st.sampled_from([None, NOW - 1, NOW + 1e8]),
    level=st.sampled_from([None, 0, 1, 2, 3, 4]),
    owner=st.sampled_from(["", "agent1", "agent2"]),
    against=st.sampled_from(["", "check", "overdue", "other"]),
    into=st.sampled_from(["", "2026112100001", "2026112100002"]),
)


class Life(RuleBasedStateMachine):
    """One case among random people. What is counted here is counted apart from the rules."""

    def __init__(self) -> None:
        super().__init__()
        self.facts = Facts(State.TO_VERIFY, case_number="2026112100001")
        self.now = NOW
        self.counted = dict.fromkeys(("returns", "reworks", "extensions", "urgings"), 0)
        self.bound = ""

    @initialize(
        start=st.sampled_from(MACHINE.starts),
        professional=st.booleans(),
        due=st.sampled_from([None, NOW + 50]),
    )
    def begin(self, start: str, professional: bool, due: float | None) -> None:
        self.facts = replace(
            self.facts, state=start, kind="report", filled=frozenset({"kind"}),
            professional=professional, handle_due_at=due, opened_by="agent1",
        )  # fmt: skip

    @rule(by=st.sampled_from(PEOPLE), action=st.sampled_from(Action), inputs=inputs_given)
    def anybody_tries_anything(self, by: Person, action: Action, inputs: Inputs) -> None:
        self.attempt(by, action, inputs)

    @rule(data=st.data())
    def somebody_who_may_goes_on(self, data: st.DataObject) -> None:
        """Tries that are refused lead nowhere: this one leads on, and seldom to an end."""
        on = [s for s in MACHINE.steps if s.source == self.facts.state]
        on = [s for s in on if s.action not in ANYWHERE] or on
        step = data.draw(st.sampled_from(on or MACHINE.steps))
        able = [one for one in PEOPLE if one.role in step.roles and one.unit_id in ("", "lamps")]
        inputs = replace(
            FULL,
            assist=data.draw(st.sampled_from([(), ("parks",)])),
            part="parks",
            level=data.draw(st.sampled_from([1, 2])),
        )
        self.attempt(data.draw(st.sampled_from(able)), Action(step.action), inputs)

    def attempt(self, by: Person, action: Action, inputs: Inputs) -> None:
        self.now += 7.0
        before = self.facts
        answer = decide(MACHINE, before, action, by, inputs, now=self.now)
        if isinstance(answer, Refusal):
            assert answer.key in KEYS or answer.faults
            return
        self.facts = after(before, answer.effects)
        self.holds(before, by, action, inputs, answer)

    def holds(
        self, before: Facts, by: Person, action: Action, inputs: Inputs, taken: Decision
    ) -> None:
        """What is true of every step that was taken."""
        step = MACHINE.step(before.state, action)
        assert step is not None
        assert by.role in step.roles
        assert taken.source == before.state
        assert taken.target == self.facts.state
        if step.why:
            assert taken.why
        needed = ALWAYS_NEEDED.get(action)
        assert needed is None or taken.inputs.get(needed) not in (None, "", [])
        if by.role == "unit":
            own = before.part(by.unit_id) if action == Action.PART_DONE else None
            assert own or by.unit_id == before.unit_id != ""
        self.binding(before, by, action)
        self.decided_by_another(before, by, action)
        self.count(before, step.counts, action)

    def binding(self, before: Facts, by: Person, action: Action) -> None:
        if action == Action.RULE:
            self.bound = self.facts.unit_id
        if by.role == "unit" and self.bound and by.unit_id == self.bound:
            assert action not in (Action.SEND_BACK, Action.DISPUTE)

    def decided_by_another(self, before: Facts, by: Person, action: Action) -> None:
        asked = before.open_request(RequestKind.EXTENSION)
        if action in (Action.GRANT_EXTENSION, Action.DENY_EXTENSION):
            assert asked is not None
            assert asked.asked_by != by.user_id
        if action in (Action.EXPERT_PASS, Action.EXPERT_FAIL):
            assert before.expert == "due"
            assert by.user_id != before.handled_by
        if action in (Action.CHECK_PASS, Action.CHECK_FAIL) and before.expert == "due":
            assert by.role == "supervisor"

    def count(self, before: Facts, counter: str, action: Action) -> None:
        if counter:
            self.counted[counter] += 1
        if action == Action.UPHOLD_APPEAL:
            appeal = before.open_request(RequestKind.APPEAL)
            assert appeal is not None
            self.counted["reworks"] -= appeal.against == "check"

    @invariant()
    def the_counters_are_right(self) -> None:
        for name, count in self.counted.items():
            assert getattr(self.facts, name) == count

    @invariant()
    def somebody_answers_for_it_once_it_is_filed(self) -> None:
        assert self.facts.owner or self.facts.state in BEFORE_FILING

    @invariant()
    def it_stands_somewhere_and_its_instants_say_so(self) -> None:
        facts = self.facts
        assert facts.state in MACHINE.states
        assert (facts.closed_at is not None) == (facts.state == State.CLOSED)
        assert (facts.suspended_at is not None) == (facts.state == State.SUSPENDED)
        if facts.state in (State.TO_HANDLE, State.HANDLING, State.TO_CHECK, State.TO_CLOSE):
            assert facts.dispatched_at is not None
            assert facts.unit_key
        if facts.state in (State.TO_CHECK, State.TO_CLOSE):
            assert facts.handled_at is not None
            assert all(part.state != PartState.OPEN for part in facts.parts)
        assert bool(facts.merged_into) <= (facts.state == State.VOID)

    @invariant()
    def a_limit_is_extended_once(self) -> None:
        extensions = [r for r in self.facts.requests if r.kind == RequestKind.EXTENSION]
        assert sum(r.state == RequestState.GRANTED for r in extensions) == self.facts.extensions
        assert self.facts.extensions <= 1

    @invariant()
    def no_more_than_one_of_a_kind_waits_to_be_decided(self) -> None:
        for kind in RequestKind:
            waiting = [r for r in self.facts.requests if r.kind == kind and r.state == "open"]
            assert len(waiting) <= (self.facts.state not in FINAL or kind == RequestKind.APPEAL)

    @invariant()
    def a_supervisor_can_always_go_on_unless_it_ended(self) -> None:
        """Not only on paper: with everything given, some step that leaves the state is taken."""
        facts = self.facts
        if facts.state in FINAL:
            return
        chief, full = Person("chief", "supervisor"), FULL
        leaving = [s for s in MACHINE.steps_from(facts.state, chief.role) if not s.stays]
        taken = [decide(MACHINE, facts, s.action, chief, full, now=self.now) for s in leaving]
        assert any(isinstance(one, Decision) for one in taken)


FULL = Inputs(
    why="原因", condition="general", closing="solved", unit_id="lamps", until=NOW + 1e8, level=1,
    owner="agent2", against="check", into="2026112100002",
)  # fmt: skip

TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip


def taken(facts: Facts, by: Person, action: str, **given: Any) -> Facts:
    answer = decide(MACHINE, facts, action, by, Inputs(**given), now=NOW)
    assert isinstance(answer, Decision), answer
    return after(facts, answer.effects)


def refused(facts: Facts, by: Person, action: str, **given: Any) -> Refusal:
    answer = decide(MACHINE, facts, action, by, Inputs(**given), now=NOW)
    assert isinstance(answer, Refusal)
    return answer


def who(user_id: str) -> Person:
    return next(one for one in PEOPLE if one.user_id == user_id)


AGENT, CHIEF, DISPATCHER = who("agent1"), who("supervisor"), who("dispatcher1")
LAMPS, ROADS = who("lamps1"), who("roads1")


def at_lamps(**more: Any) -> Facts:
    facts = Facts(State.TO_FILE, case_number="1", kind="report", **more)
    facts = taken(facts, AGENT, "file")
    return taken(facts, DISPATCHER, "dispatch", unit_id="lamps", unit="路灯所")


def test_who_files_a_case_answers_for_it_until_it_is_handed_over() -> None:
    facts = at_lamps()
    assert facts.owner == "agent1"
    assert refused(facts, CHIEF, "hand_over", owner="agent2").faults == {"why": "form.required"}
    facts = taken(facts, CHIEF, "hand_over", owner="agent2", why="休假")
    assert facts.owner == "agent2"
    assert refused(facts, CHIEF, "hand_over", owner="agent2", why="x").faults


def test_the_system_files_only_in_somebodys_name() -> None:
    machine = replace(
        MACHINE,
        steps=tuple(
            replace(s, roles=s.roles | {"system"}) if s.action == "file" else s
            for s in MACHINE.steps
        ),
    )
    facts, by = Facts(State.TO_FILE, kind="report"), who("system")
    answer = decide(machine, facts, "file", by, Inputs(), now=NOW)
    assert isinstance(answer, Refusal)
    assert answer.faults == {"owner": "form.required"}


def test_a_filing_condition_is_chosen_where_the_city_knows_several() -> None:
    facts = Facts(State.TO_FILE, kind="report", conditions=("broken", "dark"))
    assert refused(facts, AGENT, "file").faults == {"condition": "form.required"}
    assert refused(facts, AGENT, "file", condition="general").faults == {"condition": "form.choice"}
    assert taken(facts, AGENT, "file", condition="dark").condition == "dark"


def test_a_ruling_binds_the_unit_but_not_who_ruled() -> None:
    facts = taken(at_lamps(), LAMPS, "dispute", why="不归我们")
    assert facts.state == State.TO_RULE
    facts = taken(facts, CHIEF, "rule", unit_id="lamps", why="权属明确")
    assert (facts.state, facts.requests[0].state) == (State.TO_HANDLE, RequestState.GRANTED)
    for by, action in ((LAMPS, "send_back"), (LAMPS, "dispute"), (DISPATCHER, "send_back")):
        assert refused(facts, by, action, why="还是不归我们").key == "case.bound_by_ruling"
    facts = taken(facts, CHIEF, "send_back", why="重新考虑")
    other = refused(facts, DISPATCHER, "dispatch", unit_id="roads")
    assert other.faults == {"unit": "form.bound_by_ruling"}
    assert taken(facts, DISPATCHER, "dispatch", unit_id="lamps").unit_id == "lamps"


def test_a_limit_is_extended_once_and_by_another_than_who_asked() -> None:
    late = NOW + 9e5
    facts = taken(at_lamps(), DISPATCHER, "request_extension", until=late, why="缺件")
    again = refused(facts, LAMPS, "request_extension", until=late, why="x")
    assert again.key == "case.asked_already"
    assert refused(facts, DISPATCHER, "grant_extension").key == "case.own_request"
    granted = decide(MACHINE, facts, "grant_extension", CHIEF, Inputs(), now=NOW)
    assert isinstance(granted, Decision)
    assert granted.inputs == {"until": late}
    facts = after(facts, granted.effects)
    assert facts.extensions == 1
    once = refused(facts, LAMPS, "request_extension", until=late + 1, why="x")
    assert once.key == "case.extended_already"


def test_an_extension_that_nobody_decided_lapses_when_the_work_is_reported() -> None:
    facts = taken(at_lamps(), LAMPS, "request_extension", until=NOW + 9e5, why="缺件")
    facts = taken(facts, LAMPS, "feedback", why="修好了")
    assert [r.state for r in facts.requests] == [RequestState.LAPSED]


def test_joint_work_is_reported_by_the_lead_once_every_part_is_done_or_waived() -> None:
    facts = taken(Facts(State.TO_FILE, kind="report"), AGENT, "file")
    units = {"unit_id": "lamps", "assist": ("roads", "parks")}
    facts = taken(facts, DISPATCHER, "dispatch", **units)
    assert refused(facts, LAMPS, "feedback", why="好").key == "case.parts_open"
    assert refused(facts, ROADS, "feedback", why="好").key == "case.not_your_unit"
    facts = taken(facts, ROADS, "part_done", why="路面已补")
    assert refused(facts, ROADS, "part_done", why="再说").key == "case.not_your_unit"
    assert refused(facts, DISPATCHER, "part_waive", part="parks").faults
    facts = taken(facts, DISPATCHER, "part_waive", part="parks", why="无树木")
    assert taken(facts, LAMPS, "feedback", why="已修").state == State.TO_CHECK


def test_specialists_check_before_the_centre_and_never_their_own_work() -> None:
    facts = taken(at_lamps(professional=True), LAMPS, "feedback", why="已修")
    checker = who("checker1")
    assert refused(facts, checker, "check_pass").key == "case.expert_first"
    assert refused(facts, LAMPS, "expert_pass").key == "case.own_work"
    facts = taken(facts, who("lamps2"), "expert_pass")
    assert taken(facts, checker, "check_pass").state == State.TO_CLOSE


def test_an_upheld_appeal_takes_the_rework_back() -> None:
    facts = taken(at_lamps(), LAMPS, "feedback", why="已修")
    assert refused(facts, LAMPS, "appeal", against="check", why="x").key.endswith(
        "no_ground_for_appeal"
    )
    facts = taken(facts, who("checker1"), "check_fail", why="仍不亮")
    assert facts.reworks == 1
    facts = taken(facts, LAMPS, "appeal", against="check", why="当时停电")
    facts = taken(facts, CHIEF, "uphold_appeal", why="属实")
    assert facts.reworks == 0
    assert refused(facts, LAMPS, "appeal", against="check", why="x").key


def test_a_suspended_case_goes_back_to_where_it_came_from() -> None:
    facts = taken(at_lamps(), LAMPS, "accept")
    facts = taken(facts, DISPATCHER, "suspend", until=NOW + 9e5, why="汛期")
    assert (facts.state, facts.came_from) == (State.SUSPENDED, State.HANDLING)
    facts = taken(facts, who("system"), "resume")
    assert (facts.state, facts.suspended_at, facts.suspended_until) == (State.HANDLING, None, None)


def test_a_duplicate_that_was_none_is_taken_out_again() -> None:
    facts = taken(at_lamps(), AGENT, "merge", into="2")
    assert (facts.state, facts.merged_into) == (State.VOID, "2")
    facts = taken(facts, AGENT, "split", why="不是同一处")
    assert (facts.state, facts.merged_into) == (State.TO_HANDLE, "")
    voided = taken(facts, CHIEF, "void", why="误报")
    assert refused(voided, AGENT, "split", why="x").key == "case.not_merged"


@pytest.mark.parametrize("action", sorted(REASONED))
def test_what_weighs_on_somebody_is_never_done_without_a_reason(action: str) -> None:
    steps = [step for step in MACHINE.steps if step.action == action]
    assert steps
    assert all(step.why for step in steps)


def test_only_the_way_back_is_left_open() -> None:
    assert {step.action for step in MACHINE.steps if step.target == BACK} == {"resume", "split"}
