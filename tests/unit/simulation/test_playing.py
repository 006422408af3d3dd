"""What the simulator does with callers and agents, watched by an observer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.acd.engine import Engine
from hotline.acd.model import (
    Command,
    ExtendWrapUp,
    Ignored,
    Input,
    MakeOffer,
    OfferConcluded,
    Overflowed,
    WrapUpEnds,
)
from hotline.simulation.durations import Constant, Exponential, Observed
from hotline.simulation.model import Calls, Instants, Scenario, ScenarioFault, Shift
from hotline.simulation.observing import Observer
from hotline.simulation.result import Result
from hotline.simulation.run import run
from hotline.simulation.sample import Outcome
from tests.unit.simulation.scenes import HOUR, exactly, steady, two_queues


class Onlooker(Observer):
    """Keeps who talks with whom, and what every caller met."""

    def __init__(self) -> None:
        self.entered_at: dict[str, float] = {}
        self.left_as: dict[str, tuple[float, Outcome]] = {}
        self.inputs: list[tuple[float, Input]] = []
        self.commands: list[Command] = []
        self.replications = 0
        self.talking: dict[str, str] = {}
        self.twice: list[str] = []

    def begins(self, replication: int, engine: Engine) -> None:
        self.replications += 1
        self.talking = {}

    def entered(self, call_id: str, queue: str, at: float) -> None:
        self.entered_at[call_id] = at

    def left(self, call_id: str, at: float, outcome: Outcome) -> None:
        self.left_as[call_id] = (at, outcome)

    def decided(self, inputs: Sequence[Input], at: float, commands: Sequence[Command]) -> None:
        self.inputs += [(at, event) for event in inputs]
        self.commands += commands
        for event in inputs:
            if type(event).__name__ == "CallGone":
                call_id = str(getattr(event, "call_id", ""))
                self.talking = {a: c for a, c in self.talking.items() if c != call_id}
        for command in commands:
            if isinstance(command, OfferConcluded) and command.outcome == "answered":
                if command.agent_id in self.talking:
                    self.twice.append(command.agent_id)
                self.talking[command.agent_id] = command.call_id


def total(result: Result) -> dict[str, float]:
    row = result.total
    return {
        "offered": row.offered.mean,
        "answered": row.answered.mean,
        "abandoned": row.abandoned.mean,
        "overflowed": row.overflowed.mean,
        "waiting": row.waiting.mean,
    }


scenarios = st.builds(
    steady,
    per_hour=st.floats(0, 400),
    agents=st.integers(0, 12),
    wrap_up_s=st.sampled_from((0.0, 30.0)),
    overflow_s=st.sampled_from((20.0, 300.0)),
    wrap_up_extra_s=st.sampled_from((0.0, 60.0)),
) | st.just(two_queues())


@settings(max_examples=25, deadline=None)
@given(scenarios, st.integers(0, 2**32))
def test_every_caller_offered_is_answered_gone_overflowed_or_still_waiting(
    scenario: Scenario, seed: int
) -> None:
    onlooker = Onlooker()
    result = run(scenario, 1, seed, observer=onlooker)
    count = total(result)
    assert count["offered"] == len(onlooker.entered_at)
    assert count["offered"] == sum(count.values()) - count["offered"]
    assert count["waiting"] == count["offered"] - len(onlooker.left_as)
    assert onlooker.twice == []
    assert not [command for command in onlooker.commands if isinstance(command, Ignored)]
    by_interval = sum(span.row.offered.mean for span in result.intervals)
    by_queue = sum(row.offered.mean for row in result.queues.values())
    assert by_interval == by_queue == count["offered"]
    assert sum(agent.answered.mean for agent in result.agents) == count["answered"]


@settings(max_examples=8, deadline=None)
@given(scenarios, st.integers(0, 2**32))
def test_the_same_seed_gives_the_same_result(scenario: Scenario, seed: int) -> None:
    assert run(scenario, 2, seed) == run(scenario, 2, seed)


def test_another_seed_gives_another_result() -> None:
    assert run(steady(200, 8), 2, 1).total != run(steady(200, 8), 2, 2).total


def test_an_observer_changes_nothing_and_sees_every_replication() -> None:
    onlooker = Onlooker()
    seen: list[int] = []
    watched = run(steady(200, 8), 3, 5, seen.append, onlooker)
    assert watched == run(steady(200, 8), 3, 5)
    assert onlooker.replications == 3
    assert seen == [1, 2, 3]


def test_callers_do_not_depend_on_who_serves_them() -> None:
    many, few = Onlooker(), Onlooker()
    run(steady(200, 30), 1, 5, observer=many)
    run(steady(200, 2, overflow_s=60), 1, 5, observer=few)
    assert many.entered_at == few.entered_at


def test_callers_wait_in_turn_for_the_one_agent() -> None:
    onlooker = Onlooker()
    result = run(exactly((10, 20, 30)), 1, 0, observer=onlooker)
    assert [at for at, _ in onlooker.left_as.values()] == [10, 110, 210]
    row = result.total
    assert row.asa_s is not None
    assert row.asa_s.mean == (0 + 90 + 180) / 3
    assert row.longest_s is not None
    assert row.longest_s.mean == 180
    assert (row.p50_wait_s and row.p50_wait_s.mean, row.p90_wait_s and row.p90_wait_s.mean) == (
        90,
        180,
    )
    assert row.service_level is not None
    assert (row.within.mean, row.service_level.mean) == (1, 1 / 3)
    assert row.occupancy is not None
    assert row.occupancy.mean == pytest.approx(300 / HOUR)


def test_occupancy_is_counted_in_the_interval_in_which_it_happens() -> None:
    result = run(exactly((590,)), 1, 0)
    shares = [span.row.occupancy.mean for span in result.intervals if span.row.occupancy]
    assert shares == pytest.approx([10 / 600, 90 / 600, 0, 0, 0, 0])
    assert result.agents[0].busy_s.mean == pytest.approx(100)


def test_a_caller_hangs_up_when_their_patience_ends() -> None:
    scenario = exactly((0, 10, 20), patience=Observed((50, 50, 50), (False,) * 3, Constant(0)))
    onlooker = Onlooker()
    run(scenario, 1, 0, observer=onlooker)
    assert list(onlooker.left_as.values()) == [
        (0, Outcome.ANSWERED),
        (60, Outcome.ABANDONED),
        (70, Outcome.ABANDONED),
    ]


def test_nobody_rings_longer_than_the_queue_says() -> None:
    onlooker = Onlooker()
    scenario = exactly((0,), answer=Constant(25), ring_s=20.0, miss_pause_s=600.0)
    result = run(scenario, 1, 0, observer=onlooker)
    ends = [c.outcome for c in onlooker.commands if isinstance(c, OfferConcluded)]
    assert ends[0] == "missed"
    assert result.total.answered.mean == 0


def test_a_caller_overflows_when_the_engine_says_so() -> None:
    result = run(exactly((0, 10), talk=Constant(1000), overflow_s=60.0), 1, 0)
    assert (result.total.answered.mean, result.total.overflowed.mean) == (1, 1)
    assert result.total.longest_s is not None
    assert result.total.longest_s.mean == 60


def test_a_caller_sent_to_another_queue_is_served_there_and_counts_where_they_came() -> None:
    onlooker = Onlooker()
    result = run(two_queues(), 4, 3, observer=onlooker)
    moved = {
        c.call_id for c in onlooker.commands if isinstance(c, Overflowed) and c.queue == "dialect"
    }
    served = {c.call_id for c in onlooker.commands if isinstance(c, MakeOffer) and c.queue == "all"}
    assert moved & served
    needs = {
        c.agent_id for c in onlooker.commands if isinstance(c, MakeOffer) and c.call_id[0] == "1"
    }
    assert needs == {"li"}
    assert result.queues["dialect"].answered.mean > 0


def test_wrap_ups_end_early_or_are_extended_as_far_as_the_rules_go() -> None:
    scenario = exactly((0, 0, 0), agents=3, wrap_up_s=30.0, wrap_up_extra_s=20.0)
    lasts = Observed((10, 40, 500), (False,) * 3, Constant(0))
    changed = replace(scenario, calls=(replace(scenario.calls[0], wrap_up=lasts),))
    onlooker = Onlooker()
    result = run(changed, 1, 0, observer=onlooker)
    assert sorted(agent.busy_s.mean for agent in result.agents) == pytest.approx([110, 140, 150])
    kinds = Counter(type(event) for _, event in onlooker.inputs)
    assert (kinds[WrapUpEnds], kinds[ExtendWrapUp]) == (1, 2)


def test_an_agent_who_goes_home_finishes_the_talk() -> None:
    scenario = exactly((50,))
    early = replace(scenario, shifts=(Shift("a00", ((0, 100),), ("q",)),))
    result = run(early, 1, 0)
    assert result.agents[0].duty_s.mean == pytest.approx(150)


def test_nobody_on_duty_leaves_all_unanswered_and_the_level_at_nothing() -> None:
    result = run(exactly((0, 10), agents=0), 1, 0)
    assert result.total.service_level is not None
    assert result.total.service_level.mean == 0
    assert result.total.asa_s is None
    assert result.total.occupancy is None


def test_an_empty_interval_is_unknown_and_not_nought() -> None:
    spans = run(exactly((10,)), 1, 0).intervals
    assert spans[0].row.service_level is not None
    assert spans[1].row.service_level is None
    assert spans[1].row.longest_s is None


def test_one_replication_gives_no_interval_and_more_give_narrower_ones() -> None:
    widths = []
    for replications in (1, 4, 12):
        level = run(steady(150, 10), replications, 7).total.service_level
        assert level is not None
        widths.append(level.interval(0.95))
    assert widths[0] is None
    assert widths[1] is not None
    assert widths[2] is not None
    assert widths[1][1] - widths[1][0] > widths[2][1] - widths[2][0] > 0


def test_warm_up_and_cool_down_are_played_and_not_counted() -> None:
    scenario = replace(exactly((10, 1000, 3000)), warm_up_s=500.0, cool_down_s=1000.0)
    result = run(scenario, 1, 0)
    assert result.total.offered.mean == 1
    assert result.intervals[0].from_s == 500


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"queues": {}}, "no queue"),
        ({"interval_s": 0.0}, "interval"),
        ({"warm_up_s": HOUR}, "nothing is left"),
        ({"calls": (Calls("x", Instants(()), Exponential(1)),)}, "no queue 'x'"),
        ({"shifts": (Shift("a", ((0, 1),), ("x",)),)}, "no queue 'x'"),
        ({"shifts": (Shift("a", ((0, 1),), ("q",)),) * 2}, "two shifts"),
    ],
)
def test_a_scenario_that_cannot_be_is_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(ScenarioFault, match=said):
        replace(exactly((0,)), **change)  # type: ignore[arg-type]
