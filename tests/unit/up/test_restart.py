"""A program that ended comes back soon, and less often when it keeps dying."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hotline.up.restart import LONGEST_DELAY_S, STEADY_S, Backoff


def test_one_that_was_well_comes_back_within_half_a_second() -> None:
    assert Backoff().after(3600) <= 0.5


def test_one_that_keeps_dying_comes_back_ever_later() -> None:
    backoff = Backoff()
    delays = [backoff.after(0.1) for _ in range(8)]
    assert delays == sorted(delays)
    assert delays[-1] == LONGEST_DELAY_S


def test_a_long_run_is_forgiven() -> None:
    backoff = Backoff()
    for _ in range(10):
        backoff.after(0.1)
    assert backoff.after(STEADY_S) <= 0.5


@given(st.lists(st.floats(0, 10_000), max_size=2_000))
def test_the_wait_is_never_long_and_never_nothing(runs: list[float]) -> None:
    backoff = Backoff()
    assert all(0 < backoff.after(ran) <= LONGEST_DELAY_S for ran in runs)
