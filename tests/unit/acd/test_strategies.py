"""Each strategy by itself, and what comes before every strategy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.acd.agents import Agent
from hotline.acd.model import (
    AgentReady,
    AgentSignsOn,
    CallWaits,
    Need,
    QueueRules,
    Strategy,
    TalkEnded,
    WrapUpEnds,
)
from hotline.acd.strategies import (
    WAYS,
    best_skill,
    least_occupied,
    longest_idle,
    round_robin,
)
from tests.acd.floor import Floor, Q

LAW, DIALECT = Need("law"), Need("dialect", 2)
NOW = 1_000.0


def agent(name: str = "zhang", **known: object) -> Agent:
    """A ready agent of whom this is known."""
    made = Agent(name, (Q,), "ready", 900.0)
    for field, value in known.items():
        setattr(made, field, value)
    return made


def floor(strategy: Strategy) -> Floor:
    """A floor with one queue of this strategy."""
    return Floor({Q: QueueRules(strategy=strategy)})


def work(floor: Floor, name: str, weight: int = 1, **skills: int) -> None:
    """An agent signs on and is ready, one second after the one before."""
    floor.tell(AgentSignsOn(name, (Q,), {Q: weight}, skills))
    floor.tell(AgentReady(name))
    floor.now += 1


def talk(floor: Floor, call_id: str, seconds: float) -> str:
    """A call is taken, lasts and is wrapped up at once; who took it."""
    floor.call(call_id)
    name = floor.offered()[call_id]
    floor.answer(call_id)
    floor.now += seconds
    floor.tell(TalkEnded(call_id))
    floor.tell(WrapUpEnds(name))
    return name


def test_longest_idle_ranks_who_has_been_ready_longer_first() -> None:
    since_long, since_short = agent(since=700.0), agent(since=800.0)
    assert longest_idle(since_long, (), NOW) < longest_idle(since_short, (), NOW)


def test_longest_idle_counts_what_was_idled_before_a_pause() -> None:
    before, after = agent(since=900.0, idled=200.0), agent(since=800.0)
    assert longest_idle(before, (), NOW) < longest_idle(after, (), NOW)


def test_least_occupied_ranks_the_smaller_share_of_the_shift_first() -> None:
    a_whole_morning = agent(signed_on=0.0, busied=400.0)
    the_last_minutes = agent(signed_on=800.0, busied=100.0)
    assert least_occupied(a_whole_morning, (), NOW) < least_occupied(the_last_minutes, (), NOW)


def test_least_occupied_goes_by_idle_time_where_shares_are_equal() -> None:
    long, short = agent(since=700.0, signed_on=0.0), agent(since=900.0, signed_on=500.0)
    assert least_occupied(long, (), NOW) < least_occupied(short, (), NOW)


def test_least_occupied_has_nothing_to_divide_by_at_sign_on() -> None:
    assert least_occupied(agent(signed_on=NOW, busied=0.0), (), NOW)[0] == 0.0


def test_round_robin_ranks_the_oldest_turn_first_whatever_else() -> None:
    busy_but_next = agent(since=990.0, busied=900.0, turn=3)
    idle_but_served = agent(since=100.0, turn=4)
    assert round_robin(busy_but_next, (), NOW) < round_robin(idle_but_served, (), NOW)


def test_best_skill_ranks_the_highest_sum_of_levels_first() -> None:
    both, one = agent(skills={"law": 2, "dialect": 2}), agent(skills={"law": 3, "music": 5})
    assert best_skill(both, (LAW, DIALECT), NOW) < best_skill(one, (LAW, DIALECT), NOW)


def test_best_skill_goes_by_idle_time_for_a_call_that_asks_for_nothing() -> None:
    able, idle = agent(since=900.0, skills={"law": 5}), agent(since=800.0)
    assert best_skill(idle, (), NOW) < best_skill(able, (), NOW)


@pytest.mark.parametrize("name", [name for name, way in WAYS.items() if way.lasting])
@given(later=st.floats(0, 1e6))
def test_a_lasting_rank_stays_the_same_while_the_agent_is_ready(
    name: Strategy, later: float
) -> None:
    ready = agent(idled=7.0, busied=50.0, turn=2, skills={"law": 3})
    rank = WAYS[name].rank
    assert rank(ready, (), NOW) == rank(ready, (LAW, DIALECT), NOW + later)


def test_round_robin_asks_everyone_in_turn_and_newcomers_last() -> None:
    house = floor("round_robin")
    work(house, "zhang")
    work(house, "li")
    taken = [talk(house, f"c{n}", 60) for n in range(3)]
    work(house, "wang")
    taken += [talk(house, f"d{n}", 60) for n in range(3)]
    assert taken == ["zhang", "li", "zhang", "li", "zhang", "wang"]


def test_least_occupied_evens_the_load_out() -> None:
    house = floor("least_occupied")
    work(house, "zhang")
    work(house, "li")
    assert talk(house, "long", 600) == "zhang"
    assert [talk(house, f"c{n}", 60) for n in range(4)] == ["li"] * 4


def test_best_skill_gives_the_call_to_the_expert() -> None:
    house = floor("best_skill")
    work(house, "zhang", law=2)
    work(house, "li", law=5)
    house.tell(CallWaits("c1", Q, 0, house.now, requires=(LAW,)))
    assert house.offered() == {"c1": "li"}


@pytest.mark.parametrize("strategy", list(WAYS))
def test_a_higher_weight_goes_before_every_strategy(strategy: Strategy) -> None:
    house = floor(strategy)
    work(house, "zhang")
    work(house, "li", weight=5)
    house.call("c1")
    assert house.offered() == {"c1": "li"}


@pytest.mark.parametrize("strategy", list(WAYS))
def test_who_meets_what_a_call_prefers_goes_before_a_higher_weight(strategy: Strategy) -> None:
    house = floor(strategy)
    work(house, "zhang", weight=9)
    work(house, "li", dialect=2)
    house.tell(CallWaits("c1", Q, 0, house.now, prefers=(DIALECT,)))
    assert house.offered() == {"c1": "li"}


@pytest.mark.parametrize("strategy", list(WAYS))
def test_what_a_call_prefers_keeps_it_from_nobody(strategy: Strategy) -> None:
    house = floor(strategy)
    work(house, "zhang")
    house.tell(CallWaits("c1", Q, 0, house.now, prefers=(DIALECT,)))
    assert house.offered() == {"c1": "zhang"}


@pytest.mark.parametrize("strategy", list(WAYS))
def test_the_first_agent_goes_before_everything_else(strategy: Strategy) -> None:
    house = floor(strategy)
    work(house, "zhang", weight=9, dialect=5)
    work(house, "li")
    call = CallWaits("c1", Q, 0, house.now, prefers=(DIALECT,), first_agent="li")
    house.tell(call)
    assert house.offered() == {"c1": "li"}
