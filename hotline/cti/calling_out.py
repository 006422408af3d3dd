"""Agents who call somebody themselves: callers are kept away from them until it is over.

They are paused meanwhile, for :data:`CALLING_OUT`, and a little longer, to note what was said;
then they take calls again by themselves. A pause of their own choice is left as it is.
"""

from __future__ import annotations

from hotline.acd.views import AgentRow
from hotline.calls.model import AgentAsks
from hotline.calls.service import CallService
from hotline.clock import Clock
from hotline.cti.desk import NotNow

CALLING_OUT = "calling_out"
# Of the states of :class:`hotline.acd.views.AgentRow`, those in which somebody can call out.
_FREE = frozenset({"ready", "wrap_up", "paused"})


class CallingOut:
    """``rest_s`` is how long an agent has after a call that they placed."""

    def __init__(self, calls: CallService, clock: Clock, rest_s: float) -> None:
        self._calls = calls
        self._clock = clock
        self._rest_s = rest_s

    async def begin(self, user_id: str) -> None:
        """Keep callers away. Raises :class:`NotNow` for an agent who is busy with one; whoever
        is not signed on is free."""
        row = self._row(user_id)
        if row is None or _is_away(row):
            return
        if row.state not in _FREE:
            raise NotNow("outbound.busy")
        await self._calls.tell(AgentAsks(user_id, "paused", CALLING_OUT))
        now = self._row(user_id)
        if now is not None and now.state not in _FREE:
            # A caller was quicker.
            await self._calls.tell(AgentAsks(user_id, "ready"))
            raise NotNow("outbound.busy")

    async def over(self, user_id: str) -> None:
        """Let callers come again."""
        row = self._row(user_id)
        if row is None:
            return
        if (row.state, row.reason) == ("paused", CALLING_OUT):
            until = self._clock.now() + self._rest_s
            await self._calls.tell(AgentAsks(user_id, "paused", CALLING_OUT, until))
        elif row.next_reason == CALLING_OUT:
            await self._calls.tell(AgentAsks(user_id, "ready"))

    def _row(self, user_id: str) -> AgentRow | None:
        rows = self._calls.core.engine.agents()
        return next((row for row in rows if row.agent_id == user_id), None)


def _is_away(row: AgentRow) -> bool:
    """Whether no caller comes anyway, until they say so themselves."""
    if row.state == "wrap_up":
        return row.next_state != "" and row.next_reason != CALLING_OUT
    return row.state == "paused" and row.until is None and row.reason != CALLING_OUT
