from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.registry import lifecycle
from hotline.registry.lifecycle import FINAL, NAMES, STEPS, Action, State
from hotline.registry.model import NotAllowed

DRAWN = Path(__file__).resolve().parents[3] / "docs/case-life.md"
STAFF = ("agent", "callback", "supervisor", "admin")


def reachable(start: State) -> set[State]:
    found = {start}
    while new := {s.target for s in STEPS if s.source in found} - found:
        found |= new
    return found


def test_the_drawing_in_the_documentation_is_the_table() -> None:
    assert lifecycle.drawing() in DRAWN.read_text(encoding="utf-8")


@pytest.mark.parametrize("start", [State.TO_FILE, State.TO_VERIFY])
def test_every_state_can_be_reached_from_where_a_case_begins(start: State) -> None:
    assert reachable(start) | {State.TO_VERIFY} == set(State)


@pytest.mark.parametrize("state", [s for s in State if s != State.VOID])
def test_no_state_is_a_dead_end(state: State) -> None:
    assert State.CLOSED in reachable(state)


def test_a_state_has_one_step_for_an_action() -> None:
    pairs = [(step.source, step.action) for step in STEPS]
    assert len(pairs) == len(set(pairs))


def test_every_state_has_a_name_and_every_action_a_step() -> None:
    assert set(NAMES) == set(State)
    assert {step.action for step in STEPS} == set(Action)


def test_every_step_is_somebodys_and_leads_elsewhere() -> None:
    for step in STEPS:
        assert step.roles <= set(STAFF)
        assert step.roles
        assert step.target != step.source


def test_going_back_or_ending_early_is_never_without_a_reason() -> None:
    backwards = {Action.REJECT, Action.CHECK_FAIL, Action.REOPEN, Action.VOID}
    assert all(step.why for step in STEPS if step.action in backwards)


@given(
    state=st.sampled_from(State),
    action=st.sampled_from(Action),
    role=st.sampled_from((*STAFF, "system", "")),
)
def test_a_step_is_taken_only_with_the_right_to_it(state: State, action: Action, role: str) -> None:
    offered = {step.action for step in lifecycle.steps_from(state, role)}
    if action in offered:
        step = lifecycle.step_for(state, action, role)
        assert (step.source, step.action) == (state, action)
        assert role in step.roles
    else:
        with pytest.raises(NotAllowed):
            lifecycle.step_for(state, action, role)


@given(choices=st.lists(st.integers(0, 20), max_size=40))
def test_wherever_steps_lead_a_supervisor_can_go_on_unless_it_is_void(
    choices: list[int],
) -> None:
    state = State.TO_VERIFY
    for choice in choices:
        steps = lifecycle.steps_from(state, "supervisor")
        assert bool(steps) is (state != State.VOID)
        if not steps:
            return
        state = steps[choice % len(steps)].target


def test_a_case_that_ended_is_not_edited() -> None:
    for state in State:
        assert lifecycle.may_edit(state, "agent") is (state not in FINAL)
        assert not lifecycle.may_edit(state, "callback")
        assert not lifecycle.may_edit(state, "admin")
