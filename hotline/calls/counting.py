"""Who was lately counted for the service level, from what the tables have of each call. Pure.

For a controller that starts: :class:`hotline.acd.levels.Levels` counts as it goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from hotline.acd import model as acd
from hotline.acd.book import DEFAULT
from hotline.acd.level import Level, window_s
from hotline.acd.rules import QueueRules


@dataclass(frozen=True, slots=True)
class Waited:
    """A call that waits or waited since ``since``, in the end in ``queue``.

    ``known_at`` is from when on there was such a call (a kept place is younger than its wait).
    ``left_at`` is when it stopped waiting otherwise than by an answer; None: it waits, or was
    answered. ``moves`` are the queues that it was sent away from, each with when.
    """

    call_id: str
    queue: str
    since: float
    known_at: float
    answered_at: float | None = None
    left_at: float | None = None
    moves: tuple[tuple[float, str], ...] = ()


class _Count(NamedTuple):
    at: float
    within: bool
    queue: str
    call_id: str


def counted(
    waits: Iterable[Waited], rules: Mapping[str, QueueRules], now: float
) -> tuple[list[acd.RestoreLevel], frozenset[str]]:
    """The service levels as they were, and the calls that they have counted.

    A caller counts once: in time when answered, else when the target passes, in the queue they
    wait in then; who leaves before does not. The rules are those in force now.
    """
    counts = sorted(one for wait in waits if (one := _count(wait, rules, now)))
    levels = {queue: Level(of) for queue, of in rules.items()}
    for one in counts:
        if one.queue in levels and one.at > now - window_s(rules[one.queue]):
            levels[one.queue].count(one.at, within=one.within)
    restored = []
    for queue, level in levels.items():
        level.slide(now)
        if slices := level.counted():
            restored.append(acd.RestoreLevel(queue, slices))
    return restored, frozenset(one.call_id for one in counts)


def _count(wait: Waited, rules: Mapping[str, QueueRules], now: float) -> _Count | None:
    """When, where and how a call was counted; None when it was not, or not yet."""
    begins = max(wait.since, wait.known_at)
    for left_at, queue in wait.moves:
        late = _late(wait, queue, rules)
        if late <= left_at:
            return _Count(max(late, begins), False, queue, wait.call_id)
        begins = max(begins, left_at)
    late = _late(wait, wait.queue, rules)
    if wait.answered_at is not None and wait.answered_at <= late:
        return _Count(wait.answered_at, True, wait.queue, wait.call_id)
    over = wait.left_at if wait.answered_at is None else wait.answered_at
    if late <= (now if over is None else over):
        return _Count(max(late, begins), False, wait.queue, wait.call_id)
    return None


def _late(wait: Waited, queue: str, rules: Mapping[str, QueueRules]) -> float:
    return wait.since + rules.get(queue, DEFAULT).target_s
