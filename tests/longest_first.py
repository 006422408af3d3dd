"""In which order the tests with telephones run: the longest first, so that no worker is alone at
the end with a long one."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

# Seconds on two idle cores: a test's own, else the usual ones of its folder.
LONG = {
    "test_within_a_minute_there_are_pops_queues_reports_cases_and_answered_callbacks": 45,
    "test_a_spare_takes_over_and_what_was_decided_is_decided_again": 45,
    "test_with_nobody_on_duty_12345_is_rung_and_else_a_report_is_taken": 40,
    "test_who_keeps_the_place_is_rung_back_and_can_be_handed_over_then": 36,
    "test_a_limited_caller_in_danger_reaches_a_person_first": 33,
    "test_a_controller_that_dies_while_the_service_rings_and_while_three_talk_drops_nobody": 32,
    "test_silence_ends_a_report": 30,
    "test_a_controller_that_dies_leaves_a_held_caller_music_and_a_way_back_to_a_person": 28,
    "test_a_controller_that_hangs_gives_the_caller_up_within_its_lease": 28,
    "test_the_demo_model_writes_a_report_down": 28,
    "test_todays_numbers_count_calls_and_survive_a_restart": 28,
    "test_a_flow_connects_a_caller_and_finds_a_person_when_nobody_answers_there": 27,
    "test_nobody_ready_within_the_set_time_asks_for_a_report_and_writes_its_number": 27,
    "test_a_report_that_cannot_be_written_is_told_as_such_and_not_as_silence": 26,
    "test_who_speaks_too_quietly_is_asked_to_speak_up_and_goes_on": 26,
    "test_a_caller_is_held_a_colleague_asked_and_the_talk_taken_over_by_keyboard": 25,
    "test_a_talk_goes_on_when_its_recording_cannot": 25,
    "test_calls_in_progress_keep_their_flows_and_new_calls_take_the_new_ones": 25,
    "test_killed_again_and_again_and_the_caller_still_reaches_an_agent": 25,
    "test_an_agent_hands_over_by_keyboard_and_leaves_the_others_talking": 23,
    "test_a_talk_goes_on_when_everything_but_asterisk_is_killed_and_started_again": 22,
}
USUAL = {"pbx": 8, "web": 8}


def arrange(items: list[pytest.Item]) -> None:
    """Sort them, and keep together those that share a fixture of their module's."""
    units: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if group := _group(item):
            item.add_marker(pytest.mark.xdist_group(group))
        units[group or item.nodeid].append(item)
    longest_first = sorted(units.values(), key=lambda unit: -sum(map(_seconds, unit)))
    items[:] = [item for unit in longest_first for item in unit]


def _seconds(item: pytest.Item) -> float:
    name = item.name.partition("[")[0]
    return LONG.get(name) or USUAL.get(item.path.parent.name, 0)


def _group(item: pytest.Item) -> str:
    """Its module, when a fixture of that module's is to be made once; else empty."""
    assert isinstance(item, pytest.Function)
    known = item._fixtureinfo.name2fixturedefs.values()
    shared = any(one[-1].scope == "module" for one in known)
    return Path(item.path).stem if shared else ""
