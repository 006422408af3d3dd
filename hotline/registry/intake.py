"""Spoken reports become cases: what is recorded opens one, what is transcribed describes it."""

from __future__ import annotations

import structlog

from hotline.events import Event, ReportRecorded, ReportTranscribed
from hotline.registry.model import NoSuchReport
from hotline.registry.service import CaseRegistry
from hotline.storage.journal import Journal
from hotline.storage.lookups import Lookups

log = structlog.get_logger(__name__)

_FOLLOWED = frozenset({ReportRecorded, ReportTranscribed})


class CaseIntake:
    """Follows the journal. What it missed while it did not run is caught up at the start."""

    def __init__(self, registry: CaseRegistry, journal: Journal, lookups: Lookups) -> None:
        self._registry = registry
        self._journal = journal
        self._lookups = lookups

    async def run(self) -> None:
        """Follow for ever. Raises when the database is out of reach: begin again later."""
        after = self._journal.last_seq
        for row in await self._lookups.reports_without_case():
            await self._registry.open_from_report(row.report_id)
        for row in await self._lookups.undescribed_reports():
            await self._registry.take_transcript(row.report_id)
        async for record in self._journal.follow(after, _FOLLOWED):
            await self._take(record.event)

    async def _take(self, event: Event) -> None:
        match event:
            case ReportRecorded():
                try:
                    case = await self._registry.open_from_report(event.report_id)
                except NoSuchReport:
                    log.warning("registry.report_unknown", report=event.report_id)
                else:
                    log.info("registry.report_became_case", case=case.case_number)
            case ReportTranscribed():
                await self._registry.take_transcript(event.report_id)
