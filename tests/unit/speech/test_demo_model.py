"""The builder's parts that need neither torch nor OpenFst; the whole is ``make demo-model``."""

from __future__ import annotations

import math
import random
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.speech.demo_model import lexicon
from hotline.speech.demo_model.augment import Line
from hotline.speech.demo_model.corpus import (
    Grammar,
    demo_sentences,
    sentences,
    spoken_number,
    vocabulary,
)
from hotline.speech.demo_model.evaluation import edits, held_out
from hotline.speech.demo_model.labels import frame_labels, speak
from hotline.speech.demo_model.network import CONTEXT, LAYERS, Affine, Network
from hotline.speech.demo_model.ngram import END, START, LanguageModel
from hotline.speech.demo_model.openfst import OpenFst, OpenFstFault
from hotline.speech.demo_model.recipe import Recipe
from hotline.speech.demo_model.voices import HELD_OUT_VARIANTS, TRAINING_VARIANTS
from hotline.speech.demo_model.writer import model_bytes
from hotline.speech.sentences import REPORTS, clauses, spoken
from hotline.speech.synthesis import Synthesiser, Voice, toned_pinyin

words = st.sampled_from("天地人你我他")
texts = st.lists(st.lists(words, min_size=1, max_size=6), min_size=1, max_size=12)


# --- text -----------------------------------------------------------------------------------


def test_the_same_seed_draws_the_same_sentences_and_more_only_adds() -> None:
    assert sentences(50, 3) == sentences(80, 3)[:50] != sentences(50, 4)
    assert len(set(sentences(300, 5))) == 300


def test_sentences_hold_no_unfilled_place() -> None:
    grammar, dice = Grammar(), random.Random(1)
    for _ in range(500):
        assert not set("{}") & set("".join(grammar.draw(dice)))


def test_held_out_sentences_are_in_nothing_the_model_was_built_from() -> None:
    built_from = Recipe().texts()
    known = {"".join(sentence) for sentence in built_from}
    tried = held_out(built_from, 100)
    assert len(tried) == 100
    assert not known & set(tried)
    assert not set(HELD_OUT_VARIANTS) & set(TRAINING_VARIANTS)


def test_the_demos_reports_are_known_word_by_word() -> None:
    known = set(vocabulary(demo_sentences()))
    for report in REPORTS:
        parts = list(clauses(report))
        assert {word for clause in parts for word in clause} <= known
        assert "，".join("".join(clause) for clause in parts) == spoken(report)


def test_words_alone_are_read_as_in_their_sentence() -> None:
    """The model learns words; citizens speak sentences, whose polyphones must agree."""
    for report in REPORTS:
        for clause in clauses(report):
            alone = [lexicon.split_syllable(s) for word in clause for s in toned_pinyin(word)]
            whole = [lexicon.split_syllable(s) for s in toned_pinyin("".join(clause))]
            assert alone == whole, clause


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "零"), (7, "七"), (10, "十"), (12, "十二"), (20, "二十"), (105, "一百零五"),
     (110, "一百一十"), (300, "三百"), (399, "三百九十九")],
)  # fmt: skip
def test_house_numbers_are_said_as_people_say_them(number: int, said: str) -> None:
    assert spoken_number(number) == said


# --- sounds ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("syllable", "parts"),
    [("zhong1", ("zh", "ong")), ("xue2", ("x", "ve")), ("si4", ("s", "iz")),
     ("shi4", ("sh", "ir")), ("yu3", ("v",)), ("wei4", ("ui",)), ("lv4", ("l", "v")),
     ("er2", ("er",)), ("n2", ("en",)), ("xiong1", ("x", "iong"))],
)  # fmt: skip
def test_pinyin_is_split_by_its_sounds(syllable: str, parts: tuple[str, ...]) -> None:
    assert lexicon.split_syllable(syllable) == parts


def test_what_is_no_syllable_is_refused() -> None:
    for text in ("abc", "zhx1", ""):
        with pytest.raises(lexicon.UnknownSyllable):
            lexicon.split_syllable(text)


def test_every_word_of_the_corpus_can_be_pronounced() -> None:
    for word in vocabulary(Recipe().texts()):
        phones = lexicon.pronounce(word)
        assert set(phones) <= set(lexicon.PHONES)
        kinds = [lexicon.word_boundary(phone) for phone in phones]
        inside = ["internal"] * (len(kinds) - 2)
        assert kinds in (["singleton"], ["begin", *inside, "end"])


def test_transitions_are_numbered_without_gap_or_repetition() -> None:
    numbers = [
        lexicon.transition_id(phone, state, self_loop=loop)
        for phone in lexicon.PHONES
        for state in range(lexicon.states_of(lexicon.base_of(phone)))
        for loop in (True, False)
    ]
    assert numbers == list(range(1, 2 * len(lexicon.STATES) + 1))


