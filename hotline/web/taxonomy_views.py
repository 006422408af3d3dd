"""The classes as their page shows them: rows by major, one class with all that is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hotline.registry.taxonomy import Category, Taxonomy, standards
from hotline.registry.taxonomy.city import CityClass, Revision, entry_of, fills_gap
from hotline.registry.taxonomy.convert import Candidate, convert
from hotline.registry.taxonomy.limits import ExampleLimit, read_limits
from hotline.registry.taxonomy.model import KINDS, Standard
from hotline.registry.taxonomy.service import TaxonomyLibrary


@dataclass(frozen=True, slots=True)
class Row:
    """A class in the list. ``cases`` is how many cases have it; ``matched`` the word of its own
    that was looked for, empty for its name; ``gap``: the city filled a gap of the list with it."""

    category: Category
    cases: int
    matched: str
    gap: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The classes of one major."""

    kind: str
    code: str
    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Detail:
    """One class. ``own_words`` are the city's, ``words`` the shipped ones; ``became`` is what it
    is in the other standards, for one of the standard's own."""

    row: Row
    entry: CityClass
    words: tuple[str, ...]
    limits: tuple[ExampleLimit, ...]
    became: Sequence[tuple[Standard, tuple[Candidate, ...]]]
    revisions: Sequence[Revision]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is asked for; ``retired``: with those that cannot be chosen any more."""

    standard: str
    kind: str
    words: str
    retired: bool


def groups(classes: Taxonomy, wanted: Wanted, usage: Mapping[str, int]) -> list[Group]:
    """The classes that are wanted by major, in the standard's order."""
    rows = [row for row in (_row(c, usage) for c in classes) if _is_wanted(row.category, wanted)]
    majors = dict.fromkeys((r.category.branch, r.category.major_code) for r in rows)
    found = []
    for kind, code in sorted(majors, key=lambda one: (KINDS.index(one[0]), one[1])):
        own = tuple(r for r in rows if (r.category.branch, r.category.major_code) == (kind, code))
        ordered = tuple(sorted(own, key=lambda row: row.category.code))
        found.append(Group(kind, code, own[0].category.major, ordered))
    return found


def hits(classes: Taxonomy, wanted: Wanted, usage: Mapping[str, int]) -> list[Row]:
    """What fits the words, best first."""
    return [
        _row(hit.category, usage, "" if hit.matched == hit.category.name else hit.matched)
        for hit in classes.hits(wanted.words, limit=len(classes))
        if _is_wanted(hit.category, wanted)
    ]


def detail(library: TaxonomyLibrary, category: Category, usage: Mapping[str, int]) -> Detail:
    """All that is known of a class."""
    ours = category.standard == library.standard
    entry = library.entry(category.key) if ours else entry_of(category)
    return Detail(
        row=_row(category, usage),
        entry=entry,
        words=tuple(word for word in category.synonyms if word not in entry.synonyms),
        limits=read_limits(category.example_limit),
        became=[
            (other, convert(category.standard, category.key, other.id))
            for other in standards()
            if other.id != category.standard and category.origin == "standard"
        ],
        revisions=library.revisions_of(category.key) if ours else (),
    )


def _row(category: Category, usage: Mapping[str, int], matched: str = "") -> Row:
    return Row(category, usage.get(category.key, 0), matched, fills_gap(category))


def _is_wanted(category: Category, wanted: Wanted) -> bool:
    if wanted.kind and category.branch != wanted.kind:
        return False
    return wanted.retired or category.retired_from is None
