"""What callers' guides and screens ask about waits, and the follower that learns from the day."""

from __future__ import annotations

from collections.abc import Iterable

from hotline import events
from hotline.acd.views import AgentRow
from hotline.calls import keeping
from hotline.calls.service import CallService
from hotline.clock import Clock
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.storage.tables import CaseRow
from hotline.waiting.estimate import Outlook
from hotline.waiting.lately import Lately
from hotline.waiting.looking import Looking
from hotline.waiting.model import MatterClosed
from hotline.waiting.shifts import ShiftChanges
from hotline.waiting.telling import Choices

# At a start, what was seen lately is read from as many of the journal's last records.
RECORDS_BACK = 5000
_OVER = frozenset({"closed", "void", "not_filed"})


class Waits:
    """Foretells waits from the living calls. Keep :meth:`run` running."""

    def __init__(
        self,
        calls: CallService,
        journal: Journal,
        database: Database,
        clock: Clock,
        *,
        offer_report: bool,
    ) -> None:
        self._calls = calls
        self._journal = journal
        self._database = database
        self._clock = clock
        self._offer_report = offer_report
        self._lately = Lately()
        core = calls.core
        shifts = ShiftChanges(lambda: core.routing, self._agents, core.rules.zone)
        self._looking = Looking(lambda: core.engine, self._lately, shifts)

    def outlook(self, call_id: str) -> Outlook | None:
        """The caller's position and wait; None for somebody who does not wait."""
        return self._looking.outlook(call_id, self._clock.now())

    def choices(self, call_id: str) -> Choices:
        """What this caller may do besides waiting."""
        core = self._calls.core
        call = core.calls.get(call_id)
        keep = call is not None and keeping.may_keep(core, call)
        return Choices(keep=keep, report=self._offer_report)

    def _agents(self) -> Iterable[AgentRow]:
        return self._calls.core.engine.agents()

    async def run(self) -> None:
        """Learn how long talks take and who hangs up, for ever."""
        after = self._journal.last_seq
        async for record in self._journal.follow(max(0, after - RECORDS_BACK)):
            self._lately.apply(record.event, record.at)
            if record.seq > after and isinstance(record.event, events.CaseMoved):
                await self._case_moved(record.event)

    async def _case_moved(self, moved: events.CaseMoved) -> None:
        if moved.to_state not in _OVER:
            return
        async with self._database.session() as session:
            row = await session.get(CaseRow, moved.case_number)
        if row is not None:
            closed = MatterClosed(row.call_id or "", row.caller_phone or "", row.opened_at)
            self._calls.post(closed)
