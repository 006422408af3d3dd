"""The training examples: sentences and random syllables, spoken by many voices, over bad lines."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hotline.speech.audio import TELEPHONE_RATE, Floats
from hotline.speech.demo_model.augment import Line
from hotline.speech.demo_model.corpus import Sentence
from hotline.speech.demo_model.features import Extractor
from hotline.speech.demo_model.frames import Features
from hotline.speech.demo_model.labels import (
    LabelledSpeech,
    Labels,
    Segment,
    frame_labels,
    silence,
    speak,
)
from hotline.speech.demo_model.lexicon import UnknownSyllable, split_syllable
from hotline.speech.demo_model.voices import TRAINING_VARIANTS
from hotline.speech.synthesis import Synthesiser, Voice, toned_pinyin

_FIRST_CHARACTER, _LAST_CHARACTER = 0x4E00, 0x9FA5
_SILENT_SHARE = 12
_PAUSE_BEFORE_WORD = 0.12

Clauses = list[list[str]]


class TooManyRejected(RuntimeError):
    """espeak-ng's marks fit too few of the sentences: another version of it, most likely."""


@dataclass(frozen=True, slots=True)
class Example:
    """Features and the label of each of their frames."""

    features: Features
    labels: Labels


class Maker:
    """Makes examples, repeatable by its seed."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._line = Line(seed)
        self._synthesiser = Synthesiser()
        self._extractor = Extractor()

    def examples(self, sentences: Sequence[Sentence], random_utterances: int) -> list[Example]:
        """An example of each sentence, of so many random utterances, and of line sounds.

        Raises :class:`TooManyRejected`.
        """
        texts = [self._clauses(sentence) for sentence in sentences]
        syllables = every_syllable()
        texts += [self._babble(syllables) for _ in range(random_utterances)]
        made = [self._example(text) for text in texts]
        good = [example for example in made if example is not None]
        if len(good) < 0.95 * len(texts):
            raise TooManyRejected(f"only {len(good)} of {len(texts)} utterances could be labelled")
        return good + [self._line_sound() for _ in range(len(good) // _SILENT_SHARE)]

    def _clauses(self, sentence: Sentence) -> Clauses:
        """The sentence's syllables, with a pause here and there between words."""
        clauses: Clauses = [[]]
        for word in sentence:
            if clauses[-1] and self._dice.random() < _PAUSE_BEFORE_WORD:
                clauses.append([])
            clauses[-1] += toned_pinyin(word)
        return clauses

    def _babble(self, syllables: Sequence[str]) -> Clauses:
        """Syllables in any order: the network must learn sounds, not sentences."""
        return [
            self._dice.choices(syllables, k=self._dice.randint(2, 9))
            for _ in range(self._dice.randint(1, 2))
        ]

    def _example(self, clauses: Clauses) -> Example | None:
        dice = self._dice
        voice = Voice(
            variant=dice.choice(TRAINING_VARIANTS),
            rate=int(dice.triangular(110, 230, 165)),
            pitch=dice.randint(25, 75),
            pitch_range=dice.randint(20, 80),
        )
        speech = speak(self._synthesiser, clauses, voice)
        if speech is None:
            return None
        if dice.random() < 0.6:
            speech = stretched(speech, dice.uniform(0.87, 1.15))
        lead_s, trail_s = dice.uniform(0.05, 0.7), dice.uniform(0.05, 0.7)
        padded = np.concatenate([_pause(lead_s), speech.audio, _pause(trail_s)])
        features = self._extractor.of(self._line.carry(padded))
        return Example(features, frame_labels(speech.segments, lead_s, len(features)))

    def _line_sound(self) -> Example:
        features = self._extractor.of(self._line.sound())
        return Example(features, silence(len(features)))


def stretched(speech: LabelledSpeech, factor: float) -> LabelledSpeech:
    """Played ``factor`` times as fast: pitch, voice and pace change together."""
    count = len(speech.audio)
    audio = np.interp(np.arange(0, count - 1, factor), np.arange(count), speech.audio)
    segments = [
        Segment(one.start_s / factor, one.end_s / factor, one.pdf) for one in speech.segments
    ]
    return LabelledSpeech(np.asarray(audio, np.float64), tuple(segments))


def every_syllable() -> list[str]:
    """Every toned syllable that some Chinese character is read as."""
    characters = map(chr, range(_FIRST_CHARACTER, _LAST_CHARACTER + 1))
    found = {syllable for character in characters for syllable in toned_pinyin(character)}
    return sorted(filter(_is_speakable, found))


def _is_speakable(syllable: str) -> bool:
    if not (syllable[:-1].isascii() and syllable[:-1].isalpha() and syllable[-1].isdigit()):
        return False
    try:
        split_syllable(syllable)
    except UnknownSyllable:
        return False
    return True


def _pause(seconds: float) -> Floats:
    return np.zeros(int(seconds * TELEPHONE_RATE))
