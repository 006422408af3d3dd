"""Names kept in the order of a rank: who is next, without a scan."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator

Rank = tuple[float, ...]
"""Smaller comes first; names with equal ranks are ordered by name, so that nothing is left to
chance."""


class Ordered:
    """A sorted list beside a dictionary.

    Putting and dropping cost a binary search and a move of pointers, which at the thousands of
    entries a hotline has is quicker than a heap, and leaves no stale entries behind.
    """

    def __init__(self) -> None:
        self._rows: list[tuple[Rank, str]] = []
        self._ranks: dict[str, Rank] = {}

    def put(self, name: str, rank: Rank) -> None:
        """Place ``name`` at ``rank``, moving it when it has a place."""
        self.drop(name)
        self._ranks[name] = rank
        insort(self._rows, (rank, name))

    def drop(self, name: str) -> None:
        """Take ``name`` out; harmless when it is not there."""
        rank = self._ranks.pop(name, None)
        if rank is not None:
            del self._rows[bisect_left(self._rows, (rank, name))]

    def row(self, index: int) -> tuple[Rank, str] | None:
        """The entry at ``index`` from the front, None past the end."""
        return self._rows[index] if index < len(self._rows) else None

    def index(self, name: str) -> int:
        """How many are before ``name``. Raises :class:`KeyError` when it has no place."""
        return bisect_left(self._rows, (self._ranks[name], name))

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, name: str) -> bool:
        return name in self._ranks

    def __iter__(self) -> Iterator[str]:
        return (name for _, name in self._rows)


class Deadlines:
    """Instants at which something falls due, by name."""

    def __init__(self) -> None:
        self._rows: list[tuple[float, str]] = []
        self._instants: dict[str, float] = {}

    def set(self, name: str, at: float | None) -> None:
        """Let ``name`` fall due at ``at``; None: never."""
        before = self._instants.pop(name, None)
        if before is not None:
            del self._rows[bisect_left(self._rows, (before, name))]
        if at is not None:
            self._instants[name] = at
            insort(self._rows, (at, name))

    def instants(self) -> Iterator[float]:
        """All instants, the earliest first."""
        return (at for at, _ in self._rows)

    def first(self) -> float | None:
        """The earliest instant, None for none."""
        return self._rows[0][0] if self._rows else None

    def take_due(self, now: float) -> Iterable[str]:
        """Names whose instant has come, earliest first, each taken out.

        Names set while iterating are seen when they are due too.
        """
        # Asked at every decision, and nearly always in vain.
        return self._due(now) if self._rows and self._rows[0][0] <= now else ()

    def _due(self, now: float) -> Iterator[str]:
        while self._rows and self._rows[0][0] <= now:
            _, name = self._rows.pop(0)
            del self._instants[name]
            yield name
