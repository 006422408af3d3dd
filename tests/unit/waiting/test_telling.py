"""When a waiting caller is told something, and how it is scored."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hotline.ivr.pieces import Piece, Prompt, Read, Reading
from hotline.waiting.estimate import Outlook
from hotline.waiting.score import Told, score
from hotline.waiting.telling import EVERY_S, LONG_S, Choices, Telling, Words, said_seconds

BOTH = Choices(keep=True, report=True)
OUTLOOKS = st.none() | st.builds(Outlook, st.integers(0, 20), st.none() | st.floats(0, 3600))


def said(words: Words | None) -> list[Piece]:
    return list(words.pieces) if words else []


def test_a_caller_with_others_ahead_hears_place_wait_and_choices_at_once() -> None:
    words = Telling(0.0).enter(Outlook(3, 130.0), BOTH, 0.0)
    assert said(words) == [
        Prompt("waiting-ahead"),
        Read(Reading.NUMBER, "3"),
        Prompt("waiting-about"),
        Read(Reading.WAIT, "180"),
        Prompt("offer-callback-report"),
    ]


def test_a_caller_who_is_next_hears_music_first_and_what_they_may_choose_later() -> None:
    telling = Telling(0.0)
    assert telling.enter(Outlook(0, 20.0), BOTH, 0.0) is None
    assert telling.look(Outlook(0, 20.0), BOTH, 29.0) is None
    assert said(telling.look(Outlook(0, 20.0), BOTH, 30.0)) == [Prompt("offer-callback-report")]


def test_a_better_place_is_told_and_the_same_one_is_not() -> None:
    telling = Telling(0.0)
    telling.enter(Outlook(3, 400.0), BOTH, 0.0)
    assert telling.look(Outlook(3, 380.0), BOTH, 45.0) is None
    better = telling.look(Outlook(1, 100.0), BOTH, 90.0)
    assert said(better)[:2] == [Prompt("waiting-ahead"), Read(Reading.NUMBER, "1")]
    assert said(telling.look(Outlook(0, 50.0), BOTH, 135.0))[0] == Prompt("waiting-next")


def test_who_waits_longer_than_they_were_told_is_told_anew() -> None:
    telling = Telling(0.0)
    telling.enter(Outlook(2, 50.0), BOTH, 0.0)
    assert telling.look(Outlook(2, 170.0), BOTH, 50.0) is None
    words = telling.look(Outlook(2, 170.0), BOTH, 100.0)
    assert words is not None
    assert words.said_s == 180.0


def test_who_said_that_they_stay_is_not_offered_the_choices_again() -> None:
    telling = Telling(0.0)
    telling.stay()
    assert said(telling.enter(Outlook(1, None), BOTH, 0.0))[-1] == Read(Reading.NUMBER, "1")


def test_a_long_wait_is_called_long_and_an_unknown_one_is_not_guessed() -> None:
    long = Telling(0.0).enter(Outlook(30, LONG_S + 1), Choices(), 0.0)
    assert said(long)[-1] == Prompt("waiting-long")
    assert long is not None
    assert long.said_s is None
    assert said(Telling(0.0).enter(Outlook(30, None), Choices(), 0.0))[-1] == Read(
        Reading.NUMBER, "30"
    )


@given(st.floats(0, LONG_S))
def test_a_wait_is_never_told_shorter_than_it_is_known(seconds: float) -> None:
    assert said_seconds(seconds) >= seconds


@given(st.lists(st.tuples(st.floats(0.5, 60), OUTLOOKS, st.booleans()), max_size=60))
def test_a_caller_is_never_spoken_to_twice_within_the_same_45_seconds(
    looks: list[tuple[float, Outlook | None, bool]],
) -> None:
    telling, now, spoken = Telling(0.0), 0.0, list[float]()
    if telling.enter(Outlook(2, 100.0), BOTH, now):
        spoken.append(now)
    for passed, outlook, report in looks:
        now += passed
        if telling.look(outlook, Choices(True, report), now):
            spoken.append(now)
    # The instants are sums of floats.
    assert all(b - a >= EVERY_S - 1e-6 for a, b in pairwise(spoken))


def test_estimates_are_scored_by_error_bias_and_who_waited_longer() -> None:
    found = score(
        [
            Told(100.0, 120.0, waited_s=110.0),
            Told(50.0, 60.0, waited_s=90.0),
            Told(200.0, 240.0, left_after_s=30.0),
            Told(20.0, 60.0, left_after_s=70.0),
        ]
    )
    assert (found.told, found.compared, found.unknown, found.longer) == (4, 3, 1, 2)
    assert (found.mean_error, found.bias, found.p90_error) == (25.0, -25.0, 40.0)


def test_nothing_is_scored_before_anything_is_known() -> None:
    found = score([Told(200.0)])
    assert (found.mean_error, found.bias, found.p90_error) == (None, None, None)
