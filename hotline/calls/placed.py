"""The call of a kept place: an agent's phone, then the citizen's, then their talk.

Every step is in the journal before the PBX is asked. A channel carries one offer, and is named by
it: what is heard of another one is over.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from hotline import events
from hotline.acd import model as acd
from hotline.callback.held import why_held
from hotline.calls import holding, keeping, model, returning
from hotline.calls.keeping import Kept
from hotline.calls.model import Call, Outcome, Stage
from hotline.handover import core as handing
from hotline.handover import hold
from hotline.handover.adoption import is_third
from hotline.storage.tables_waits import KeptPlaceRow
from hotline.telephony.snapshot import ChannelInfo, PbxSnapshot
from hotline.waiting.model import (
    LOST,
    CallerTold,
    KeepsPlace,
    MatterClosed,
    Place,
    PlaceHeard,
    RingForPlace,
    StaysInLine,
    Step,
    WaitingInput,
    channel_of,
)

if TYPE_CHECKING:
    from hotline.calls.core import CallCore

TRIES = 2
"""A citizen who was dialled so often in vain is not dialled again for this place."""
TRY_AGAIN_S = 120.0
# Q.850: what the agent's phone made of the ringing.
_OFFER_OUTCOMES: dict[str, acd.Failure] = {
    "17": "refused",
    "21": "refused",
    "3": "unreachable",
    "20": "unreachable",
}
# Asterisk's DIALSTATUS of the citizen's leg.
_TRIED = {"BUSY": "busy", "NOANSWER": "no_answer", "CANCEL": "cancelled"}


def take(core: CallCore, given: WaitingInput, now: float, out: Outcome) -> None:
    """Take in what a waiting caller wants, or what is heard of a kept place."""
    match given:
        case CallerTold():
            keeping.told(core, given, out)
        case KeepsPlace():
            keeping.keep(core, given, now, out)
        case StaysInLine():
            keeping.stays(core, given, out)
        case MatterClosed():
            keeping.matter_closed(core, given, now, out)
        case PlaceHeard():
            _heard(core, given, now, out)


def offer(core: CallCore, call: Call, out: Outcome) -> bool:
    """Ring the agent's phone when the call is a kept place's. Whether it is."""
    # The dialplan has the caller now: what they were asked is not answered any more.
    call.confirming = False
    place = call.place
    if place is None:
        return False
    place.step, place.channel_id, place.status = "ringing", channel_of(call.offer_id), ""
    place.called_at = call.offered_at
    called = events.PlaceCalled(call.call_id, call.agent_id, call.offer_id, place.channel_id)
    out.events.append(called)
    person = core.people.by_id[call.agent_id]
    ring_s = core.routing.ring_s(call.queue)
    out.commands.append(
        RingForPlace(
            call.call_id,
            place.channel_id,
            person.extension,
            place.number,
            ring_s,
            call.recording,
        )
    )
    return True


# --- what the PBX tells -------------------------------------------------------------------


def _heard(core: CallCore, given: PlaceHeard, now: float, out: Outcome) -> None:
    found = (kept for kept in keeping.places(core) if kept.place.channel_id == given.channel_id)
    kept = next(found, None)
    if kept is None:
        out.ignored.append(f"{given.channel_id} is of no offer that runs")
        if given.what == "picked_up":
            out.commands.append(model.HangUp(given.channel))
        return
    match given.what:
        case "picked_up" if kept.place.step == "ringing":
            kept.call.agent_channel = given.channel
            _picked_up(core, kept, now, out)
        case "picked_up" if kept.call.held_since is not None:
            holding.resume(kept.call, given.channel, now, out)
        case "talking" if kept.place.step in ("ringing", "dialling"):
            kept.call.channel = given.channel
            _talks(core, kept, now, out)
        case "aside" if kept.place.step == "talking":
            _aside(kept.call, given.status, now, out)
        case "finished":
            kept.place.status = given.status
        case "gone":
            _gone(core, kept, given.cause, now, out)


def _aside(call: Call, why: str, now: float, out: Outcome) -> None:
    """The citizen hears music (``why``: agent, cut_off), or (empty) no more. The dialplan rings the
    agent again who was cut off."""
    if why == "agent":
        hold.began(call, now, out)
    elif not why:
        hold.ended(call, False, now, out)
    elif call.held_since is None:
        hold.ended(call, True, now, out)
        call.agent_channel = ""
        call.held_since, call.held_until = now, now + holding.HOLD_S
        out.events.append(events.TalkHeld(call.call_id, call.agent_id))


def _picked_up(core: CallCore, kept: Kept, now: float, out: Outcome) -> None:
    call = kept.call
    kept.place.step = "dialling"
    call.stage = Stage.TALKING
    core.ask(acd.OfferAnswered(call.offer_id), now, out)
    out.events.append(events.PlaceDialled(call.call_id, call.agent_id, call.offer_id))


def _talks(core: CallCore, kept: Kept, now: float, out: Outcome) -> None:
    if kept.place.step == "ringing":
        _picked_up(core, kept, now, out)
    call = kept.call
    kept.place.step = "talking"
    call.answered_at = now
    # A restart came between: the PBX was told it then.
    called_at = kept.place.called_at if kept.place.called_at is not None else now
    call.recording = call.recording or core.talk_path(call, called_at)
    since = call.queued_at if call.queued_at is not None else now
    path = f"{call.recording}.wav"
    out.events.append(events.CallAnswered(call.call_id, call.agent_id, now - since, path))


def _gone(core: CallCore, kept: Kept, cause: str, now: float, out: Outcome) -> None:
    call, place = kept
    step, place.channel_id, call.agent_channel = place.step, "", ""
    if step == "talking" and place.status == LOST:
        out.events.append(events.CallCutOff(call.call_id, call.agent_id, str(call.stage)))
        _leg_over(core, kept, "system", now, out)
    elif step == "talking":
        _leg_over(core, kept, "agent", now, out)
    elif step == "dialling":
        _tried(core, kept, _TRIED.get(place.status, "failed"), now, out)
    elif step == "ringing":
        place.step = "waiting"
        outcome = "refused" if call.refused else _OFFER_OUTCOMES.get(cause, "missed")
        core.ask(acd.OfferFailed(call.offer_id, outcome), now, out)


def _leg_over(core: CallCore, kept: Kept, by: str, now: float, out: Outcome) -> None:
    """Nobody is left on the agent's side; another service may talk on with the citizen."""
    call = kept.call
    if call.stage is Stage.HANDED_OVER:
        return
    if call.orphan is not None:
        # The recording ended with the citizen.
        call.held_s += now - call.orphaned_at
    elif call.handover is not None and call.handover.joined:
        handing.agent_left(core, call, now, out)
        return
    core.end_talk(call, by, now, out)
    handing.end_with_call(call, now, out)
    keeping.talked(core, kept, now, out)


