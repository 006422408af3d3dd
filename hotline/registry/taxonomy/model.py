"""What a standard says: its classes, how complete the list is, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

COMPONENT, EVENT = "component", "event"
KINDS = (COMPONENT, EVENT)
"""部件 and 事件."""


@dataclass(frozen=True, slots=True)
class Category:
    """A minor class. ``key`` names it within its standard: the same code may stand for a
    component (部件) and for an event (事件), so ``branch`` is part of it.

    ``origin`` is ``standard`` for what the standard lists, else ``city``. A class that is
    ``retired_from`` a day stays readable and cannot be chosen from that day on.
    ``example_limit`` is one city's time limits as they were published, empty for none.
    """

    key: str
    branch: str
    code: str
    major: str
    name: str
    pinyin: str
    initials: str
    major_code: str = ""
    minor_code: str = ""
    standard: str = ""
    version: str = ""
    synonyms: tuple[str, ...] = ()
    example_limit: str = ""
    origin: str = "standard"
    retired_from: date | None = None

    def choosable(self, day: date) -> bool:
        """Whether a case may be given this class on ``day``."""
        return self.retired_from is None or day < self.retired_from


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of a standard's branch is listed; ``missing`` is None when nobody knows."""

    listed: int
    missing: int | None


@dataclass(frozen=True, slots=True)
class Standard:
    """A standard whose classes are shipped.

    ``kind`` is ``national``, or ``extension`` for one city's own classes, which no city chooses
    from by themselves. ``in_force_since`` is None while no source tells the day;
    ``in_force_said``: only one public source tells it. ``digits`` is the length of a class's
    code, ``component_code_digits`` that of a component's.
    """

    id: str
    version: str
    number: str
    zh: str
    en: str
    kind: str
    in_force_since: date | None
    in_force_said: bool
    replaced_by: str
    digits: int
    component_code_digits: int
    source_zh: str
    source_en: str
    state_zh: str
    state_en: str
    extents: dict[str, Extent]

    def title(self, language: str) -> str:
        """Its title in the language of a screen."""
        return self.en if language == "en" else self.zh

    def source(self, language: str) -> str:
        """Where its list comes from, in the language of a screen."""
        return self.source_en if language == "en" else self.source_zh

    def state(self, language: str) -> str:
        """How complete its list is, in the language of a screen."""
        return self.state_en if language == "en" else self.state_zh


class UnknownStandard(LookupError):
    """No standard of this id is shipped; the message names those that are."""

    def __init__(self, standard: str, known: tuple[str, ...]) -> None:
        super().__init__(f"no standard {standard!r}; there are: {', '.join(known)}")
        self.standard = standard
        self.known = known
