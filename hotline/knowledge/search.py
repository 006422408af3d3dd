"""Finding articles by what people type, and suggesting them for what a form says.

Pure. Titles and keywords are found as classes are (names, pinyin, initials, a slip of the
keyboard: :mod:`hotline.registry.taxonomy.search`), texts by any piece of them. Of several ways the
first that finds anything decides: all that was typed as one word; its parts; the same sounds; what
is nearly the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from rapidfuzz import fuzz

from hotline.knowledge.model import Article
from hotline.registry.taxonomy.pinyin import plain, syllables
from hotline.registry.taxonomy.search import Word

_PARTS = re.compile(r"[\u3400-\u9fff]+|[0-9a-z]+")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_KEYWORD = 1
_IN_TEXT = 60
_SHORTEST = 2
_LIKE = 70.0
_EXCERPT, _BEFORE = 60, 12

Way = Literal["class", "words", "major"]


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that fits, its word that fitted, and a piece of its text."""

    article: Article
    matched: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An article for a form, and why: it is linked with the form's ``class``, or with another
    class of the same ``major``, or its ``words`` (``matched``) stand in the description."""

    article: Article
    why: Way
    matched: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    article: Article
    terms: tuple[Word, ...]
    body: str

    @classmethod
    def of(cls, article: Article) -> _Entry:
        text = article.text
        words = (Word.of(text.title, 0), *(Word.of(word, _KEYWORD) for word in text.keywords))
        return cls(article, words, plain(text.body))

    def direct(self, wanted: str) -> tuple[int, int, str] | None:
        """The rank, the length of the word and the word that fits best."""
        found = [
            (rank, len(term.text), term.word)
            for term in self.terms
            if (rank := term.rank(wanted)) is not None
        ]
        if wanted in self.body and _worth(wanted):
            found.append((_IN_TEXT, len(self.body), wanted))
        return min(found, default=None)

    def within(self, sentence: str) -> str:
        """The longest word of the article that stands in a sentence; empty for none."""
        held = (
            term for term in self.terms if len(term.text) >= _SHORTEST and term.text in sentence
        )
        best = max(held, key=lambda term: len(term.text), default=None)
        return best.word if best else ""

    def share(self, sentence: str) -> tuple[int, str]:
        """How much of a sentence the article's keywords say, and the longest of them."""
        held = [
            term.word
            for term in self.terms[1:]
            if len(term.text) >= _SHORTEST and term.text in sentence
        ]
        return sum(map(len, held)), max(held, key=len, default="")

    def likeness(self, wanted: str, sound: str) -> tuple[float, str]:
        best, word = 0.0, ""
        for term in self.terms:
            like = max(fuzz.ratio(wanted, term.text), fuzz.ratio(sound, term.sound))
            if like > best:
                best, word = like, term.word
        return best, word


_Scored = tuple[tuple[float, ...], _Entry, str]


@dataclass(frozen=True, slots=True)
class Index:
    """The articles in force, ready to be searched. A new one is made when an article changes."""

    entries: Mapping[int, _Entry] = field(default_factory=dict)

    @classmethod
    def of(cls, articles: Iterable[Article]) -> Index:
        """An index of those that are not withdrawn."""
        entries = {one.article_id: _Entry.of(one) for one in articles if not one.withdrawn}
        return cls(entries)

    def put(self, article: Article) -> Index:
        """The index after a change of one article."""
        entries = {key: entry for key, entry in self.entries.items() if key != article.article_id}
        if not article.withdrawn:
            entries[article.article_id] = _Entry.of(article)
        return Index(entries)

    def find(self, words: str, limit: int) -> tuple[Hit, ...]:
        """The best ``limit`` hits, best first; nothing typed gives the newest articles."""
        wanted = plain(words)
        if not wanted:
            if words.strip():
                return ()
            newest = sorted(self.entries.values(), key=lambda one: -one.article.at)[:limit]
            return tuple(Hit(one.article, "", excerpt_of(one.article, "")) for one in newest)
        parts = tuple(_PARTS.findall(unicodedata.normalize("NFKC", words).lower()))
        ways: tuple[Callable[[], Iterator[_Scored]], ...] = (
            lambda: self._whole(wanted),
            lambda: self._in_parts(parts),
            lambda: self._by_sound(wanted),
            lambda: self._nearly(wanted),
        )
        for way in ways:
            if found := sorted(way(), key=lambda one: (one[0], one[1].article.article_id)):
                return tuple(
                    Hit(entry.article, word, excerpt_of(entry.article, word))
                    for _, entry, word in found[:limit]
                )
        return ()

    def suggest(
        self, category: str, major: Sequence[str], description: str, limit: int
    ) -> tuple[Suggestion, ...]:
        """The articles that a form may be answered from, best first: those of its class, then
        those whose keywords it says, then those of the ``major``'s other classes."""
        sentence = plain(description)
        siblings = frozenset(major) - {category}
        scored: list[tuple[tuple[int, int, int], Suggestion]] = []
        for entry in self.entries.values():
            said, word = entry.share(sentence)
            classes = entry.article.text.classes
            if category and category in classes:
                order, why = 0, Suggestion(entry.article, "class", word)
            elif said:
                order, why = 1, Suggestion(entry.article, "words", word)
            elif category and not siblings.isdisjoint(classes):
                order, why = 2, Suggestion(entry.article, "major")
            else:
                continue
            scored.append(((order, -said, entry.article.article_id), why))
        return tuple(one for _, one in sorted(scored, key=lambda each: each[0])[:limit])

    def _whole(self, wanted: str) -> Iterator[_Scored]:
        for entry in self.entries.values():
            if best := entry.direct(wanted):
                rank, length, word = best
                yield (rank, length), entry, word

    def _in_parts(self, parts: Sequence[str]) -> Iterator[_Scored]:
        """Articles with any of the words, those with the most of what was typed first."""
        for entry in self.entries.values():
            fitted, longest = 0, ""
            for part in parts:
                found = entry.direct(part)
                word = found[2] if found else entry.within(part)
                if word:
                    fitted += min(len(part), len(word))
                    longest = max(longest, word, key=len)
            if fitted:
                yield (-fitted,), entry, longest

    def _by_sound(self, wanted: str) -> Iterator[_Scored]:
        """Other characters of the same sound: the usual slip of a pinyin keyboard."""
        if _CHINESE.search(wanted) and len(wanted) >= _SHORTEST:
            yield from self._whole("".join(syllables(wanted)))

    def _nearly(self, wanted: str) -> Iterator[_Scored]:
        if len(wanted) < _SHORTEST:
            return
        sound = "".join(syllables(wanted))
        for entry in self.entries.values():
            like, word = entry.likeness(wanted, sound)
            if like >= _LIKE:
                yield (-like,), entry, word


def excerpt_of(article: Article, word: str) -> str:
    """A piece of the article's text in one line: around ``word`` where it stands there."""
    body = " ".join(article.text.body.split())
    at = body.lower().find(word.lower()) if word else -1
    start = max(0, at - _BEFORE)
    piece = body[start : start + _EXCERPT]
    return ("…" if start else "") + piece + ("…" if start + _EXCERPT < len(body) else "")


def _worth(wanted: str) -> bool:
    # One character or letter stands in every text.
    return len(wanted) >= _SHORTEST