def _tried(core: CallCore, kept: Kept, outcome: str, now: float, out: Outcome) -> None:
    """The citizen was not reached: the agent is free, and the place rests or ends."""
    call, place = kept
    place.tries += 1
    again = now + TRY_AGAIN_S if place.tries < TRIES else None
    agent_id = call.agent_id
    out.events.append(events.PlaceTried(call.call_id, agent_id, outcome, place.tries, again))
    keeping.rest(kept, again)
    call.agent_id = call.offer_id = ""
    core.ask(acd.TalkEnded(call.call_id), now, out)
    core.ask(acd.WrapUpEnds(agent_id), now, out)
    if again is None:
        keeping.end(core, kept, "unreached", now, out)


# --- what a restart finds -----------------------------------------------------------------


def restore(calls: Iterable[Call], row: KeptPlaceRow) -> None:
    """Give a call that lived before a restart what is known of its kept place. Where it waited, it
    is back when the PBX has been seen."""
    call = next((one for one in calls if one.call_id == row.call_id), None)
    if call is None:
        return
    step: Step = "resting"
    if row.step in ("ringing", "dialling"):
        step = "talking" if call.answered_at is not None else cast("Step", row.step)
    call.place = Place(
        row.origin, row.number, row.kept_at, step, row.tries, row.again_at, row.channel_id
    )
    call.place.called_at = row.called_at


