"""A trigram language model with back-off, as a finite-state acceptor in OpenFst's text form."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

START, END = "<s>", "</s>"
ORDER = 3
# This share of the unigrams goes to all words alike, so that each can be recognised.
FLOOR = 0.02
_LEAST = 1e-6

History = tuple[str, ...]


class LanguageModel:
    """Witten-Bell interpolation: a history trusts its own counts more, the more it has seen."""

    def __init__(self, sentences: Iterable[Sequence[str]], words: Sequence[str]) -> None:
        self._words = [*words, END]
        self._counts: defaultdict[History, Counter[str]] = defaultdict(Counter)
        for sentence in sentences:
            self._count(sentence)

    def _count(self, sentence: Sequence[str]) -> None:
        history: History = (START,)
        for word in (*sentence, END):
            for length in range(len(history) + 1):
                self._counts[history[len(history) - length :]][word] += 1
            history = (*history, word)[-(ORDER - 1) :]

    @cached_property
    def _seen(self) -> dict[History, dict[str, float]]:
        """The probability of each word that was seen after each history."""
        unigrams = self._counts[()]
        total = sum(unigrams.values())
        share = FLOOR / len(self._words)
        seen: dict[History, dict[str, float]] = {}
        seen[()] = {w: (1 - FLOOR) * unigrams[w] / total + share for w in self._words}
        for length in range(1, ORDER):
            for history in [one for one in self._counts if len(one) == length]:
                counts = self._counts[history]
                total, kinds = sum(counts.values()), len(counts)
                seen[history] = {
                    word: (count + kinds * self._lookup(seen, history[1:], word)) / (total + kinds)
                    for word, count in counts.items()
                }
        return seen

    @staticmethod
    def _lookup(seen: dict[History, dict[str, float]], history: History, word: str) -> float:
        """The word's probability after the longest end of ``history`` that it was seen after."""
        while word not in seen.get(history, {}):
            history = history[1:]
        return seen[history][word]

    def probability(self, history: Sequence[str], word: str) -> float:
        """How likely ``word`` follows; backing off as the acceptor does."""
        known = tuple(history)[-(ORDER - 1) :]
        scale = 1.0
        while word not in self._seen.get(known, {}):
            scale *= self._back_off(known) if known in self._seen else 1.0
            known = known[1:]
        return scale * self._seen[known][word]

    def _shorter(self, history: History) -> History:
        shorter = history[1:]
        while shorter not in self._seen:
            shorter = shorter[1:]
        return shorter

    def _back_off(self, history: History) -> float:
        """What the seen words leave over, shared out as the shorter history would."""
        shorter, seen = self._shorter(history), self._seen[history]
        left = 1 - sum(seen.values())
        there = 1 - sum(self._lookup(self._seen, shorter, word) for word in seen)
        return max(_LEAST, left) / max(_LEAST, there)

    def acceptor(self) -> str:
        """The model with words as labels; the first line's state is the start."""
        states: dict[History, int] = {(START,): 0}
        for history in self._seen:
            states.setdefault(history, len(states))
        return "".join(f"{line}\n" for history in states for line in self._arcs(history, states))

    def _arcs(self, history: History, states: dict[History, int]) -> Iterator[str]:
        here = states[history]
        for word, probability in self._seen[history].items():
            cost = -math.log(probability)
            if word == END:
                yield f"{here} {cost:.4f}"
                continue
            following = (*history, word)[-(ORDER - 1) :]
            while following not in states:
                following = following[1:]
            yield f"{here} {states[following]} {word} {word} {cost:.4f}"
        if history:
            cost = -math.log(self._back_off(history))
            yield f"{here} {states[self._shorter(history)]} <eps> <eps> {cost:.4f}"
