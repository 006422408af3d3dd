"""What a caller's spoken takes amount to: which of them is kept, and what the journal is told.

A caller may speak a report again. The newest take that holds something is kept, so one who says
it again and then falls silent, or hangs up, loses nothing.
"""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hotline import events
from hotline.calls import model
from hotline.calls.intake import OpenReport, report_event
from hotline.recording.measure import Unreadable, measure

# What Asterisk could not write ended the recording.
FAULT = "fault"
# With less than this left a recording cannot go on.
FULL_BYTES = 256 * 1024

Outcome = Literal["kept", "cut", "empty", "unsaved"]


@dataclass(frozen=True, slots=True)
class Fate:
    """How a report ended. ``cut``: its beginning is kept, the rest could not be written.

    ``report_id`` is the take that was kept, empty for none; ``path`` its file below the
    recordings, ``seconds`` its length.
    """

    outcome: Outcome
    report_id: str = ""
    path: str = ""
    seconds: float = 0.0

    @property
    def kept(self) -> bool:
        """Whether something was kept."""
        return bool(self.report_id)


async def look(recordings: Path, path: str, ended_by: str, min_s: float) -> Fate:
    """How a take would end now, while it can still be spoken again; nothing is journalled."""
    happened = await _event(recordings, OpenReport("take", "", path), ended_by, min_s)
    return _fate(happened, ended_by)


async def conclude(
    recordings: Path, command: model.MeasureReport, min_s: float
) -> tuple[Fate, list[events.Event]]:
    """Which take is kept, and what the journal is told of each."""
    newest = OpenReport(command.report_id, command.call_id, command.path)
    happened = await _event(recordings, newest, command.ended_by, min_s)
    fate = _fate(happened, command.ended_by)
    told: list[events.Event] = [happened]
    for report_id, path in reversed(command.earlier):
        earlier = OpenReport(report_id, command.call_id, path)
        if fate.kept:
            told.append(_replaced(earlier, fate.report_id))
            continue
        found = await _event(recordings, earlier, "unknown", min_s)
        told.append(found)
        if isinstance(found, events.ReportRecorded):
            fate = _fate(found, "unknown")
    # What is kept comes first: a call is over when its report is.
    told.sort(key=lambda event: not isinstance(event, events.ReportRecorded))
    return fate, told


async def _event(
    recordings: Path, report: OpenReport, ended_by: str, min_s: float
) -> events.ReportRecorded | events.ReportEmpty:
    try:
        found = await asyncio.to_thread(measure, recordings / report.path)
    except Unreadable as error:
        happened: events.ReportRecorded | events.ReportEmpty = events.ReportEmpty(
            report.call_id, report.report_id, str(error)
        )
    else:
        happened = report_event(report, found, ended_by, min_s)
    if isinstance(happened, events.ReportEmpty) and (
        why := _unwritten(recordings, ended_by, happened.why)
    ):
        return events.ReportEmpty(report.call_id, report.report_id, why, "unsaved")
    return happened


def _unwritten(recordings: Path, ended_by: str, found: str) -> str:
    """Why it could not be written; empty when it could: then the caller said nothing."""
    try:
        free = shutil.disk_usage(recordings).free
    except OSError as error:
        return f"the recordings' folder is out of reach: {error.strerror}; {found}"
    if free < FULL_BYTES:
        return f"the disk of the recordings is full ({free // 1024} kB free); {found}"
    return f"Asterisk could not write it; {found}" if ended_by == FAULT else ""


def _replaced(earlier: OpenReport, by: str) -> events.ReportEmpty:
    return events.ReportEmpty(
        earlier.call_id, earlier.report_id, f"spoken again as {by}", "replaced"
    )


def _fate(happened: events.ReportRecorded | events.ReportEmpty, ended_by: str) -> Fate:
    if isinstance(happened, events.ReportRecorded):
        outcome: Outcome = "cut" if ended_by == FAULT else "kept"
        return Fate(outcome, happened.report_id, happened.path, happened.seconds)
    return Fate("unsaved" if happened.because == "unsaved" else "empty")
