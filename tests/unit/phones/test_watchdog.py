"""The watchdog of one-way audio."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hotline.phones.watchdog import PATIENCE_S, Silent, Talk, Watchdog

TALK = Talk("pbx-1", "agent1", "PJSIP/1001-web-00000001")
EVERY_S = 2.0


def watched(*packets: tuple[int, int]) -> list[tuple[float, Silent | None]]:
    """What is told while the counters of received and sent grow by these, every two seconds."""
    dog, received, sent = Watchdog(), 0, 0
    told = []
    for look, (more_received, more_sent) in enumerate(packets):
        received, sent = received + more_received, sent + more_sent
        now = look * EVERY_S
        finding = dog.see(TALK, received, sent, now)
        if finding is not None:
            told.append((now, finding.silent))
    return told


def test_a_talk_in_which_both_send_is_left_alone() -> None:
    assert watched(*[(100, 100)] * 20) == []


def test_an_agent_who_is_not_received_is_noticed_within_the_patience() -> None:
    assert watched((0, 0), *[(0, 100)] * 5) == [(PATIENCE_S, Silent.AGENT)]


def test_a_citizen_who_is_not_received_is_noticed() -> None:
    assert watched(*[(100, 100)] * 3, *[(100, 0)] * 5) == [(10.0, Silent.CITIZEN)]


def test_it_is_told_once_and_its_end_too() -> None:
    packets = [(100, 0)] * 8 + [(100, 100)] * 3
    assert watched(*packets) == [(6.0, Silent.CITIZEN), (16.0, None)]


def test_a_second_side_that_falls_silent_is_told() -> None:
    packets = [(100, 100), *[(100, 0)] * 3, *[(0, 0)] * 4]
    assert watched(*packets) == [(6.0, Silent.CITIZEN), (12.0, Silent.BOTH)]


def test_a_pause_for_breath_is_no_fault() -> None:
    assert watched(*([(100, 100)] + [(0, 100)] * 2) * 5) == []


def test_a_talk_that_ends_or_is_held_is_told_to_be_over() -> None:
    dog = Watchdog()
    for look in range(5):
        dog.see(TALK, 100, 100 * look, look * EVERY_S)
    assert [(finding.talk, finding.silent) for finding in dog.keep([])] == [(TALK, None)]
    assert dog.keep([]) == []


def test_a_talk_of_which_nothing_was_told_goes_quietly() -> None:
    dog = Watchdog()
    dog.see(TALK, 0, 0, 0.0)
    assert dog.keep([]) == []


@given(st.lists(st.tuples(st.sampled_from([0, 7]), st.sampled_from([0, 7])), max_size=40))
def test_what_is_told_changes_with_every_finding(packets: list[tuple[int, int]]) -> None:
    told = [silent for _, silent in watched(*packets)]
    assert all(one is not other for one, other in zip(told, [None, *told], strict=False))


def test_of_a_talk_with_music_or_a_third_only_the_agents_side_is_told() -> None:
    dog = Watchdog()
    told = [dog.see(TALK, 100, 0, look * EVERY_S, both=False) for look in range(6)]
    found = [finding.silent for finding in told if finding]
    assert found == [Silent.AGENT]
    # The citizen is back in the talk: what was not sent before is no silence of theirs.
    assert dog.see(TALK, 200, 0, 6 * EVERY_S) is not None
    assert dog.see(TALK, 300, 100, 7 * EVERY_S) is None
