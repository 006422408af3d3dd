"""What belongs to a case: its call, its spoken report, its history, its neighbours."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from hotline.cti.views import EarlierCase
from hotline.recording.measure import Unreadable, measure
from hotline.storage.tables import CallRow, ReportRow
from hotline.storage.tables_transfers import HandoverRow
from hotline.web.access import Role, Viewer
from hotline.web.case_reading import HeldCase
from hotline.web.media import recording_file
from hotline.web.ports import Record
from hotline.web.web import Web

# After the end of a talk its recording is judged; for so long "not yet" is the truth.
JUDGED_AFTER_S = 60.0


@dataclass(frozen=True, slots=True)
class CallFacts:
    """A call as its case tells it. Durations are seconds, None for unknown.

    ``recorded_s`` is how much of the talk its recording holds, and ``recording`` how that is:
    whole, short, gone, failed, coming, unknown, talking or no_talk. ``listen`` is its address,
    empty when this viewer cannot play it; ``yours`` is False when that is because the call was
    another agent's.
    """

    row: CallRow
    agent_name: str
    waited_s: float | None
    talked_s: float | None
    recorded_s: float | None
    recording: str
    listen: str
    yours: bool
    # With whom the agent spoke aside, and the address of its recording.
    consultations: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """A spoken report as its case tells it. ``listen`` is its address, empty when there is no
    file; ``demo`` is whether the demo's model wrote the text."""

    row: ReportRow
    listen: str
    demo: bool


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """Everything on a case's page that is not in the case itself."""

    names: Mapping[str, str]
    call: CallFacts | None
    report: ReportFacts | None
    records: Sequence[Record]
    earlier: tuple[EarlierCase, ...]
    following: str


async def facts_of(web: Web, held: HeldCase, viewer: Viewer) -> CaseFacts:
    """Gather them of what was read."""
    call, report = held.call, held.report
    return CaseFacts(
        names=held.names,
        call=await _call_facts(web, call, report, held.names, viewer) if call else None,
        report=_report_facts(web, report) if report else None,
        records=held.records,
        earlier=held.earlier,
        following=held.following,
    )


async def _call_facts(
    web: Web, call: CallRow, report: ReportRow | None, names: Mapping[str, str], viewer: Viewer
) -> CallFacts:
    folder = web.parts.config.recording.dir
    file = recording_file(folder, call.recording) if call.recording else None
    yours = viewer.role is not Role.AGENT or call.agent_id == viewer.user_id
    reported_at = report.started_at if report else None
    waited_until = _first(call.answered_at, call.abandoned_at, reported_at)
    return CallFacts(
        row=call,
        agent_name=names.get(call.agent_id or "", "") if call.answered_at is not None else "",
        waited_s=_between(call.queued_at, waited_until),
        talked_s=_between(call.answered_at, call.talk_ended_at),
        recorded_s=await _recorded_s(call, file),
        recording=recording_state(call, file is not None, web.parts.clock.now()),
        listen=f"/media/recordings/{call.call_id}" if file and yours else "",
        yours=yours,
        consultations=await _consultations(web, call) if yours else (),
    )


async def _consultations(web: Web, call: CallRow) -> tuple[tuple[str, str], ...]:
    query = select(HandoverRow).where(
        HandoverRow.call_id == call.call_id, HandoverRow.recording.is_not(None)
    )
    folder = web.parts.config.recording.dir
    async with web.parts.database.session() as session:
        rows = (await session.scalars(query.order_by(HandoverRow.started_at))).all()
    return tuple(
        (row.name or row.target, f"/media/consultations/{row.handover_id}")
        for row in rows
        if row.recording and recording_file(folder, row.recording)
    )


async def _recorded_s(call: CallRow, file: Path | None) -> float | None:
    if call.recording_seconds is not None or file is None:
        return call.recording_seconds
    # The journal tells the length of whole recordings only.
    try:
        return (await asyncio.to_thread(measure, file)).seconds
    except Unreadable:
        return None


def recording_state(call: CallRow, there: bool, now: float) -> str:
    """What is known of a talk's recording; ``there``: its file is. See :class:`CallFacts`."""
    if call.answered_at is None:
        return "no_talk"
    if call.talk_ended_at is None and call.ended_at is None:
        return "talking"
    if call.recording_fault:
        return "short" if there else "failed"
    if call.recording_seconds is not None:
        return "whole" if there else "gone"
    ended = _first(call.talk_ended_at, call.ended_at) or now
    return "coming" if now - ended < JUDGED_AFTER_S else "unknown"


def _report_facts(web: Web, report: ReportRow) -> ReportFacts:
    there = recording_file(web.parts.config.recording.dir, report.path) is not None
    return ReportFacts(
        row=report,
        listen=f"/media/reports/{report.report_id}" if there else "",
        demo=(report.model or "").startswith("demo"),
    )


def _between(begin: float | None, end: float | None) -> float | None:
    return None if begin is None or end is None else max(0.0, end - begin)


def _first(*instants: float | None) -> float | None:
    return next((at for at in instants if at is not None), None)
