"""No caller is ever trapped: random callers in random flows, and every way in shipped ones.

``make soak`` walks a hundred thousand and more.
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.ivr.model import FlowSet, PublishedFlow
from hotline.ivr.reading import read_flow
from tests.ivr.exhaustive import NotProved, prove
from tests.ivr.ground import shipped
from tests.ivr.random_flows import random_flows, wild_flows
from tests.ivr.soak import run
from tests.ivr.wandering import GOODBYE, HUNG_UP, PERSON, REPORT, wander

SHIPPED = sorted(shipped())


def shipped_set() -> FlowSet:
    return {name: PublishedFlow(name, 0, flow) for name, flow in shipped().items()}


@given(st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_a_caller_in_a_sound_flow_reaches_a_person_a_report_or_goodbye(seed: int) -> None:
    dice = Random(seed)
    flows = random_flows(dice)
    for _ in range(20):
        walked = wander(flows, "entry", dice)
        assert walked.reached or walked.ended == HUNG_UP


@given(st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_even_a_flow_that_the_check_refuses_traps_nobody(seed: int) -> None:
    dice = Random(seed)
    flows = wild_flows(dice)
    for _ in range(10):
        walked = wander(flows, "entry", dice)
        assert walked.reached or walked.ended == HUNG_UP


@pytest.mark.parametrize("name", SHIPPED)
def test_random_callers_of_a_shipped_flow_all_reach_something(name: str) -> None:
    dice = Random(name)
    flows = shipped_set()
    for _ in range(300):
        walked = wander(flows, name, dice)
        assert walked.reached or walked.ended == HUNG_UP


@pytest.mark.parametrize("name", SHIPPED)
def test_every_way_through_a_shipped_flow_ends_well_within_its_bound(name: str) -> None:
    flows = shipped_set()
    proof = prove(flows, name)
    assert {node for flow, node in proof.nodes if flow == name} >= set(flows[name].flow.nodes)
    assert proof.longest <= flows[name].flow.bound.steps


def test_the_walk_of_every_way_finds_a_circle_that_silence_walks() -> None:
    text = """\
flow: circle
title: {zh: 圈}
start: ask
person: wait
nodes:
  ask: {kind: menu, prompts: [menu-main], keys: {"1": wait}, otherwise: sorry}
  sorry: {kind: say, prompts: [menu-again], next: ask}
  wait: {kind: queue, queue: hotline, talked: bye, nobody: bye, asked: bye}
  bye: {kind: goodbye}
"""
    flows = {"circle": PublishedFlow("circle", 1, read_flow(text))}
    with pytest.raises(NotProved, match="silence goes in circles"):
        prove(flows, "circle")


def test_a_soak_repeats_by_its_seed_and_reaches_everything_there_is() -> None:
    first, flows = run(2_000, seed=20261001)
    assert (first, flows) == run(2_000, seed=20261001)
    assert set(first) >= {PERSON, REPORT, GOODBYE}
