"""What became of a class when a standard was replaced.

The tables are data: ``conversions/<from>--<to>.tsv``, one line for each class and what it became.
They are read in both directions; a pair of standards without a table goes by way of the one of
2013.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from hotline.registry.taxonomy.gaps import likely_code
from hotline.registry.taxonomy.model import COMPONENT, EVENT, Category
from hotline.registry.taxonomy.shipped import STANDARD, component_of, load, table
from hotline.registry.taxonomy.tree import Taxonomy

EXACT, RENAMED, MERGED, SPLIT, NONE = RELATIONS = ("exact", "renamed", "merged", "split", "none")
"""The same name; another name for the same; part of a class that holds more; one of several
classes among which somebody must choose; nothing."""

_BACK = {EXACT: EXACT, RENAMED: RENAMED, MERGED: SPLIT, SPLIT: MERGED}
_LOOSER = (EXACT, RENAMED, MERGED, SPLIT)
_2013, _2026 = STANDARD, "gbt-47678.5-2026"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a class may become. ``category`` is None for nothing; ``likely_code`` is then the code
    that the numbering suggests in a list that is known to be partial, empty for none."""

    relation: str
    category: Category | None
    likely_code: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    source: str
    relation: str
    target: str
    likely: str = ""


def convert(standard: str, key: str, to: str) -> tuple[Candidate, ...]:
    """What the class ``key`` of ``standard`` is in the standard ``to``; never empty.

    Raises :class:`hotline.registry.taxonomy.UnknownStandard`, and KeyError for a key that the
    standard does not list.
    """
    source, target = load(standard), load(to)
    category = source.get(key)
    if category is None:
        raise KeyError(key)
    if standard == to:
        return (Candidate(EXACT, category),)
    lines = _lines(standard, to).get(key) or _mirrored(category, to)
    if lines is None:
        return _by_way(category, to)
    return _candidates(lines, category, target)


def conversions(standard: str, to: str) -> Mapping[str, tuple[Candidate, ...]]:
    """:func:`convert` for every class of a standard, in its order."""
    return {category.key: convert(standard, category.key, to) for category in load(standard)}


def _candidates(
    lines: Iterable[_Line], category: Category, target: Taxonomy
) -> tuple[Candidate, ...]:
    found = []
    for line in lines:
        likely = line.likely
        if line.relation == NONE and not likely and _went_from_2013(category, target):
            likely = likely_code(category.branch, category.code)
        found.append(Candidate(line.relation, target.get(line.target), likely))
    return tuple(found)


def _went_from_2013(category: Category, target: Taxonomy) -> bool:
    return (category.standard, target.standard) == (_2026, _2013)


def _mirrored(category: Category, to: str) -> tuple[_Line, ...] | None:
    """An event of 2026 that mirrors a component became what the component became.

    None: the tables do not lead from this standard to the other one.
    """
    if _file(category.standard, to) is None:
        return None
    component = component_of(category.name) if category.branch == EVENT else ""
    if component and category.standard == _2026:
        for one in load(category.standard):
            if one.branch == COMPONENT and one.name == component:
                return _of_component(category.standard, one.key, to)
    return (_Line(category.key, NONE, ""),)


def _of_component(standard: str, key: str, to: str) -> tuple[_Line, ...]:
    lines = _lines(standard, to).get(key, (_Line(key, NONE, ""),))
    return tuple(replace(one, relation=RENAMED) if one.relation == EXACT else one for one in lines)


def _by_way(category: Category, to: str) -> tuple[Candidate, ...]:
    found: dict[str, Candidate] = {}
    for first in convert(category.standard, category.key, _2013):
        if first.category is None:
            continue
        for second in convert(_2013, first.category.key, to):
            if second.category is not None:
                relation = max(first.relation, second.relation, key=_LOOSER.index)
                found[second.category.key] = Candidate(relation, second.category)
    return tuple(found.values()) or (Candidate(NONE, None),)


def _file(standard: str, to: str) -> tuple[str, bool] | None:
    """The table of a pair, and whether it is to be read backwards; None when there is none."""
    folder = files("hotline.registry.taxonomy") / "data" / "conversions"
    for name, backwards in ((f"{standard}--{to}.tsv", False), (f"{to}--{standard}.tsv", True)):
        if (folder / name).is_file():
            return f"conversions/{name}", backwards
    return None


@cache
def _lines(standard: str, to: str) -> Mapping[str, tuple[_Line, ...]]:
    """The lines of a pair by the class they begin from; empty without a table."""
    if (file := _file(standard, to)) is None:
        return {}
    found: defaultdict[str, list[_Line]] = defaultdict(list)
    name, backwards = file
    for row in table(name):
        line = _Line(row["from"], row["relation"], row["to"], row["likely"])
        if not backwards:
            found[line.source].append(line)
        elif line.relation != NONE:
            found[line.target].append(_Line(line.target, _BACK[line.relation], line.source))
    return {key: _exact_first(lines) for key, lines in found.items()}


def _exact_first(lines: Iterable[_Line]) -> tuple[_Line, ...]:
    return tuple(sorted(lines, key=lambda line: RELATIONS.index(line.relation)))
