"""Reports that nobody was there to take in: a controller that died, or the dialplan's own path.

Whatever lies in the reports' folder becomes a report in the journal, once. The emergency intake
leaves a sidecar beside each file with what was known of the caller; a file without one is taken
in too, with unknowns shown as such.
"""

from __future__ import annotations

import asyncio
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from hotline import events
from hotline.clock import Clock
from hotline.recording.measure import SILENT_PEAK, Measured, Unreadable, measure
from hotline.storage.lookups import Lookups

log = structlog.get_logger(__name__)

# A file that grew this recently may still be being spoken into.
QUIET_S = 5.0
SWEEP_S = 10.0


@dataclass(frozen=True, slots=True)
class OpenReport:
    """A report that the journal saw begin and not end. ``path`` is below the recordings."""

    report_id: str
    call_id: str
    path: str


class Living(Protocol):
    """Which calls live."""

    def done_with(self, call_id: str) -> bool:
        """Whether the call is over, and its reports are measured by nobody else."""


class Appends(Protocol):
    """The journal, to append to."""

    async def append(self, *happened: events.Event, at: float | None = None) -> object:
        """Write events."""


class ReportIntake:
    """Sweeps the reports' folder now and then."""

    def __init__(
        self,
        *,
        node: str,
        recordings: Path,
        min_report_s: float,
        journal: Appends,
        lookups: Lookups,
        living: Living,
        clock: Clock,
    ) -> None:
        self._node = node
        self._recordings = recordings
        self._min_report_s = min_report_s
        self._journal = journal
        self._lookups = lookups
        self._living = living
        self._clock = clock

    async def run(self) -> None:
        """Sweep for ever."""
        while True:
            await self.sweep()
            await self._clock.sleep(SWEEP_S)

    async def sweep(self) -> int:
        """Take in what is there; returns how many reports were."""
        taken = 0
        for row in await self._lookups.unfinished_reports():
            if self._living.done_with(row.call_id) and await self._still_open(row.report_id):
                report = OpenReport(row.report_id, row.call_id, row.path)
                await self._journal.append(await self._end_of(report))
                taken += 1
        known = await self._lookups.report_paths()
        for path in await asyncio.to_thread(self._files):
            relative = path.relative_to(self._recordings).as_posix()
            if relative not in known:
                taken += await self._take_in(path, relative)
        return taken

    async def _still_open(self, report_id: str) -> bool:
        row = await self._lookups.report(report_id)
        return row is not None and row.state == "recording"

    def _files(self) -> list[Path]:
        newest = self._clock.now() - QUIET_S
        found = (self._recordings / "reports").glob("**/*.wav")
        return sorted(path for path in found if _changed_at(path) < newest)

    async def _take_in(self, path: Path, relative: str) -> int:
        side = await asyncio.to_thread(_sidecar, path)
        call_id = side.call_id
        if not self._living.done_with(call_id):
            return 0
        began: list[events.Event] = []
        known = await self._lookups.call(call_id) is not None
        if not known:
            began.append(
                events.CallArrived(
                    call_id,
                    self._node,
                    side.channel,
                    side.called,
                    side.calling,
                    side.calling_name,
                )
            )
        report = OpenReport(f"{call_id}/fallback", call_id, relative)
        began.append(events.ReportStarted(call_id, report.report_id, relative, "fallback"))
        await self._journal.append(*began, at=side.started_at)
        ended: list[events.Event] = [await self._end_of(report)]
        if not known:
            ended.append(events.CallEnded(call_id, "unknown"))
        await self._journal.append(*ended)
        log.info("reports.taken_in", call=call_id, path=relative)
        return 1

    async def _end_of(self, report: OpenReport) -> events.Event:
        try:
            found = await asyncio.to_thread(measure, self._recordings / report.path)
        except Unreadable as error:
            return events.ReportEmpty(report.call_id, report.report_id, str(error))
        return report_event(report, found, "unknown", self._min_report_s)


def report_event(
    report: OpenReport, found: Measured, ended_by: str, min_s: float
) -> events.ReportRecorded | events.ReportEmpty:
    """What a report's file amounts to: kept, or empty and why."""
    if found.peak < SILENT_PEAK or found.seconds < min_s:
        why = f"{found.seconds:.1f} s, peak {found.peak}"
        return events.ReportEmpty(report.call_id, report.report_id, why)
    return events.ReportRecorded(
        report.call_id, report.report_id, report.path, found.seconds, ended_by
    )


@dataclass(frozen=True, slots=True)
class _Sidecar:
    """What is known of a report's caller; empty: unknown. ``started_at`` is Unix seconds."""

    call_id: str
    started_at: float
    channel: str = ""
    called: str = ""
    calling: str = ""
    calling_name: str = ""


def _sidecar(path: Path) -> _Sidecar:
    """What the emergency intake knew; a file alone tells its name and when it was written."""
    bare = _Sidecar(path.stem, path.stat().st_mtime)
    try:
        found = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        names = ("channel", "called", "calling", "calling_name")
        return _Sidecar(
            str(found["call_id"]),
            float(found["started_at"]),
            **{name: str(found.get(name, "")) for name in names},
        )
    except FileNotFoundError:
        return bare
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        log.warning("reports.sidecar_unreadable", path=path.name, why=str(error))
        return bare


def _changed_at(path: Path) -> float:
    """When the file was last written, Unix seconds; never, when it is gone meanwhile."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return math.inf
