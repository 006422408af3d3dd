"""What an event is, and how one is read back from the journal."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Any, ClassVar


class UnknownEvent(ValueError):
    """The journal holds a kind that this version does not know."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; subclasses say what."""

    kinds: ClassVar[dict[str, type[Event]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # Not super(): slots=True makes a second class, and the first would stay registered.
        Event.kinds[cls.__name__] = cls

    @property
    def kind(self) -> str:
        """The name under which the journal keeps it."""
        return type(self).__name__

    def data(self) -> dict[str, Any]:
        """The event's fields as JSON values."""
        # Not asdict(): it copies each value, and none of them is ever changed.
        return {name: getattr(self, name) for name in _names(self.kind)}


def event_from(kind: str, data: dict[str, Any]) -> Event:
    """The event that :meth:`Event.data` came from; fields this version lacks are dropped.

    Raises :class:`UnknownEvent`.
    """
    cls = Event.kinds.get(kind)
    if cls is None:
        raise UnknownEvent(f"the journal holds a {kind!r}, which this version does not know")
    known = _names(kind)
    return cls(**{name: _frozen(value) for name, value in data.items() if name in known})


@cache
def _names(kind: str) -> tuple[str, ...]:
    return tuple(field.name for field in fields(Event.kinds[kind]))


def _frozen(value: Any) -> Any:
    # JSON knows no tuples; a replayed event equals the one that was written.
    return tuple(value) if isinstance(value, list) else value
