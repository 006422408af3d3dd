"""A small version of ``python -m tests.bench theory``: the simulator meets the closed forms."""

from __future__ import annotations

from itertools import chain

import pytest

from hotline.simulation.run import run
from tests.bench.theory import Load, compare

LOADS = (Load(200, 180, 14), Load(200, 180, 9, 120))
SIMULTANEOUS = 1 - 0.01 / 7


@pytest.mark.parametrize("seed", [12319])
def test_the_closed_forms_lie_within_the_simultaneous_intervals(seed: int) -> None:
    results = [(load, run(load.scenario(counted_calls=1_000), 8, seed)) for load in LOADS]
    rows = list(chain.from_iterable(compare(load, result) for load, result in results))
    assert len(rows) == 7
    assert [row for row in rows if not row.within(SIMULTANEOUS)] == []
    # An interval that holds everything would show nothing.
    for row in rows:
        interval = row.simulated.interval(0.95)
        assert interval is not None
        assert interval[1] - interval[0] < row.closed, row
