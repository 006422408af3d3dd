"""Play a scenario many times."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hotline.simulation.drawing import draw
from hotline.simulation.measuring import Measure
from hotline.simulation.model import Scenario
from hotline.simulation.observing import Observer
from hotline.simulation.playing import Play
from hotline.simulation.result import Result, summarise


def run(
    scenario: Scenario,
    replications: int,
    seed: int,
    progress: Callable[[int], None] | None = None,
    observer: Observer | None = None,
) -> Result:
    """Play ``scenario`` ``replications`` times, each with its own callers drawn from ``seed``.

    The same arguments give the same result. ``progress`` is told how many are done after each,
    ``observer`` sees every one. Raises :class:`ValueError` for no replications.
    """
    if replications < 1:
        raise ValueError("a scenario needs at least one replication")
    measure = Measure(scenario)
    measured = []
    for number, source in enumerate(np.random.SeedSequence(seed).spawn(replications)):
        play = Play(scenario, draw(scenario, source), observer)
        if observer:
            observer.begins(number, play.engine)
        measured.append(measure(play.run()))
        if progress:
            progress(number + 1)
    return summarise(scenario, measure, measured, seed)
