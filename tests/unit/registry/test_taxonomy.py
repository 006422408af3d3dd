from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import String

from hotline.registry import taxonomy
from hotline.registry.taxonomy import Taxonomy
from hotline.storage.tables import CaseRow

TAXONOMY = taxonomy.load()


def names(words: str) -> list[str]:
    return [category.name for category in TAXONOMY.search(words)]


@pytest.mark.parametrize("words", ["路灯", "ld", "LUDENG", "lu deng"])
def test_a_category_is_found_by_name_pinyin_and_initials(words: str) -> None:
    assert "路灯" in names(words)


def test_what_begins_with_the_words_comes_first() -> None:
    assert names("路灯")[0].startswith("路灯")
    assert names("道路积水") == ["道路积水"]


def test_a_code_finds_the_component_and_the_event_of_that_code() -> None:
    assert {c.key for c in TAXONOMY.search("0101")} == {"component/0101", "event/0101"}


def test_nothing_typed_shows_the_first_categories_and_nonsense_none() -> None:
    assert len(TAXONOMY.search("", limit=7)) == 7
    assert TAXONOMY.search("没有这个类别") == ()


@given(words=st.text(max_size=8))
def test_any_words_give_categories_once_each(words: str) -> None:
    found = TAXONOMY.search(words, limit=1000)
    assert len({category.key for category in found}) == len(found)


def test_every_category_is_found_by_what_it_is_called() -> None:
    for category in TAXONOMY:
        for words in (category.name, category.initials, category.pinyin, category.code):
            assert category in TAXONOMY.search(words, limit=1000)


def test_every_key_is_one_categorys_and_fits_the_case() -> None:
    keys = [category.key for category in TAXONOMY]
    assert len(keys) == len(set(keys)) == 133
    column = CaseRow.__table__.c.category_code.type
    assert isinstance(column, String)
    assert column.length is not None
    assert max(map(len, keys)) <= column.length
    assert all(TAXONOMY.get(key) is not None for key in keys)


def test_a_standard_that_is_not_shipped_is_an_error() -> None:
    with pytest.raises(taxonomy.UnknownStandard):
        taxonomy.load("gbt-0")


def test_an_empty_taxonomy_finds_nothing() -> None:
    assert Taxonomy("none", []).search("井盖") == ()
