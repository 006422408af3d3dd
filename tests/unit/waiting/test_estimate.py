"""How long a caller has still to wait, foretold."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.waiting.estimate import HORIZON_S, Changes, Forecast, Recent, Serving

ALWAYS_200 = Recent.of([200.0] * 20)
SPREAD = Recent.of([30.0 * n for n in range(1, 21)])
BUSY = st.builds(Serving, st.just("busy"), st.floats(0, 900))
WRAPPING = st.builds(Serving, st.just("until"), st.floats(0, 120))
AGENTS = st.lists(BUSY | WRAPPING | st.just(Serving("free")), min_size=1, max_size=30)


def wait(agents: Sequence[Serving], ahead: int, recent: Recent = SPREAD) -> float:
    found = Forecast(agents, recent).wait(ahead)
    assert found is not None
    return found


def test_nothing_is_foretold_without_agents_or_without_having_seen_talks() -> None:
    assert Forecast([], SPREAD).wait(0) is None
    assert Forecast([Serving("busy", 10)], Recent.of([100.0] * 4)).wait(0) is None


def test_who_is_next_beside_a_free_agent_waits_for_nothing() -> None:
    assert wait([Serving("free"), Serving("busy", 10)], 0) == 0


def test_a_talk_that_always_lasts_as_long_is_waited_for_to_its_end() -> None:
    assert wait([Serving("busy", 140.0)], 0, ALWAYS_200) == pytest.approx(60, abs=10)
    assert wait([Serving("busy", 140.0)], 1, ALWAYS_200) == pytest.approx(260, abs=15)


def test_a_shift_that_begins_is_counted_with_and_one_that_ends_is_not() -> None:
    at = [Serving("at", 120.0)]
    assert wait(at, 0, ALWAYS_200) == pytest.approx(120, abs=10)
    agents = [Serving("busy", 0.0)] * 4
    usual = Forecast(agents, SPREAD).wait(6)
    fewer = Forecast(agents, SPREAD, Changes(leaving=[60.0, 60.0])).wait(6)
    assert usual is not None
    assert fewer is not None
    assert fewer > usual


def test_callers_ahead_who_hang_up_make_the_wait_shorter() -> None:
    impatient = Recent.of(SPREAD.handling_s, hang_up_rate=1 / 300)
    agents = [Serving("busy", 0.0)] * 3
    assert wait(agents, 8, impatient) < wait(agents, 8)


@given(AGENTS, st.integers(0, 40))
def test_the_next_place_is_never_quicker_and_more_agents_never_slower(
    agents: list[Serving], ahead: int
) -> None:
    here = wait(agents, ahead)
    assert 0 <= here <= wait(agents, ahead + 1) <= HORIZON_S
    assert wait([*agents, Serving("busy", 0.0)], ahead) <= here + 1e-6
