"""What the engine was given is kept exactly, and decides the same again."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.acd import model as acd
from hotline.acd.engine import Engine
from hotline.replay.codec import Unreadable, decode, decode_rules, encode, encode_rules
from hotline.replay.digest import digest_of, engine_digest
from hotline.replay.rerun import Rerun
from hotline.replay.tape import Entry, Tape
from tests.acd.chance import a_day
from tests.acd.plans import RULES

_NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
st.register_type_strategy(float, _NUMBERS)
_RULES = st.builds(acd.QueueRules, st.floats(0.1, 60), st.floats(0, 60))
_KINDS = [kind for kind in get_args(acd.Input) if kind is not acd.UseRules]
INPUTS = st.one_of(
    *map(st.from_type, _KINDS),
    st.builds(acd.UseRules, st.dictionaries(st.text(max_size=4), _RULES, max_size=3)),
)


def through_json(tape: list[Entry]) -> list[Entry]:
    """The tape as a database gives it back."""
    return list(json.loads(json.dumps(tape, ensure_ascii=False, allow_nan=False)))


@given(INPUTS)
def test_an_input_comes_back_as_it_was(event: acd.Input) -> None:
    assert decode(json.loads(json.dumps(encode(event)))) == event


def test_what_stands_at_its_default_takes_no_room() -> None:
    waits = acd.CallWaits("c1", "hotline", 0, 12.5)
    kept = {"call_id": "c1", "queue": "hotline", "priority": 0, "since": 12.5}
    assert encode(waits) == ["CallWaits", kept]


def test_rules_come_back_with_their_rings_and_overflows() -> None:
    rules = {
        "hotline": acd.QueueRules(
            strategy="best_skill",
            rings=(acd.Ring(0, 5, preferred=True), acd.Ring(20)),
            overflow=(acd.OverflowRule("length", 30, "queue:other"),),
        ),
        "other": acd.QueueRules(),
    }
    assert decode_rules(json.loads(json.dumps(encode_rules(rules)))) == rules


@pytest.mark.parametrize("kept", [["CallFlies", {}], ["CallWaits", {"call_id": "c1"}]])
def test_an_input_of_another_version_is_not_guessed_at(kept: list[object]) -> None:
    with pytest.raises(Unreadable):
        decode(kept)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_a_day_from_the_tape_is_decided_the_same(seed: int) -> None:
    log, tape = a_day(seed).log, Tape()
    for at, events, _ in log:
        tape.note(at, *events)
    run = Rerun.of(encode_rules(RULES))
    engine = Engine(RULES)
    for entry, (at, events, _) in zip(through_json(tape.take()), log, strict=True):
        run.give(entry)
        engine.adopt(events, at)
    assert run.engine.agents() == engine.agents()
    assert run.engine.waiting() == engine.waiting()
    assert run.inputs == sum(len(events) for _, events, _ in log)


def test_what_was_taken_from_the_tape_is_not_on_it_any_more() -> None:
    tape = Tape()
    tape.note(1.0, acd.Tick())
    assert tape.take() == [[1.0, ["Tick", {}]]]
    assert tape.take() == []


def test_the_digest_follows_the_engine_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "engine.py").write_text("from hotline.acd.rules import X\n")
    (tmp_path / "rules.py").write_text("X = 1\n")
    (tmp_path / "theory.py").write_text("Y = 1\n")
    before = digest_of(tmp_path)
    (tmp_path / "theory.py").write_text("Y = 2\n")
    assert digest_of(tmp_path) == before
    (tmp_path / "rules.py").write_text("X = 2\n")
    assert digest_of(tmp_path) != before
    assert len(engine_digest()) == 32


def test_rules_are_kept_whole_so_that_new_defaults_change_nothing() -> None:
    assert encode_rules({"q": acd.QueueRules()}) == {"q": asdict(acd.QueueRules())}
