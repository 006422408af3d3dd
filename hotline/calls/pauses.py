"""How long agents have paused today, and for what: a pure tally.

It is told of every state an agent takes (:meth:`Pauses.became`) and answers with the pause that
ended, for the journal; after a restart the day's ended pauses come back from there
(:meth:`Pauses.remember`), and those that go on from the agents' restored states.

While the controller is away nobody can end a pause, so what falls into its absence
(:meth:`Pauses.absent`) is unknown: it is counted apart and never against an allowance.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from hotline.acd.model import PAUSE_SIGNED_ON, AgentBecame
from hotline.events import PauseEnded

_KEPT_S = 2 * 86_400.0


@dataclass(frozen=True, slots=True)
class Used:
    """What an agent used today of one reason.

    ``seconds`` and ``unknown_s`` are of pauses that are over; ``times`` counts those that began
    today, the running one included. ``running_since`` is when the running one began, midnight
    at the earliest and later by what is unknown of it, so that it grows by ``now`` minus it.
    """

    seconds: float = 0.0
    times: int = 0
    unknown_s: float = 0.0
    running_since: float | None = None


class Pauses:
    """The pauses of every agent: the running ones, and those of the last two days."""

    def __init__(self) -> None:
        self._running: dict[str, tuple[str, float]] = {}
        self._over: defaultdict[str, list[PauseEnded]] = defaultdict(list)
        self._absences: list[tuple[float, float]] = []

    def became(self, state: AgentBecame, now: float) -> PauseEnded | None:
        """Take a state in; the pause that it ended, if any."""
        agent_id = state.agent_id
        paused = state.state == "paused" and state.reason != PAUSE_SIGNED_ON
        running = (state.reason, state.since) if paused else None
        before = self._running.get(agent_id)
        if running == before:
            return None
        if running is None:
            del self._running[agent_id]
        else:
            self._running[agent_id] = running
        if before is None:
            return None
        reason, since = before
        ended = PauseEnded(agent_id, reason, since, max(since, min(now, state.since)))
        self.remember(ended)
        return ended

    def remember(self, ended: PauseEnded) -> None:
        """Take in a pause that is over."""
        over = self._over[ended.agent_id]
        over.append(ended)
        if over[0].until < ended.until - _KEPT_S:
            over[:] = [pause for pause in over if pause.until >= ended.until - _KEPT_S]

    def absent(self, since: float, until: float) -> None:
        """The controller was away from ``since`` to ``until``."""
        if until > since:
            self._absences.append((since, until))

    def today(self, agent_id: str, midnight: float) -> dict[str, Used]:
        """What an agent used of each reason since ``midnight``; reasons not used are missing."""
        seconds: defaultdict[str, float] = defaultdict(float)
        unknown: defaultdict[str, float] = defaultdict(float)
        times: defaultdict[str, int] = defaultdict(int)
        for pause in self._over.get(agent_id, ()):
            if pause.until <= midnight:
                continue
            start = max(pause.since, midnight)
            unseen = self._unseen(start, pause.until)
            seconds[pause.reason] += pause.until - start - unseen
            unknown[pause.reason] += unseen
            times[pause.reason] += pause.since >= midnight
        used = {reason: Used(seconds[reason], times[reason], unknown[reason]) for reason in seconds}
        if running := self._running.get(agent_id):
            reason, since = running
            used[reason] = self._with_running(used.get(reason, Used()), since, midnight)
        return used

    def _with_running(self, used: Used, since: float, midnight: float) -> Used:
        start = max(since, midnight)
        unseen = self._unseen(start, float("inf"))
        times = used.times + (since >= midnight)
        return Used(used.seconds, times, used.unknown_s + unseen, start + unseen)

    def _unseen(self, since: float, until: float) -> float:
        overlaps = (min(until, end) - max(since, start) for start, end in self._absences)
        return sum(overlap for overlap in overlaps if overlap > 0)
