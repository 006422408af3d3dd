"""What the lists of the standards leave out, as far as their numbering tells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from hotline.registry.taxonomy.model import COMPONENT, EVENT, KINDS
from hotline.registry.taxonomy.shipped import load, standard_of

_NEXT = "gbt-47678.5-2026"
# Where the majors of 2013 went in 2026, whose minor numbers are the same.
_MAJORS = {
    COMPONENT: {"01": "01", "02": "02", "03": "03", "04": "04", "05": "05"},
    EVENT: {"01": "06", "02": "07", "03": "08", "04": "09"},
}


@dataclass(frozen=True, slots=True)
class Gaps:
    """What is missing of one branch of a standard.

    ``codes`` are those below each major's highest listed number that the list leaves out; each
    has the name that its number has in the 2026 list, empty when there is none there. ``missing``
    is how many classes are known to be missing, None when nobody knows; ``elsewhere`` is how many
    of them the numbering cannot place, None when unknown.
    """

    standard: str
    kind: str
    listed: int
    missing: int | None
    codes: Mapping[str, str]

    @property
    def elsewhere(self) -> int | None:
        """How many missing classes lie beyond the highest listed numbers."""
        return None if self.missing is None else max(0, self.missing - len(self.codes))

    @property
    def open_ended(self) -> bool:
        """Whether the standard may have classes that nothing here tells of."""
        return self.elsewhere is None or self.elsewhere > 0


@cache
def missing_codes(standard: str, kind: str) -> Gaps:
    """The gaps of one branch. Raises :class:`hotline.registry.taxonomy.UnknownStandard`."""
    about = standard_of(standard)
    numbers: defaultdict[str, set[int]] = defaultdict(set)
    for category in load(standard):
        if category.branch == kind:
            numbers[category.major_code].add(int(category.minor_code))
    width = about.digits - 2
    found = {
        f"{major}{number:0{width}}": _likely(standard, kind, major, number)
        for major, taken in sorted(numbers.items())
        for number in _holes(taken, about.kind == "extension", 10**width - 1)
    }
    extent = about.extents[kind]
    return Gaps(standard, kind, extent.listed, extent.missing, found)


def all_gaps(standard: str) -> tuple[Gaps, ...]:
    """The gaps of both branches. Raises :class:`hotline.registry.taxonomy.UnknownStandard`."""
    return tuple(missing_codes(standard, kind) for kind in KINDS)


def likely_code(kind: str, code_2026: str) -> str:
    """The code of 2013 that a class of 2026 has by the numbering, when the list of 2013 leaves
    that code out; empty otherwise."""
    for old, new in _MAJORS[kind].items():
        code = f"{old}{int(code_2026[2:]):02}"
        if code_2026.startswith(new) and code in missing_codes("gbt-30428.2-2013", kind).codes:
            return code
    return ""


def _holes(taken: set[int], from_above: bool, highest: int) -> list[int]:
    """The numbers left out. 99 (其他) stands apart; an extension is numbered from above."""
    if from_above:
        return [n for n in range(highest, min(taken), -1) if n not in taken]
    counted = {n for n in taken if n < highest}
    return [n for n in range(1, max(counted, default=0)) if n not in counted]


def _likely(standard: str, kind: str, major: str, number: int) -> str:
    if standard != "gbt-30428.2-2013" or major not in _MAJORS[kind]:
        return ""
    found = load(_NEXT).get(f"{kind}/{_MAJORS[kind][major]}{number:03}")
    return found.name if found else ""
