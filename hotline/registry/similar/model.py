"""Similar cases as plain data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Relation(StrEnum):
    """How two cases hang together, told from the first one's side."""

    DUPLICATE = "duplicate"
    RELATED = "related"
    MERGED = "merged"
    SPLIT = "split"


OTHER_SIDE = {"duplicate": "duplicate", "related": "related", "merged": "took", "split": "gave"}
"""The relation as the second case tells it."""


@dataclass(frozen=True, slots=True)
class Rules:
    """When two cases may be the same matter: no further apart than so many metres and seconds.
    ``many`` reports of one class at one place are one matter."""

    metres: float = 50.0
    seconds: float = 86_400.0
    many: int = 3


@dataclass(frozen=True, slots=True)
class Look:
    """What is compared of a case, or of a form that is still being typed.

    ``at`` is Unix seconds. Empty texts and None: not known.
    """

    at: float
    standard: str | None = None
    category_code: str | None = None
    longitude: float | None = None
    latitude: float | None = None
    grid: str = ""
    address: str = ""
    description: str = ""

    @property
    def point(self) -> tuple[float, float] | None:
        """Where it is; None for nobody knows."""
        if self.longitude is None or self.latitude is None:
            return None
        return self.longitude, self.latitude


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for two cases being one matter.

    ``metres`` and ``hours`` are how far apart they are (None: not known), ``same_class`` and
    ``same_grid`` whether they share these, ``address`` and ``text`` how alike the words are, from
    0 to 100. ``score`` weighs it all, up to 100.
    """

    score: int
    metres: float | None
    hours: float
    same_class: bool
    same_grid: bool
    address: int
    text: int

    def data(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Similar:
    """A case that may be the same matter, with the evidence."""

    case_number: str
    state: str
    opened_at: float
    category_name: str
    address: str
    description: str
    unit: str
    reports: int
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a case, told from its own side: ``relation`` as in
    :class:`hotline.events.CaseLinked`."""

    link_id: int
    other: str
    relation: str
    why: str
    by: str
    at: float
    state: str
    category_name: str
    evidence: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Matter:
    """Open cases of one class at one place that should be one: the oldest is ``main``. ``reports``
    counts the citizens."""

    main: str
    cases: tuple[str, ...]
    reports: int
    category_name: str
    address: str
    grid: str
