"""How events are put into words: what the tellers of :mod:`hotline.web.timeline` have in common.

Pure: the texts come from the catalogue through ``t``, people by their names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from hotline import events
from hotline.web.formats import UNKNOWN, person, phone

# What a change of the category is told by; the code and its standard go with the name.
_UNTOLD = frozenset({"standard", "category_code", "taxonomy_revision", "unit_id"})
# What the clocks work out: they tell of it themselves.
_WORKED_OUT = frozenset({"handle_due_at", "close_due_at"})
# What follows from the point or the address.
_PLACES = frozenset({"grid", "duty_grid", "community", "street", "district"})
QUIET = _UNTOLD | _WORKED_OUT | _PLACES
"""Fields of a case whose changes are not told."""
# Whoever needs them in full says why, on the case's page.
_PERSONAL = {"caller_phone": phone, "caller_name": person}
_LABELS = {"category_name": "category"}
_CHOICES = frozenset({"kind", "urgency", "caller_sex"})

Words = Callable[..., str]
"""A text of the catalogue by its key, its places filled in by name."""


@dataclass(frozen=True, slots=True)
class Said:
    """What an event is told by. ``kind``: call, report, case, clock or callback; ``quote`` is what
    somebody gave as the reason."""

    kind: str
    text: str
    quote: str = ""


Tellers = dict[type[events.Event], Callable[[Any], Said | None]]
"""What tells of which event; None for one that means nothing to a reader."""


class Telling:
    """The words that tellers share; ``zone`` is the city's, None where instants are left out."""

    def __init__(self, names: Mapping[str, str], t: Words, zone: tzinfo | None) -> None:
        self.names = names
        self.t = t
        self.zone = zone

    def say(self, key: str, **values: object) -> str:
        """A text of the history."""
        return self.t(f"history.{key}", **values)

    def call(self, key: str, **values: object) -> Said:
        """A line about a call."""
        return Said("call", self.say(key, **values))

    def report(self, key: str, **values: object) -> Said:
        """A line about a spoken report."""
        return Said("report", self.say(key, **values))

    def callback(self, key: str, quote: str = "", **values: object) -> Said:
        """A line about a call to the citizen."""
        return Said("callback", self.say(key, **values), quote)

    def who(self, user_id: str) -> str:
        """Somebody's name."""
        if user_id == "system":
            return self.t("history.system")
        return self.names.get(user_id, user_id)

    def label(self, name: str) -> str:
        """What a field of the form is called."""
        return self.t(f"case.{_LABELS.get(name, name)}")

    def value(self, name: str, value: Any) -> str:
        """What stands in a field; a citizen's name and number are masked."""
        if value is None or value == "":
            return UNKNOWN
        if name in _PERSONAL:
            return _PERSONAL[name](str(value))
        if isinstance(value, bool):
            return self.t("base.yes" if value else "base.no")
        return self.t(f"case.{name}.{value}") if name in _CHOICES else str(value)
