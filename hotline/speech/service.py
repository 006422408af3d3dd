"""Transcribes spoken reports: follows the journal, and catches up at the start.

What has been recorded is written in the journal before this service hears of it, and a report
waits in its table until its transcript or the reason for none is journalled. So a crash at any
moment loses nothing; a report may be transcribed twice, but is journalled once.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import structlog
from sqlalchemy import select

from hotline.clock import Clock
from hotline.events import (
    Event,
    ReportRecorded,
    ReportTranscribed,
    ReportTranscriptionFailed,
)
from hotline.recording.trimming import trimmed_copy
from hotline.speech.recogniser import (
    RecogniserFault,
    RecogniserPool,
    RecogniserStopped,
)
from hotline.storage.database import Database, DatabaseUnavailable
from hotline.storage.journal import Journal
from hotline.storage.tables import ReportRow

WAITING = "waiting"
AGAIN_AFTER_S = 5.0
_FOLLOWED = frozenset({ReportRecorded})

_log = structlog.get_logger(__name__)


class TranscriptionService:
    """Gives every recorded report a transcript or a reason for none.

    ``recordings`` is the folder that reports' paths count from. Without a configured model it
    does nothing, and reports stay waiting.
    """

    def __init__(
        self,
        journal: Journal,
        database: Database,
        pool: RecogniserPool,
        clock: Clock,
        recordings: Path,
    ) -> None:
        self._journal = journal
        self._database = database
        self._pool = pool
        self._clock = clock
        self._recordings = recordings
        self._follower: asyncio.Task[None] | None = None
        self._at_work: dict[str, asyncio.Task[None]] = {}

    async def start(self) -> None:
        """Begin; returns at once."""
        if self._pool.configured and self._follower is None:
            self._follower = asyncio.create_task(self._follow(), name="transcription")

    async def stop(self) -> None:
        """End; reports that are not done stay waiting for the next start."""
        tasks = [*self._at_work.values()]
        if self._follower is not None:
            tasks.append(self._follower)
            self._follower = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            try:
                # The place first: what is recorded meanwhile comes twice rather than never.
                after = self._journal.last_seq
                for report_id, call_id, path in await self._left_waiting():
                    self._take(report_id, call_id, path)
                async for record in self._journal.follow(after, _FOLLOWED):
                    if isinstance(record.event, ReportRecorded):
                        event = record.event
                        self._take(event.report_id, event.call_id, event.path)
            except DatabaseUnavailable as error:
                _log.error("transcription_waits_for_database", why=str(error))
                await self._clock.sleep(AGAIN_AFTER_S)

    async def _left_waiting(self) -> list[tuple[str, str, str]]:
        """Identity, call and path of each report that waits, oldest first."""
        query = (
            select(ReportRow.report_id, ReportRow.call_id, ReportRow.path)
            .where(ReportRow.state == WAITING)
            .order_by(ReportRow.started_at)
        )
        async with self._database.session() as session:
            return [(row.report_id, row.call_id, row.path) for row in await session.execute(query)]

    def _take(self, report_id: str, call_id: str, path: str) -> None:
        if report_id in self._at_work:
            return
        task = asyncio.create_task(
            self._transcribe(report_id, call_id, path), name=f"transcribe-{report_id}"
        )
        self._at_work[report_id] = task
        task.add_done_callback(lambda _: self._at_work.pop(report_id, None))

    async def _transcribe(self, report_id: str, call_id: str, path: str) -> None:
        outcome: Event
        with suppress(RecogniserStopped):
            try:
                spoken = await asyncio.to_thread(trimmed_copy, self._recordings, path)
                heard = await self._pool.transcribe(spoken)
                outcome = ReportTranscribed(
                    call_id, report_id, heard.text, heard.confidence, heard.model
                )
            except RecogniserFault as fault:
                outcome = ReportTranscriptionFailed(call_id, report_id, str(fault))
            await self._conclude(report_id, outcome)

    async def _conclude(self, report_id: str, outcome: Event) -> None:
        """Journal the outcome, unless somebody did already; as often as it takes."""
        while True:
            try:
                async with self._journal.transaction() as tx:
                    row = await tx.session.get(ReportRow, report_id)
                    if row is not None and row.state == WAITING:
                        tx.add(outcome)
            except DatabaseUnavailable as error:
                _log.error("transcript_not_stored_yet", report=report_id, why=str(error))
                await self._clock.sleep(AGAIN_AFTER_S)
            else:
                _log.info("report_transcription_ended", report=report_id, kind=outcome.kind)
                return
