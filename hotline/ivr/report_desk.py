"""What a report's review needs of the rest: its file, its fate, its case."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import structlog

from hotline.calls.service import CallService
from hotline.calls.taking import FAULT, Fate
from hotline.clock import Clock, deadline
from hotline.ivr.facts import Caller
from hotline.ivr.line import Clip
from hotline.ivr.reporting import Ending, ending
from hotline.registry.model import Case, NoSuchReport
from hotline.storage.database import DatabaseUnavailable
from hotline.storage.journal import JournalUnavailable

# A caller waits no longer than this for the number of the case.
NUMBER_S = 2.0
# How Asterisk's RECORD_STATUS tells that a report ended.
ENDS = {
    "DTMF": "key",
    "SILENCE": "silence",
    "TIMEOUT": "limit",
    "HANGUP": "hangup",
    "ERROR": FAULT,
}

log = structlog.get_logger(__name__)


class OpensCases(Protocol):
    """The registry, as far as a report needs it."""

    async def open_from_report(self, report_id: str) -> Case:
        """The report's case, made when there is none. Raises NoSuchReport."""


class ReportDesk:
    """``sends_messages`` tells whether a caller of that number will be sent the case's number."""

    def __init__(
        self,
        *,
        calls: CallService,
        cases: OpensCases,
        clock: Clock,
        recordings: Path,
        sends_messages: Callable[[str], bool],
    ) -> None:
        self._calls = calls
        self._cases = cases
        self._clock = clock
        self._recordings = recordings
        self._sends_messages = sends_messages

    async def take(self, caller: Caller, report_id: str, status: str) -> Fate | None:
        """What was recorded, while it can still be spoken again; None when it is no report of
        a living call that we know of."""
        return await self._calls.report_take(caller.call_id, report_id, ENDS.get(status, "unknown"))

    def recording(self, take: Fate) -> Clip:
        """A take as it can be played."""
        path = self._recordings / take.path
        return Clip(str(path.with_name(path.name.removesuffix(".wav"))), take.seconds)

    async def conclude(
        self, caller: Caller, report_id: str, status: str, *, person: bool
    ) -> Ending | None:
        """Keep the report, and open its case at once; None as for :meth:`take`."""
        ended_by = ENDS.get(status, "unknown")
        fate = await self._calls.report_kept(caller.call_id, report_id, ended_by)
        if fate is None:
            return None
        number = await self._number(fate.report_id) if fate.kept else None
        return ending(fate, number, person=person, by_message=self._sends_messages(caller.calling))

    async def _number(self, report_id: str) -> str | None:
        try:
            async with deadline(self._clock, NUMBER_S):
                return (await self._cases.open_from_report(report_id)).case_number
        except (TimeoutError, NoSuchReport, DatabaseUnavailable, JournalUnavailable) as error:
            # The case is opened as soon as it can be; the caller is not held for it.
            log.warning("reports.number_is_late", report=report_id, why=str(error) or "not in time")
            return None
