"""The agents' side of the calls: who is on duty, with which phones, and what they ask for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from hotline import events
from hotline.acd import model as acd
from hotline.calls import away, holding, model, plans
from hotline.calls.model import Outcome, Stage
from hotline.calls.people import Person

if TYPE_CHECKING:
    from hotline.calls.core import CallCore


def take(core: CallCore, given: model.DutyInput, now: float, out: Outcome) -> None:
    """Take in what an agent asks for, or what is learnt of their phones."""
    match given:
        case model.AgentKnown():
            core.people.know(Person(given.agent_id, given.name, given.extension))
        case model.EndpointSeen():
            there = core.people.reachable - {given.endpoint}
            see_endpoints(core, there | {given.endpoint} if given.reachable else there, now, out)
        case model.AgentAsks():
            _change_state(core, given, now, out)
        case model.AgentRefuses():
            _refuse(core, given, out)
        case model.AgentEndsWrapUp():
            core.ask(acd.WrapUpEnds(given.agent_id), now, out)
        case model.AgentExtendsWrapUp():
            core.ask(acd.ExtendWrapUp(given.agent_id, given.by_s), now, out)
        case model.AgentHangsUp():
            _hang_up(core, given, out)
        case model.AgentMoves():
            _move(core, given, out)
        case model.SupervisorSets():
            _force(core, given, now, out)
        case model.PageOpened() | model.PageClosed():
            away.take(core, given, now)


def see_endpoints(core: CallCore, reachable: Iterable[str], now: float, out: Outcome) -> None:
    """Take in which phones are there now."""
    before = {agent_id: core.people.can_be_rung(agent_id) for agent_id in core.people.by_id}
    core.people.reachable = set(reachable)
    for agent_id, was in before.items():
        can = core.people.can_be_rung(agent_id)
        if can != was:
            extension = core.people.by_id[agent_id].extension
            out.events.append(events.PhoneReachable(agent_id, extension, can))
            core.ask(acd.AgentReachable(agent_id, can), now, out)
    holding.phones_changed(core, out)


def keep_fallback(core: CallCore, out: Outcome) -> None:
    """Let the dialplan's own queue have the agents who are on duty."""
    people = (core.people.by_id.get(row.agent_id) for row in core.engine.agents())
    interfaces = [f"PJSIP/{endpoint}" for p in people if p for endpoint in p.endpoints]
    out.commands.append(model.KeepFallback(tuple(sorted(interfaces))))


def became(core: CallCore, command: acd.AgentBecame, now: float, out: Outcome) -> None:
    """Journal an agent's state, and the pause that it ended."""
    if ended := core.pauses.became(command, now):
        out.events.append(ended)
    out.events.append(
        events.AgentStateChanged(
            command.agent_id,
            command.state,
            command.since,
            command.reason,
            command.until,
            "engine",
            command.call_id,
            command.next_state,
            command.next_reason,
            command.next_until,
            {} if command.memory is None else command.memory._asdict(),
        )
    )
    if command.state == "offline":
        core.states.pop(command.agent_id, None)
        keep_fallback(core, out)
    else:
        core.states[command.agent_id] = command


def _change_state(core: CallCore, given: model.AgentAsks, now: float, out: Outcome) -> None:
    if given.agent_id not in core.people.by_id:
        out.ignored.append(f"agent {given.agent_id} is not in the user list")
        return
    # Whoever chooses a state has seen what a supervisor made of the last one.
    core.forced.pop(given.agent_id, None)
    if given.state == "offline":
        core.ask(acd.AgentSignsOff(given.agent_id), now, out)
    else:
        _sign_on(core, given, now, out)
    keep_fallback(core, out)


def _sign_on(core: CallCore, given: model.AgentAsks, now: float, out: Outcome) -> None:
    core.ask(plans.sign_on(core.routing, given.agent_id), now, out)
    reachable = core.people.can_be_rung(given.agent_id)
    core.ask(acd.AgentReachable(given.agent_id, reachable), now, out)
    if given.state == "ready":
        core.ask(acd.AgentReady(given.agent_id), now, out)
    elif given.state == "paused":
        core.ask(acd.AgentPauses(given.agent_id, given.reason, given.until), now, out)


def _force(core: CallCore, given: model.SupervisorSets, now: float, out: Outcome) -> None:
    before = core.states.get(given.agent_id)
    if before is None:
        out.ignored.append(f"{given.by} sets {given.agent_id}, who is not signed on")
        return
    asked: Outcome = Outcome()
    match given.want:
        case "ready":
            core.ask(acd.AgentReady(given.agent_id), now, asked)
        case "paused":
            core.ask(acd.AgentPauses(given.agent_id, given.reason), now, asked)
        case "offline":
            core.ask(acd.AgentSignsOff(given.agent_id), now, asked)
        case "end_wrap_up":
            core.ask(acd.WrapUpEnds(given.agent_id), now, asked)
    if core.states.get(given.agent_id) != before:
        forced = events.StateForced(
            given.agent_id,
            given.want,
            given.why,
            given.by,
            given.name,
            given.reason,
            before.state,
        )
        core.forced[given.agent_id] = (now, forced)
        out.events.append(forced)
        asked.events[:] = [_by(given, event) for event in asked.events]
    out.merge(asked)


def _by(given: model.SupervisorSets, event: events.Event) -> events.Event:
    if isinstance(event, events.AgentStateChanged) and event.agent_id == given.agent_id:
        return replace(event, by=given.by)
    return event


def _refuse(core: CallCore, given: model.AgentRefuses, out: Outcome) -> None:
    call = next((c for c in core.calls.values() if c.offer_id == given.offer_id), None)
    if call is None or call.stage is not Stage.OFFERED or call.agent_id != given.agent_id:
        out.ignored.append(f"{given.agent_id} refuses an offer that is over")
        return
    # The engine hears of it when the dialplan is back: only then can the caller be offered to
    # the next agent.
    call.refused = True
    core.stop_ringing(call, out)


def web_leg(core: CallCore, agent_id: str) -> str:
    """The channel of the talk that an agent has on their web phone; empty for none."""
    for call in core.calls.values():
        if call.agent_id != agent_id or not call.agent_channel:
            continue
        person = core.people.by_id[agent_id]
        # A desk phone stands where it stands; whoever rings anew needs a caller in our dialplan, or
        # (kept places) a citizen who is kept by themselves, and nobody else in the talk.
        on_web = call.agent_channel.startswith(f"PJSIP/{person.extension}-web-")
        kept = call.place is not None and call.place.step == "talking" and call.handover is None
        rung = call.orphan is None and (kept or (call.place is None and call.offer_id != ""))
        return call.agent_channel if on_web and rung else ""
    return ""


def _move(core: CallCore, given: model.AgentMoves, out: Outcome) -> None:
    if channel := web_leg(core, given.agent_id):
        # As if it were cut off: the caller is held, and the phone rung anew.
        out.commands.append(model.HangUp(channel, holding.MOVED))
    else:
        out.ignored.append(f"{given.agent_id} moves, but has no talk on a web phone")


def _hang_up(core: CallCore, given: model.AgentHangsUp, out: Outcome) -> None:
    for call in core.calls.values():
        if call.agent_id == given.agent_id and call.agent_channel:
            out.commands.append(model.HangUp(call.agent_channel))
            return
    out.ignored.append(f"{given.agent_id} hangs up, but talks with nobody")
