"""Silences go, words stay, and every moment of the copy can be found in the original."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hotline.recording.trimming import (
    LEAD_S,
    PAUSE_S,
    TRAIL_S,
    Span,
    at_original,
    copy_path,
    trim_silence,
    trimmed_copy,
)
from hotline.speech.audio import Samples, read_wav, write_wav
from hotline.speech.synthesis import Synthesiser
from tests.audio import tone

RATE = 8000


def hush(seconds: float, level: float = 8.0) -> Samples:
    line = np.random.default_rng(3).normal(0, level, int(RATE * seconds))
    return np.round(line).astype(np.int16)


def word(seconds: float = 0.5, hertz: float = 500.0) -> Samples:
    return tone(hertz, seconds)


def test_silence_goes_at_both_ends_and_long_pauses_are_cut_short() -> None:
    said = np.concatenate([hush(3), word(), hush(4), word(0.7), hush(5)])
    trimmed = trim_silence(said, RATE)
    assert len(trimmed.spans) == 2
    kept = len(trimmed.samples) / RATE
    assert abs(kept - (0.5 + 0.7 + 2 * (LEAD_S + TRAIL_S))) < 0.1
    first = trimmed.spans[0]
    assert abs(first.start / RATE - (3 - LEAD_S)) < 0.05


def test_a_pause_between_words_stays() -> None:
    said = np.concatenate([word(), hush(PAUSE_S - 0.1), word()])
    assert trim_silence(said, RATE).spans == (Span(0, len(said)),)


def test_a_click_of_the_line_is_cut_and_a_soft_word_is_not() -> None:
    click = hush(2)
    click[8000:8040] = 9000
    soft = (word().astype(float) * 0.05).astype(np.int16)
    said = np.concatenate([click, hush(1), word(), hush(3), soft, hush(3)])
    spans = trim_silence(said, RATE).spans
    assert len(spans) == 2
    assert spans[0].start > 2.5 * RATE
    assert spans[1].start < 6.5 * RATE < spans[1].end


def test_speech_loses_nothing_but_its_silences() -> None:
    speech = Synthesiser().say("您好，人民路的井盖丢失了，请派人来看看")
    loud = np.abs(speech.astype(int)) > 600
    said = np.concatenate([hush(4), speech, hush(6)])
    trimmed = trim_silence(said, RATE)
    inside = np.zeros(len(said), bool)
    for span in trimmed.spans:
        inside[span.start : span.end] = True
    assert inside[4 * RATE : 4 * RATE + len(speech)][loud].all()
    assert len(trimmed.samples) < len(speech) + RATE


pieces = st.lists(
    st.tuples(st.booleans(), st.floats(0.02, 3.0)).map(
        lambda piece: word(piece[1]) if piece[0] else hush(piece[1])
    ),
    max_size=8,
)


@given(pieces)
def test_the_copy_is_made_of_the_original_in_order(parts: list[Samples]) -> None:
    said = np.concatenate([np.zeros(0, np.int16), *parts])
    trimmed = trim_silence(said, RATE)
    edges = [edge for span in trimmed.spans for edge in (span.start, span.end)]
    assert edges == sorted(edges)
    assert not edges or (edges[0] >= 0 and edges[-1] <= len(said))
    assert len(trimmed.samples) == sum(span.end - span.start for span in trimmed.spans)
    for sample in range(0, len(trimmed.samples), 997):
        assert trimmed.samples[sample] == said[at_original(trimmed.spans, sample)]
    # Trimmed once, there is nothing left to trim but what the line's level tells anew.
    assert len(trim_silence(trimmed.samples, RATE).samples) <= len(trimmed.samples)


def test_what_holds_no_speech_stays_whole() -> None:
    assert trim_silence(hush(2), RATE).spans == (Span(0, 2 * RATE),)
    assert trim_silence(np.zeros(0, np.int16), RATE).spans == ()


def test_the_original_is_only_read_and_the_copy_tells_where_it_was(tmp_path: Path) -> None:
    path = "reports/20261121/r1.wav"
    original = tmp_path / path
    original.parent.mkdir(parents=True)
    write_wav(original, np.concatenate([hush(3), word(), hush(3)]))
    before = original.read_bytes()
    copy = trimmed_copy(tmp_path, path)
    assert copy == copy_path(tmp_path, path)
    assert original.read_bytes() == before
    table = json.loads(copy.with_suffix(".json").read_text())
    ((start, end),) = table["spans"]
    assert len(read_wav(copy).samples) == end - start
    assert table["original"] == path
    made = copy.stat().st_mtime_ns
    assert trimmed_copy(tmp_path, path) == copy
    assert copy.stat().st_mtime_ns == made
    # Nothing that looks for reports finds it.
    assert list((tmp_path / "reports").glob("**/*.wav")) == [original]


def test_a_report_that_grew_is_trimmed_anew(tmp_path: Path) -> None:
    original = tmp_path / "r1.wav"
    write_wav(original, np.concatenate([hush(3), word()]))
    first = len(read_wav(trimmed_copy(tmp_path, "r1.wav")).samples)
    write_wav(original, np.concatenate([hush(3), word(), hush(3), word()]))
    assert len(read_wav(trimmed_copy(tmp_path, "r1.wav")).samples) > first


def test_what_cannot_be_trimmed_is_given_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "r1.wav").write_bytes(b"no sound")
    assert trimmed_copy(tmp_path, "r1.wav") == tmp_path / "r1.wav"
    assert trimmed_copy(tmp_path, "none.wav") == tmp_path / "none.wav"
