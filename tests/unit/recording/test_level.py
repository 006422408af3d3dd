"""Who speaks too quietly is noticed; who is done, or loud enough, is let be."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hotline.recording.level import LevelWatch
from hotline.speech.audio import Samples
from hotline.speech.synthesis import Synthesiser
from tests.audio import tone

QUIET_S = 3.0
PIECE = 320


def verdicts(watch: LevelWatch, samples: Samples) -> list[float]:
    """When (s) it was told to be too quiet."""
    data = samples.astype("<i2").tobytes()
    return [
        (start + PIECE) / 16000
        for start in range(0, len(data), PIECE)
        if watch.hear(data[start : start + PIECE])
    ]


def at_level(samples: Samples, dbfs: float) -> Samples:
    rms = np.sqrt(np.mean(samples.astype(float) ** 2))
    scaled: Samples = np.round(samples * (32767 * 10 ** (dbfs / 20) / rms)).astype(np.int16)
    return scaled


def noise(seconds: float, dbfs: float) -> Samples:
    line = np.random.default_rng(1).normal(0, 1, int(8000 * seconds))
    return np.round(line * 32767 * 10 ** (dbfs / 20)).astype(np.int16)


def test_speech_at_a_usual_level_is_let_be() -> None:
    speech = at_level(Synthesiser().say("您好，人民路的井盖丢失了，请派人来看看"), -26)
    assert verdicts(LevelWatch(QUIET_S), np.concatenate([noise(1, -65), speech])) == []


def test_a_murmur_is_noticed_when_the_stretch_is_over() -> None:
    speech = at_level(Synthesiser().say("您好，人民路的井盖丢失了，请派人来看看"), -52)
    found = verdicts(LevelWatch(QUIET_S), np.concatenate([speech, speech]))
    assert found
    assert found[0] >= QUIET_S


def test_one_who_says_nothing_at_first_is_noticed() -> None:
    found = verdicts(LevelWatch(QUIET_S), noise(4, -70))
    assert found[0] == QUIET_S


def test_silence_after_speech_is_the_end_and_not_too_quiet() -> None:
    said = np.concatenate([tone(500, 1.0), noise(8, -70)])
    assert verdicts(LevelWatch(QUIET_S), said) == []


def test_a_murmur_after_speech_is_noticed() -> None:
    said = np.concatenate([tone(500, 1.0), tone(500, 6.0, level=0.004)])
    assert verdicts(LevelWatch(QUIET_S), said)


def test_a_click_is_no_speech() -> None:
    line = noise(4, -70)
    line[8000:8100] = 20000
    assert verdicts(LevelWatch(QUIET_S), line)


@given(st.lists(st.integers(1, 700), min_size=1, max_size=40))
def test_however_the_samples_are_cut_the_verdict_is_the_same(sizes: list[int]) -> None:
    line = np.concatenate([noise(0.5, -70), tone(300, 1.0, level=0.004)])[: sum(sizes)]
    whole, pieces = LevelWatch(0.5), LevelWatch(0.5)
    at_once = whole.hear(line.astype("<i2").tobytes())
    last, start = False, 0
    for size in sizes:
        last = pieces.hear(line[start : start + size].astype("<i2").tobytes())
        start += size
    assert last == at_once
