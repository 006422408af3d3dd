"""What the routing engine is given, until it is written beside the events that follow from it.

The engine is deterministic, so its inputs with their instants are all that a replay needs.
"""

from __future__ import annotations

from hotline.acd import model as acd
from hotline.replay.codec import Given, encode

Entry = list[float | Given]
"""One decision: its instant, then what was given together."""


class Tape:
    """Collects what is given. :meth:`take` empties it: what was taken must be written."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def note(self, now: float, *given: acd.Input) -> None:
        """The engine is about to be given this at ``now``."""
        self._entries.append([now, *map(encode, given)])

    def take(self) -> list[Entry]:
        """What was given since the last time, in order."""
        taken, self._entries = self._entries, []
        return taken
