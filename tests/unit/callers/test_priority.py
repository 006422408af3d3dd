"""Which calls go first, and that it is always said why."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hotline.acd.model import BOTTOM_PRIORITY, TOP_PRIORITY
from hotline.callers import priority
from hotline.callers.priority import Priority, priority_of

COUNTS = st.one_of(st.none(), st.integers(0, 50), st.integers(0, 50).map(str))
FACTS = st.fixed_dictionaries(
    {},
    optional={
        priority.RULE: st.sampled_from(["none", "announce", "lower", "report", None]),
        priority.OPEN_CASES: COUNTS,
        priority.CALLS_24H: COUNTS,
        priority.MISSED: st.sampled_from(["yes", "no", None, True, False]),
        priority.LIFE_SAFETY: st.sampled_from(["no", "", None, False, "0"]),
    },
)
RAISED = st.sampled_from(["usual", "raised"])


def test_a_first_call_is_ordinary() -> None:
    facts = {priority.RULE: "none", priority.OPEN_CASES: 0, priority.CALLS_24H: 1}
    assert priority_of(facts) == Priority(0, ())


def test_what_is_unknown_gives_no_priority() -> None:
    assert priority_of({}) == Priority(0, ())
    assert priority_of({priority.OPEN_CASES: None, priority.CALLS_24H: None}) == Priority(0, ())


def test_the_third_call_of_a_day_goes_first_and_says_which_it_is() -> None:
    assert priority_of({priority.CALLS_24H: 3}) == Priority(1, ("repeated:3",))


def test_an_open_case_and_a_missed_callback_add_up() -> None:
    facts = {priority.OPEN_CASES: 2, priority.MISSED: "yes", priority.CALLS_24H: 2}
    assert priority_of(facts) == Priority(5, ("open_case:2", "missed", "repeated:2"))


def test_a_queue_node_may_raise_a_call_for_its_own_reason() -> None:
    assert priority_of({}, "raised", "burst-pipe") == Priority(3, ("flow:burst-pipe",))


def test_a_lowered_number_gains_nothing_by_calling_again() -> None:
    facts = {priority.RULE: "lower", priority.CALLS_24H: 40, priority.OPEN_CASES: 3}
    assert priority_of(facts, "raised", "any") == Priority(BOTTOM_PRIORITY, ("nuisance",))


@given(FACTS, st.sampled_from(["life", "key"]))
def test_danger_goes_before_everything_whatever_else_is_known(
    facts: dict[str, object], how: str
) -> None:
    if how == "key":
        found = priority_of(facts | {priority.LIFE_SAFETY: "yes"})
    else:
        found = priority_of(facts, "life")
    assert found.value == TOP_PRIORITY
    assert found.reasons[0] == "life_safety"


@given(FACTS, RAISED)
def test_every_priority_is_explained_and_only_danger_is_at_the_top(
    facts: dict[str, object], raised: str
) -> None:
    found = priority_of(facts, raised, "code")
    assert (found.value != 0) == bool(found.reasons)
    assert BOTTOM_PRIORITY <= found.value < TOP_PRIORITY
