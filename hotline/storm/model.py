"""A storm as data: what callers are told, for how long, and who is affected. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hotline.registry.forms import dialable
from hotline.storage.numbers import canonical
from hotline.storage.records import storable

LONGEST_S = 48 * 3600.0
"""A storm ends this long after it was begun or changed at the latest: nobody forgets one."""

REGISTER_KEY = "1"
"""The key that the shipped flow registers by; its prompt says so."""

SLOT_S = 600
"""Registrations are counted by so many seconds."""

LONGEST_TEXT = 300
LONGEST_PLACE = 60
MOST_PLACES = 30

_BREAKS = re.compile(r"[\n;,、，；]+")


class StormFault(ValueError):
    """What was typed cannot be: each faulty field with the key of its message."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {key}" for field, key in faults.items()))
        self.faults = dict(faults)


@dataclass(frozen=True, slots=True)
class StormWords:
    """What somebody typed. ``ends_at`` is in Unix seconds."""

    text_zh: str
    text_en: str
    places: tuple[str, ...]
    ends_at: float

    def checked(self, now: float) -> StormWords:
        """The same as it is kept. Raises :class:`StormFault`."""
        words = StormWords(
            storable(self.text_zh).strip(),
            storable(self.text_en).strip(),
            tuple(dict.fromkeys(storable(place).strip() for place in self.places if place.strip())),
            self.ends_at,
        )
        faults = words._faults(now)
        if faults:
            raise StormFault(faults)
        return words

    def _faults(self, now: float) -> dict[str, str]:
        faults: dict[str, str] = {}
        if not self.text_zh:
            faults["text_zh"] = "required"
        for name in ("text_zh", "text_en"):
            if len(getattr(self, name)) > LONGEST_TEXT:
                faults[name] = "too_long"
        if len(self.places) > MOST_PLACES or any(len(p) > LONGEST_PLACE for p in self.places):
            faults["places"] = "too_long"
        if self.ends_at <= now:
            faults["ends_at"] = "until_past"
        elif self.ends_at > now + LONGEST_S:
            faults["ends_at"] = "storm_too_long"
        return faults


@dataclass(frozen=True, slots=True)
class Storm:
    """A storm. It is in force from ``began_at`` until ``ends_at``, or until somebody ended it at
    ``ended_at``. ``version`` counts its changes."""

    storm_id: int
    text_zh: str
    text_en: str
    places: tuple[str, ...]
    case_number: str
    version: int
    began_by: str
    began_at: float
    ends_at: float
    ended_by: str = ""
    ended_at: float | None = None

    def active(self, now: float) -> bool:
        """Whether callers are told of it at ``now``."""
        return self.ended_at is None and self.began_at <= now < self.ends_at


@dataclass(frozen=True, slots=True)
class Registered:
    """``new`` is False for a number, or a call, that was registered before. ``count`` is how
    many callers have registered so far, withheld numbers included."""

    affected_id: int
    case_number: str
    new: bool
    count: int


@dataclass(frozen=True, slots=True)
class Picture:
    """Who registered so far. ``withheld`` of the ``count`` gave no number; ``places`` are counts
    by place, the empty one for callers who named none; ``slots`` are counts by the beginning of
    each :data:`SLOT_S`, those without any left out."""

    count: int
    withheld: int
    callbacks: int
    places: Sequence[tuple[str, int]]
    slots: Sequence[tuple[float, int]]


@dataclass(frozen=True, slots=True)
class Affected:
    """A caller who registered. ``number`` is empty when it was withheld; ``again`` is how often
    the key was pressed once more."""

    affected_id: int
    call_id: str
    number: str
    place: str
    at: float
    again: int
    callback: bool


def storm_facts(storm: Storm | None) -> dict[str, object]:
    """What a flow can branch on and say.

    ``storm.active``; ``storm.text`` and ``storm.text_en``; ``storm.places`` and
    ``storm.places_en``: those that the text does not name itself, with commas between them;
    ``storm.case``, the case's number. Texts are empty without a storm, and in a language that
    nobody wrote.
    """
    return {
        "storm.active": storm is not None,
        "storm.text": storm.text_zh if storm else "",
        "storm.text_en": storm.text_en if storm else "",
        "storm.places": "、".join(_besides(storm, storm.text_zh)) if storm else "",
        "storm.places_en": ", ".join(_besides(storm, storm.text_en)) if storm else "",
        "storm.case": storm.case_number if storm else "",
    }


def _besides(storm: Storm, text: str) -> list[str]:
    return [place for place in storm.places if place not in text]


def read_places(typed: str) -> tuple[str, ...]:
    """Places one to a line, or with commas between them."""
    return tuple(place.strip() for place in _BREAKS.split(typed) if place.strip())


def key_of(calling: str) -> str:
    """The number by which a caller is known; empty when it was withheld or is none."""
    number = canonical(calling)
    return number if dialable(number) else ""
