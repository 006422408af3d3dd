"""How often a number called: never counted too low."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hotline.callers.often import Often

CALLS = st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 30)), max_size=40)


@given(CALLS)
def test_no_call_of_the_window_is_forgotten_and_none_from_long_ago(
    calls: list[tuple[str, float]],
) -> None:
    often = Often(10.0)
    at, seen = 0.0, []
    for number, pause in calls:
        at += pause
        often.called(number, at)
        seen.append((number, at))
        within = [sum(n == number and then > at - span for n, then in seen) for span in (10, 30)]
        assert within[0] <= often.times(number, at) <= within[1]
