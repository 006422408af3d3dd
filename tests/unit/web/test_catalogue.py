"""The screens' words: whole in each language, and every key that is asked for is there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline.web import catalogue
from hotline.web.catalogue import LANGUAGES, choose_language, load_catalogue

WEB = Path(catalogue.__file__).parent
ASKED = re.compile(r"""(?<![\w.])(?:t|page\.t|tLoose)\(\s*["']([\w.]+)["']""")
PLACES = re.compile(r"\{(\w+)\}")


def texts(language: str) -> dict[str, str]:
    loaded: dict[str, str] = json.loads((WEB / "i18n" / f"{language}.json").read_text("utf-8"))
    return loaded


def sources() -> Iterator[Path]:
    yield from WEB.glob("*.py")
    yield from WEB.glob("templates/**/*.html")
    yield from WEB.glob("static/src/**/*.ts")


def test_both_languages_have_the_same_keys_in_order() -> None:
    zh, en = texts("zh"), texts("en")
    assert list(zh) == sorted(zh)
    assert list(zh) == list(en)


def test_no_text_is_empty() -> None:
    for language in LANGUAGES:
        assert [key for key, text in texts(language).items() if not text.strip()] == []


def test_each_text_has_the_same_places_in_both_languages() -> None:
    zh, en = texts("zh"), texts("en")
    differing = [key for key in zh if set(PLACES.findall(zh[key])) != set(PLACES.findall(en[key]))]
    assert differing == []


@pytest.mark.parametrize("source", list(sources()), ids=lambda path: path.name)
def test_every_key_that_is_asked_for_is_there(source: Path) -> None:
    there = texts("zh")
    for key in ASKED.findall(source.read_text("utf-8")):
        # One that ends with a dot is completed by a value.
        assert key in there or (key.endswith(".") and any(k.startswith(key) for k in there)), key


def test_places_are_filled_and_unknown_ones_stay() -> None:
    loaded = load_catalogue()
    assert "7" in loaded.text("zh", "error.too_often", seconds=7)
    assert "{seconds}" in loaded.text("zh", "error.too_often")


def test_a_missing_text_shows_its_key() -> None:
    assert load_catalogue().text("en", "no.such.key") == "no.such.key"


def test_the_first_wish_that_we_have_is_the_language() -> None:
    assert choose_language(None, "fr", "en", "zh") == "en"
    assert choose_language(None, "") == "zh"
