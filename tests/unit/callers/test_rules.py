"""When the calls of a number propose a rule, and when they must not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.callers.model import DAY_S, Because, Effect, State, number_of
from hotline.callers.rules import THRESHOLDS, Finding, PastCall, find
from tests.unit.callers.made import rule

NOW = 1_800_000_000.0


def calls(count: int, *, signs: frozenset[str] = frozenset(), s: float = 30.0) -> list[PastCall]:
    starts = [NOW - 60.0 * (index + 2) for index in range(count)]
    return [
        PastCall(f"c{index}", start, start + s, signs=signs) for index, start in enumerate(starts)
    ]


def test_five_silent_calls_of_a_day_propose_a_spoken_report_and_name_their_calls() -> None:
    found = find(calls(5, signs=frozenset({"silent"})), NOW)
    evidence = ("c4", "c3", "c2", "c1", "c0")
    assert found == Finding(Because.SILENT, Effect.REPORT, evidence)


def test_four_silent_calls_propose_nothing() -> None:
    assert find(calls(4, signs=frozenset({"silent"})), NOW) is None


def test_silent_calls_of_the_day_before_do_not_count() -> None:
    old = [
        replace(call, arrived_at=call.arrived_at - DAY_S)
        for call in calls(5, signs=frozenset({"silent"}))
    ]
    assert find(old, NOW) is None


def test_two_abusive_talks_within_a_week_propose_an_announcement() -> None:
    first, second = calls(2, signs=frozenset({"abusive"}))
    found = find([replace(first, arrived_at=NOW - 6 * DAY_S), second], NOW)
    assert found is not None
    assert (found.because, found.effect) == (Because.ABUSIVE, Effect.ANNOUNCE)


def test_hang_ups_before_the_greeting_propose_to_wait_behind_others() -> None:
    found = find(calls(8, s=2.0), NOW)
    assert found is not None
    assert (found.because, found.effect) == (Because.HANG_UPS, Effect.LOWER)


def test_who_waits_and_hangs_up_is_no_nuisance() -> None:
    assert find(calls(20, s=60.0), NOW) is None


def test_a_spoken_report_is_no_hang_up() -> None:
    assert find([replace(call, reported=True) for call in calls(8, s=2.0)], NOW) is None


@pytest.mark.parametrize("sign", ["silent", "abusive", "nuisance", ""])
def test_calls_about_danger_never_count(sign: str) -> None:
    signs = frozenset({sign}) - {""}
    assert find([replace(call, urgent=True) for call in calls(60, signs=signs, s=1)], NOW) is None


def test_calls_that_led_to_a_case_count_only_when_an_agent_marked_them() -> None:
    silent = calls(60, signs=frozenset({"silent"}), s=1)
    assert find([replace(call, has_case=True) for call in silent], NOW) is None
    abusive = calls(2, signs=frozenset({"abusive"}))
    assert find([replace(call, has_case=True) for call in abusive], NOW) is not None


@given(
    st.lists(
        st.builds(
            PastCall,
            call_id=st.uuids().map(str),
            arrived_at=st.floats(NOW - 9 * DAY_S, NOW + 60),
            ended_at=st.none(),
            signs=st.frozensets(st.sampled_from(["silent", "nuisance", "abusive"])),
            urgent=st.booleans(),
            has_case=st.booleans(),
        ),
        max_size=60,
    )
)
def test_a_finding_rests_on_enough_calls_that_may_count(past: list[PastCall]) -> None:
    found = find(past, NOW)
    if found is None:
        return
    threshold = next(one for one in THRESHOLDS if one.because is found.because)
    by_id = {call.call_id: call for call in past}
    assert len(set(found.evidence)) >= threshold.least
    assert not any(by_id[call_id].urgent for call_id in found.evidence)
    assert all(NOW - threshold.window_s < by_id[one].arrived_at <= NOW for one in found.evidence)


@pytest.mark.parametrize("calling", ["", "110", "119", "1001", "anonymous", "12345"])
def test_withheld_and_short_numbers_can_have_no_rule(calling: str) -> None:
    assert number_of(calling) == ""


@pytest.mark.parametrize("calling", ["13800138000", "013800138000", "+86 138-0013-8000"])
def test_a_number_is_the_same_however_it_was_presented(calling: str) -> None:
    assert number_of(calling) == "13800138000"


def test_a_rule_is_over_when_its_time_has_come() -> None:
    made = rule(expires_at=NOW)
    assert made.state_at(NOW - 0.1) is State.ACTIVE
    assert made.state_at(NOW) is State.EXPIRED
