"""The same inputs give the same commands, however they reached the engine."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.acd.engine import Engine
from hotline.acd.model import Command, Input, MakeOffer, Tick
from hotline.replay.codec import decode, encode
from tests.acd.chance import a_day
from tests.acd.plans import RULES

Step = tuple[float, tuple[Input, ...], tuple[Command, ...]]


def replay(log: list[Step]) -> list[tuple[Command, ...]]:
    """What a new engine says to the same inputs."""
    engine = Engine(RULES)
    return [tuple(engine.adopt(events, at)) for at, events, _ in log]


def through_json(log: list[Step]) -> list[Step]:
    """The inputs as they come back from a journal."""
    text = json.dumps([(at, [encode(event) for event in events]) for at, events, _ in log])
    return [(at, tuple(decode(event) for event in events), ()) for at, events in json.loads(text)]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_the_same_inputs_give_the_same_commands(seed: int) -> None:
    log = a_day(seed).log
    assert replay(log) == [commands for _, _, commands in log]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_inputs_that_went_through_json_give_the_same_commands(seed: int) -> None:
    log = a_day(seed).log
    assert replay(through_json(log)) == [commands for _, _, commands in log]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_an_engine_that_explains_nothing_decides_the_same(seed: int) -> None:
    engine = Engine(RULES, explain=False)
    for at, events, commands in a_day(seed).log:
        decided = [
            replace(command, why=None) if isinstance(command, MakeOffer) else command
            for command in commands
        ]
        assert engine.adopt(events, at) == decided


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_a_clock_that_is_set_back_and_forth_breaks_nothing(seed: int) -> None:
    log, dice, engine = a_day(seed).log, random.Random(seed), Engine(RULES)
    for at, events, _ in log:
        engine.adopt(events, at + dice.choice((0.0, 0.0, -3_600.0, 3_600.0)))
    end = log[-1][0] + 10_000
    engine.handle(Tick(), end)
    assert all(row.until is None or row.until > end for row in engine.agents())
    assert not [row for row in engine.waiting() if not row.offered_to]


def test_commands_do_not_depend_on_the_hash_seed() -> None:
    program = (
        "import hashlib; from tests.acd.chance import a_day;"
        "print(hashlib.sha256(repr(a_day(7, 2000).log).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(digests) == 1
