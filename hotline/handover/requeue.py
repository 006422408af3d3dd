"""Callers whom an agent sends to a queue, and those who wait for a person once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline.calls.model import Call, Outcome, Stage
from hotline.calls.overflow import QUEUE
from hotline.handover import model
from hotline.handover.model import Handover

if TYPE_CHECKING:
    from hotline.calls.core import CallCore

# Who was with somebody already is served before those who only wait.
PRIORITY = 3
REASON = "transferred"
QUEUED = "queued"


def begin(call: Call, out: Outcome) -> None:
    """The agent leaves; the caller is where they are until the dialplan says so."""
    out.commands.append(model.LetGo(call.channel, call.agent_channel))


def arrive(core: CallCore, call: Call, handover: Handover, now: float) -> None:
    """The caller is alone, and belongs to the queue. Its time begins anew, their place does not."""
    before, queue = call.queue, core.routing.queue(handover.target)
    if queue != before:
        call.entered_at = now
        # Whatever queue the flow names: they stay where they were sent.
        call.left = (*call.left, f"{QUEUE}{before or core.routing.home}", f"{QUEUE}{queue}")
    call.queue = queue
    # Whoever knew them has just sent them on.
    call.familiar = ()
    call.refused_by[call.agent_id] = now
    before_others(call, REASON)


def before_others(call: Call, reason: str) -> None:
    """Let the caller wait for a person again, before those who only wait."""
    call.stage = Stage.ARRIVING
    call.priority = max(call.priority, PRIORITY)
    call.reasons = tuple(dict.fromkeys((*call.reasons, reason)))