def test_speech_is_labelled_sound_by_sound_in_order(synthesiser: Synthesiser) -> None:
    said = [["jing3", "gai4"], ["xiong1", "di4"]]
    speech = speak(synthesiser, said, Voice())
    assert speech is not None
    expected = [
        lexicon.PDFS[part, state]
        for clause in said
        for syllable in clause
        for part in lexicon.split_syllable(syllable)
        for state in range(lexicon.states_of(part))
    ]
    assert [one.pdf for one in speech.segments] == expected
    edges = [at for one in speech.segments for at in (one.start_s, one.end_s)]
    assert edges == sorted(edges)
    pause = speech.segments[6].start_s - speech.segments[5].end_s
    assert 0.05 < pause < 0.6
    labels = frame_labels(speech.segments, 0.5, 400)
    assert set(labels) == {*expected, lexicon.PDFS[lexicon.SILENCE, 0]}
    assert set(labels[:49]) == {lexicon.PDFS[lexicon.SILENCE, 0]}


def test_a_bad_line_is_repeatable() -> None:
    audio = 30_000 * np.sin(np.arange(8000) / 3)
    first, again = Line(7), Line(7)
    for _ in range(20):
        assert (first.carry(audio) == again.carry(audio)).all()
        assert (first.sound() == again.sound()).all()


# --- language model -------------------------------------------------------------------------


@given(texts)
def test_after_any_history_probabilities_sum_to_one(corpus: list[list[str]]) -> None:
    model = LanguageModel(corpus, list("天地人你我他"))
    histories = [(START,), (), ("天",), *(tuple(text[:2]) for text in corpus)]
    for history in histories:
        total = sum(model.probability(history, word) for word in [*"天地人你我他", END])
        assert total == pytest.approx(1, abs=1e-4)


@given(texts)
def test_the_acceptor_gives_what_the_model_says(corpus: list[list[str]]) -> None:
    model = LanguageModel(corpus, list("天地人你我他"))
    arcs: dict[tuple[int, str], tuple[int, float]] = {}
    ends: dict[int, float] = {}
    for line in model.acceptor().splitlines():
        match line.split():
            case [end, weight]:
                ends[int(end)] = float(weight)
            case [start, following, label, _, weight]:
                arcs[int(start), label] = int(following), float(weight)
    for text in corpus:
        state, total = 0, 0.0
        for word in text:
            state, cost = arcs[state, word]
            total += cost
        expected = math.prod(
            model.probability((START, *text[:place]), word)
            for place, word in enumerate([*text, END])
        )
        assert total + ends[state] == pytest.approx(-math.log(expected), abs=0.01)


# --- the model's file -----------------------------------------------------------------------


def _tiny_network() -> Network:
    dice, width, inputs = np.random.default_rng(1), 8, 30
    sizes = [inputs, *[width] * (len(LAYERS) - 1)]

    def affine(rows: int, columns: int) -> Affine:
        matrix = dice.standard_normal((rows, columns)).astype(np.float32)
        return Affine(matrix, np.zeros(rows, np.float32))

    hidden = [affine(width, s * layer.kernel) for s, layer in zip(sizes, LAYERS, strict=True)]
    outputs = len(lexicon.PDFS)
    priors = np.full(outputs, 1 / outputs, np.float32)
    return Network(tuple(hidden), affine(outputs, width), priors)


def test_the_network_answers_for_every_third_frame_with_probabilities() -> None:
    network = _tiny_network()
    scores = network.log_posteriors(np.zeros((31, 30), np.float32))
    assert scores.shape == (11, len(lexicon.PDFS))
    assert np.exp(scores).sum(1) == pytest.approx(1)
    assert CONTEXT == 15


def test_the_models_file_names_its_layers_and_context() -> None:
    written = model_bytes(_tiny_network())
    assert written.startswith(b"\0B<TransitionModel> ")
    assert b"input=Append(Offset(input, -2), Offset(input, -1), input" in written
    context = b"<LeftContext> \x04" + struct.pack("<i", CONTEXT)
    assert context in written


def test_missing_tools_are_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(OpenFstFault, match=r"fstcompile.*libfst-tools"):
        OpenFst(tmp_path_factory.mktemp("empty")).check()


# --- measuring ------------------------------------------------------------------------------

short = st.text("甲乙丙", max_size=6)


@given(short, short, short)
def test_edits_are_a_distance(a: str, b: str, c: str) -> None:
    assert (edits(a, b) == 0) == (a == b)
    assert edits(a, b) == edits(b, a)
    assert edits(a, c) <= edits(a, b) + edits(b, c)
    assert edits(a, "") == len(a)
