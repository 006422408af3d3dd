"""Handovers as they are found in the PBX after a connect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline.calls import overflow as leaving
from hotline.calls.model import Call, Outcome, Stage
from hotline.handover import colleagues, parking, requeue
from hotline.handover import core as handing
from hotline.handover.model import THIRD_PREFIX, Mode, Step, ThirdGone
from hotline.telephony.snapshot import ChannelInfo, PbxSnapshot

if TYPE_CHECKING:
    from hotline.calls.core import CallCore

# The dialplan's stage of a caller whom a flow connected.
TRANSFER_STAGE = "transfer"


def is_third(channel: ChannelInfo) -> bool:
    """Whether this is the leg of another service that an agent had rung."""
    return channel.uniqueid.startswith(THIRD_PREFIX)


def is_handed_over(channel: ChannelInfo, partner: ChannelInfo | None) -> bool:
    """Whether a caller is with another service, or a flow is about to connect them."""
    if partner is not None and is_third(partner):
        return True
    transfers = channel.variables.get("HOTLINE_STAGE") == TRANSFER_STAGE
    return transfers and channel.application == "Dial"


def adopt(core: CallCore, call: Call, partner: ChannelInfo | None, now: float, out: Outcome) -> str:
    """Believe that a caller is handed over, or has a colleague's talk. Returns which of the two,
    as the journal has it."""
    if call.stage is Stage.TALKING:
        if colleagues.goes_on(call, partner):
            return "talking"
        if call.on_hold_since is not None and call.handover and call.handover.mode is Mode.CONSULT:
            # The agent was cut off meanwhile: else the caller would hear music no more.
            handing.part(call, now, out)
            return "talking"
        if call.handover is not None and call.handover.step is not Step.JOINED:
            handing.joined(call, call.handover, now, out)
        if handing.colleague_stays(core, call, now, out):
            return "talking"
        core.end_talk(call, "handover", now, out)
    call.stage = Stage.HANDED_OVER
    call.recording = call.recording or core.talk_path(call, now)
    return "handed_over"


def left_alone(core: CallCore, call: Call, now: float, out: Outcome) -> None:
    """A caller who was being connected with another service, or sent to a queue, waits in the
    dialplan's own queue instead: whoever was to tell the dialplan of it died before. A queue sends
    them there again."""
    handover = call.handover
    if handover is not None and handover.mode is Mode.QUEUE:
        requeue.arrive(core, call, handover, now)
        handing.end(call, requeue.QUEUED, now, out)
    elif handover is not None and handover.mode is Mode.PARK:
        handing.end(call, handing.PARKED, now, out)
        parking.arrive(core, call, handover, now, out)
    if handover is None or not handover.from_caller:
        return
    if handover.mode is Mode.OVERFLOW and not handover.joined:
        leaving.forget(call)
    handing.end(call, "unknown", now, out)


def heal(core: CallCore, snapshot: PbxSnapshot, now: float, out: Outcome) -> None:
    """End the handovers whose third is gone, and see who joined meanwhile."""
    living = {channel.uniqueid: channel for channel in snapshot.channels}
    for call in list(core.calls.values()):
        handover = call.handover
        if handover is None or handover.from_caller:
            continue
        if not handover.has_third:
            if call.stage is Stage.TALKING and call.agent_channel:
                # Whoever was to hang the agent's leg up died before.
                requeue.begin(call, out)
            continue
        third = living.get(handover.third)
        if third is None and handover.started_at < snapshot.taken_at:
            handing.take(core, ThirdGone(handover.third, ""), now, out)
        elif third is not None and third.bridge_id and handover.step is not Step.JOINED:
            handing.joined(call, handover, now, out)
