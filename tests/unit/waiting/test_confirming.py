"""Which number a caller who keeps their place is rung back at."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hotline.ivr import signals
from hotline.ivr.pieces import Prompt, Read, Reading
from hotline.waiting.confirming import ANSWER_S, Confirmed, Confirming, Effect, Say, Stayed

OWN, OTHER = "13800138000", "01088886666"


def press(made: Confirming, keys: str) -> list[Effect]:
    found: list[Effect] = []
    for key in keys:
        found += made.handle(signals.KeyPressed(key), 0.0)
    return found


def test_the_number_is_read_out_and_1_confirms_it() -> None:
    made = Confirming(OWN)
    (said,) = made.begin()
    assert isinstance(said, Say)
    assert said.pieces[1] == Read(Reading.PHONE, OWN)
    assert press(made, "1") == [Confirmed(OWN)]
    assert press(made, "1") == []


def test_another_number_is_keyed_in_read_out_and_confirmed() -> None:
    made = Confirming(OWN)
    made.begin()
    asked, read_out = press(made, f"2{OTHER}#")
    assert isinstance(asked, Say)
    assert isinstance(read_out, Say)
    assert read_out.pieces[1] == Read(Reading.PHONE, OTHER)
    assert press(made, "1") == [Confirmed(OTHER)]


def test_numbers_abroad_and_too_short_ones_are_not_dialled() -> None:
    for keyed in ("0018885550100", "110", "12319", "1688888"):
        made = Confirming(OWN)
        made.begin()
        told = press(made, f"2{keyed}#")[-1]
        assert isinstance(told, Say)
        assert told.pieces[0] == Prompt("place-wrong")


def test_who_presses_0_or_nothing_stays_in_line() -> None:
    made = Confirming(OWN)
    (said,) = made.begin()
    assert isinstance(said, Say)
    made.handle(signals.Played(said.number), 5.0)
    assert made.handle(signals.TimePassed(), 5.0 + ANSWER_S - 0.1) == []
    assert made.handle(signals.TimePassed(), 5.0 + ANSWER_S) == [Stayed()]
    other = Confirming(OWN)
    other.begin()
    assert press(other, "0") == [Stayed()]


@given(st.text("0123456789*#", max_size=80))
def test_whatever_is_pressed_it_ends_at_most_once_and_only_confirms_what_was_read_out(
    keys: str,
) -> None:
    made = Confirming(OWN)
    effects = [*made.begin(), *press(made, keys)]
    ends = [one for one in effects if not isinstance(one, Say)]
    assert len(ends) <= 1
    for end in ends:
        if isinstance(end, Confirmed):
            said = [one for one in effects if isinstance(one, Say)][-1]
            assert said.pieces[1] == Read(Reading.PHONE, end.number)
