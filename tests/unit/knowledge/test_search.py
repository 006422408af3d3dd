"""Finding articles by what agents type in a hurry, and suggesting them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.knowledge.model import Article, ArticleText
from hotline.knowledge.search import Index, excerpt_of
from hotline.knowledge.shipped import demo_articles

DAY = date(2026, 11, 20)
WATER, GAS, NOISE = "停水怎么办、何时来水", "燃气泄漏先做什么", "夜间施工扰民的规定"


def article(number: int, text: ArticleText, *, withdrawn: bool = False) -> Article:
    return Article(number, 1, "add", text, withdrawn, "", "supervisor", float(number))


SHIPPED = [
    article(n, text) for n, text in enumerate(demo_articles(DAY, lambda _key: True), start=1)
]
INDEX = Index.of(SHIPPED)


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("停水", WATER),
        ("tingshui", WATER),
        ("ts", WATER),
        ("TINGSHUI", WATER),
        ("ＴＳ", WATER),
        ("ting'shui", WATER),
        ("婷水", WATER),
        ("小区停水了", WATER),
        ("水压 低", WATER),
        ("煤气", GAS),
        ("mq", GAS),
        ("闻到臭味", GAS),
        ("yjsg", NOISE),
        ("夜施证明", NOISE),
        ("二次供水泵房", WATER),
        ("高考期间", NOISE),
    ],
)
def test_an_article_is_found_by_chinese_pinyin_initials_and_its_text(
    typed: str, title: str
) -> None:
    assert INDEX.find(typed, 3)[0].article.title == title


@pytest.mark.parametrize("typed", ["？！", "zzzzqqqq", "量子计算机"])
def test_what_fits_nothing_finds_nothing(typed: str) -> None:
    assert INDEX.find(typed, 3) == ()


def test_nothing_typed_shows_the_newest() -> None:
    assert [hit.article.article_id for hit in INDEX.find("", 2)] == [12, 11]


def test_a_title_comes_before_a_text_that_holds_the_word() -> None:
    plain = article(90, ArticleText("别的事", "这里也提到停水两个字。", DAY))
    found = INDEX.put(plain).find("停水", 5)
    assert [hit.article.article_id for hit in found[:1]] == [1]
    assert found[-1].article.article_id == 90
    assert "停水" in found[-1].excerpt


def test_a_withdrawn_article_is_not_found() -> None:
    gone = INDEX.put(article(1, SHIPPED[0].text, withdrawn=True))
    assert WATER not in {hit.article.title for hit in gone.find("停水", 5)}
    assert INDEX.find("停水", 1)


def test_a_forms_class_suggests_before_its_words_and_these_before_its_major() -> None:
    major = ["event/0501", "event/0502", "event/0503", "event/0506"]
    found = INDEX.suggest("event/0501", major, "施工噪音很大，半夜还在夜间施工", 5)
    assert [(one.article.title, one.why) for one in found[:2]] == [
        (WATER, "class"),
        (NOISE, "words"),
    ]
    assert {one.why for one in found[2:]} == {"major"}
    assert found[1].matched in {"施工噪音", "夜间施工"}


def test_a_form_that_says_nothing_is_suggested_nothing() -> None:
    assert INDEX.suggest("", [], "", 5) == ()
    assert INDEX.suggest("", [], "你好", 5) == ()


def test_an_excerpt_is_one_line_around_the_word() -> None:
    text = ArticleText("题", "一" * 80 + "\n\n关键词在这里" + "二" * 80, DAY)
    piece = excerpt_of(article(1, text), "关键词")
    assert piece.startswith("…")
    assert "关键词在这里" in piece
    assert "\n" not in piece


@given(st.text(max_size=40), st.text(max_size=60))
def test_whatever_is_typed_is_answered(typed: str, described: str) -> None:
    assert len(INDEX.find(typed, 3)) <= 3
    assert len(INDEX.suggest("event/0501", ["event/0501"], described, 3)) <= 3
