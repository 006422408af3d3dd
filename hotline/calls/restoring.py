"""Calls and agents as the tables have them, for a controller that starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from hotline.acd import model as acd
from hotline.callers.familiar import Familiar
from hotline.calls import overflow
from hotline.calls.core import REFUSALS
from hotline.calls.model import Call, Stage
from hotline.events import (
    AgentStateChanged,
    CallOverflowed,
    CallParked,
    CallUnparked,
    HandoverStarted,
    OfferEnded,
)
from hotline.handover import parking
from hotline.handover.restoring import living_handover
from hotline.routing.rules import Served
from hotline.storage.records import Record
from hotline.storage.tables import CallRow, PresenceRow, ReportRow
from hotline.storage.tables_transfers import HandoverRow


def living_call(
    row: CallRow,
    report: ReportRow | None,
    handover: HandoverRow | None,
    past: Sequence[Record],
) -> Call:
    """A call that had not ended when the last controller did; ``report`` and ``handover`` are
    its unfinished ones, ``past`` what the journal has of how its offers ended, of where it was
    sent on to and of its handovers."""
    known = row.stage in {stage.value for stage in Stage}
    stage = Stage(row.stage) if known else Stage.ARRIVING
    call = Call(
        row.call_id, row.channel, row.called, row.calling, row.calling_name, row.arrived_at, stage
    )
    call.queue = row.queue or ""
    call.queued_at = row.queued_at
    call.priority, call.reasons = row.priority, tuple(row.reasons or ())
    if row.first_agent:
        call.first = Familiar(row.first_agent, row.first_why or "")
        call.familiar = (call.first,)
    call.agent_id = row.agent_id or ""
    call.offer_id = row.offer_id or ""
    number = call.offer_id.rpartition("/")[2]
    call.offers = int(number) if number.isdigit() else 0
    call.refused_by = {
        record.event.agent_id: record.at
        for record in past
        if isinstance(record.event, OfferEnded) and record.event.outcome in REFUSALS
    }
    for record in past:
        if isinstance(record.event, CallOverflowed):
            overflow.restore(call, record.event, record.at)
        elif isinstance(record.event, CallParked | CallUnparked):
            parking.restore(call, record.event, record.at)
    if call.parked is not None and stage is Stage.WAITING:
        # Whoever was rung for them did not answer.
        call.stage = Stage.PARKED
    # The next one needs a channel id of its own.
    call.handovers = sum(isinstance(record.event, HandoverStarted) for record in past)
    call.answered_at = row.answered_at
    call.recording = (row.recording or "").removesuffix(".wav")
    if row.answered_at is not None and row.talk_ended_at is not None:
        call.talked_s = row.talk_ended_at - row.answered_at
    if handover is not None:
        call.handover = living_handover(handover)
        number = handover.handover_id.rpartition("/h")[2]
        call.handovers = max(call.handovers, int(number) if number.isdigit() else 1)
    if report is not None:
        call.report_id = report.report_id
        call.report_path = report.path.removesuffix(".wav")
        number = report.report_id.rpartition("/r")[2]
        call.reports = int(number) if number.isdigit() else 1
    return call


def restored_agent(
    row: PresenceRow, served: Served, last: Record | None = None
) -> acd.RestoreAgent:
    """An agent who was on duty when the last controller ended, with what they serve now; ``last``
    is the record of the state that they have."""
    return acd.RestoreAgent(
        agent_id=row.agent_id,
        queues=served.queues,
        state=cast("acd.State", row.state),
        since=row.since,
        reason=row.reason,
        until=row.until,
        call_id=row.call_id,
        next_state=cast("acd.NextState", row.next_state),
        next_reason=row.next_reason,
        next_until=row.next_until,
        weights=served.weights,
        skills=served.skills,
        memory=_memory(last),
    )


def _memory(last: Record | None) -> acd.AgentMemory | None:
    """What the strategies knew of an agent; None where another version did not say it so."""
    if last is None or not isinstance(last.event, AgentStateChanged):
        return None
    kept = last.event.memory
    names = acd.AgentMemory._fields
    return acd.AgentMemory(*(kept[name] for name in names)) if kept.keys() >= set(names) else None
