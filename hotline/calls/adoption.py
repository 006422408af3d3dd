"""After each connect: hold what we believe against what lives in the PBX, and heal.

A call that we believed in and that is gone has ended at a time that nobody saw. A caller whom
we do not know, or who waits in the dialplan's own queue, is taken over with their place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline import events
from hotline.acd import model as acd
from hotline.calls import brought, cut_off, duty, keeping, model, placed, plans, returning
from hotline.calls.model import Call, Outcome, Stage
from hotline.handover import adoption as handing
from hotline.handover import hold, parking
from hotline.telephony.snapshot import ChannelInfo, PbxSnapshot

if TYPE_CHECKING:
    from hotline.calls.core import CallCore

# Where a citizen's leg can be; agents' legs and callbacks live in other contexts.
CITIZEN_CONTEXTS = frozenset(
    {
        "citizens",
        "hotline",
        "hotline-brought",
        "hotline-held",
        "hotline-fallback",
        "hotline-adopt",
    }
)

# What Asterisk calls the application of a leg that we dialled. A citizen who is called back
# is in the trunk's context, as those are who ring in.
_DIALLED = frozenset({"AppDial", "AppDial2", "AppQueue"})

# In these a caller waits for a person on the dialplan's own path.
_FALLBACK_WAITS = frozenset({"Queue", "Wait"})

# In these a caller is no longer on the way into the fallback.
_OWN_WAYS = frozenset({"Dial", "Record"})

# What Asterisk calls the application of a leg that its own queue rings.
_QUEUED = "AppQueue"

# Asterisk's words for how a ringing leg ended.
_RING_OUTCOMES: dict[str, acd.Failure] = {"User busy": "refused", "Call Rejected": "refused"}

# A caller whom we could not hold so often within this time stays with the dialplan.
FETCHES = 2
FETCHES_WITHIN_S = 30.0
# How long one fetch may take.
FETCH_S = 1.0
BEFORE_TALK = (Stage.ARRIVING, Stage.WAITING, Stage.OFFERED, Stage.PARKED)


def take(core: CallCore, given: model.HealingInput, now: float, out: Outcome) -> None:
    """Take in what is seen of the PBX as a whole, or of its fallback."""
    match given:
        case model.PbxSeen():
            adopt(core, given.snapshot, now, out)
        case model.PbxUnseen():
            if core.pbx_up:
                out.events.append(events.PbxLost(core.rules.node, given.why))
                core.blind_since = now
            core.pbx_up = False
            keeping.unseen(core, now, out)
        case model.InFallback():
            # Whoever is there is alone and waits for a person, whatever we knew of them.
            if call := core.known(given.call_id, out):
                fetch_back(core, call, now, out)


def adopt(core: CallCore, snapshot: PbxSnapshot, now: float, out: Outcome) -> None:
    """Take the PBX over as it is."""
    core.pbx_up = True
    out.events.append(events.PbxConnected(core.rules.node))
    stopped_at, core.rested_since = core.rested_since, None
    if stopped_at is not None and (snapshot.booted_at or stopped_at) < stopped_at:
        # It lived on, so callers could ring in meanwhile.
        core.blind_since = stopped_at
    if core.blind_since is not None:
        out.events.append(events.BlindInterval(core.rules.node, core.blind_since, now))
        core.blind_since = None
    duty.see_endpoints(core, snapshot.reachable, now, out)
    for agent_id in core.people.by_id:
        core.ask(acd.AgentReachable(agent_id, core.people.can_be_rung(agent_id)), now, out)
    living = {f"{core.rules.node}-{c.uniqueid}": c for c in snapshot.channels}
    for call in list(core.calls.values()):
        if call.place:
            continue
        # Who arrived while the snapshot was taken may be missing in it.
        if call.call_id not in living and call.arrived_at < snapshot.taken_at:
            cut_off.note(call, snapshot, out)
            out.merge(core.handle(model.CallerGone(call.call_id, "", seen=False), now))
    # Before anybody else's talk is seen: their agents may talk with others by now.
    placed.heal(core, snapshot, now, out)
    for call_id, channel in living.items():
        if call_id in core.calls or _is_citizen(channel):
            _adopt_call(core, channel, snapshot, now, out)
    handing.heal(core, snapshot, now, out)
    placed.enter_again(core, now, out)
    duty.keep_fallback(core, out)


def _is_citizen(channel: ChannelInfo) -> bool:
    if channel.channel.startswith("Local/") or channel.application in _DIALLED:
        return False
    return channel.context in CITIZEN_CONTEXTS and not handing.is_third(channel)


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
    elif brought.never_came(core, call, channel, now, out):
        return
    call.channel = channel.channel
    held = channel.variables.get("HOTLINE_HELD") == "1"
    hold.adopt(call, held, now, out)
    partner = _partner(core, channel, snapshot)
    if handing.is_handed_over(channel, partner):
        _note_adopted(call, handing.adopt(core, call, partner, now, out), out)
    elif partner is not None:
        if call.stage is not Stage.TALKING or call.agent_channel != partner.channel:
            take_talk(core, call, partner.channel, now, out)
    elif channel.context == "hotline-fallback" and channel.application in _FALLBACK_WAITS:
        call.queued_at = call.queued_at or now - channel.seconds
        if not _leave_ringing(core, call, snapshot, now, out):
            fetch_back(core, call, now, out)
    elif channel.application == "Dial" and call.stage is Stage.OFFERED:
        _adopt_offer(core, call, snapshot, now, out)
    elif call.stage in (Stage.WAITING, Stage.OFFERED) and channel.application not in _OWN_WAYS:
        # The dialplan has yet to notice that nobody holds the caller.
        core.returning.expect(call.call_id, now)
    elif channel.application == "Record":
        call.stage = Stage.REPORTING
        _note_adopted(call, "reporting", out)
    hold.adopt(call, held, now, out)


def _partner(core: CallCore, channel: ChannelInfo, snapshot: PbxSnapshot) -> ChannelInfo | None:
    """Who talks with the caller; of several, the agent."""
    if not channel.bridge_id:
        return None
    others = [c for c in snapshot.channels if c.bridge_id == channel.bridge_id and c != channel]
    agents = (c for c in others if core.people.of_channel(c.channel) and not handing.is_third(c))
    return next(agents, next(iter(others), None))


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
    core.ask(returning.offer(core, call, now), now, out)
    _note_adopted(call, "offered", out)


def _leave_ringing(
    core: CallCore, call: Call, snapshot: PbxSnapshot, now: float, out: Outcome
) -> bool:
    """Whether the dialplan's own queue rings an agent for this caller, who may pick up at any
    moment: then the two are left alone, and the ringing counts as an offer of ours."""
    legs = [c for c in snapshot.channels if c.application == _QUEUED and not c.bridge_id]
    legs = [c for c in legs if f"{core.rules.node}-{c.linkedid}" == call.call_id]
    person = core.people.of_channel(legs[0].channel) if legs else None
    if person is None:
        return False
    call.ringing = {leg.channel for leg in legs}
    if call.stage is not Stage.OFFERED or call.agent_id != person.agent_id:
        call.offers += 1
        call.offer_id, call.agent_id = f"{call.call_id}/{call.offers}", person.agent_id
        call.offered_at, call.refused, call.unwanted = now, False, False
        offered = (call.call_id, call.agent_id, call.offer_id)
        out.events.append(events.CallOffered(*offered, by="dialplan"))
    call.stage, call.rung_by_dialplan = Stage.OFFERED, True
    core.ask(returning.offer(core, call, now), now, out)
    if not any(row.call_id == call.call_id for row in core.engine.agents()):
        return False
    _note_adopted(call, "offered", out)
    return True


def ring_over(core: CallCore, given: model.CallerGone, now: float, out: Outcome) -> None:
    """A leg ended: perhaps that of an agent whom the dialplan's own queue rang in vain. The caller
    is fetched back before it rings the next one."""
    ringing = (call for call in core.calls.values() if given.channel in call.ringing)
    call = next((call for call in ringing if call.rung_by_dialplan), None)
    if call is None or call.stage is not Stage.OFFERED:
        return
    call.ringing.discard(given.channel)
    if call.ringing:
        return
    outcome = "refused" if call.refused else _RING_OUTCOMES.get(given.cause, "missed")
    # At once: nobody can be connected with a caller whom we have yet to fetch.
    over = acd.OfferFailed(call.offer_id, outcome)
    core.ask_together((over, acd.CallStopsWaiting(call.call_id)), now, out)
    fetch_back(core, call, now, out)


def take_talk(core: CallCore, call: Call, agent_channel: str, now: float, out: Outcome) -> None:
    """Believe in a talk that the dialplan's own path made, or that we find after a start."""
    returning.seen(core, call.call_id, now, out)
    fresh = call.stage is not Stage.TALKING
    person = core.people.of_channel(agent_channel)
    call.stage, call.agent_channel = Stage.TALKING, agent_channel
    call.agent_id = person.agent_id if person else call.agent_id
    call.answered_at = call.answered_at or now
    call.recording = call.recording or core.talk_path(call, now)
    if fresh:
        parking.taken(call, out)
        since = call.queued_at if call.queued_at is not None else call.arrived_at
        waited = max(0.0, call.answered_at - since)
        out.events.append(
            events.CallAnswered(call.call_id, call.agent_id, waited, f"{call.recording}.wav")
        )
    _note_adopted(call, "talking", out)
    if person is None:
        return
    if person.agent_id not in {row.agent_id for row in core.engine.agents()}:
        core.ask(plans.sign_on(core.routing, person.agent_id), now, out)
    _leave_others(core, call, now, out)
    talk = acd.RestoreTalk(
        call.call_id, person.agent_id, call.answered_at, core.routing.queue(call.queue)
    )
    core.ask(talk, now, out)