def heal(core: CallCore, snapshot: PbxSnapshot, now: float, out: Outcome) -> None:
    """Hold the kept places against the channels that live."""
    living = {channel.uniqueid: channel for channel in snapshot.channels}
    for kept in keeping.places(core):
        place = kept.place
        if place.channel_id and (place.called_at or 0.0) < snapshot.taken_at:
            if channel := living.get(place.channel_id):
                _see_legs(kept, snapshot)
                _found(core, kept, now, out)
                _catch_up(core, kept, channel, now, out)
                if place.step == "talking":
                    _see_music(kept, channel, snapshot, now, out)
            else:
                _lost(core, kept, now, out)


def enter_again(core: CallCore, now: float, out: Outcome) -> None:
    """Let the places back in line that rest until the PBX is seen. Callers on their way back are
    waited for: nobody jumps them."""
    for kept in keeping.places(core):
        if kept.place.step == "resting" and kept.place.again_at is None:
            keeping.enter(core, kept, now, out)


def _lost(core: CallCore, kept: Kept, now: float, out: Outcome) -> None:
    """The channel ended when nobody looked."""
    call, place = kept
    if place.step == "talking":
        _leg_over(core, kept, "unknown", now, out)
    elif place.step == "dialling":
        _tried(core, kept, "unknown", now, out)
    else:
        core.ask(acd.CallStopsWaiting(call.call_id), now, out)
        keeping.rest(kept, now + keeping.RETURN_S)


def _see_legs(kept: Kept, snapshot: PbxSnapshot) -> None:
    """Which channels are the citizen's and the agent's."""
    call, channel_id = kept.call, kept.place.channel_id
    call.channel = _partner(snapshot, channel_id) or call.channel
    if kept.place.step != "ringing":
        call.agent_channel = _partner(snapshot, f"{channel_id};2") or call.agent_channel
    else:
        legs = (c.channel for c in snapshot.channels if c.linkedid == channel_id)
        call.ringing |= {leg for leg in legs if not leg.startswith("Local/")}


def _partner(snapshot: PbxSnapshot, channel_id: str) -> str:
    """Who is in one bridge with this channel, another service apart; empty for nobody."""
    bridges = {c.bridge_id for c in snapshot.channels if c.uniqueid == channel_id and c.bridge_id}
    others = (
        c.channel
        for c in snapshot.channels
        if c.bridge_id in bridges and c.uniqueid != channel_id and not is_third(c)
    )
    return next(others, "")


def _catch_up(core: CallCore, kept: Kept, channel: ChannelInfo, now: float, out: Outcome) -> None:
    """Take in how far a call has come while nobody looked."""
    step = kept.place.step
    if channel.bridge_id and step in ("ringing", "dialling"):
        _talks(core, kept, now, out)
    elif channel.application == "Dial" and step == "ringing":
        _picked_up(core, kept, now, out)


def _see_music(
    kept: Kept, channel: ChannelInfo, snapshot: PbxSnapshot, now: float, out: Outcome
) -> None:
    call, why = kept.call, why_held(channel, snapshot)
    if call.held_since is not None and call.agent_channel:
        holding.resume(call, call.agent_channel, now, out)
    _aside(call, why, now, out)


def _found(core: CallCore, kept: Kept, now: float, out: Outcome) -> None:
    """The channel lives: the agent is busy with it, whatever a restart made the engine forget."""
    call = kept.call
    if any(row.call_id == call.call_id for row in core.engine.agents()):
        return
    restored: acd.Input
    if kept.place.step == "ringing":
        restored = returning.offer(core, call, now)
    else:
        restored = acd.RestoreTalk(call.call_id, call.agent_id, call.answered_at or now, call.queue)
    core.ask(restored, now, out)
