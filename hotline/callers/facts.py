"""What a flow may know of whoever calls."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy import func, select

from hotline.callback.model import State as CallbackState
from hotline.callers import priority
from hotline.callers.model import DAY_S, Rule
from hotline.callers.service import CallerDesk
from hotline.events import CallerRuleApplied
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

    async def __call__(self, calling: str, now: float, call_id: str = "") -> dict[str, object]:
        """The facts of a call from this number, for branches and
        :func:`hotline.callers.priority.priority_of`.

        ``caller.rule``: none, announce, lower or report. ``caller.open_cases`` and
        ``caller.calls_24h`` (this call included, once it is journalled) are numbers,
        ``caller.missed`` is yes or no. What cannot be known, as of a withheld number or without
        the database, is left out. Never raises, and takes :data:`PATIENCE_S` at most. That a rule
        is in force is journalled for ``call_id``.
        """
        rule = self._desk.rule_for(calling, now)
        facts: dict[str, object] = {priority.RULE: rule.effect.value if rule else "none"}
        try:
            async with asyncio.timeout(PATIENCE_S):
                if calling:
                    facts |= await self._counts(calling, now)
                if rule and call_id:
                    await self._note(rule, call_id)
        except (TimeoutError, DatabaseUnavailable) as error:
            log.warning("callers.facts_unknown", call=call_id, why=str(error) or "too slow")
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

    async def _note(self, rule: Rule, call_id: str) -> None:
        await self._journal.append(CallerRuleApplied(call_id, rule.rule_id, rule.effect))
