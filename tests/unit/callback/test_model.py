from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.callback.model import MESSAGE_KEYS, Answers, checked
from hotline.registry.model import BadForm


@pytest.mark.parametrize("satisfaction", [3, 4, 5])
def test_a_solved_matter_and_a_satisfied_citizen_need_no_reason(satisfaction: int) -> None:
    answers = checked(Answers(True, solved=True, satisfaction=satisfaction, why_not="  很好 "))
    assert not answers.is_complaint
    assert answers.why_not == "很好"


@pytest.mark.parametrize(("solved", "satisfaction"), [(True, 2), (True, 1), (False, 5)])
def test_a_complaint_needs_its_reason(solved: bool, satisfaction: int) -> None:
    with pytest.raises(BadForm) as refused:
        checked(Answers(True, solved, satisfaction, " "))
    assert list(refused.value.faults) == ["why_not"]
    assert checked(Answers(True, solved, satisfaction, "井盖仍未更换")).is_complaint


def test_somebody_who_was_not_reached_has_no_marks() -> None:
    assert not checked(Answers(False)).is_complaint
    with pytest.raises(BadForm) as refused:
        checked(Answers(False, solved=True, satisfaction=5, why_not="x"))
    assert set(refused.value.faults) == {"solved", "satisfaction", "why_not"}


def test_every_missing_answer_is_named() -> None:
    with pytest.raises(BadForm) as refused:
        checked(Answers(True))
    assert set(refused.value.faults) == {"solved", "satisfaction"}


@given(
    st.builds(
        Answers,
        st.booleans(),
        st.none() | st.booleans(),
        st.none() | st.integers(-3, 9),
        st.text(max_size=10),
    )
)
def test_answers_are_whole_or_refused(answers: Answers) -> None:
    try:
        kept = checked(answers)
    except BadForm as error:
        faults = error.faults
    else:
        assert kept == Answers(False) if not kept.reached else _is_whole(kept)
        return
    assert set(faults.values()) <= set(MESSAGE_KEYS)


def _is_whole(kept: Answers) -> bool:
    points = kept.satisfaction or 0
    has_reason = bool(kept.why_not) or (kept.solved is True and points >= 3)
    return kept.solved is not None and 1 <= points <= 5 and has_reason