def _leave_others(core: CallCore, call: Call, now: float, out: Outcome) -> None:
    """Who talks with this caller has left, unseen, whomever we believed them to talk with."""
    for other in core.calls.values():
        talks = other.stage is Stage.TALKING and other.agent_id == call.agent_id
        if talks and other is not call and other.place is None:
            core.end_talk(other, "unknown", now, out)
            other.stage = Stage.RATING
            out.commands.append(model.Tell(other.call_id, model.GoOn("talked")))


def fetch_back(core: CallCore, call: Call, now: float, out: Outcome) -> None:
    """Take a caller over who waits in the dialplan's own queue, with their place.

    They wait with us only when the dialplan asks again: the engine may offer none whom we cannot
    connect.
    """
    # The news that the caller is there can come twice: a second fetch would tear them away from
    # where the first has brought them.
    if now - call.fetched_at > FETCHES_WITHIN_S:
        call.fetched = 0
    if call.fetched >= FETCHES or now - call.fetched_at < FETCH_S:
        return
    call.fetched += 1
    call.fetched_at = now
    call.queued_at = call.queued_at or call.arrived_at
    if call.stage is Stage.TALKING:
        core.end_talk(call, "unknown", now, out)
    handing.left_alone(core, call, now, out)
    core.ask(acd.CallStopsWaiting(call.call_id), now, out)
    core.returning.expect(call.call_id, now)
    call.stage = Stage.ARRIVING
    call.offer_id = call.agent_id = ""
    _note_adopted(call, "waiting", out)
    out.commands.append(model.FetchBack(call.call_id, call.channel))


def _note_adopted(call: Call, where: str, out: Outcome) -> None:
    out.events.append(events.CallAdopted(call.call_id, where, call.agent_id))
