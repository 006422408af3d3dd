"""Speech whose every frame is labelled, because espeak-ng says when each sound began."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hotline.speech.audio import TELEPHONE_RATE, Floats, resample
from hotline.speech.demo_model.frames import FRAME_CENTRE_S, FRAMES_A_SECOND
from hotline.speech.demo_model.lexicon import PDFS, SILENCE, split_syllable
from hotline.speech.synthesis import Mark, Synthesiser, Utterance, Voice, speakable

Labels = NDArray[np.int16]

_PAUSE = "_:"
_BREAK = "_"


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech, in seconds, that belongs to one output of the network."""

    start_s: float
    end_s: float
    pdf: int


@dataclass(frozen=True, slots=True)
class LabelledSpeech:
    """Floats at 8 kHz on the ±32767 scale; what no segment covers is silence."""

    audio: Floats
    segments: tuple[Segment, ...]


def speak(
    synthesiser: Synthesiser, clauses: Sequence[Sequence[str]], voice: Voice
) -> LabelledSpeech | None:
    """Speak toned syllables, with a pause between clauses.

    None when espeak-ng's marks do not fit the syllables, so that they cannot be labelled.
    """
    syllables = [syllable for clause in clauses for syllable in clause]
    text = ", ".join(" ".join(speakable(syllable) for syllable in clause) for clause in clauses)
    speech = synthesiser.utter(text, voice)
    starts = _starts(text, speech)
    if len(starts) != len(syllables):
        return None
    ends = [*starts[1:], len(speech.samples) / speech.rate]
    segments: list[Segment] = []
    for syllable, start, end in zip(syllables, starts, ends, strict=True):
        found = list(_segments(syllable, start, end, speech.phonemes))
        if not found:
            return None
        segments += found
    audio = resample(speech.samples, speech.rate, TELEPHONE_RATE)
    return LabelledSpeech(audio, tuple(segments))


def _starts(text: str, speech: Utterance) -> list[float]:
    """When each syllable begins: espeak-ng also marks words that are none, at clauses' ends."""
    positions: set[int] = set()
    position = 1
    for token in text.split(" "):
        # A token given as phonemes is marked behind its brackets.
        positions.add(position + 2 if token.startswith("[[") else position)
        position += len(token) + 1
    first: dict[int, float] = {}
    for word in speech.words:
        if word.position in positions:
            first.setdefault(word.position, word.at_s)
    return [first[position] for position in sorted(first)]


def _segments(
    syllable: str, start: float, end: float, phonemes: Sequence[Mark]
) -> Iterator[Segment]:
    inside = [mark for mark in phonemes if start - 1e-6 <= mark.at_s < end - 1e-6]
    for mark in inside:
        # A pause ends the syllable; the break may also open the clause, before any sound.
        if mark.phoneme == _PAUSE or (mark.phoneme == _BREAK and mark.at_s > start + 0.001):
            end = min(end, mark.at_s)
    sounds = [m.at_s for m in inside if not m.phoneme.startswith(_BREAK) and m.at_s < end]
    *initial, final = split_syllable(syllable)
    if len(sounds) <= len(initial):
        return
    final_start = start
    for phone in initial:
        final_start = sounds[1]
        yield Segment(start, final_start, PDFS[phone, 0])
    middle = (final_start + end) / 2
    yield Segment(final_start, middle, PDFS[final, 0])
    yield Segment(middle, end, PDFS[final, 1])


def frame_labels(segments: Sequence[Segment], lead_s: float, frames: int) -> Labels:
    """The output each frame belongs to, for speech that begins ``lead_s`` seconds in."""
    labels = silence(frames)
    for segment in segments:
        labels[_frame(segment.start_s + lead_s) : _frame(segment.end_s + lead_s)] = segment.pdf
    return labels


def silence(frames: int) -> Labels:
    """Labels of that many frames without speech."""
    return np.full(frames, PDFS[SILENCE, 0], np.int16)


def _frame(at_s: float) -> int:
    """The first frame whose centre is not before this instant."""
    return max(0, int(np.ceil((at_s - FRAME_CENTRE_S) * FRAMES_A_SECOND)))
