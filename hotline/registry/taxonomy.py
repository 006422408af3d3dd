"""The categories of a standard, to be chosen from by name, by pinyin or by code."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files

from pypinyin import Style, lazy_pinyin

STANDARD = "gbt-30428.2-2013"
_BRANCHES = {"component": "components", "event": "events"}


@dataclass(frozen=True, slots=True)
class Category:
    """A minor class. ``key`` names it within its standard: the same code may stand for a
    component (部件) and for an event (事件), so ``branch`` is part of it."""

    key: str
    branch: str
    code: str
    major: str
    name: str
    pinyin: str
    initials: str


class Taxonomy:
    """The categories of one standard, in the standard's order."""

    def __init__(self, standard: str, categories: Iterable[Category]) -> None:
        self.standard = standard
        self._by_key = {category.key: category for category in categories}

    def __iter__(self) -> Iterator[Category]:
        return iter(self._by_key.values())

    def get(self, key: str) -> Category | None:
        """The category of a key."""
        return self._by_key.get(key)

    def search(self, words: str, limit: int = 20) -> tuple[Category, ...]:
        """The categories that fit best: by name, pinyin (``jinggai``), initials (``jg``) or code.

        Those that begin with what was typed come first; nothing typed gives the first ones.
        """
        wanted = "".join(words.split()).lower()
        ranked = [(_rank(category, wanted), category) for category in self]
        fitting = sorted((r for r in ranked if r[0] is not None), key=lambda r: r[0] or 0)
        return tuple(category for _, category in fitting[:limit])


def load(standard: str = STANDARD) -> Taxonomy:
    """The standard's categories from the package's data.

    Raises :class:`FileNotFoundError` for a standard that is not shipped.
    """
    return Taxonomy(standard, [c for branch in _BRANCHES for c in _read(standard, branch)])


def _read(standard: str, branch: str) -> Iterator[Category]:
    file = files("hotline.registry") / "data" / f"{standard}.{_BRANCHES[branch]}.tsv"
    lines = file.read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(lines, delimiter="\t"):
        name = row["minor_name"]
        yield Category(
            key=f"{branch}/{row['code']}",
            branch=branch,
            code=row["code"],
            major=row["major_name"],
            name=name,
            pinyin="".join(lazy_pinyin(name)).lower(),
            initials="".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower(),
        )


def _rank(category: Category, wanted: str) -> int | None:
    """How well a category fits, smaller is better; None for not at all."""
    texts = (category.name.lower(), category.initials, category.pinyin, category.code)
    for rank, text in enumerate(texts):
        if text.startswith(wanted):
            return rank
    for rank, text in enumerate((*texts[:3], category.major)):
        if wanted in text:
            return len(texts) + rank
    return None
