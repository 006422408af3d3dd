"""Chinese names as people type them: in characters, in pinyin, or by their initials."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from pypinyin import Style, lazy_pinyin

_NOISE = re.compile(r"[\s,，。、;；:：()（）【】\[\]\"'“”‘’·\-_/\\]+")


@dataclass(frozen=True, slots=True)
class Spelt:
    """A name with its pinyin (without tones, in one piece, and by ``syllables``) and its
    initials."""

    name: str
    pinyin: str
    initials: str
    syllables: tuple[str, ...]


def normal(text: str) -> str:
    """A text with full-width forms made plain, without blanks and punctuation, in lower case."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).lower()


def spell(name: str) -> Spelt:
    """A name with how it is typed without its characters."""
    plain = normal(name)
    syllables = tuple(lazy_pinyin(plain))
    initials = "".join(lazy_pinyin(plain, style=Style.FIRST_LETTER))
    return Spelt(plain, "".join(syllables), initials, syllables)


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
        _mixed(text, spelt),
    )
    return next((place for place, fits in enumerate(tests) if fits), None)


def _mixed(text: str, spelt: Spelt) -> bool:
    """Whether it begins like the name, in characters here and in letters there: 青石bei, qs北dd."""
    if text.isascii() or len(spelt.syllables) != len(spelt.name):
        return False
    # How much of the text may be read by the characters so far.
    read = {0}
    for character, syllable in zip(spelt.name, spelt.syllables, strict=True):
        read = {at + step for at in read for step in _steps(text, at, character, syllable)}
        if len(text) in read:
            return True
    return False


def _steps(text: str, at: int, character: str, syllable: str) -> Iterator[int]:
    if text.startswith(character, at):
        yield 1
    for length in range(1, len(syllable) + 1):
        if text.startswith(syllable[:length], at):
            yield length


def _scattered(text: str, name: str) -> bool:
    """Whether the characters stand in the name in this order, as in 城管局 for 城市管理局."""
    if len(text) < 2 or text.isascii():
        return False
    rest = iter(name)
    return all(character in rest for character in text)
