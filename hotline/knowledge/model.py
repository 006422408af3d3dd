"""What an article is, and what may be written into one.

Pure: what was typed comes in, an article or its faults come out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from hotline.registry.taxonomy.pinyin import plain

ADD, CHANGE, REVIEW, WITHDRAW, RESTORE = ACTIONS = (
    "add",
    "change",
    "review",
    "withdraw",
    "restore",
)
LONGEST_TITLE, LONGEST_BODY, LONGEST_WHY = 80, 20_000, 500
LONGEST_KEYWORD, MOST_KEYWORDS, MOST_CLASSES = 20, 40, 40
# Rules, fees and telephone numbers change; nothing is trusted for longer without being read.
LONGEST_TRUST = timedelta(days=731)


@dataclass(frozen=True, slots=True)
class ArticleText:
    """What somebody wrote. ``classes`` are keys of the city's standard; from ``review_on`` on the
    article has to be read again."""

    title: str
    body: str
    review_on: date
    keywords: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """One version of an article. A ``withdrawn`` one is neither found nor answered from. ``at`` is
    in Unix seconds."""

    article_id: int
    version: int
    action: str
    text: ArticleText
    withdrawn: bool
    why: str
    by: str
    at: float

    @property
    def title(self) -> str:
        """What it is called."""
        return self.text.title

    def overdue(self, today: date) -> bool:
        """Whether it should have been read again by ``today``."""
        return not self.withdrawn and self.text.review_on <= today


class KnowledgeFault(ValueError):
    """What was typed cannot be kept: each faulty field with the key of its message."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {key}" for name, key in faults.items()))
        self.faults = dict(faults)


class NoSuchArticle(LookupError):
    """No article has this number, or it may not be used any more."""


class ArticleChanged(Exception):
    """Somebody else wrote a version meanwhile."""


def check_text(
    text: ArticleText, today: date, known: Callable[[str], bool], others: Collection[str]
) -> None:
    """Whether the text can be kept: ``known`` tells which classes there are, ``others`` are the
    titles of the other articles in force. Raises :class:`KnowledgeFault` with every faulty field.
    """
    checks = {
        "title": _length(text.title, LONGEST_TITLE)
        or ("article_title_taken" if plain(text.title) in set(map(plain, others)) else ""),
        "body": _length(text.body, LONGEST_BODY),
        "keywords": _keywords(text.keywords),
        "classes": _classes(text.classes, known),
        "review_on": review_fault(text.review_on, today),
    }
    raise_faults(checks)


def review_fault(review_on: date, today: date) -> str:
    """What is wrong with a day of review; empty for nothing."""
    if review_on <= today:
        return "article_review_past"
    return "article_review_far" if review_on - today > LONGEST_TRUST else ""


def why_fault(why: str) -> str:
    """What is wrong with a reason; empty for nothing."""
    return _length(why, LONGEST_WHY)


def raise_faults(checks: Mapping[str, str]) -> None:
    """Raise :class:`KnowledgeFault` with the checks that are not empty, if there are any."""
    if faults := {name: key for name, key in checks.items() if key}:
        raise KnowledgeFault(faults)


def _length(typed: str, longest: int) -> str:
    if not typed.strip():
        return "required"
    return "too_long" if len(typed) > longest else ""


def _keywords(words: Collection[str]) -> str:
    fits = len(words) <= MOST_KEYWORDS and all(len(word) <= LONGEST_KEYWORD for word in words)
    return "" if fits else "class_words"


def _classes(keys: Collection[str], known: Callable[[str], bool]) -> str:
    if len(keys) > MOST_CLASSES:
        return "too_long"
    return "" if all(known(key) for key in keys) else "article_class"
