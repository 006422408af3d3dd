"""Which of some words somebody says: the engine's part, in a worker process.

A recogniser that is given a grammar hears nothing but its words, and is sure of them whatever was
said: its confidences are nearly all 1.0 (ADR 16). So a second one, which knows the whole
vocabulary, is asked about the same moment; how sure that one is of the word is what is told.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import vosk

from hotline.speech.audio import resample, to_samples

UNKNOWN = "[unk]"
LINE_RATE = 8000
# A word that stood unchanged for so long is taken: the engine's own endpoint comes later.
SETTLED_S = 0.4
# The second look takes in at most so much of what was said.
SECOND_LOOK_S = 3.0
# Of a word that the second look does not hear: as sure as it sounds alike, and never surer.
ALIKE_AT_MOST = 0.5
_BYTES_S = LINE_RATE * 2
_SEAM = LINE_RATE // 100


@dataclass(frozen=True, slots=True)
class Spotted:
    """A word, and how sure it is (0 to 1)."""

    word: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Unclear:
    """Somebody spoke, and said none of the words, or two of them."""


Finding = Spotted | Unclear


class NoWords(ValueError):
    """The model knows none of the words."""


def vocabulary(model: Path) -> frozenset[str]:
    """The words that a model knows."""
    lines = (model / "graph/words.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line.split()[0] for line in lines if line.strip())


def spell(word: str, known: frozenset[str]) -> tuple[str, ...]:
    """``word`` by the fewest words of a vocabulary; empty when it cannot be spelled so."""

    @cache
    def rest(start: int) -> tuple[str, ...] | None:
        if start == len(word):
            return ()
        ends = range(len(word), start, -1)
        tails = [
            (word[start:end], *tail)
            for end in ends
            if word[start:end] in known and (tail := rest(end)) is not None
        ]
        return min(tails, key=len, default=None)

    return rest(0) or ()


def grammar(words: Iterable[str], known: frozenset[str]) -> tuple[str, tuple[str, ...]]:
    """A grammar for the engine, and the words that its model does not know.

    Never an empty one, which would crash it, and never one without a way out for everything
    else. Raises :class:`NoWords`.
    """
    spellings = {word: spell(word, known) for word in words if word.strip()}
    phrases = [" ".join(spelling) for spelling in spellings.values() if spelling]
    if not phrases:
        raise NoWords(f"the model knows none of {', '.join(spellings) or 'no words'}")
    unknown = tuple(word for word, spelling in spellings.items() if not spelling)
    return json.dumps([*phrases, UNKNOWN], ensure_ascii=False), unknown


class Spotter:
    """Listens to one line (16-bit samples at 8,000 Hz) for some words.

    Raises :class:`NoWords`. ``unknown`` are those that the model cannot hear.
    """

    def __init__(
        self, model: vosk.Model, rate: int, known: frozenset[str], words: Sequence[str]
    ) -> None:
        self._model = model
        self._rate = rate
        self._words = tuple(words)
        self._grammar, self.unknown = grammar(words, known)
        self._said = b""
        self._line = Upsampler(rate)
        self._begin()

    def _begin(self) -> None:
        # A new one each time: a recogniser whose grammar is changed after audio aborts.
        self._recogniser = vosk.KaldiRecognizer(self._model, self._rate, self._grammar)
        self._recogniser.SetWords(True)
        self._partial = ""
        self._settled_s = 0.0
        self._said = self._said[-int(0.3 * _BYTES_S) :]

    def feed(self, samples: bytes) -> Finding | None:
        """Take speech in; what was said, as soon as that is clear."""
        self._said = (self._said + samples)[-int(SECOND_LOOK_S * _BYTES_S) :]
        if self._recogniser.AcceptWaveform(self._line.take(samples)):
            return self._conclude(self._recogniser.Result())
        partial = json.loads(self._recogniser.PartialResult())["partial"]
        if partial != self._partial:
            self._partial, self._settled_s = partial, 0.0
            return None
        self._settled_s += len(samples) / _BYTES_S
        if self._settled_s >= SETTLED_S and self._found(partial):
            return self._conclude(self._recogniser.FinalResult())
        return None

    def _conclude(self, result: str) -> Finding | None:
        text = json.loads(result).get("text", "")
        if not text:
            return None
        found = self._found(text)
        finding: Finding = Unclear()
        if len(found) == 1:
            finding = Spotted(found[0], sureness(found[0], self._second_look()))
        self._begin()
        return finding

    def _found(self, text: str) -> list[str]:
        """The words in what the engine heard; a longer one hides those it holds."""
        said = text.replace(" ", "")
        found = []
        for word in sorted(set(self._words), key=len, reverse=True):
            if word.replace(" ", "") in said:
                found.append(word)
                said = said.replace(word.replace(" ", ""), "|")
        return found

    def _second_look(self) -> list[dict[str, Any]]:
        recogniser = vosk.KaldiRecognizer(self._model, self._rate)
        recogniser.SetWords(True)
        said = Upsampler(self._rate).take(self._said)
        heard: list[dict[str, Any]] = []
        step = int(self._rate * 2 * 0.25)
        for start in range(0, len(said), step):
            if recogniser.AcceptWaveform(said[start : start + step]):
                heard += json.loads(recogniser.Result()).get("result", [])
        return heard + list(json.loads(recogniser.FinalResult()).get("result", []))


class Upsampler:
    """A line's samples at a model's rate, piece by piece without seams, 10 ms late.

    ``rate`` is a multiple of the line's 8,000 Hz.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._context = np.zeros(2 * _SEAM, np.int16)

    def take(self, samples: bytes) -> bytes:
        """The next piece. At the line's own rate it is given back as it is, and in time."""
        if self._rate == LINE_RATE:
            return samples
        line = np.concatenate([self._context, np.frombuffer(samples, "<i2")])
        self._context = line[-2 * _SEAM :]
        cut = _SEAM * self._rate // LINE_RATE
        finer = resample(line, LINE_RATE, self._rate)[cut:-cut]
        return to_samples(finer).astype("<i2").tobytes()


def sureness(word: str, heard: Sequence[dict[str, Any]]) -> float:
    """How sure a recogniser that expected nothing is of ``word`` (0 to 1).

    That of its least sure part where it heard the word; else how alike its letters are to what
    it did hear, and at most :data:`ALIKE_AT_MOST`.
    """
    wanted = word.replace(" ", "")
    text = "".join(str(part["word"]) for part in heard)
    start = text.find(wanted)
    if start < 0:
        alike = SequenceMatcher(None, wanted, text).find_longest_match()
        return ALIKE_AT_MOST * alike.size / len(wanted)
    least, at = 1.0, 0
    for part in heard:
        end = at + len(part["word"])
        if at < start + len(wanted) and end > start:
            least = min(least, float(part["conf"]))
        at = end
    return max(0.0, least)
