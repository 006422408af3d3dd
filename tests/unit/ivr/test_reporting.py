"""The review of a spoken report: whatever the caller does, nothing said is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hotline.calls.taking import Fate
from hotline.ivr import signals
from hotline.ivr.pieces import Prompt, Read, Reading
from hotline.ivr.reporting import (
    ANSWER_S,
    TAKES,
    Close,
    Effect,
    Ending,
    Record,
    Review,
    Say,
    ending,
)

KEPT = Fate("kept", "take", "reports/r.wav", 8.0)
CUT = Fate("cut", "take", "reports/r.wav", 3.0)
UNSAVED = Fate("unsaved")
EMPTY = Fate("empty")


def review(fate: Fate = KEPT, takes: int = 1, *, wanted: bool = True) -> Review:
    return Review(fate, takes, wanted=wanted)


def pressed(it: Review, key: str, now: float = 0.0) -> list[Effect]:
    return it.handle(signals.KeyPressed(key), now)


def test_the_caller_hears_the_recording_and_the_choice() -> None:
    (said,) = review().begin()
    assert isinstance(said, Say)
    assert said.recording
    assert said.pieces == (Prompt("report-review"),)
    assert said.behind == (Prompt("report-choice"),)


def test_one_saves_two_speaks_again_three_adds_and_nought_asks_for_a_person() -> None:
    outcomes = {"1": Close(), "2": Record(False), "3": Record(True), "0": Close(True)}
    for key, effect in outcomes.items():
        it = review()
        it.begin()
        assert pressed(it, key) == [effect]
        assert pressed(it, "2") == []


def test_the_hash_key_that_ended_the_recording_decides_nothing() -> None:
    it = review()
    it.begin()
    assert pressed(it, "#") == []
    assert pressed(it, "2") == [Record(False)]


def test_no_key_saves() -> None:
    it = review()
    (said,) = it.begin()
    assert isinstance(said, Say)
    assert it.next_deadline() is None
    it.handle(signals.Played(said.number), 10.0)
    assert it.next_deadline() == 10.0 + ANSWER_S
    assert it.handle(signals.TimePassed(), 10.0 + ANSWER_S - 0.1) == []
    assert it.handle(signals.TimePassed(), 10.0 + ANSWER_S) == [Close()]


def test_a_wrong_key_is_asked_about_once_then_it_is_saved() -> None:
    it = review()
    (said,) = it.begin()
    assert isinstance(said, Say)
    assert pressed(it, "7") == [Say(said.number + 1, (Prompt("report-choice"),))]
    # What was cut short answers for nothing any more.
    assert it.handle(signals.Played(said.number), 1.0) == []
    assert it.next_deadline() is None
    assert pressed(it, "8") == [Close()]


def test_after_some_takes_it_is_saved_as_it_is() -> None:
    assert review(takes=TAKES).begin() == [Close()]


def test_a_flow_that_wants_no_review_saves_at_once() -> None:
    assert review(wanted=False).begin() == [Close()]


def test_what_could_not_be_written_is_told_and_a_person_offered() -> None:
    for fate, prompt in ((UNSAVED, "report-failed"), (CUT, "report-cut")):
        it = review(fate, wanted=False)
        assert it.begin() == [Say(1, (Prompt(prompt),))]
        assert pressed(it, "2") == []
        assert pressed(it, "0") == [Close(person=True)]


def test_one_who_said_nothing_is_led_on_by_the_flow() -> None:
    assert review(EMPTY).begin() == [Close()]
    assert ending(EMPTY, None, person=False, by_message=True) == Ending("empty")


@given(
    st.sampled_from([KEPT, CUT, UNSAVED, EMPTY]),
    st.integers(1, TAKES),
    st.booleans(),
    st.lists(
        st.one_of(
            st.sampled_from("0123456789*#").map(signals.KeyPressed),
            st.integers(0, 4).map(signals.Played),
            st.just(signals.TimePassed()),
        ),
        max_size=30,
    ),
)
def test_a_review_ends_once_and_never_asks_for_ever(
    fate: Fate, takes: int, wanted: bool, happened: list[signals.Input]
) -> None:
    it = review(fate, takes, wanted=wanted)
    done = it.begin()
    now = 0.0
    for given_ in [*happened, signals.Played(1), signals.Played(2), signals.TimePassed()]:
        now += ANSWER_S
        done += it.handle(given_, now)
    assert sum(isinstance(effect, Close | Record) for effect in done) == 1
    assert it.next_deadline() is None
    if takes == TAKES or fate is not KEPT or not wanted:
        assert not any(isinstance(effect, Record) for effect in done)


def test_the_number_is_read_twice_or_its_later_way_is_told() -> None:
    number = Read(Reading.CASE_NUMBER, "2026112100042")
    told = ending(KEPT, number.value, person=False, by_message=False)
    assert told.exit == "saved"
    assert told.pieces.count(number) == 2
    late = ending(KEPT, None, person=False, by_message=False)
    assert late.pieces == (Prompt("report-number-later"),)
    sent = ending(CUT, None, person=True, by_message=True)
    assert (sent.exit, sent.pieces) == ("person", (Prompt("report-number-by-message"),))


def test_what_could_not_be_kept_fails() -> None:
    assert ending(UNSAVED, None, person=False, by_message=True) == Ending("failed")
    assert ending(UNSAVED, None, person=True, by_message=True) == Ending("person")
