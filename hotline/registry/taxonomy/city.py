"""A city's own classes beside a standard's: what it may change, and what its changes make.

Pure: revisions in, a taxonomy out. Each revision holds how the class stands from then on, so
that the last one of a class tells everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hotline.registry.taxonomy.gaps import missing_codes
from hotline.registry.taxonomy.model import KINDS, Category
from hotline.registry.taxonomy.pinyin import plain
from hotline.registry.taxonomy.shipped import load, made, standard_of
from hotline.registry.taxonomy.tree import Taxonomy

ADD, CHANGE, RETIRE, RESTORE = ACTIONS = ("add", "change", "retire", "restore")
LONGEST_NAME, LONGEST_WORD, MOST_WORDS, LONGEST_WHY = 60, 20, 40, 500
_BETWEEN_WORDS = re.compile(r"[\s,，、;；]+")


@dataclass(frozen=True, slots=True)
class CityClass:
    """How a city has a class: one of its own, or one of the standard's with words of its own.

    ``name`` and ``major`` of a class that is not its ``own`` are the standard's.
    """

    key: str
    name: str
    major: str
    synonyms: tuple[str, ...] = ()
    retired_from: date | None = None
    own: bool = False

    def data(self) -> dict[str, Any]:
        """It as JSON."""
        return {
            "key": self.key,
            "name": self.name,
            "major": self.major,
            "synonyms": list(self.synonyms),
            "retired_from": self.retired_from.isoformat() if self.retired_from else None,
            "own": self.own,
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> CityClass:
        """What :meth:`data` gave."""
        since = data["retired_from"]
        return cls(
            data["key"],
            data["name"],
            data["major"],
            tuple(data["synonyms"]),
            date.fromisoformat(since) if since else None,
            data["own"],
        )


@dataclass(frozen=True, slots=True)
class Revision:
    """One change: ``entry`` is how the class stands since, ``before`` how it stood (None: it was
    as the standard has it, or not at all). ``at`` is in Unix seconds."""

    number: int
    standard: str
    action: str
    entry: CityClass
    before: CityClass | None
    why: str
    by: str
    at: float


@dataclass(frozen=True, slots=True)
class NewClass:
    """A class that somebody wants to add; empty ``code``: the next free one from above."""

    kind: str
    major_code: str
    name: str
    code: str = ""
    synonyms: tuple[str, ...] = field(default=())


class TaxonomyFault(ValueError):
    """What was typed cannot be kept: each faulty field with the key of its message."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {key}" for name, key in faults.items()))
        self.faults = dict(faults)


def read_words(typed: str) -> tuple[str, ...]:
    """Everyday words as they were typed, apart by spaces or commas; each once."""
    return tuple(dict.fromkeys(word for word in _BETWEEN_WORDS.split(typed) if plain(word)))


def city_taxonomy(standard: str, revisions: Iterable[Revision]) -> Taxonomy:
    """The standard as the city has it after these revisions, which may be of any standard.

    Raises :class:`hotline.registry.taxonomy.UnknownStandard`.
    """
    entries, newest = {}, 0
    for revision in revisions:
        newest = max(newest, revision.number)
        if revision.standard == standard:
            entries[revision.entry.key] = revision.entry
    about, bare = standard_of(standard), load(standard)
    found: list[Category] = []
    for kind in KINDS:
        found += (_with(c, entries.get(c.key)) for c in bare if c.branch == kind)
        own = (e for e in entries.values() if e.own and e.key.startswith(f"{kind}/"))
        found += (
            made(
                about,
                kind,
                entry.key.partition("/")[2],
                entry.major,
                entry.name,
                synonyms=entry.synonyms,
                origin="city",
                retired_from=entry.retired_from,
            )
            for entry in sorted(own, key=lambda one: one.key)
        )
    return Taxonomy(standard, found, newest)


def entry_of(category: Category) -> CityClass:
    """How the city has a class of the standard's before it changes anything of it."""
    return CityClass(category.key, category.name, category.major)


def next_code(classes: Taxonomy, kind: str, major_code: str) -> str:
    """The highest code of a major that neither the standard nor the city has used."""
    width = standard_of(classes.standard).digits - 2
    for number in range(10**width - 1, 0, -1):
        code = f"{major_code}{number:0{width}}"
        if classes.get(f"{kind}/{code}") is None:
            return code
    raise TaxonomyFault({"code": "class_code"})


def added(wanted: NewClass, classes: Taxonomy) -> CityClass:
    """The class that is wanted. Raises :class:`TaxonomyFault`."""
    faults = _faulty_words(wanted.synonyms)
    majors = {c.major_code: c.major for c in classes if c.branch == wanted.kind}
    name = wanted.name.strip()
    if wanted.major_code not in majors:
        faults["major"] = "choice"
    if fault := _faulty_name(name, wanted.kind, classes):
        faults["name"] = fault
    code = wanted.code.strip()
    if not code and not faults:
        code = next_code(classes, wanted.kind, wanted.major_code)
    elif code and (fault := _faulty_code(code, wanted, classes)):
        faults["code"] = fault
    if faults:
        raise TaxonomyFault(faults)
    key = f"{wanted.kind}/{code}"
    return CityClass(key, name, majors[wanted.major_code], wanted.synonyms, own=True)


def check_change(entry: CityClass, classes: Taxonomy) -> None:
    """Whether a class may stand like this from now on. Raises :class:`TaxonomyFault`."""
    faults = _faulty_words(entry.synonyms)
    if entry.own:
        kind = entry.key.partition("/")[0]
        if fault := _faulty_name(entry.name, kind, classes, entry.key):
            faults["name"] = fault
    if faults:
        raise TaxonomyFault(faults)


def fills_gap(category: Category) -> bool:
    """Whether a city's class has a code that the standard has and its partial list leaves out."""
    gaps = missing_codes(category.standard, category.branch)
    return category.origin == "city" and gaps.missing is not None and category.code in gaps.codes


def _with(category: Category, entry: CityClass | None) -> Category:
    if entry is None:
        return category
    about = standard_of(category.standard)
    return made(
        about,
        category.branch,
        category.code,
        category.major,
        category.name,
        # The city's own words first: they are the ones its people use.
        synonyms=tuple(dict.fromkeys((*entry.synonyms, *category.synonyms))),
        example_limit=category.example_limit,
        retired_from=entry.retired_from,
    )


def _faulty_name(name: str, kind: str, classes: Taxonomy, own_key: str = "") -> str:
    if not plain(name):
        return "required"
    if len(name) > LONGEST_NAME:
        return "too_long"
    others = (c for c in classes if c.branch == kind and c.key != own_key)
    taken = any(c.name == name and c.retired_from is None for c in others)
    return "class_name_taken" if taken else ""


def _faulty_code(code: str, wanted: NewClass, classes: Taxonomy) -> str:
    digits = standard_of(classes.standard).digits
    number = code.isascii() and code.isdigit() and len(code) == digits
    if not number or not code.startswith(wanted.major_code) or not int(code[2:]):
        return "class_code"
    return "class_code_taken" if classes.get(f"{wanted.kind}/{code}") else ""


def _faulty_words(words: tuple[str, ...]) -> dict[str, str]:
    if len(words) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in words):
        return {"synonyms": "class_words"}
    return {}
