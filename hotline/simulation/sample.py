"""What happened in one replication, as columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from math import nan


class Outcome(IntEnum):
    """What became of a caller."""

    WAITING = 0
    ANSWERED = 1
    ABANDONED = 2
    OVERFLOWED = 3


@dataclass(slots=True)
class Spells:
    """When agents were in some condition: ``agent`` numbers, begins and ends."""

    agent: list[int] = field(default_factory=list)
    begin: list[float] = field(default_factory=list)
    end: list[float] = field(default_factory=list)

    def add(self, agent: int, begin: float, end: float) -> None:
        """Keep one spell."""
        self.agent.append(agent)
        self.begin.append(begin)
        self.end.append(end)


@dataclass(slots=True)
class Sample:
    """One replication: a row for each caller in order of coming, and the agents' spells.

    ``left`` is when they stopped waiting (the end of the period for those who still do).
    ``agent`` numbers the scenario's shifts, -1 for none. ``handled`` has the spells from offer
    to the end of the wrap-up, ``on_duty`` those from sign-on to sign-off.
    """

    kind: list[int]
    at: list[float]
    left: list[float]
    outcome: list[int]
    agent: list[int]
    handled: Spells = field(default_factory=Spells)
    on_duty: Spells = field(default_factory=Spells)

    @classmethod
    def empty(cls, kind: list[int], at: list[float]) -> Sample:
        """Callers of whom nothing is known yet."""
        count = len(at)
        return cls(kind, at, [nan] * count, [int(Outcome.WAITING)] * count, [-1] * count)
