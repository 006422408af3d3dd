"""What flows may know: facts by name, each asked of whoever knows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo

from hotline.clock import local

Source = Callable[[str, float], object]
"""Tells a fact by the rest of its name, at an instant; None for what it does not know."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose call it is."""

    call_id: str
    called: str
    calling: str


class FactBook:
    """The facts of one call: ``sources`` by the first part of a name (``queue``, ``storm``…),
    and those of the call itself."""

    def __init__(self, caller: Caller, zone: tzinfo, sources: Mapping[str, Source]) -> None:
        self._caller = caller
        self._zone = zone
        self._sources = sources

    def __call__(self, name: str, now: float) -> object:
        """The fact called ``name``; None when nobody knows it."""
        first, _, rest = name.partition(".")
        match first:
            case "now":
                return local(now, self._zone).isoformat(timespec="minutes")[:16]
            case "call":
                return getattr(self._caller, rest) if rest in ("called", "calling") else None
        source = self._sources.get(first)
        return source(rest, now) if source else None
