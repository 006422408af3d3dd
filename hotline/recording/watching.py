"""Callers who speak a report too quietly are asked, once, to speak up.

The recording is Asterisk's and outlives us (ADR 1). We only listen beside it, and at most send
the caller's channel to the dialplan's ``louder``, which says the words and goes on recording
behind what it has. Without us, or without AudioSocket, a report is recorded all the same.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from hotline.recording.level import LevelWatch
from hotline.telephony.ami import AmiEvent, AmiLost, AmiRefused
from hotline.telephony.overhearing import Deaf, Overhears

EVENT = "HotlineReport"
CONTEXT, EXTENSION = "hotline", "louder"

log = structlog.get_logger(__name__)


class Redirects(Protocol):
    """The part of a PBX that is needed."""

    async def redirect(self, channel: str, context: str, extension: str = "s") -> bool:
        """Send a channel elsewhere; False when it is gone. Raises AmiLost, AmiRefused."""


class _Report:
    """A report that is being recorded."""

    def __init__(self, quiet_s: float, too_quiet: Callable[[], None]) -> None:
        self._watch = LevelWatch(quiet_s)
        self._too_quiet = too_quiet
        self.identity: uuid.UUID | None = None
        self.told = False

    def speech(self, samples: bytes) -> None:
        if not self.told and self._watch.hear(samples):
            self.told = True
            self._too_quiet()

    def ended(self, why: str) -> None:
        if why:
            log.debug("reports.watch_ended", why=why)


class ReportWatch:
    """Watches the level of every report; ``quiet_s`` of 0 watches none."""

    def __init__(self, overhearer: Overhears, pbx: Redirects, quiet_s: float) -> None:
        self._overhearer = overhearer
        self._pbx = pbx
        self._quiet_s = quiet_s
        self._reports: dict[str, _Report] = {}
        self._told: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def on_event(self, event: AmiEvent) -> None:
        """Take in what the dialplan tells of a recording, and of channels that are gone."""
        channel = event.get("Channel")
        if event.name == "Hangup":
            self._told.pop(channel, None)
            self._forget(channel)
        elif event.name == "UserEvent" and event.get("UserEvent") == EVENT and self._quiet_s > 0:
            if event.get("Step") == "recording":
                self._begin(channel, event.get("Report"))
            else:
                self._forget(channel)

    async def stop(self) -> None:
        """Watch no more; recordings go on."""
        for channel in list(self._reports):
            self._forget(channel)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, channel: str, report_id: str) -> None:
        self._forget(channel)
        if self._told.get(channel) == report_id:
            return
        report = _Report(self._quiet_s, lambda: self._spawn(self._tell(channel, report_id)))
        self._reports[channel] = report
        self._spawn(self._overhear(channel, report))

    async def _overhear(self, channel: str, report: _Report) -> None:
        try:
            identity = await self._overhearer.begin(channel, report)
        except Deaf as deaf:
            log.info("reports.not_watched", why=str(deaf))
            return
        if self._reports.get(channel) is report:
            report.identity = identity
        else:
            self._overhearer.end(identity)

    async def _tell(self, channel: str, report_id: str) -> None:
        # Before anything is awaited: the dialplan will tell of the same report anew.
        self._told[channel] = report_id
        self._forget(channel)
        log.info("reports.too_quiet", report=report_id)
        try:
            await self._pbx.redirect(channel, CONTEXT, EXTENSION)
        except (AmiLost, AmiRefused) as error:
            log.warning("reports.not_told_to_speak_up", report=report_id, why=str(error))

    def _forget(self, channel: str) -> None:
        report = self._reports.pop(channel, None)
        if report is not None and report.identity is not None:
            self._overhearer.end(report.identity)

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
