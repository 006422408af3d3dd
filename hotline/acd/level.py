"""A queue's service level over a sliding window, and when it will be breached or safe."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import floor, inf

from hotline.acd.memory import Counted
from hotline.acd.ordered import Deadlines
from hotline.acd.rules import QueueRules
from hotline.acd.views import ServiceLevel

SLICES = 30
"""The window moves on by this fraction of itself, so that its size does not grow with calls."""


def window_s(rules: QueueRules) -> float:
    """How long a caller counts, from the beginning of their slice."""
    return rules.target_window_s * (1 + 1 / SLICES)


@dataclass(slots=True)
class Slice:
    """The callers counted in one stretch of time, which leaves the window at ``ends``."""

    start: float
    ends: float
    within: int = 0
    counted: int = 0


class Level:
    """The service level of one queue. A caller counts once: when answered, or when ``target_s``
    passes unanswered."""

    def __init__(self, rules: QueueRules) -> None:
        self.rules = rules
        self._slices: deque[Slice] = deque()
        self._within = 0
        self._counted = 0
        self.due = Deadlines()

    def use(self, rules: QueueRules) -> None:
        """Go by these rules from now on; what was counted stays for the new window."""
        self.rules = rules
        for part in self._slices:
            part.ends = self._end(part.start)

    def slide(self, now: float) -> None:
        """Forget what has left the window."""
        while self._slices and self._slices[0].ends <= now:
            gone = self._slices.popleft()
            self._within -= gone.within
            self._counted -= gone.counted

    def count(self, at: float, *, within: bool) -> None:
        """One caller more."""
        start = self._start(at)
        if not self._slices or self._slices[-1].start < start:
            self._slices.append(Slice(start, self._end(start)))
        last = self._slices[-1]
        last.within += within
        last.counted += 1
        self._within += within
        self._counted += 1

    def counted(self) -> tuple[Counted, ...]:
        """What is in the window, in order."""
        return tuple(Counted(part.start, part.within, part.counted) for part in self._slices)

    def restore(self, counted: Iterable[Counted]) -> None:
        """Take in what was counted before a restart; nothing was counted since."""
        for start, within, number in counted:
            self._slices.append(Slice(start, self._end(start), within, number))
            self._within += within
            self._counted += number

    def now(self) -> ServiceLevel:
        """The level of what is in the window."""
        breached = self._breached(self._within, self._counted)
        return ServiceLevel(self._within, self._counted, breached)

    def when(self, breached: bool, now: float, earliest: float) -> float | None:
        """When it is breached (or safe) if no caller is answered or comes, from ``earliest`` on;
        None for never."""
        changes = self._future(now)
        start, state = next(changes)
        for at, after in changes:
            if state == breached and at > max(start, earliest):
                return max(start, earliest)
            start, state = at, after
        return max(start, earliest) if state == breached else None

    def _future(self, now: float) -> Iterator[tuple[float, bool]]:
        within, counted = self._within, self._counted
        yield now, self._breached(within, counted)
        targets = self.due.instants()
        slices = iter(list(self._slices))
        target, leaving = next(targets, inf), next(slices, None)
        added: deque[float] = deque()
        last = self._slices[-1].start if self._slices else -inf
        while target < inf or leaving or added:
            ends = leaving.ends if leaving else inf
            again = added[0] if added else inf
            at = min(target, ends, again)
            if at == target:
                counted += 1
                last = max(last, self._start(at))
                added.append(self._end(last))
                target = next(targets, inf)
            elif at == ends and leaving:
                within, counted = within - leaving.within, counted - leaving.counted
                leaving = next(slices, None)
            else:
                counted -= 1
                added.popleft()
            yield at, self._breached(within, counted)

    def _start(self, at: float) -> float:
        length = self.rules.target_window_s / SLICES
        return floor(at / length) * length

    def _end(self, start: float) -> float:
        return start + window_s(self.rules)

    def _breached(self, within: int, counted: int) -> bool:
        return counted > 0 and within < self.rules.target_share * counted
