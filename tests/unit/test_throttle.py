"""How fast passwords and digits may be guessed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hotline.throttle import (
    FORGOTTEN_AFTER_S,
    FREE_FAILURES_OF_A_NAME,
    FREE_FAILURES_OF_AN_ADDRESS,
    LONGEST_WAIT_S,
    MOST_KEPT,
    Allowance,
    GuessThrottle,
)


def test_a_few_mistakes_cost_no_wait() -> None:
    throttle = GuessThrottle()
    for _ in range(FREE_FAILURES_OF_A_NAME - 1):
        throttle.failed("agent1", "10.0.0.1", 0.0)
    assert throttle.wait("agent1", "10.0.0.1", 0.0) == 0


def test_each_further_mistake_doubles_the_wait_up_to_a_minute() -> None:
    throttle, waits = GuessThrottle(), []
    for _ in range(FREE_FAILURES_OF_A_NAME + 8):
        throttle.failed("agent1", "10.0.0.1", 0.0)
        waits.append(throttle.wait("agent1", "10.0.0.1", 0.0))
    assert waits[-9:] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert waits[-1] == LONGEST_WAIT_S


def test_one_name_tried_from_many_places_waits_too() -> None:
    throttle = GuessThrottle()
    for n in range(FREE_FAILURES_OF_A_NAME):
        throttle.failed("agent1", f"10.0.0.{n}", 0.0)
    assert throttle.wait("agent1", "10.0.1.1", 0.0) > 0
    assert throttle.wait("agent2", "10.0.1.1", 0.0) == 0


def test_many_names_tried_from_one_place_wait_too() -> None:
    throttle = GuessThrottle()
    for n in range(FREE_FAILURES_OF_AN_ADDRESS):
        throttle.failed(f"name{n}", "10.0.0.1", 0.0)
    assert throttle.wait("agent1", "10.0.0.1", 0.0) > 0
    assert throttle.wait("agent1", "10.0.0.2", 0.0) == 0


def test_a_right_password_clears_the_name() -> None:
    throttle = GuessThrottle()
    for _ in range(FREE_FAILURES_OF_A_NAME):
        throttle.failed("agent1", "10.0.0.1", 0.0)
    throttle.succeeded("agent1")
    assert throttle.wait("agent1", "10.0.0.1", 0.0) == 0


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.floats(0, 2000))))
def test_nobody_waits_for_good(tries: list[tuple[str, str, float]]) -> None:
    throttle, now = GuessThrottle(), 0.0
    for name, address, pause in tries:
        now += pause
        throttle.failed(name, address, now)
        assert 0 <= throttle.wait(name, address, now) <= LONGEST_WAIT_S
    assert throttle.wait("a", "x", now + LONGEST_WAIT_S) == 0


def test_what_is_kept_is_bounded_and_forgotten() -> None:
    throttle = GuessThrottle()
    for n in range(MOST_KEPT + 50):
        throttle.failed(f"name{n}", f"address{n}", 0.0)
    assert len(throttle._kept) <= MOST_KEPT + 1
    throttle.failed("late", "late", FORGOTTEN_AFTER_S + 1)
    assert len(throttle._kept) == 2


def test_an_allowance_is_used_up_and_comes_back() -> None:
    allowance = Allowance(3, 3600.0)
    for at in (0.0, 10.0, 20.0):
        assert allowance.wait("a", at) == 0
        allowance.use("a", at)
    assert allowance.wait("a", 30.0) == 3570
    assert allowance.wait("b", 30.0) == 0
    assert allowance.wait("a", 3600.0) == 0


def test_what_an_allowance_keeps_is_bounded() -> None:
    allowance = Allowance(3, 3600.0)
    for n in range(MOST_KEPT + 50):
        allowance.use(f"name{n}", 0.0)
    assert len(allowance._used) <= MOST_KEPT + 1
