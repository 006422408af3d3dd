"""How long agents have paused: the tally."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hotline.acd.model import AgentBecame
from hotline.calls.pauses import Pauses, Used
from hotline.events import PauseEnded

MIDNIGHT = 1_800_028_800.0
EIGHT = MIDNIGHT + 8 * 3600


def paused(since: float, reason: str = "rest") -> AgentBecame:
    return AgentBecame("agent1", "paused", since, reason)


def ready(since: float) -> AgentBecame:
    return AgentBecame("agent1", "ready", since)


def test_a_pause_counts_when_it_is_over_and_runs_until_then() -> None:
    made = Pauses()
    assert made.became(paused(EIGHT), EIGHT) is None
    assert made.today("agent1", MIDNIGHT) == {"rest": Used(0.0, 1, 0.0, EIGHT)}
    ended = made.became(ready(EIGHT + 90), EIGHT + 90)
    assert ended == PauseEnded("agent1", "rest", EIGHT, EIGHT + 90)
    assert made.today("agent1", MIDNIGHT) == {"rest": Used(90.0, 1, 0.0, None)}


def test_each_reason_is_counted_by_itself() -> None:
    made = Pauses()
    made.became(paused(EIGHT), EIGHT)
    made.became(paused(EIGHT + 60, "meal"), EIGHT + 60)
    made.became(ready(EIGHT + 160), EIGHT + 160)
    used = made.today("agent1", MIDNIGHT)
    assert (used["rest"].seconds, used["meal"].seconds) == (60.0, 100.0)


def test_a_pause_over_midnight_counts_its_part_and_its_beginning_yesterday() -> None:
    made = Pauses()
    made.became(paused(MIDNIGHT - 600), MIDNIGHT - 600)
    assert made.today("agent1", MIDNIGHT) == {"rest": Used(0.0, 0, 0.0, MIDNIGHT)}
    made.became(ready(MIDNIGHT + 120), MIDNIGHT + 120)
    assert made.today("agent1", MIDNIGHT) == {"rest": Used(120.0, 0, 0.0, None)}
    assert made.today("agent1", MIDNIGHT - 86_400)["rest"].seconds == 720.0


def test_the_pause_that_waits_for_the_first_ready_is_nobodys_choice() -> None:
    made = Pauses()
    assert made.became(paused(EIGHT, "signed_on"), EIGHT) is None
    assert made.became(ready(EIGHT + 5), EIGHT + 5) is None
    assert made.today("agent1", MIDNIGHT) == {}


def test_a_restart_in_a_pause_begins_no_new_one() -> None:
    made = Pauses()
    made.remember(PauseEnded("agent1", "rest", EIGHT, EIGHT + 60))
    made.became(paused(EIGHT + 300), EIGHT + 400)
    assert made.today("agent1", MIDNIGHT) == {"rest": Used(60.0, 2, 0.0, EIGHT + 300)}


def test_what_fell_into_the_controllers_absence_is_unknown_and_not_used() -> None:
    made = Pauses()
    made.absent(EIGHT + 100, EIGHT + 160)
    made.became(paused(EIGHT), EIGHT + 160)
    running = made.today("agent1", MIDNIGHT)["rest"]
    assert (running.unknown_s, running.running_since) == (60.0, EIGHT + 60)
    made.became(ready(EIGHT + 200), EIGHT + 200)
    assert made.today("agent1", MIDNIGHT)["rest"] == Used(140.0, 1, 60.0, None)


def test_yesterdays_absence_takes_nothing_from_today() -> None:
    made = Pauses()
    made.absent(MIDNIGHT - 100, MIDNIGHT + 20)
    made.became(paused(MIDNIGHT - 300), MIDNIGHT - 300)
    made.became(ready(MIDNIGHT + 50), MIDNIGHT + 50)
    assert made.today("agent1", MIDNIGHT)["rest"] == Used(30.0, 0, 20.0, None)


def test_what_asks_for_the_next_state_ends_no_pause() -> None:
    made = Pauses()
    made.became(paused(EIGHT), EIGHT)
    again = AgentBecame("agent1", "paused", EIGHT, "rest", until=EIGHT + 900)
    assert made.became(again, EIGHT + 10) is None


@given(
    st.lists(
        st.tuples(st.floats(1, 20_000), st.sampled_from(["rest", "meal", ""])),
        min_size=1,
        max_size=8,
    ),
    st.floats(0, 86_400),
    st.floats(0, 5_000),
)
def test_what_is_used_and_unknown_is_the_time_that_was_paused(
    steps: list[tuple[float, str]], gone_at: float, gone_s: float
) -> None:
    made = Pauses()
    made.absent(MIDNIGHT + gone_at, MIDNIGHT + gone_at + gone_s)
    at, paused_s, reason = MIDNIGHT, 0.0, ""
    for length, following in [*steps, (1.0, "")]:
        state = paused(at, following) if following else ready(at)
        if following != reason:
            made.became(state, at)
            reason = following
        if following:
            paused_s += length
        at += length
    made.became(ready(at), at)
    used = made.today("agent1", MIDNIGHT).values()
    assert abs(sum(u.seconds + u.unknown_s for u in used) - paused_s) < 1e-3
    assert all(u.seconds >= -1e-6 and u.unknown_s >= 0 for u in used)
