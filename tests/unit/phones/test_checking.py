"""The self-test's verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.phones.checking import Judgement, Measures, Verdict, judge
from hotline.phones.limits import Line
from hotline.web.catalogue import load_catalogue

WORDS = load_catalogue()
FINE = Measures(-24.0, 0.0, True, "", 5, 5, 180.0, Line(0.0, 4.0, 20.0))

measures = st.builds(
    Measures,
    st.none() | st.floats(-120, 0),
    st.floats(0, 1),
    st.none() | st.booleans(),
    st.sampled_from(["", "no answer", "Busy"]),
    st.just(5),
    st.integers(0, 5),
    st.none() | st.floats(0, 3000),
    st.builds(
        Line,
        st.none() | st.floats(0, 1),
        st.none() | st.floats(0, 500),
        st.none() | st.floats(0, 3000),
    ),
)


def test_who_speaks_hears_and_is_heard_back_may_work() -> None:
    assert judge(FINE) == Judgement(Verdict.GOOD, ())


@pytest.mark.parametrize(
    ("found", "verdict", "fault"),
    [
        (replace(FINE, microphone_db=None), Verdict.UNFIT, "microphone_none"),
        (replace(FINE, microphone_db=-71.0), Verdict.UNFIT, "microphone_dead"),
        (replace(FINE, microphone_db=-50.0), Verdict.USABLE, "microphone_quiet"),
        (replace(FINE, clipped=0.2), Verdict.USABLE, "microphone_loud"),
        (replace(FINE, heard=False), Verdict.UNFIT, "speaker_unheard"),
        (replace(FINE, heard=None), Verdict.USABLE, "speaker_unsaid"),
        (replace(FINE, call="no answer", echoes=0), Verdict.UNFIT, "call_failed"),
        (replace(FINE, echoes=0, echo_ms=None), Verdict.UNFIT, "echo_none"),
        (replace(FINE, echoes=3), Verdict.USABLE, "echo_gaps"),
        (replace(FINE, echo_ms=900.0), Verdict.USABLE, "echo_late"),
        (replace(FINE, line=Line(0.02, 4.0, 20.0)), Verdict.USABLE, "line_fair"),
        (replace(FINE, line=Line(0.0, 80.0, 20.0)), Verdict.UNFIT, "line_poor"),
    ],
)
def test_a_single_fault_is_named(found: Measures, verdict: Verdict, fault: str) -> None:
    assert judge(found) == Judgement(verdict, (fault,))


def test_the_worst_fault_stands_first() -> None:
    found = judge(replace(FINE, microphone_db=-50.0, heard=False))
    assert found == Judgement(Verdict.UNFIT, ("speaker_unheard", "microphone_quiet"))


@given(measures)
def test_there_is_a_fault_exactly_when_the_verdict_is_not_good(found: Measures) -> None:
    judged = judge(found)
    assert (judged.verdict is Verdict.GOOD) == (not judged.faults)


@given(measures)
def test_every_fault_has_words_that_say_what_to_do(found: Measures) -> None:
    assert all(WORDS.has(f"phone.fault.{fault}") for fault in judge(found).faults)
