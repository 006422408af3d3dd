"""Who was silent, and who was only patient."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hotline.callers.silence import Heard, Silence, silence_of


def test_an_empty_report_is_a_silent_call() -> None:
    assert silence_of(Heard(40.0, report_empty=True)) == Silence(40.0, "report")


def test_a_report_that_was_kept_is_not() -> None:
    assert silence_of(Heard(40.0, asked_s=30.0, report_empty=False)) is None


def test_who_was_asked_for_keys_and_gave_none_is_silent() -> None:
    assert silence_of(Heard(60.0, asked_s=18.0)) == Silence(18.0, "flow")


def test_who_waited_and_hung_up_is_not_silent() -> None:
    assert silence_of(Heard(300.0)) is None


def test_a_talk_in_which_nobody_spoke_is_silent() -> None:
    talk = Heard(30.0, talked_s=12.0, spoken_s=1.2)
    assert silence_of(talk) == Silence(12.0, "talk")


@pytest.mark.parametrize(("talked_s", "spoken_s"), [(12.0, 2.5), (5.0, 0.0), (12.0, None)])
def test_a_short_talk_or_one_with_speech_or_without_a_recording_is_not(
    talked_s: float, spoken_s: float | None
) -> None:
    assert silence_of(Heard(30.0, talked_s=talked_s, spoken_s=spoken_s)) is None


@pytest.mark.parametrize(("keys", "words"), [(1, 0), (0, 1)])
def test_whoever_answered_once_was_there(keys: int, words: int) -> None:
    for heard in (
        Heard(40.0, report_empty=True),
        Heard(60.0, asked_s=18.0),
        Heard(30.0, talked_s=12.0, spoken_s=0.0),
    ):
        assert silence_of(replace(heard, keys=keys, words=words)) is None
