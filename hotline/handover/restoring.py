"""Handovers as their table has them, for a controller that starts."""

from __future__ import annotations

from hotline.handover.model import Handover, Mode, Step
from hotline.storage.tables_transfers import HandoverRow

# How long a third that was rung before the start may still ring: what the PBX was told is not
# kept, and a snapshot tells sooner.
RING_S = 60.0


def living_handover(row: HandoverRow) -> Handover:
    """A handover that had not ended when the last controller did."""
    handover = Handover(row.handover_id, row.target, Mode(row.mode), row.started_at, RING_S)
    handover.name, handover.note = row.name, row.note
    handover.joined_at = row.joined_at
    if row.joined_at is not None:
        handover.step, handover.met = Step.JOINED, True
    elif row.answered_at is not None:
        handover.step = Step.ANSWERED
    return handover
