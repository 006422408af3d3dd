from __future__ import annotations

from itertools import islice
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.demo.plan import Intent, citizens, gaps
from hotline.speech.sentences import REPORTS, spoken

seeds = st.integers(0, 2**32)


@given(seeds)
def test_the_same_seed_brings_the_same_citizens(seed: int) -> None:
    assert list(islice(citizens(Random(seed)), 20)) == list(islice(citizens(Random(seed)), 20))


@given(seeds)
def test_citizens_have_mobile_numbers_and_say_known_sentences(seed: int) -> None:
    for citizen in islice(citizens(Random(seed)), 20):
        assert len(citizen.number) == 11
        assert citizen.number.isdigit()
        assert citizen.text in {spoken(report) for report in REPORTS}
        assert citizen.rating in {None, 1, 2, 3, 4, 5}


def test_a_demo_shows_every_intent_and_citizens_who_ring_again() -> None:
    drawn = list(islice(citizens(Random(1)), 60))
    assert {citizen.intent for citizen in drawn} == set(Intent)
    assert len({citizen.number for citizen in drawn}) < 60


@given(seeds)
def test_citizens_arrive_at_the_rate_that_was_asked_for(seed: int) -> None:
    waits = list(islice(gaps(Random(seed), per_minute=6), 2000))
    assert waits[0] == 0
    assert sum(waits) / 2000 == pytest.approx(10, rel=0.15)


def test_a_rate_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="never ring in"):
        next(gaps(Random(1), 0))
