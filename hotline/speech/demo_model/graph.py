"""The search graph: from transitions to words (HCLr.fst), and the language model (Gr.fst).

The two are kept apart, joined by look-ahead while decoding, so that a grammar can be given at
run time. The look-ahead matcher renumbers the words; ``words.txt`` and the language model use
its numbers.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import kaldifst

from hotline.speech.demo_model.corpus import Sentence
from hotline.speech.demo_model.lexicon import (
    FINALS,
    INITIALS,
    PHONE_IDS,
    PHONES,
    SILENCE,
    UNKNOWN_WORD,
    base_of,
    pronounce,
    self_loop_probability,
    states_of,
    transition_id,
    word_boundary,
)
from hotline.speech.demo_model.ngram import LanguageModel
from hotline.speech.demo_model.openfst import OpenFst

SILENCE_BETWEEN_WORDS = 0.5
SELF_LOOP_SCALE = 0.1
UNKNOWN_WORD_COST = 6.0

# Vosk wants the numbers of disambiguation symbols; in this graph none is left.
_NO_TRANSITION = 999_999
_EPSILON = 0
_START, _WORD, _PAUSE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Arc:
    """From state to state, reading ``given``, writing ``word``, at a cost (a negative log)."""

    start: int
    end: int
    given: int
    word: int
    cost: float = 0.0

    def line(self) -> str:
        """OpenFst's text form."""
        return f"{self.start} {self.end} {self.given} {self.word} {self.cost:.5f}\n"


def write_graph(
    words: Sequence[str], texts: Sequence[Sentence], into: Path, tools: OpenFst
) -> None:
    """Write the files of ``graph/``. Raises :class:`~.openfst.OpenFstFault`."""
    into.joinpath("phones").mkdir(parents=True, exist_ok=True)
    numbers = {word: number for number, word in enumerate([*sorted(words), UNKNOWN_WORD], 1)}
    renumbered = _write_transitions_to_words(numbers, into, tools)
    table = sorted((renumbered.get(number, number), word) for word, number in numbers.items())
    symbols = "".join(f"{word} {number}\n" for number, word in [(_EPSILON, "<eps>"), *table])
    into.joinpath("words.txt").write_text(symbols, encoding="utf-8")
    _write_language_model(LanguageModel(texts, sorted(words)), into, tools)
    into.joinpath("disambig_tid.int").write_text(f"{_NO_TRANSITION}\n")
    places = "".join(f"{number} {word_boundary(p)}\n" for p, number in PHONE_IDS.items())
    into.joinpath("phones", "word_boundary.int").write_text(places)


def _write_transitions_to_words(
    numbers: dict[str, int], into: Path, tools: OpenFst
) -> dict[int, int]:
    """Write HCLr.fst; returns the look-ahead matcher's new number for each word's."""
    compiled = tools.run("fstcompile", given=_Expansion(_lexicon(numbers)).text().encode())
    ordered = tools.run(
        "fstarcsort", "--sort_type=olabel", given=tools.run("fstconnect", given=compiled)
    )
    with TemporaryDirectory() as folder:
        pairs = Path(folder) / "relabel"
        looking_ahead = tools.run(
            "fstconvert", "--fst_type=olabel_lookahead", f"--save_relabel_opairs={pairs}",
            given=ordered,
        )  # fmt: skip
        lines = pairs.read_text().splitlines()
    into.joinpath("HCLr.fst").write_bytes(looking_ahead)
    return {int(old): int(new) for old, new in (line.split() for line in lines)}


def _write_language_model(model: LanguageModel, into: Path, tools: OpenFst) -> None:
    symbols = into / "words.txt"
    compiled = tools.run(
        "fstcompile", f"--isymbols={symbols}", f"--osymbols={symbols}",
        given=model.acceptor().encode(),
    )  # fmt: skip
    ordered = tools.run("fstarcsort", "--sort_type=ilabel", given=compiled)
    constant = tools.run("fstconvert", "--fst_type=const", given=ordered)
    into.joinpath("Gr.fst").write_bytes(constant)


# --- phones to words ----------------------------------------------------------------------


def _lexicon(numbers: dict[str, int]) -> kaldifst.StdVectorFst:
    """Phones to words, with silence allowed between words; determinised and minimised."""
    arcs = [*_silence_arcs(), *_word_arcs(numbers)]
    text = "".join(arc.line() for arc in arcs) + f"{_WORD} 0\n"
    fst = kaldifst.compile(text, fst_type="vector")
    kaldifst.determinize_star(fst)
    kaldifst.minimize_encoded(fst)
    return fst


def _disambiguation(number: int) -> int:
    """Symbols behind the phones that keep homophones apart while determinising."""
    return len(PHONES) + 1 + number


_AFTER_SILENCE = _disambiguation(0)
_FIRST_INNER_STATE = 5
_BEHIND_SILENCE, _INSIDE_UNKNOWN = 3, 4
_COST_OF_NONE = -math.log(1 - SILENCE_BETWEEN_WORDS)
_COST_OF_SILENCE = -math.log(SILENCE_BETWEEN_WORDS)


def _word_ends(start: int, given: int, word: int, cost: float = 0.0) -> Iterator[Arc]:
    """The last arc of a word: on to the next word, with or without silence between."""
    yield Arc(start, _WORD, given, word, cost + _COST_OF_NONE)
    yield Arc(start, _PAUSE, given, word, cost + _COST_OF_SILENCE)


