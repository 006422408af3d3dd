"""What callers were told and how long they then waited, by the hour of the day. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hotline.waiting.score import Told

HOURS = 24


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the day over a period: how many estimates were ``told``; of the ``compared``
    ones, whose end is known, what was foretold and waited on average (seconds; None: none)."""

    hour: int
    told: int
    compared: int
    told_s: float | None
    waited_s: float | None


def by_hour(told: Iterable[tuple[int, Told]]) -> tuple[Hour, ...]:
    """All hours of the day; each estimate comes with the hour in which it was told."""
    hours: list[list[Told]] = [[] for _ in range(HOURS)]
    for hour, one in told:
        hours[hour].append(one)
    return tuple(_hour(number, own) for number, own in enumerate(hours))


def _hour(number: int, told: list[Told]) -> Hour:
    known = [(one.told_s, one.waited_s) for one in told if one.waited_s is not None]
    if not known:
        return Hour(number, len(told), 0, None, None)
    count = len(known)
    foretold, waited = sum(one for one, _ in known), sum(one for _, one in known)
    return Hour(number, len(told), count, foretold / count, waited / count)
