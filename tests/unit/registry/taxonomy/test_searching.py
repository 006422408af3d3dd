from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import String

from hotline.registry import taxonomy
from hotline.registry.taxonomy import Category, Taxonomy
from hotline.registry.taxonomy.pinyin import syllables
from hotline.registry.taxonomy.shipped import table
from hotline.storage.tables import CaseRow

TAXONOMY = taxonomy.load()
ALL = {standard.id: taxonomy.load(standard.id) for standard in taxonomy.standards()}


@st.composite
def classes(draw: st.DrawFn) -> tuple[Taxonomy, Category]:
    """Any class of any standard, with its standard."""
    tree = draw(st.sampled_from(list(ALL.values())))
    return tree, draw(st.sampled_from(list(tree)))


def names(words: str) -> list[str]:
    return [category.name for category in TAXONOMY.search(words)]


@pytest.mark.parametrize(
    "words", ["路灯", "ld", "LUDENG", "lu deng", "马路灯", "路灯 不亮", "ldbl"]
)
def test_a_category_is_found_by_name_pinyin_initials_and_everyday_words(words: str) -> None:
    assert "路灯" in names(words)


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("路灯", "路灯"),
        ("窨井盖", "上水井盖"),
        ("小广告", "非法小广告"),
        ("噪音扰民", "商业噪音"),
        ("下水道", "排水管道堵塞、破裂"),
        ("违停", "机动车乱停放"),
        ("公厕", "公共厕所"),
        ("rxhdz", "人行横道桩"),
        ("垃圾箱果皮箱桶", "垃圾箱（果皮箱、桶）"),
        ("我家门口路灯不亮了", "路灯"),
        ("不亮 路灯", "路灯"),
        ("路灯bl", "路灯"),
        ("路登", "路灯"),
        ("人行恒道装", "人行横道桩"),
        ("xingdaosu", "行道树"),
        ("tiaoyazhan", "燃气调压站（箱）"),
        ("0137", "路灯"),
    ],
)
def test_what_fits_best_comes_first(words: str, first: str) -> None:
    assert names(words)[0] == first


def test_words_that_fit_exactly_one_category_give_it_alone() -> None:
    assert names("道路积水") == ["道路积水"]


def test_a_hit_says_which_word_fitted() -> None:
    assert TAXONOMY.hits("马路灯")[0].matched == "马路灯"


def test_a_code_finds_the_component_and_the_event_of_that_code() -> None:
    assert {c.key for c in TAXONOMY.search("0101")} == {"component/0101", "event/0101"}


def test_nothing_typed_shows_the_first_categories_and_nonsense_none() -> None:
    assert len(TAXONOMY.search("", limit=7)) == 7
    assert TAXONOMY.search("没有这个类别") == ()
    assert TAXONOMY.search("，。") == ()


@given(words=st.text(max_size=8))
def test_any_words_give_categories_once_each(words: str) -> None:
    found = TAXONOMY.search(words, limit=1000)
    assert len({category.key for category in found}) == len(found)


@given(one=classes())
def test_every_class_is_among_the_first_twenty_for_what_it_is_called(
    one: tuple[Taxonomy, Category],
) -> None:
    tree, category = one
    called = [category.name, category.pinyin, category.code, *category.synonyms[:1]]
    for words in called:
        assert category in tree.search(words), words
    assert category in tree.search(category.initials, limit=60)


@given(one=classes(), gap=st.integers(0, 5), part=st.sampled_from([" ", "，", "、"]))
def test_where_a_name_is_broken_does_not_matter(
    one: tuple[Taxonomy, Category], gap: int, part: str
) -> None:
    tree, category = one
    broken = category.name[:gap] + part + category.name[gap:]
    assert category in tree.search(broken)


@given(one=classes(), slip=st.integers(0, 20), wrong=st.sampled_from("abcxyz"))
def test_one_wrong_letter_in_a_long_reading_is_forgiven(
    one: tuple[Taxonomy, Category], slip: int, wrong: str
) -> None:
    tree, category = one
    sound = category.pinyin
    if len(sound) < 12:
        return
    at = slip % len(sound)
    typed = sound[:at] + wrong + sound[at + 1 :]
    assert category in tree.search(typed, limit=len(tree))


def test_every_key_is_one_categorys_and_fits_the_case() -> None:
    column = CaseRow.__table__.c.category_code.type
    assert isinstance(column, String)
    for tree in ALL.values():
        keys = [category.key for category in tree]
        assert len(keys) == len(set(keys))
        # One more for the @ of a form.
        assert max(map(len, keys)) + 1 <= (column.length or 0)
        assert all(tree.get(key) is not None for key in keys)


def test_everyday_words_belong_to_classes_that_there_are() -> None:
    rows = table("synonyms.tsv")
    known = {(c.branch, c.name) for tree in ALL.values() for c in tree}
    words = [word for row in rows for word in row["words"].split()]
    assert {(row["kind"], name) for row in rows for name in row["names"].split("|")} <= known
    assert len(set(words)) > 900
    # An everyday word that is read wrongly cannot be typed.
    assert "zhang" not in syllables("长椅")


@pytest.mark.parametrize(
    ("name", "pinyin"),
    [
        ("行道树", "xing dao shu"),
        ("重大危险源", "zhong da wei xian yuan"),
        ("燃气调压站（箱）", "ran qi tiao ya zhan xiang"),
        ("空调室外机低挂", "kong tiao shi wai ji di gua"),
        ("畜力车进城", "chu li che jin cheng"),
        ("临街阳台、屋顶脏乱差", "lin jie yang tai wu ding zang luan cha"),
        ("紧急报警点SOS", "jin ji bao jing dian sos"),
        ("长椅", "chang yi"),
    ],
)
def test_words_of_several_readings_are_read_as_meant(name: str, pinyin: str) -> None:
    assert " ".join(syllables(name)) == pinyin


def test_an_empty_taxonomy_finds_nothing() -> None:
    assert Taxonomy("none", []).search("井盖") == ()