def _silence_arcs() -> Iterator[Arc]:
    yield from _word_ends(_START, _EPSILON, _EPSILON)
    yield Arc(_PAUSE, _BEHIND_SILENCE, PHONE_IDS[SILENCE], _EPSILON)
    yield Arc(_BEHIND_SILENCE, _WORD, _AFTER_SILENCE, _EPSILON)


def _word_arcs(numbers: dict[str, int]) -> Iterator[Arc]:
    homophones: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for word in sorted(numbers.keys() - {UNKNOWN_WORD}):
        homophones[tuple(pronounce(word))].append(word)
    state = _FIRST_INNER_STATE
    for phones, words in homophones.items():
        for number, word in enumerate(words, 1):
            symbols = [PHONE_IDS[phone] for phone in phones]
            if len(words) > 1:
                symbols.append(_disambiguation(number))
            *first, last = symbols
            here, writes = _WORD, numbers[word]
            for symbol in first:
                yield Arc(here, state, symbol, writes)
                here, writes, state = state, _EPSILON, state + 1
            yield from _word_ends(here, last, writes)
    yield from _unknown_word_arcs(numbers[UNKNOWN_WORD])


def _unknown_word_arcs(number: int) -> Iterator[Arc]:
    """Any one syllable, at a cost."""
    for initial in INITIALS:
        given = PHONE_IDS[f"{initial}_X"]
        yield Arc(_WORD, _INSIDE_UNKNOWN, given, number, UNKNOWN_WORD_COST)
    for final in FINALS:
        yield from _word_ends(_INSIDE_UNKNOWN, PHONE_IDS[f"{final}_Y"], _EPSILON)
        yield from _word_ends(_WORD, PHONE_IDS[f"{final}_Z"], number, UNKNOWN_WORD_COST)


# --- transitions to words -----------------------------------------------------------------


class _Expansion:
    """Each phone's arc becomes arcs over its states' transitions.

    As Kaldi does ("reordered"), a state's transition onwards is read first and its self-loop
    waits behind it: on the arc's own end where only this phone leads there, else on a state put
    between. The self-loop's and the leaving arcs' probabilities count with SELF_LOOP_SCALE.
    """

    def __init__(self, lexicon: kaldifst.StdVectorFst) -> None:
        self._start = int(lexicon.start)
        self._next_state = int(lexicon.num_states)
        self._final = {
            state: float(lexicon.final(state).value)
            for state in range(lexicon.num_states)
            if not math.isinf(lexicon.final(state).value)
        }
        self._arcs: list[Arc] = []
        self._loops: dict[int, tuple[str, int]] = {}
        arcs = [
            Arc(state, arc.nextstate, arc.ilabel, arc.olabel, float(arc.weight.value))
            for state in range(lexicon.num_states)
            for arc in kaldifst.ArcIterator(lexicon, state)
        ]
        self._entered_by: defaultdict[int, set[int]] = defaultdict(set)
        for arc in arcs:
            self._entered_by[arc.end].add(arc.given)
        for arc in arcs:
            self._expand(arc)

    def _expand(self, arc: Arc) -> None:
        if not 0 < arc.given <= len(PHONES):
            self._arcs.append(replace(arc, given=_EPSILON))
            return
        phone = PHONES[arc.given - 1]
        last = states_of(base_of(phone)) - 1
        here, word, cost = arc.start, arc.word, arc.cost
        for state in range(last + 1):
            shared = len(self._entered_by[arc.end]) > 1 or arc.end == self._start
            there = arc.end if state == last and not shared else self._new_state()
            onwards = transition_id(phone, state, self_loop=False)
            self._arcs.append(Arc(here, there, onwards, word, cost))
            self._loops[there] = (phone, state)
            here, word, cost = there, _EPSILON, 0.0
        if here != arc.end:
            self._arcs.append(Arc(here, arc.end, _EPSILON, _EPSILON))

    def _new_state(self) -> int:
        self._next_state += 1
        return self._next_state - 1

    def text(self) -> str:
        """OpenFst's text form; the first line's state is the start."""
        leaving = [replace(arc, cost=arc.cost + self._leaving(arc.start)) for arc in self._arcs]
        arcs = sorted([*leaving, *self._self_loops()], key=self._order)
        ends = (f"{s} {cost + self._leaving(s):.5f}\n" for s, cost in self._final.items())
        return "".join(arc.line() for arc in arcs) + "".join(ends)

    def _order(self, arc: Arc) -> tuple[bool, int]:
        return arc.start != self._start, arc.start

    def _leaving(self, state: int) -> float:
        """The cost of not repeating the state once more; nothing where no self-loop is."""
        if state not in self._loops:
            return 0.0
        phone, _ = self._loops[state]
        return -SELF_LOOP_SCALE * math.log(1 - self_loop_probability(phone))

    def _self_loops(self) -> Iterator[Arc]:
        for state, (phone, number) in self._loops.items():
            cost = -SELF_LOOP_SCALE * math.log(self_loop_probability(phone))
            loop = transition_id(phone, number, self_loop=True)
            yield Arc(state, state, loop, _EPSILON, cost)
