"""One replication's callers, drawn before anything happens.

Every kind of caller and every quantity has its own dice, so that two scenarios with the same
seed and the same callers differ in nothing but what was changed (rules, roster): what a caller
brings does not depend on who serves them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hotline.simulation.durations import Duration, Seconds
from hotline.simulation.model import Calls, Scenario


@dataclass(frozen=True, slots=True)
class Drawn:
    """The callers of one replication in order of their coming; plain lists, for the loop's speed.

    ``wrap_up`` and ``patience`` are infinite where the engine or nothing ends them.
    """

    call_ids: list[str]
    first_agents: list[str]
    kind: list[int]
    at: list[float]
    talk: list[float]
    wrap_up: list[float]
    patience: list[float]
    answer: list[float]


def draw(scenario: Scenario, seed: np.random.SeedSequence) -> Drawn:
    """Draw all callers of one replication."""
    sources = seed.spawn(len(scenario.calls))
    kinds = [_one_kind(*pair) for pair in zip(scenario.calls, sources, strict=True)]
    counts = [len(columns[0]) for columns in kinds]
    kind = np.repeat(np.arange(len(kinds)), counts)
    at, talk, wrap_up, patience, answer = (
        np.concatenate([columns[index] for columns in kinds]) if kinds else np.empty(0)
        for index in range(5)
    )
    order = np.argsort(at, kind="stable")
    counted = list(zip(scenario.calls, counts, strict=True))
    names = [
        name
        for number, (calls, count) in enumerate(counted)
        for name in calls.call_ids or [f"{number}-{index}" for index in range(count)]
    ]
    first = [agent for calls, count in counted for agent in calls.first_agents or [""] * count]
    return Drawn(
        call_ids=[names[index] for index in order.tolist()],
        first_agents=[first[index] for index in order.tolist()],
        kind=kind[order].tolist(),
        at=at[order].tolist(),
        talk=talk[order].tolist(),
        wrap_up=wrap_up[order].tolist(),
        patience=patience[order].tolist(),
        answer=answer[order].tolist(),
    )


def _one_kind(calls: Calls, seed: np.random.SeedSequence) -> tuple[Seconds, ...]:
    arrivals, *others = (np.random.default_rng(child) for child in seed.spawn(5))
    at = calls.arrivals.draw(arrivals)
    lasting: tuple[Duration | None, ...] = (
        calls.talk,
        calls.wrap_up,
        calls.patience,
        calls.answer,
    )
    return at, *(
        np.full(len(at), np.inf) if duration is None else duration.draw(dice, len(at))
        for duration, dice in zip(lasting, others, strict=True)
    )
