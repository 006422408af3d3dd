"""What a flow may know of whoever calls."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy import func, select

from hotline.callback.model import State as CallbackState
from hotline.callers import priority
from hotline.callers.model import DAY_S
from hotline.callers.service import CallerDesk
from hotline.registry.lifecycle import FINAL
from hotline.storage.database import DatabaseUnavailable
from hotline.storage.journal import Journal
from hotline.storage.numbers import variants
from hotline.storage.tables import CallbackTaskRow, CallRow, CaseRow

log = structlog.get_logger(__name__)

# A caller waits for these facts.
PATIENCE_S = 1.0


class CallerFacts:
    """Tells the facts; one query for the counts, none for the rule."""

    def __init__(self, desk: CallerDesk, journal: Journal) -> None:
        self._desk = desk
        self._journal = journal

    def rule(self, calling: str, now: float) -> str:
        """``caller.rule`` alone, at once: none, announce, lower or report."""
        rule = self._desk.rule_for(calling, now)
        return rule.effect.value if rule else "none"

    async def __call__(self, calling: str, now: float) -> dict[str, object]:
        """The facts of a call from this number, for branches and
        :func:`hotline.callers.priority.priority_of`.

        ``caller.rule``: none, announce, lower or report. ``caller.open_cases`` and
        ``caller.calls_24h`` (this call included, once it is journalled) are numbers,
        ``caller.missed`` is yes or no. What cannot be known, as of a withheld number or without
        the database, is left out. Never raises for that, and takes :data:`PATIENCE_S` at most.
        """
        facts: dict[str, object] = {priority.RULE: self.rule(calling, now)}
        if not calling:
            return facts
        try:
            async with asyncio.timeout(PATIENCE_S):
                facts |= await self._counts(calling, now)
        except (TimeoutError, DatabaseUnavailable) as error:
            log.warning("callers.facts_unknown", why=str(error) or "too slow")
        return facts

    async def _counts(self, calling: str, now: float) -> dict[str, object]:
        numbers = variants(calling)
        cases = select(func.count()).where(
            CaseRow.caller_phone.in_(numbers), CaseRow.state.not_in(FINAL)
        )
        calls = select(func.count()).where(
            CallRow.calling.in_(numbers),
            CallRow.arrived_at > now - DAY_S,
            CallRow.arrived_at <= now,
        )
        missed = select(func.count()).where(
            CallbackTaskRow.phone.in_(numbers),
            CallbackTaskRow.state == CallbackState.OPEN,
            CallbackTaskRow.unreached > 0,
        )
        query = select(cases.scalar_subquery(), calls.scalar_subquery(), missed.scalar_subquery())
        async with self._journal.database.session() as session:
            open_cases, calls_24h, in_vain = (await session.execute(query)).one()
        return {
            priority.OPEN_CASES: open_cases,
            priority.CALLS_24H: calls_24h,
            priority.MISSED: "yes" if in_vain else "no",
        }
