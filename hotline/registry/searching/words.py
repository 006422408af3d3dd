"""How texts become words that can be searched for, and a query what is asked of the index.

Pure. Chinese is cut into overlapping pairs of characters, so that any piece of two characters or
more is found as it stands, without a dictionary that would have to know every road
([ADR 32](docs/adr/0032-pairs-of-characters-on-both-databases.md)). A run's last character stands
alone as well: a query of one character asks for every word that begins with it.

A word holds letters and digits only. Whatever else somebody types ends a word, so nothing typed
can become an operator of either database.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

# Latin words are known by their beginning, longer ones are no words of a language.
LONGEST_WORD = 40
# As many words of a case as are searched; PostgreSQL counts places no further than 16,383.
MOST_WORDS = 12_000
LONGEST_QUERY = 200
SHORTEST_PREFIX = 3
MOST_TERMS = 12
# Radicals, kana, hangul, ideographs and all that came after them are written without spaces.
_FIRST_IDEOGRAPH = 0x2E80


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand next to each other, in this order; ``prefix``: the last may go on."""

    words: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What a text asks for: all of its terms. Without terms nothing is found."""

    terms: tuple[Term, ...] = ()

    @property
    def loose(self) -> Query:
        """The same words, wherever each of them stands."""
        single = dict.fromkeys(
            Term((word,), term.prefix and word == term.words[-1])
            for term in self.terms
            for word in term.words
        )
        return Query(tuple(single))

    @property
    def one_character(self) -> str:
        """The character, when nothing but one is asked for; else empty."""
        if len(self.terms) != 1 or len(self.terms[0].words) != 1:
            return ""
        word = self.terms[0].words[0]
        return word if len(word) == 1 and _is_ideograph(word) else ""


def fold(text: str) -> str:
    """A text with full-width, compatible and capital forms made the same."""
    return unicodedata.normalize("NFKC", text).casefold()


def words_of(folded: str) -> list[str]:
    """The words of a folded text, in order, at most :data:`MOST_WORDS`."""
    found: list[str] = []
    for run in _runs(folded):
        found += _words_in(run)
        if len(found) >= MOST_WORDS:
            return found[:MOST_WORDS]
    return found


def query_of(text: str) -> Query:
    """What a typed text asks for: each piece without a gap as a phrase.

    A single character at a piece's end is left out when there is more to go by: every word that
    begins with it would have to be looked at. The last word may be unfinished from three letters
    or digits on.
    """
    pieces = [list(runs) for runs in _pieces(fold(text[:LONGEST_QUERY]))]
    terms = [term for runs in pieces if (term := _term(runs, runs is pieces[-1])).words]
    if not terms and pieces:
        # Nothing but single characters: the last is asked for.
        terms = [Term((pieces[-1][-1],), prefix=True)]
    return Query(tuple(dict.fromkeys(terms))[:MOST_TERMS])


def match_expression(query: Query) -> str:
    """The query for FTS5: phrases in quotes, joined by AND."""
    return " AND ".join(
        f'"{" ".join(term.words)}"{" *" if term.prefix else ""}' for term in query.terms
    )


def tsquery(query: Query) -> str:
    """The query as text of PostgreSQL's tsquery."""
    return " & ".join(_followed(term) for term in query.terms)


def tsvector(words: Iterable[str]) -> str:
    """The words as text of PostgreSQL's tsvector, with their places."""
    return " ".join(f"'{word}':{place}" for place, word in enumerate(words, 1))


def _followed(term: Term) -> str:
    quoted = [f"'{word}'" for word in term.words]
    if term.prefix:
        quoted[-1] += ":*"
    return f"({' <-> '.join(quoted)})"


def _term(runs: list[str], last: bool) -> Term:
    *before, end = runs
    words = [word for run in before for word in _words_in(run)]
    if _is_ideograph(end[0]):
        return Term((*words, *_pairs(end)))
    word = end[:LONGEST_WORD]
    return Term((*words, word), prefix=last and len(word) >= SHORTEST_PREFIX)


def _words_in(run: str) -> list[str]:
    return [*_pairs(run), run[-1]] if _is_ideograph(run[0]) else [run[:LONGEST_WORD]]


def _pieces(text: str) -> Iterator[Iterator[str]]:
    """What stands between spaces and signs, each as its runs of one kind of writing."""
    for alnum, piece in groupby(text, str.isalnum):
        if alnum:
            yield ("".join(run) for _, run in groupby(list(piece), _is_ideograph))


def _runs(text: str) -> Iterator[str]:
    for piece in _pieces(text):
        yield from piece


def _is_ideograph(character: str) -> bool:
    return ord(character) >= _FIRST_IDEOGRAPH


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]
