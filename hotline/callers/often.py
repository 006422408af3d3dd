"""How often each number called lately: never too few. Pure."""

from __future__ import annotations

from collections import Counter


class Often:
    """Counts by number over at least the last ``window_s`` seconds."""

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._now: Counter[str] = Counter()
        self._before: Counter[str] = Counter()
        self._since: float | None = None

    def called(self, number: str, at: float, times: int = 1) -> None:
        """``number`` called at ``at`` (Unix seconds)."""
        self._turn(at)
        self._now[number] += times

    def times(self, number: str, at: float) -> int:
        """How often it called within ``window_s`` before ``at``; calls up to three times as long
        ago may be among them."""
        self._turn(at)
        return self._now[number] + self._before[number]

    def _turn(self, at: float) -> None:
        if self._since is None or at - self._since >= self._window_s:
            gap = self._since is not None and at - self._since >= 2 * self._window_s
            self._before = Counter() if gap else self._now
            self._now, self._since = Counter(), at
