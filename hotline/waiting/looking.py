"""What each waiting caller can be told now: from the engine's order, its agents, and what was seen
lately. Reads the engine, changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from hotline.acd.engine import Engine
from hotline.acd.views import AgentRow, WaitingRow
from hotline.waiting.estimate import Changes, Forecast, Outlook, Serving
from hotline.waiting.lately import Lately

FRESH_S = 1.0
"""How long one look serves all callers: sorting thousands for each of them would cost more than it
tells."""

Roster = Callable[[str, float], Changes]
"""What the roster says of a queue, at an instant."""


@dataclass(slots=True)
class _Look:
    at: float
    ahead: dict[str, tuple[str, int]]
    forecasts: dict[str, Forecast] = field(default_factory=dict)


class Looking:
    """Asked for one caller at a time."""

    def __init__(
        self,
        engine: Callable[[], Engine],
        lately: Lately,
        roster: Roster = lambda queue, now: Changes(),
    ) -> None:
        self._engine = engine
        self._lately = lately
        self._roster = roster
        self._last: _Look | None = None

    def outlook(self, call_id: str, now: float) -> Outlook | None:
        """The caller's position and wait; None for somebody who does not wait."""
        look = self._last
        if look is None or not 0 <= now - look.at < FRESH_S or call_id not in look.ahead:
            look = self._last = _Look(now, _ahead(self._engine().waiting()))
        if call_id not in look.ahead:
            return None
        queue, ahead = look.ahead[call_id]
        if queue not in look.forecasts:
            look.forecasts[queue] = self._forecast(queue, now)
        return Outlook(ahead, look.forecasts[queue].wait(ahead))

    def _forecast(self, queue: str, now: float) -> Forecast:
        waits = [now - row.since for row in self._engine().waiting()]
        agents = serving(self._engine().agents(), queue, now)
        return Forecast(agents, self._lately.recent(now, waits), self._roster(queue, now))


def serving(rows: Iterable[AgentRow], queue: str, now: float) -> list[Serving]:
    """The agents who will take callers of a queue without deciding to."""
    found = (_serving(row, now) for row in rows if queue in row.queues and row.reachable)
    return [agent for agent in found if agent]


def _serving(row: AgentRow, now: float) -> Serving | None:
    left = None if row.until is None else max(0.0, row.until - now)
    if row.state == "paused":
        return None if left is None else Serving("at", left)
    if row.next_state:
        return None
    match row.state:
        case "ready":
            return Serving("free")
        case "talking":
            return Serving("busy", max(0.0, now - row.since))
        case "wrap_up":
            return Serving("until", left or 0.0)
    return Serving("busy", 0.0)


def _ahead(rows: Iterable[WaitingRow]) -> dict[str, tuple[str, int]]:
    """How many of the same queue are before each caller. Who is being offered has an agent."""
    passed: dict[str, int] = {}
    ahead: dict[str, tuple[str, int]] = {}
    for row in rows:
        ahead[row.call_id] = (row.queue, passed.get(row.queue, 0))
        if not row.offered_to:
            passed[row.queue] = passed.get(row.queue, 0) + 1
    return ahead
