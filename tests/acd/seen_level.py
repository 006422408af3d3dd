"""The service level as an onlooker counts it: every caller in a list, looked through each time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import groupby
from math import floor
from typing import Protocol

from hotline.acd.level import SLICES
from hotline.acd.model import Counted, QueueRules, RestoreLevel


class Waiter(Protocol):
    """What is asked of a call here."""

    queue: str
    since: float
    counted: bool


class SeenLevel:
    """Callers of each queue: the start of the slice of time they count in, and whether in time."""

    def __init__(self, rules: Mapping[str, QueueRules]) -> None:
        self._rules = rules
        self._counted: defaultdict[str, list[tuple[float, bool]]] = defaultdict(list)

    def in_time(self, queue: str, at: float) -> None:
        """A caller was answered in time."""
        self._count(queue, at, within=True)

    def late(self, calls: Iterable[tuple[str, Waiter]], at: float) -> None:
        """Count the unanswered of these whose target has passed."""
        due = [
            (call.since + self._rules[call.queue].target_s, call_id, call)
            for call_id, call in calls
            if not call.counted
        ]
        for instant, _, call in sorted(due, key=lambda row: row[:2]):
            if instant <= at:
                self._count(call.queue, instant, within=False)
                call.counted = True

    def journalled(self, queues: Iterable[str], at: float) -> list[RestoreLevel]:
        """What an engine that starts is told of these queues."""
        return [RestoreLevel(queue, tuple(self._slices(queue, at))) for queue in queues]

    def hear(self, event: RestoreLevel) -> None:
        """Take in what was counted before a restart."""
        for start, within, number in event.counted:
            late = number - within
            self._counted[event.queue] += [(start, True)] * within + [(start, False)] * late

    def _slices(self, queue: str, at: float) -> Iterable[Counted]:
        span = self._rules[queue].target_window_s * (1 + 1 / SLICES)
        for start, rows in groupby(self._counted[queue], key=lambda row: row[0]):
            if start + span > at:
                within = [in_time for _, in_time in rows]
                yield Counted(start, sum(within), len(within))

    def breached(self, queue: str, at: float) -> bool:
        """Whether too few were answered in time."""
        rules = self._rules[queue]
        span = rules.target_window_s * (1 + 1 / SLICES)
        inside = [within for start, within in self._counted[queue] if start + span > at]
        return bool(inside) and sum(inside) < rules.target_share * len(inside)

    def _count(self, queue: str, at: float, *, within: bool) -> None:
        counted = self._counted[queue]
        length = self._rules[queue].target_window_s / SLICES
        start = floor(at / length) * length
        counted.append((max(start, counted[-1][0]) if counted else start, within))
