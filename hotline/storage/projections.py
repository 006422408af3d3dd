"""Tables computed from the journal: calls, reports and the agents' presence.

``changes`` is pure: what a record means for the tables. ``project`` carries it out in the
transaction that writes the record; ``rebuild`` starts again from the first record. A row
remembers the last record it took in, so a record applied twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, delete, select

from hotline import events
from hotline.storage.changes import Change, carry_out
from hotline.storage.database import Database
from hotline.storage.records import Record
from hotline.storage.tables import (
    CallbackTaskRow,
    CallRow,
    JournalRow,
    PresenceRow,
    ReportRow,
)
from hotline.storage.tables_callers import CallSignRow
from hotline.storage.tables_flows import BlindIntervalRow
from hotline.storage.tables_help import OutboundCallRow
from hotline.storage.tables_phones import PhoneCheckRow
from hotline.storage.tables_transfers import HandoverRow
from hotline.storage.tables_waits import CallerToldRow, KeptPlaceRow

_REBUILD_BATCH = 1000
_PROJECTED = (
    CallRow,
    ReportRow,
    PresenceRow,
    BlindIntervalRow,
    CallSignRow,
    HandoverRow,
    CallerToldRow,
    KeptPlaceRow,
    PhoneCheckRow,
)


def changes(record: Record) -> list[Change]:
    """What the record means for the tables; empty for events that none of them keeps."""
    meaning = _MEANINGS.get(type(record.event))
    return [] if meaning is None else meaning(record.event, record.at)


def project(connection: Connection, records: Iterable[Record]) -> None:
    """Carry the records into the tables, within the connection's transaction."""
    carry_out(
        connection, [(record.seq, change) for record in records for change in changes(record)]
    )


async def rebuild(database: Database) -> int:
    """Compute the projected tables anew from the whole journal; returns its records' number.

    To be run while no controller is. Raises :class:`DatabaseUnavailable`,
    :class:`hotline.events.UnknownEvent`.
    """
    count, after = 0, 0
    async with database.writing() as session:
        for projected in _PROJECTED:
            await session.execute(delete(projected))
        connection = await session.connection()
        while True:
            batch = (
                await session.scalars(
                    select(JournalRow)
                    .where(JournalRow.seq > after)
                    .order_by(JournalRow.seq)
                    .limit(_REBUILD_BATCH)
                )
            ).all()
            if not batch:
                return count
            await connection.run_sync(project, [Record.of(row) for row in batch])
            count, after = count + len(batch), batch[-1].seq
            session.expunge_all()


# --- what each event means ------------------------------------------------------------------


def _call(event: Any, values: Mapping[str, Any], first: Mapping[str, Any] | None = None) -> Change:
    return Change(CallRow, {"call_id": event.call_id}, values, first or {})


def _arrived(event: events.CallArrived, at: float) -> list[Change]:
    row = {**asdict(event), "stage": "arriving", "arrived_at": at, "priority": 0}
    # A call that is already known keeps what is known of it.
    return [Change(CallRow, {"call_id": event.call_id}, insert=row)]


def _brought(event: events.CallBrought, at: float) -> list[Change]:
    told = asdict(event)
    row = {name: told[name] for name in ("call_id", "node", "channel", "called", "calling")}
    values = {"agent_id": event.agent_id, "offer_id": event.offer_id, "stage": "talking"}
    times = {"arrived_at": at, "answered_at": at, "priority": 0, "recording": event.recording}
    # Who was to be brought before, and was not, is brought anew.
    again = {**values, "ended_at": None, "ended_by": None, "talk_ended_at": None}
    insert = {**row, **values, **times, "calling_name": ""}
    return [Change(CallRow, {"call_id": event.call_id}, again, insert=insert)]


def _queued(event: events.CallQueued, _at: float) -> list[Change]:
    values = {
        "stage": "waiting",
        "queue": event.queue,
        "priority": event.priority,
        "reasons": list(event.reasons),
        "first_agent": event.first_agent,
        "first_why": event.first_why,
    }
    return [_call(event, values, first={"queued_at": event.since})]


def _offered(event: events.CallOffered, _at: float) -> list[Change]:
    offer = {"agent_id": event.agent_id, "offer_id": event.offer_id}
    return [_call(event, {"stage": "offered", **offer})]


def _offer_ended(event: events.OfferEnded, _at: float) -> list[Change]:
    if event.outcome == "answered":
        return []
    where = {"call_id": event.call_id, "offer_id": event.offer_id, "stage": "offered"}
    return [Change(CallRow, where, {"stage": "waiting", "agent_id": None})]


def _answered(event: events.CallAnswered, at: float) -> list[Change]:
    values = {"stage": "talking", "agent_id": event.agent_id}
    if event.recording:
        values["recording"] = event.recording
    return [_call(event, values, first={"answered_at": at})]


