"""A journalled event, and what a text must be to be stored."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from hotline.events import Event, event_from
from hotline.storage.tables import JournalRow

# PostgreSQL stores no NUL, and neither database a half of a surrogate pair.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Record:
    """An event with its place in the journal; ``at`` is in Unix seconds."""

    seq: int
    at: float
    event: Event

    @classmethod
    def of(cls, row: JournalRow) -> Record:
        """The record that the row keeps. Raises :class:`hotline.events.UnknownEvent`."""
        return cls(row.seq, row.at, event_from(row.kind, dict(row.data)))


def storable_as_it_is(value: Any) -> bool:
    """Whether :func:`storable` would surely change nothing, told quickly; False may be wrong."""
    if isinstance(value, str):
        return value.isascii() and "\x00" not in value
    return value is None or isinstance(value, int | float)


def storable(value: Any) -> Any:
    """``value`` (JSON, or text) with what no database stores replaced by U+FFFD."""
    match value:
        case str():
            return _UNSTORABLE.sub("\ufffd", value)
        case dict():
            return {storable(key): storable(item) for key, item in value.items()}
        case list() | tuple():
            return [storable(item) for item in value]
        case _:
            return value
