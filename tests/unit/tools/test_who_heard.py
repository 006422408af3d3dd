"""Who heard whom: tones in recordings, and the journal's timeline beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from hotline.speech.audio import TELEPHONE_RATE as RATE
from hotline.speech.audio import Samples
from tests.audio import Span, tone
from tests.who_heard import (
    CALLER,
    MUSIC,
    SEAM_S,
    Leg,
    compared,
    heard,
    silences,
    told,
    unexplained,
)

BEGAN = 1_000.0
HERTZ = {CALLER: 440.0, "agent": 700.0, "colleague": 1200.0}
NAMES = {"agent1": "agent", "agent2": "colleague", "ext:1002": "colleague"}
TALK = frozenset({CALLER, "agent"})
ASIDE = frozenset({"agent", "colleague"})
HELD = frozenset({CALLER, MUSIC})


@dataclass(frozen=True)
class Entry:
    at: float
    kind: str
    data: dict[str, Any] = field(default_factory=dict)


def mixed(*names: str, seconds: float) -> Samples:
    found = nothing(seconds)
    for name in names:
        found = found + tone(HERTZ[name], seconds, 0.2)
    return found


def music(seconds: float) -> Samples:
    noise = np.random.default_rng(7).normal(0, 3000, int(seconds * RATE))
    return noise.astype(np.int16)


def nothing(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE), np.int16)


def leg(name: str, *parts: Samples, began: float = BEGAN) -> Leg:
    samples = np.concatenate(parts)
    marks = [(began + at / RATE, at) for at in range(400, len(samples) + 1, 400)]
    return Leg(name, HERTZ[name], samples, marks)


def event(at: float, kind: str, **data: Any) -> Entry:
    return Entry(BEGAN + at, kind, data)


# A talk of 4 s, a consultation of 3 s, and a talk of three of 3 s.
ENTRIES = [
    event(-5, "CallArrived"),
    event(0, "CallAnswered", agent_id="agent1"),
    event(3.9, "HandoverStarted", handover_id="h1", target="ext:1002"),
    event(4, "TalkHeld"),
    event(4, "HandoverJoined", handover_id="h1"),
    event(7, "TalkResumed"),
]
LEGS = [
    leg(
        CALLER,
        mixed("agent", seconds=4),
        music(3),
        mixed("agent", "colleague", seconds=3),
    ),
    leg(
        "agent",
        mixed(CALLER, seconds=4),
        mixed("colleague", seconds=3),
        mixed(CALLER, "colleague", seconds=3),
    ),
    leg(
        "colleague",
        mixed("agent", seconds=3),
        mixed(CALLER, "agent", seconds=3),
        began=BEGAN + 4,
    ),
]


def near(spans: list[Span], *wanted: tuple[float, float]) -> None:
    assert len(spans) == len(wanted)
    for span, (start, end) in zip(spans, wanted, strict=True):
        assert span.start == pytest.approx(BEGAN + start, abs=0.11)
        assert span.end == pytest.approx(BEGAN + end, abs=0.11)


def test_recordings_tell_who_heard_each_other_and_who_heard_music() -> None:
    found = heard(LEGS)
    near(found[TALK], (0, 4), (7, 10))
    near(found[ASIDE], (4, 10))
    near(found[HELD], (4, 7))


def test_who_hears_but_is_not_heard_does_not_talk() -> None:
    deaf = leg("agent", nothing(4))
    found = heard([leg(CALLER, mixed("agent", seconds=4)), deaf])
    assert found.get(TALK, []) == []


def test_the_journal_tells_the_same() -> None:
    by_journal = told(ENTRIES, NAMES, BEGAN + 10)
    near(by_journal[TALK], (0, 4), (7, 10))
    near(by_journal[ASIDE], (4, 10))
    near(by_journal[HELD], (-5, 0), (4, 7))
    worst, pairs = compared(heard(LEGS), by_journal, BEGAN, BEGAN + 10)
    assert worst is None or worst.span.seconds < 0.2
    assert {TALK, ASIDE, HELD} <= set(pairs)


def test_a_talk_that_the_journal_does_not_know_is_the_largest_difference() -> None:
    entries = [entry for entry in ENTRIES if entry.kind != "TalkResumed"]
    by_journal = told(entries, NAMES, BEGAN + 10)
    worst, _ = compared(heard(LEGS), by_journal, BEGAN, BEGAN + 10)
    assert worst is not None
    assert worst.span.seconds == pytest.approx(3, abs=0.3)


def test_a_talk_that_nobody_heard_is_the_largest_difference() -> None:
    cut = [leg(CALLER, mixed("agent", seconds=4), nothing(6)), *LEGS[1:]]
    worst, _ = compared(heard(cut), told(ENTRIES, NAMES, BEGAN + 10), BEGAN, BEGAN + 10)
    assert worst is not None
    assert worst.only == "told"
    assert worst.span.seconds == pytest.approx(3, abs=0.3)


def test_a_pause_in_what_arrives_does_not_shift_what_comes_after_it() -> None:
    samples = np.concatenate((mixed("agent", seconds=2), mixed("agent", seconds=2)))
    before = [(BEGAN + at / RATE, at) for at in range(400, 2 * RATE + 1, 400)]
    later = [(BEGAN + 3 + at / RATE, at) for at in range(2 * RATE + 400, 4 * RATE + 1, 400)]
    caller = Leg(CALLER, HERTZ[CALLER], samples, [*before, *later])
    agent = leg("agent", mixed(CALLER, seconds=7))
    near(heard([caller, agent])[TALK], (0, 2), (5, 7))


def test_a_seam_between_two_sounds_is_nobody() -> None:
    caller = leg(CALLER, mixed("agent", seconds=2), music(SEAM_S - 0.1), mixed("agent", seconds=2))
    agent = leg("agent", mixed(CALLER, seconds=4 + SEAM_S - 0.1))
    found = heard([caller, agent])
    assert found[HELD] == []
    near(found[TALK], (0, 4 + SEAM_S - 0.1))


def test_music_that_fades_in_begins_with_its_faint_part() -> None:
    caller = leg(CALLER, mixed("agent", seconds=2), nothing(0.9), music(3))
    agent = leg("agent", mixed(CALLER, seconds=2))
    near(heard([caller, agent])[HELD], (2, 5.9))
    # Longer than that, it is silence.
    caller = leg(CALLER, mixed("agent", seconds=2), nothing(2), music(3))
    near(heard([caller, agent])[HELD], (4, 7))


def test_nobody_who_should_hear_somebody_hears_nothing() -> None:
    held = leg("agent", mixed(CALLER, seconds=4), nothing(3), mixed(CALLER, seconds=3))
    alone = [entry for entry in ENTRIES if not entry.kind.startswith("Handover")]
    quiet = silences([held])
    near(quiet["agent"], (4, 7))
    # Alone, while the caller hears music.
    assert unexplained(quiet, told(alone, NAMES, BEGAN + 10), BEGAN, BEGAN + 10) == {}
    with_colleague = told(ENTRIES, NAMES, BEGAN + 10)
    near(unexplained(quiet, with_colleague, BEGAN, BEGAN + 10)["agent"], (4, 7))


def test_a_colleague_who_goes_on_with_the_caller_is_told_of_as_the_talk() -> None:
    entries = [
        *ENTRIES,
        event(8, "TalkEnded", agent_id="agent1"),
        event(8, "TalkTakenOver", agent_id="agent2", by="agent1"),
        event(8, "HandoverEnded", handover_id="h1", outcome="taken_over"),
        event(9, "TalkEnded", agent_id="agent2"),
        event(9.5, "CallEnded"),
    ]
    by_journal = told(entries, NAMES, BEGAN + 10)
    near(by_journal[frozenset({CALLER, "colleague"})], (7, 9))
    near(by_journal[TALK], (0, 4), (7, 8))
    near(by_journal[HELD], (-5, 0), (4, 7), (9, 9.5))
