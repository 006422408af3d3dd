"""Agents who are signed on and not there: no page of theirs is open for a while.

Such an agent would be rung in vain, so who would take calls now, or as soon as a phone comes
back, is paused as ``away`` until they say otherwise themselves. Who is busy is judged when they
are free again, and a pause of their own choice is left as it is: nobody rings them meanwhile.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hotline.acd import model as acd
from hotline.calls import model
from hotline.calls.model import Outcome

if TYPE_CHECKING:
    from hotline.calls.core import CallCore

PAUSE_AWAY = "away"
_PASSING = frozenset({acd.PAUSE_MISSED, acd.PAUSE_UNREACHABLE})


class Attendance:
    """Which agents have a page open, and since when the others have none.

    Who never opened one since the controller's start is not judged, unless they were on duty
    before it: programs sign agents on, too.
    """

    def __init__(self) -> None:
        self._pages: Counter[str] = Counter()
        self.gone_since: dict[str, float] = {}

    def opened(self, agent_id: str) -> None:
        """A page of theirs listens to us."""
        self._pages[agent_id] += 1
        self.gone_since.pop(agent_id, None)

    def closed(self, agent_id: str, now: float) -> None:
        """A page of theirs does so no more."""
        self._pages[agent_id] -= 1
        if self._pages[agent_id] <= 0:
            del self._pages[agent_id]
            self.gone_since[agent_id] = now

    def expect(self, agent_id: str, now: float) -> None:
        """They were on duty before we started, and their page has yet to come back."""
        if agent_id not in self._pages:
            self.gone_since[agent_id] = now


def take(core: CallCore, given: model.PageOpened | model.PageClosed, now: float) -> None:
    """Take in that a page came or went."""
    if isinstance(given, model.PageOpened):
        core.attendance.opened(given.agent_id)
    else:
        core.attendance.closed(given.agent_id, now)


def next_deadline(core: CallCore) -> float | None:
    """When the next agent counts as away."""
    deadlines = (_due(core, agent_id) for agent_id in core.attendance.gone_since)
    return min((due for due in deadlines if due is not None), default=None)


def tick(core: CallCore, now: float, out: Outcome) -> None:
    """Pause those whose time has come."""
    for agent_id in list(core.attendance.gone_since):
        due = _due(core, agent_id)
        if due is not None and due <= now:
            core.ask(acd.AgentPauses(agent_id, PAUSE_AWAY), now, out)


def _due(core: CallCore, agent_id: str) -> float | None:
    state = core.states.get(agent_id)
    if state is None or core.rules.away_s <= 0:
        return None
    if state.state == "ready" or (state.state == "paused" and state.reason in _PASSING):
        # Whoever just hung up is there, whatever became of their page.
        return max(state.since, core.attendance.gone_since[agent_id]) + core.rules.away_s
    return None
