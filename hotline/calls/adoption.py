"""After each connect: hold what we believe against what lives in the PBX, and heal.

A call that we believed in and that is gone has ended at a time that nobody saw. A caller whom
we do not know, or who waits in the dialplan's own queue, is taken over with their place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline import events
from hotline.acd import model as acd
from hotline.calls import model
from hotline.calls.model import Call, Outcome, Stage
from hotline.telephony.snapshot import ChannelInfo, PbxSnapshot

if TYPE_CHECKING:
    from hotline.calls.core import CallCore

# Where a citizen's leg can be; agents' legs and callbacks live in other contexts.
CITIZEN_CONTEXTS = frozenset({"citizens", "hotline", "hotline-fallback", "hotline-adopt"})


def adopt(core: CallCore, snapshot: PbxSnapshot, now: float, out: Outcome) -> None:
    """Take the PBX over as it is."""
    core.pbx_up = True
    out.events.append(events.PbxConnected(core.rules.node))
    if core.blind_since is not None:
        out.events.append(events.BlindInterval(core.rules.node, core.blind_since, now))
        core.blind_since = None
    core.see_endpoints(snapshot.reachable, now, out)
    living = {f"{core.rules.node}-{c.uniqueid}": c for c in snapshot.channels}
    for call_id in [c for c in core.calls if c not in living]:
        out.merge(core.handle(model.CallerGone(call_id, "", seen=False), now))
    for call_id, channel in living.items():
        if call_id in core.calls or _is_citizen(channel):
            _adopt_call(core, channel, snapshot, now, out)
    core.keep_fallback(out)


def _is_citizen(channel: ChannelInfo) -> bool:
    return channel.context in CITIZEN_CONTEXTS and not channel.channel.startswith("Local/")


def _adopt_call(
    core: CallCore, channel: ChannelInfo, snapshot: PbxSnapshot, now: float, out: Outcome
) -> None:
    call_id = f"{core.rules.node}-{channel.uniqueid}"
    call = core.calls.get(call_id)
    if call is None:
        reached = model.CallReached(
            call_id,
            channel.channel,
            channel.variables.get("HOTLINE_CALLED", ""),
            channel.caller_number,
            channel.caller_name,
        )
        call = core.arrive(reached, now, out)
    call.channel = channel.channel
    partner = _partner(channel, snapshot)
    if partner is not None:
        if call.stage is not Stage.TALKING or call.agent_channel != partner.channel:
            core.take_talk(call, partner.channel, now, out)
    elif channel.context == "hotline-fallback" and channel.application == "Queue":
        call.queued_at = call.queued_at or now - channel.seconds
        core.fetch_back(call, now, out)
    elif channel.application == "Dial" and call.stage is Stage.OFFERED:
        _adopt_offer(core, call, snapshot, now, out)
    elif channel.application == "Record":
        call.stage = Stage.REPORTING
        core.note_adopted(call, "reporting", out)


def _partner(channel: ChannelInfo, snapshot: PbxSnapshot) -> ChannelInfo | None:
    if not channel.bridge_id:
        return None
    others = (c for c in snapshot.channels if c.bridge_id == channel.bridge_id)
    return next((c for c in others if c.uniqueid != channel.uniqueid), None)


def _adopt_offer(
    core: CallCore, call: Call, snapshot: PbxSnapshot, now: float, out: Outcome
) -> None:
    if any(row.call_id == call.call_id for row in core.engine.agents()):
        return
    person = core.people.by_id.get(call.agent_id)
    call.ringing = {
        c.channel
        for c in snapshot.channels
        if c.state == "Ringing" and core.people.of_channel(c.channel) is person
    }
    since = call.queued_at if call.queued_at is not None else now
    offers = int(call.offer_id.rpartition("/")[2] or 1)
    core.ask(
        acd.RestoreOffer(
            call.offer_id, call.agent_id, call.call_id, call.queue, 0, since, offers=offers
        ),
        now,
        out,
    )
    core.note_adopted(call, "offered", out)
