from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.registry.searching.words import (
    MOST_WORDS,
    Term,
    fold,
    match_expression,
    query_of,
    tsquery,
    tsvector,
    words_of,
)

NASTY = st.text(alphabet=st.sampled_from("井盖中山路桥aB7'\"*:&|!()<->\\%_;^\x00,。　 \n~ＡＢ１２"))


def test_chinese_becomes_overlapping_pairs_and_its_last_character() -> None:
    assert words_of(fold("中山路12号，井盖ABC")) == [
        "中山", "山路", "路", "12", "号", "井盖", "盖", "abc",
    ]  # fmt: skip


def test_full_width_and_capitals_are_the_same() -> None:
    assert words_of(fold("ＡＢＣ１２")) == words_of(fold("abc12"))


def test_no_case_is_searched_without_bounds() -> None:
    assert len(words_of("路灯" * MOST_WORDS)) == MOST_WORDS
    assert [len(word) for word in words_of("a" * 5_000)] == [40]


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("井盖破损", (Term(("井盖", "盖破", "破损")),)),
        ("中山路12号", (Term(("中山", "山路", "路", "12")),)),
        ("中山路 井盖", (Term(("中山", "山路")), Term(("井盖",)))),
        ("桥", (Term(("桥",), prefix=True),)),
        ("路 灯", (Term(("灯",), prefix=True),)),
        ("中山路 灯", (Term(("中山", "山路")),)),
        ("unit", (Term(("unit",), prefix=True),)),
        ("12", (Term(("12",)),)),
        ("  '\"*()", ()),
    ],
)
def test_a_query_is_its_pieces_as_they_stand(typed: str, terms: tuple[Term, ...]) -> None:
    assert query_of(typed).terms == terms


@given(NASTY | st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_nothing_typed_becomes_query_syntax(typed: str) -> None:
    query = query_of(typed)
    for asked in (query, query.loose):
        words = [word for term in asked.terms for word in term.words]
        assert all(word.isalnum() for word in words)
        for expression in (match_expression(asked), tsquery(asked)):
            signs = expression
            for word in sorted(words, key=len, reverse=True):
                signs = signs.replace(word, "")
            assert set(signs) <= set("\"' *:&()<->AND")
    assert all(word.isalnum() for word in words_of(fold(typed)))
    assert tsvector(["a", "b"]) == "'a':1 'b':2"


@given(st.text(alphabet="井盖中山路桥ab12 ，", min_size=2, max_size=30), st.data())
@settings(max_examples=300, deadline=None)
def test_any_piece_of_two_characters_or_more_is_found(whole: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(whole) - 2))
    piece = whole[start : data.draw(st.integers(start + 2, len(whole)))]
    if not piece.isalnum() or any(each.isascii() for each in piece):
        return
    words = words_of(fold(whole))
    for term in query_of(piece).terms:
        size = len(term.words)
        assert any(
            tuple(words[at : at + size]) == term.words for at in range(len(words) - size + 1)
        )
