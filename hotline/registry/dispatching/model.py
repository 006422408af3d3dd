"""Rules, earlier dispatches and suggestions: plain, frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

PLACES = ("district", "street", "community", "duty_grid", "grid")
"""What a rule may be about, from the widest to the narrowest; the names of a case's columns."""
SCOPES = ("street", "district", "city")
"""Where earlier dispatches are looked for, the nearest first."""
OUTCOMES = ("open", "handled", "returned", "redirected", "withdrawn")
"""How a dispatch may end: done; sent back by the unit; given to another by a ruling; or the case
ended without it."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What is known of a case that is to be dispatched: its class (a key of the taxonomy, empty
    for none) and the ids of its places by the names of :data:`PLACES`."""

    category: str
    places: Mapping[str, str] = field(default_factory=dict)

    @property
    def street(self) -> str:
        """The street's id, empty while unknown."""
        return self.places.get("street", "")

    @property
    def district(self) -> str:
        """The district's id, empty while unknown."""
        return self.places.get("district", "")


@dataclass(frozen=True, slots=True)
class Rule:
    """Cases whose class begins with ``category`` (empty: all), in ``place`` (empty: everywhere),
    go to a unit."""

    rule_id: int
    category: str
    place: str
    unit_id: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class UnitHere:
    """A unit as suggestions need it: ``serves``: the case's place is in its area."""

    unit_id: str
    name: str
    serves: bool = True


@dataclass(frozen=True, slots=True)
class Record:
    """How earlier dispatches of one class in one place to one unit ended. ``corrected`` says to
    whom those in vain went instead, and how often."""

    unit_id: str
    handled: int = 0
    returned: int = 0
    redirected: int = 0
    open: int = 0
    corrected: Mapping[str, int] = field(default_factory=dict)

    @property
    def wrong(self) -> int:
        """How many it should not have been given."""
        return self.returned + self.redirected

    @property
    def ended(self) -> int:
        """How many are known to have been right or wrong."""
        return self.handled + self.wrong

    @property
    def given(self) -> int:
        """How many it was given."""
        return self.ended + self.open


@dataclass(frozen=True, slots=True)
class History:
    """The records of every unit, of one class, within ``scope`` (one of :data:`SCOPES`) and the
    last ``days`` days."""

    scope: str
    days: int
    records: tuple[Record, ...] = ()

    @property
    def ended(self) -> int:
        """How many dispatches are known to have been right or wrong."""
        return sum(one.ended for one in self.records)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit that may be given the case, and all that speaks for and against it.

    ``points`` are ``rule_points + record_points - area_points``. ``rules`` are those that name
    it, the most specific first.
    """

    unit_id: str
    name: str
    points: int
    rule_points: int
    record_points: int
    area_points: int
    rules: tuple[Rule, ...]
    record: Record


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A rule whose unit mostly had such cases in vain: a change that somebody may decide on."""

    rule: Rule
    record: Record
    better: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Who may be given a case, the best first. ``closed_rules`` name units that are closed or
    unknown and are passed over."""

    candidates: tuple[Candidate, ...]
    history: History
    contradictions: tuple[Contradiction, ...] = ()
    closed_rules: tuple[Rule, ...] = ()