def _talk_ended(event: events.TalkEnded, at: float) -> list[Change]:
    stage = "handed_over" if event.by == "handover" else "rating"
    return [_call(event, {"stage": stage, "talk_ended_at": at})]


def _parked(event: events.CallParked, _at: float) -> list[Change]:
    return [_call(event, {"stage": "parked"})]


def _taken_over(event: events.TalkTakenOver, _at: float) -> list[Change]:
    return [_call(event, {"stage": "talking", "agent_id": event.agent_id})]


def _rated(event: events.CallRated, _at: float) -> list[Change]:
    return [_call(event, {"rating": event.score})]


def _abandoned(event: events.CallAbandoned, at: float) -> list[Change]:
    return [_call(event, {"abandoned_at": at})]


def _adopted(event: events.CallAdopted, _at: float) -> list[Change]:
    agent = {"agent_id": event.agent_id} if event.agent_id else {}
    return [_call(event, {"stage": event.where, **agent})]


def _ended(event: events.CallEnded, at: float) -> list[Change]:
    return [_call(event, {"stage": "ended", "ended_at": at, "ended_by": event.by})]


def _recording_stored(event: events.RecordingStored, _at: float) -> list[Change]:
    stored = {"recording_seconds": event.seconds, "recording_fault": None}
    return [
        _call(event, {"recording": event.path, **stored}),
        Change(CallbackTaskRow, {"call_id": event.call_id}, {"recording": event.path}),
        Change(OutboundCallRow, {"call_id": event.call_id}, {"recording": event.path}),
    ]


def _recording_failed(event: events.RecordingFailed, _at: float) -> list[Change]:
    return [_call(event, {"recording_fault": event.why})]


def _report(
    event: Any, values: Mapping[str, Any], insert: Mapping[str, Any] | None = None
) -> Change:
    row = None if insert is None else {"report_id": event.report_id, **insert, **values}
    return Change(ReportRow, {"report_id": event.report_id}, values, insert=row)


def _report_started(event: events.ReportStarted, at: float) -> list[Change]:
    row = {**asdict(event), "started_at": at, "state": "recording"}
    return [_report(event, {}, row), _call(event, {"stage": "reporting"})]


def _report_recorded(event: events.ReportRecorded, at: float) -> list[Change]:
    kept = {"path": event.path, "seconds": event.seconds, "ended_by": event.ended_by}
    # Without a start before it, the dialplan recorded it by itself.
    row = {"call_id": event.call_id, "reason": "fallback", "started_at": at - event.seconds}
    return [_report(event, {"state": "waiting", "recorded_at": at, **kept}, row)]


def _report_empty(event: events.ReportEmpty, at: float) -> list[Change]:
    row = {"call_id": event.call_id, "reason": "fallback", "started_at": at, "path": ""}
    state = "empty" if event.because == "silent" else event.because
    return [_report(event, {"state": state, "fault": event.why}, row)]


def _report_transcribed(event: events.ReportTranscribed, _at: float) -> list[Change]:
    words = {"text": event.text, "confidence": event.confidence, "model": event.model}
    return [_report(event, {"state": "transcribed", "fault": None, **words})]


def _report_failed(event: events.ReportTranscriptionFailed, _at: float) -> list[Change]:
    return [_report(event, {"state": "failed", "fault": event.why})]


def _presence(event: events.AgentStateChanged, _at: float) -> list[Change]:
    values = asdict(event)
    # Whoever starts reads what is remembered from the record itself, by the row's ``seq``.
    del values["by"], values["memory"]
    return [Change(PresenceRow, {"agent_id": event.agent_id}, values, insert=values)]


def _phone_checked(event: events.PhoneChecked, at: float) -> list[Change]:
    values = {**asdict(event), "faults": list(event.faults), "at": at}
    return [Change(PhoneCheckRow, {"agent_id": event.agent_id}, values, insert=values)]


def _blind(event: events.BlindInterval, _at: float) -> list[Change]:
    values = asdict(event)
    return [
        Change(BlindIntervalRow, {"node": event.node, "since": event.since}, values, {}, values)
    ]


def _sign(call_id: str, sign: str, by: str, values: Mapping[str, Any]) -> Change:
    key = {"call_id": call_id, "sign": sign, "marked_by": by}
    return Change(CallSignRow, key, values, insert={"why": "", "withdrawn": False, **key, **values})


def _silent(event: events.SilentCall, at: float) -> list[Change]:
    return [_sign(event.call_id, "silent", "", {"at": at, "seconds": event.seconds})]


def _marked(event: events.TalkMarked, at: float) -> list[Change]:
    values = {"at": at, "why": event.why, "withdrawn": False}
    return [_sign(event.call_id, event.mark, event.agent_id, values)]


