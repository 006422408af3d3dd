"""Citizens whom we rang and who are callers from now on (:mod:`hotline.callback.bringing`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline import events
from hotline.acd import model as acd
from hotline.calls.model import Call, CallerGone, CitizenBrought, Outcome, Stage
from hotline.telephony.snapshot import ChannelInfo

if TYPE_CHECKING:
    from hotline.calls.core import CallCore

# The context of the leg of somebody whom we rang, until it is brought.
BROUGHT_TO = frozenset({"hotline-brought", "hotline", "hotline-held", "hotline-fallback"})


def take(core: CallCore, given: CitizenBrought, now: float, out: Outcome) -> None:
    """Begin to know them in the middle of a talk."""
    if given.call_id in core.calls:
        out.ignored.append(f"{given.call_id} was brought already")
        return
    call = Call(given.call_id, given.channel, given.called, given.calling, "", now, Stage.TALKING)
    call.agent_id, call.agent_channel = given.agent_id, given.agent_channel
    call.answered_at, call.recording = now, core.talk_path(call, now)
    # Whoever is cut off is rung again for the same offer.
    call.offers, call.offer_id = 1, f"{call.call_id}/1"
    core.calls[call.call_id] = call
    out.events.append(
        events.CallBrought(
            call.call_id,
            given.agent_id,
            given.placed,
            given.case_number,
            core.rules.node,
            given.channel,
            given.called,
            given.calling,
            f"{call.recording}.wav",
            call.offer_id,
        )
    )
    # Whoever does a task stays with it, and staff who take no calls are none of the engine's.
    row = next((row for row in core.engine.agents() if row.agent_id == given.agent_id), None)
    if row is not None and row.state != "on_task":
        queue = core.routing.queue("")
        core.ask(acd.RestoreTalk(call.call_id, given.agent_id, now, queue), now, out)


def never_came(core: CallCore, call: Call, channel: ChannelInfo, now: float, out: Outcome) -> bool:
    """Whether a snapshot shows that whoever was to bring a citizen died before: they are in the
    placed call still, which goes on."""
    if channel.application != "AppDial" or channel.context in BROUGHT_TO:
        return False
    core.bury(call, CallerGone(call.call_id, "", seen=False), now, out)
    return True
