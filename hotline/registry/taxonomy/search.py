"""Finding classes by what people type: names, everyday words, pinyin, initials, codes.

Four ways are tried in turn, and the first that finds anything decides: all that was typed as one
word; its parts, and names within a sentence; the same sounds written with other characters; what
is nearly the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from hotline.registry.taxonomy.model import Category
from hotline.registry.taxonomy.pinyin import plain, syllables

# Chinese apart from letters and digits: 「路灯bl」 is two words.
_PARTS = re.compile(r"[\u3400-\u9fff]+|[0-9a-z]+")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_SHORTEST_NAME_WITHIN = 2
_SHORTEST_GUESS = 2
_LIKE_TEXT, _LIKE_SOUND = 66.0, 82.0
_SYNONYM = 1
_MAJOR = 40


@dataclass(frozen=True, slots=True)
class Hit:
    """A class that fits, and the word of its own (name, synonym, code) that fitted."""

    category: Category
    matched: str


@dataclass(frozen=True, slots=True)
class Word:
    """A name or an everyday word of a class, and how it is read: ``sound`` is its pinyin,
    ``initials`` the first letters, ``starts`` where its syllables begin in the sound.

    ``text`` is the word as it is compared, ``later`` what its ranks are worse by.
    """

    word: str
    text: str
    sound: str
    initials: str
    starts: frozenset[int]
    later: int

    @classmethod
    def of(cls, word: str, later: int) -> Word:
        """A word, read."""
        read = syllables(word)
        starts, at = set(), 0
        for syllable in read:
            starts.add(at)
            at += len(syllable)
        initials = "".join(syllable[0] for syllable in read)
        return cls(word, plain(word), "".join(read), initials, frozenset(starts), later)

    def rank(self, wanted: str) -> int | None:
        """How well it fits, smaller is better; None for not at all."""
        for exact, text in enumerate((self.text, self.sound, self.initials)):
            if text == wanted:
                return exact * 4 + self.later
        for begun, text in enumerate((self.text, self.sound, self.initials)):
            if text.startswith(wanted):
                return 14 + begun * 2 + self.later
        if wanted in self.text:
            return 22 + self.later
        if len(wanted) >= _SHORTEST_NAME_WITHIN and wanted.isascii():
            if wanted in self.initials:
                return 26 + self.later
            at = self.sound.find(wanted)
            while at >= 0:
                if at in self.starts:
                    return 24 + self.later
                at = self.sound.find(wanted, at + 1)
        return None


@dataclass(frozen=True, slots=True)
class _Entry:
    order: int
    category: Category
    terms: tuple[Word, ...]
    major: str

    def direct(self, wanted: str) -> tuple[int, int, str] | None:
        """The rank, the length of the word and the word that fits best."""
        found = [
            (rank, len(term.text), term.word)
            for term in self.terms
            if (rank := term.rank(wanted)) is not None
        ]
        code = self.category.code
        if code.startswith(wanted):
            found.append((2 if code == wanted else 12, len(code), code))
        if wanted in self.major:
            found.append((_MAJOR, len(self.major), self.category.major))
        return min(found, default=None)

    def within(self, sentence: str) -> tuple[int, str] | None:
        """The longest word of the class that stands in a sentence, as (its length, it)."""
        held = [
            (len(term.text), term.word)
            for term in self.terms
            if len(term.text) >= _SHORTEST_NAME_WITHIN and term.text in sentence
        ]
        return max(held, key=lambda one: one[0], default=None)


_Scored = tuple[tuple[float, ...], Hit]


class Index:
    """Every word of a standard's classes, ready to be searched.

    What fits exactly comes before what begins with the words, and that before what holds them;
    of equal ones a name before an everyday word, the shorter, and then the standard's order.
    """

    def __init__(self, categories: Sequence[Category]) -> None:
        self._entries = tuple(
            _Entry(
                order,
                category,
                (
                    Word.of(category.name, 0),
                    *(Word.of(word, _SYNONYM) for word in category.synonyms),
                ),
                plain(category.major),
            )
            for order, category in enumerate(categories)
        )

    def words(self) -> Iterator[tuple[Category, tuple[Word, ...]]]:
        """Every class with its words, its name first, in order."""
        for entry in self._entries:
            yield entry.category, entry.terms

    def find(self, words: str, limit: int) -> tuple[Hit, ...]:
        """The best ``limit`` hits, best first; nothing typed gives the first classes."""
        wanted = plain(words)
        if not wanted:
            shown = self._entries[:limit] if not words.strip() else ()
            return tuple(Hit(entry.category, entry.category.name) for entry in shown)
        parts = tuple(_PARTS.findall(words.lower()))
        ways: tuple[Callable[[], Iterator[_Scored]], ...] = (
            lambda: self._whole(wanted),
            lambda: self._in_parts(parts),
            lambda: self._by_sound(wanted),
            lambda: self._nearly(wanted),
        )
        for way in ways:
            if found := sorted(way(), key=lambda one: one[0]):
                return tuple(hit for _, hit in found[:limit])
        return ()

    def _whole(self, wanted: str) -> Iterator[_Scored]:
        for entry in self._entries:
            if best := entry.direct(wanted):
                rank, length, word = best
                yield (rank, length, entry.order), Hit(entry.category, word)

    def _in_parts(self, parts: Sequence[str]) -> Iterator[_Scored]:
        """Classes with any of the words, those with the most of what was typed first."""
        for entry in self._entries:
            fitted, ranks, word, longest = 0, 0, "", 0
            for part in parts:
                direct = entry.direct(part)
                held = None if direct else entry.within(part)
                if direct and direct[0] < _MAJOR:
                    gain, rank, own = len(part), direct[0], direct[2]
                elif held:
                    gain, rank, own = held[0], _MAJOR, held[1]
                else:
                    continue
                fitted, ranks = fitted + gain, ranks + rank
                if gain > longest:
                    longest, word = gain, own
            if fitted:
                yield (-fitted, ranks, entry.order), Hit(entry.category, word)

    def _by_sound(self, wanted: str) -> Iterator[_Scored]:
        """Other characters of the same sound: the usual slip of a pinyin keyboard."""
        if not _CHINESE.search(wanted) or len(wanted) < _SHORTEST_GUESS:
            return
        yield from self._whole("".join(syllables(wanted)))

    def _nearly(self, wanted: str) -> Iterator[_Scored]:
        if len(wanted) < _SHORTEST_GUESS:
            return
        sound = "".join(syllables(wanted))
        for entry in self._entries:
            best, word = 0.0, ""
            for term in entry.terms:
                like = fuzz.ratio(wanted, term.text, score_cutoff=_LIKE_TEXT)
                like = max(like, fuzz.ratio(sound, term.sound, score_cutoff=_LIKE_SOUND))
                if like > best:
                    best, word = like, term.word
            if best:
                yield (-best, entry.order), Hit(entry.category, word)
