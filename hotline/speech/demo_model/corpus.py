"""Sentences for the demo model, drawn from the grammar in ``corpus.toml``."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterable
from importlib import resources

from hotline.speech.sentences import REPORTS, clauses

Sentence = tuple[str, ...]

_DIGITS = "零一二三四五六七八九"
_PLACE = re.compile(r"\{(\w+)\}")


class Grammar:
    """The rules of ``corpus.toml``; draws sentences from them."""

    def __init__(self) -> None:
        source = resources.files(__package__).joinpath("corpus.toml")
        rules = tomllib.loads(source.read_text(encoding="utf-8"))["rules"]
        self._rules: dict[str, list[str]] = rules
        self._numbers = {"house": _house, "phone": _phone, "digits": _digits}

    def draw(self, dice: random.Random) -> Sentence:
        """One sentence, as words."""
        return tuple(self._expand("sentence", dice).split())

    def _expand(self, rule: str, dice: random.Random) -> str:
        if rule in self._numbers:
            return self._numbers[rule](dice)
        form = dice.choice(self._rules[rule])
        return _PLACE.sub(lambda place: self._expand(place[1], dice), form)


def sentences(count: int, seed: int) -> list[Sentence]:
    """``count`` different sentences in an order that only ``seed`` decides."""
    grammar, dice = Grammar(), random.Random(seed)  # noqa: S311 - repeatable on purpose
    drawn: dict[Sentence, None] = {}
    while len(drawn) < count:
        drawn[grammar.draw(dice)] = None
    return list(drawn)


def demo_sentences() -> list[Sentence]:
    """What the demo's citizens say: each report whole, and each of its clauses."""
    found: list[Sentence] = []
    for report in REPORTS:
        parts = [tuple(clause) for clause in clauses(report)]
        found += [*parts, tuple(word for part in parts for word in part)]
    return found


def vocabulary(texts: Iterable[Sentence]) -> list[str]:
    """Every word, and every character of one, sorted."""
    words = {word for text in texts for word in text}
    return sorted(words | {character for word in words for character in word})


def spoken_number(number: int) -> str:
    """0 to 999 in words: ``二十三``, ``一百零五``."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    if not hundreds:
        ten = "" if not tens else "十" if tens == 1 else f"{_DIGITS[tens]}十"
        return ten + (_DIGITS[ones] if ones or not tens else "")
    head = f"{_DIGITS[hundreds]}百"
    if not rest:
        return head
    if not tens:
        return f"{head}零{_DIGITS[ones]}"
    return f"{head}{_DIGITS[tens]}十" + (_DIGITS[ones] if ones else "")


def _house(dice: random.Random) -> str:
    return " ".join(spoken_number(dice.randint(1, 399)))


def _phone(dice: random.Random) -> str:
    digits = "幺" + dice.choice("三五七八九") + "".join(dice.choices("零幺二三四五六七八九", k=9))
    return " ".join(digits)


def _digits(dice: random.Random) -> str:
    return " ".join(dice.choices(_DIGITS, k=dice.randint(1, 11)))
