"""What flows may know: facts by name, each asked of whoever knows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo

from hotline.clock import local


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose call it is; ``calling`` is empty when the number was withheld."""

    call_id: str
    called: str
    calling: str


Source = Callable[[str, float, Caller], object]
"""Tells a fact by its whole name, at an instant, to a caller; None for what it does not know."""


class FactBook:
    """The facts of one call: ``sources`` by the first part of a name (``queue``, ``storm``…),
    and those of the call itself."""

    def __init__(self, caller: Caller, zone: tzinfo, sources: Mapping[str, Source]) -> None:
        self.caller = caller
        self._zone = zone
        self._sources = sources

    def __call__(self, name: str, now: float) -> object:
        """The fact called ``name``; None when nobody knows it."""
        first, _, rest = name.partition(".")
        match first:
            case "now":
                return local(now, self._zone).isoformat(timespec="minutes")[:16]
            case "call":
                return getattr(self.caller, rest) if rest in ("called", "calling") else None
        source = self._sources.get(first)
        return source(name, now, self.caller) if source else None
