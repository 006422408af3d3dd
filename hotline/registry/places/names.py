"""Chinese names as people type them: in characters, in pinyin, or by their initials."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from pypinyin import Style, lazy_pinyin

_NOISE = re.compile(r"[\s,，。、;；:：()（）【】\[\]\"'“”‘’·\-_/\\]+")


@dataclass(frozen=True, slots=True)
class Spelt:
    """A name with its pinyin (without tones, in one piece) and its initials."""

    name: str
    pinyin: str
    initials: str


def normal(text: str) -> str:
    """A text with full-width forms made plain, without blanks and punctuation, in lower case."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).lower()


def spell(name: str) -> Spelt:
    """A name with how it is typed without its characters."""
    plain = normal(name)
    return Spelt(
        plain,
        "".join(lazy_pinyin(plain)),
        "".join(lazy_pinyin(plain, style=Style.FIRST_LETTER)),
    )


def rank(typed: str, spelt: Spelt, key: str = "") -> int | None:
    """How well a name fits what is typed, smaller is better; None for not at all.

    ``key`` is an id by which it can be found too.
    """
    text = normal(typed)
    tests = (
        text == "" or text in {spelt.name, key.lower()},
        spelt.name.startswith(text) or (key != "" and key.lower().startswith(text)),
        text in spelt.name,
        spelt.initials.startswith(text),
        spelt.pinyin.startswith(text),
        text in spelt.initials or text in spelt.pinyin,
        _scattered(text, spelt.name),
    )
    return next((place for place, fits in enumerate(tests) if fits), None)


def _scattered(text: str, name: str) -> bool:
    """Whether the characters stand in the name in this order, as in 城管局 for 城市管理局."""
    if len(text) < 2 or text.isascii():
        return False
    rest = iter(name)
    return all(character in rest for character in text)
