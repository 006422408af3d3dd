"""Keys: each press is told once, whatever the line tells of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hotline.telephony.ami import AmiEvent
from hotline.telephony.keys import Keypads

KEYS = st.text("0123456789*#", max_size=30)
Told = tuple[str, str, float]


def told(
    name: str, key: str, at: float, line: str = "1.1", direction: str = "Received"
) -> AmiEvent:
    fields = {"Uniqueid": line, "Digit": key, "Direction": direction, "Timestamp": f"{at:.6f}"}
    return AmiEvent(name, fields)


def pressed(story: list[Told]) -> str:
    keypads = Keypads()
    events = [told(*event) for event in story]
    return "".join(e.get("Digit") for e in events if keypads.is_news(e))


@given(KEYS)
def test_a_line_that_tells_beginnings_and_ends(keys: str) -> None:
    story: list[Told] = []
    for n, key in enumerate(keys):
        story += [("DTMFBegin", key, n * 0.2), ("DTMFEnd", key, n * 0.2 + 0.1)]
    assert pressed(story) == keys


@given(KEYS)
def test_a_line_that_tells_ends_only(keys: str) -> None:
    assert pressed([("DTMFEnd", key, n * 0.05) for n, key in enumerate(keys)]) == keys


@given(KEYS, st.integers(1, 3))
def test_an_end_told_again_is_no_press(keys: str, again: int) -> None:
    story: list[Told] = []
    for n, key in enumerate(keys):
        story.append(("DTMFBegin", key, n * 0.1))
        story += [("DTMFEnd", key, n * 0.1 + 0.04 + 0.01 * m) for m in range(1 + again)]
    assert pressed(story) == keys


@given(KEYS, st.floats(-0.01, 0.25))
def test_a_telephone_that_tells_every_key_in_two_ways(keys: str, later_s: float) -> None:
    story: list[Told] = []
    for n, key in enumerate(keys):
        story += [
            ("DTMFBegin", key, n * 0.3),
            ("DTMFEnd", key, n * 0.3 + 0.1),
            ("DTMFEnd", key, n * 0.3 + later_s),
        ]
    story.sort(key=lambda event: event[2])
    assert pressed(story) == keys


@given(KEYS, st.floats(-4.9, 8.0))
def test_two_ways_of_which_a_busy_machine_reads_one_much_later(keys: str, later_s: float) -> None:
    story: list[Told] = []
    for n, key in enumerate(keys):
        story += [
            ("DTMFBegin", key, n * 0.1),
            ("DTMFEnd", key, n * 0.1 + 0.05),
            ("DTMFEnd", key, n * 0.1 + 0.05 + later_s),
        ]
    story.sort(key=lambda event: event[2])
    assert pressed(story) == keys


def test_a_line_that_changes_to_info_is_heard() -> None:
    story = [("DTMFBegin", "1", 0.0), ("DTMFEnd", "1", 0.1)]
    assert pressed([*story, ("DTMFEnd", "2", 12.0), ("DTMFEnd", "2", 12.2)]) == "122"


def test_lines_are_apart_and_forgotten_at_their_end() -> None:
    keypads = Keypads()
    assert not keypads.is_news(told("DTMFBegin", "1", 0.0, "1.1"))
    assert keypads.is_news(told("DTMFEnd", "1", 0.1, "1.2"))
    assert keypads.is_news(AmiEvent("Hangup", {"Uniqueid": "1.1"}))
    assert keypads.is_news(AmiEvent("Hangup", {"Uniqueid": "1.2"}))
    assert len(keypads) == 0


def test_what_asterisk_sends_is_left_to_its_readers() -> None:
    keypads = Keypads()
    assert keypads.is_news(told("DTMFEnd", "1", 0.1, direction="Sent"))
    assert keypads.is_news(AmiEvent("DialEnd", {"Uniqueid": "1.1"}))
    assert len(keypads) == 0
