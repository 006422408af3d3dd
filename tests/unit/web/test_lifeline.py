"""A case's life as a line of stages."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hotline import events
from hotline.registry.life.check import checked
from hotline.storage.records import Record
from hotline.web.lifeline import LINE, Stop, arrivals, line_of


def walked(start: str, *actions: str) -> tuple[str, list[Record]]:
    """Where a case stands after these actions, and the records of its way."""
    state = start
    records = [Record(1, 100.0, events.CaseOpened("1", "c", "hotline", start, "agent1"))]
    for action in actions:
        step = next(s for s in checked().steps if s.source == state and s.action == action)
        moved = events.CaseMoved("1", action, state, step.target, "supervisor")
        records.append(Record(len(records) + 1, 100.0 + len(records), moved))
        state = step.target
    return state, records


def line(start: str, *actions: str) -> list[tuple[str, str]]:
    state, records = walked(start, *actions)
    return [(stop.state, stop.place) for stop in line_of(state, arrivals(records))]


def test_a_case_from_a_call_begins_with_filing() -> None:
    assert line("to_file")[:2] == [("to_file", "here"), ("to_dispatch", "ahead")]


def test_a_spoken_report_begins_with_verifying() -> None:
    assert line("to_verify", "verify")[:2] == [("to_verify", "behind"), ("to_file", "here")]


def test_stages_that_were_left_out_are_told_from_those_that_were_passed() -> None:
    places = dict(line("to_file", "close"))
    assert places["to_file"] == "behind"
    assert places["to_handle"] == "skipped"
    assert places["closed"] == "here"


def test_a_case_that_was_not_filed_ends_there() -> None:
    assert line("to_file", "reject") == [("to_file", "behind"), ("not_filed", "here")]


def test_a_case_that_is_taken_up_again_has_its_later_stages_before_it() -> None:
    places = line("to_file", "close", "reopen")
    assert ("to_dispatch", "here") in places
    assert places[-1] == ("closed", "ahead")


def test_each_stage_says_when_the_case_last_came_there_and_by_whom() -> None:
    _, records = walked("to_file", "file", "dispatch", "feedback", "check_fail")
    stops = {stop.state: stop for stop in line_of("to_handle", arrivals(records))}
    assert stops["to_file"] == Stop("to_file", "behind", 100.0, "agent1")
    assert stops["to_handle"] == Stop("to_handle", "here", 104.0, "supervisor")
    assert stops["to_check"] == Stop("to_check", "ahead")


@st.composite
def walks(draw: st.DrawFn) -> tuple[str, list[Record]]:
    start = draw(st.sampled_from(["to_verify", "to_file"]))
    state, actions = start, []
    for _ in range(draw(st.integers(0, 12))):
        steps = [step for step in checked().steps if step.source == state]
        if not steps:
            break
        step = draw(st.sampled_from(steps))
        actions.append(step.action)
        state = step.target
    return walked(start, *actions)


@given(walks())
def test_every_life_makes_a_line_in_order_that_stands_at_one_place(
    walk: tuple[str, list[Record]],
) -> None:
    state, records = walk
    stops = line_of(state, arrivals(records))
    assert [stop.state for stop in stops if stop.place == "here"] == [state]
    assert all((stop.at is None) == (stop.place in {"ahead", "skipped"}) for stop in stops)
    on_line = [LINE.index(stop.state) for stop in stops if stop.state in LINE]
    assert on_line == sorted(on_line)