def _mark_undone(event: events.TalkMarkUndone, at: float) -> list[Change]:
    return [_sign(event.call_id, event.mark, event.agent_id, {"at": at, "withdrawn": True})]


def _handover(
    event: Any, values: Mapping[str, Any], insert: Mapping[str, Any] | None = None
) -> Change:
    return Change(HandoverRow, {"handover_id": event.handover_id}, values, insert=insert)


def _handover_started(event: events.HandoverStarted, at: float) -> list[Change]:
    row = _handover(event, {}, {**asdict(event), "started_at": at, "outcome": ""})
    # Rung from the caller's own leg; else an agent still talks with them.
    handed_over = event.mode in ("flow", "overflow")
    return [row, _call(event, {"stage": "handed_over"})] if handed_over else [row]


def _handover_answered(event: events.HandoverAnswered, at: float) -> list[Change]:
    return [_handover(event, {"answered_at": at})]


def _handover_joined(event: events.HandoverJoined, at: float) -> list[Change]:
    return [_handover(event, {"joined_at": at})]


def _consultation_recorded(event: events.ConsultationRecorded, _at: float) -> list[Change]:
    return [_handover(event, {"recording": event.path})]


def _handover_ended(event: events.HandoverEnded, at: float) -> list[Change]:
    values = {"ended_at": at, "outcome": event.outcome, "talked_s": event.talked_s}
    # The flow has the caller again, unless an agent still talks with them.
    where = {"call_id": event.call_id, "stage": "handed_over"}
    return [_handover(event, values), Change(CallRow, where, {"stage": "rating"})]


def _caller_told(event: events.CallerTold, at: float) -> list[Change]:
    key = {"call_id": event.call_id, "told_at": at}
    return [Change(CallerToldRow, key, insert={**asdict(event), **key})]


def _place(event: Any, values: Mapping[str, Any]) -> Change:
    return Change(KeptPlaceRow, {"call_id": event.call_id}, values)


def _place_kept(event: events.PlaceKept, at: float) -> list[Change]:
    row = {**asdict(event), "kept_at": at, "step": "resting", "tries": 0, "channel_id": ""}
    return [Change(KeptPlaceRow, {"call_id": event.call_id}, insert={**row, "outcome": ""})]


def _place_called(event: events.PlaceCalled, at: float) -> list[Change]:
    values = {"step": "ringing", "channel_id": event.channel_id, "called_at": at}
    return [_place(event, values)]


def _place_dialled(event: events.PlaceDialled, _at: float) -> list[Change]:
    return [_place(event, {"step": "dialling"}), _call(event, {"stage": "talking"})]


def _place_tried(event: events.PlaceTried, _at: float) -> list[Change]:
    values = {"step": "resting", "channel_id": "", "again_at": event.again_at, "tries": event.tries}
    back = _call(event, {"stage": "waiting", "agent_id": None})
    return [_place(event, {**values, "last_outcome": event.outcome}), back]


def _place_ended(event: events.PlaceEnded, at: float) -> list[Change]:
    return [_place(event, {"step": "over", "outcome": event.outcome, "ended_at": at})]


_MEANINGS: Mapping[type[events.Event], Callable[[Any, float], list[Change]]] = {
    events.CallArrived: _arrived,
    events.CallBrought: _brought,
    events.CallQueued: _queued,
    events.CallOffered: _offered,
    events.OfferEnded: _offer_ended,
    events.CallAnswered: _answered,
    events.TalkEnded: _talk_ended,
    events.TalkTakenOver: _taken_over,
    events.CallParked: _parked,
    events.CallRated: _rated,
    events.CallAbandoned: _abandoned,
    events.CallAdopted: _adopted,
    events.CallEnded: _ended,
    events.RecordingStored: _recording_stored,
    events.RecordingFailed: _recording_failed,
    events.ReportStarted: _report_started,
    events.ReportRecorded: _report_recorded,
    events.ReportEmpty: _report_empty,
    events.ReportTranscribed: _report_transcribed,
    events.ReportTranscriptionFailed: _report_failed,
    events.AgentStateChanged: _presence,
    events.PhoneChecked: _phone_checked,
    events.HandoverStarted: _handover_started,
    events.HandoverAnswered: _handover_answered,
    events.HandoverJoined: _handover_joined,
    events.HandoverEnded: _handover_ended,
    events.ConsultationRecorded: _consultation_recorded,
    events.BlindInterval: _blind,
    events.CallerTold: _caller_told,
    events.PlaceKept: _place_kept,
    events.PlaceCalled: _place_called,
    events.PlaceDialled: _place_dialled,
    events.PlaceTried: _place_tried,
    events.PlaceEnded: _place_ended,
    events.SilentCall: _silent,
    events.TalkMarked: _marked,
    events.TalkMarkUndone: _mark_undone,
}
