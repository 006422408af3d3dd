"""Small scenarios for tests."""

from __future__ import annotations

from typing import Any

from hotline.acd.model import Need, OverflowRule, QueueRules
from hotline.simulation.durations import Constant, Duration, Exponential, Forever
from hotline.simulation.model import Calls, Instants, Rate, Rates, Scenario, Shift

HOUR = 3600.0


def steady(per_hour: float, agents: int, **changes: Any) -> Scenario:
    """An hour of one queue."""
    rules: dict[str, Any] = {"wrap_up_s": 30.0, "overflow_s": 120.0} | changes
    calls = Calls(
        queue="q",
        arrivals=Rates((Rate(0, HOUR, per_hour),)),
        talk=Exponential(180),
        wrap_up=Exponential(40),
        patience=Exponential(90),
        answer=Constant(3),
    )
    shifts = tuple(Shift(f"a{n:02}", ((0, HOUR),), ("q",)) for n in range(agents))
    return Scenario({"q": QueueRules(**rules)}, (calls,), shifts, 0, HOUR)


def exactly(
    at: tuple[float, ...],
    agents: int = 1,
    talk: Duration | None = None,
    patience: Duration | None = None,
    answer: Duration | None = None,
    **changes: Any,
) -> Scenario:
    """Callers at given instants, within the first hour; nothing is left to chance."""
    rules: dict[str, Any] = {"wrap_up_s": 0.0, "overflow_s": 3000.0} | changes
    calls = Calls(
        queue="q",
        arrivals=Instants(at),
        talk=talk or Constant(100),
        patience=patience or Forever(),
        answer=answer or Constant(0),
    )
    shifts = tuple(Shift(f"a{n:02}", ((0, HOUR),), ("q",)) for n in range(agents))
    return Scenario({"q": QueueRules(**rules)}, (calls,), shifts, 0, HOUR, interval_s=600)


def two_queues() -> Scenario:
    """A dialect's callers, who may go to everyone's queue, but need somebody who understands."""
    dialect = QueueRules(
        wrap_up_s=10,
        overflow_s=900,
        overflow=(OverflowRule("wait", 30, "queue:all"),),
    )
    everyone = Calls(
        "all", Rates((Rate(0, HOUR, 120),)), Exponential(100), patience=Exponential(60)
    )
    few = Calls(
        "dialect",
        Rates((Rate(0, HOUR, 40),)),
        Exponential(200),
        patience=Exponential(300),
        priority=2,
        requires=(Need("dialect", 2),),
    )
    shifts = (
        Shift("li", ((0, 1200), (1800, HOUR)), ("dialect", "all"), {"dialect": 9}, {"dialect": 3}),
        Shift("wang", ((0, HOUR),), ("dialect", "all"), {}, {"dialect": 1}),
        *(Shift(f"a{n}", ((0, HOUR),), ("all",)) for n in range(3)),
    )
    rules = {"all": QueueRules(wrap_up_s=10), "dialect": dialect}
    return Scenario(rules, (everyone, few), shifts, 0, HOUR, interval_s=900)
