"""The calls' state machine: what reaches us from the wire, turned into events and commands.

Pure: the time is passed in, nothing is sent or stored here. The edge (service.py) writes the
events to the journal first and only then carries out the commands. The routing engine decides
who takes which call; this core knows where each caller is and what the dialplan does with them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo
from functools import singledispatchmethod

from hotline import events
from hotline.acd import model as acd
from hotline.acd.engine import Engine
from hotline.calls import model
from hotline.calls.adoption import adopt
from hotline.calls.model import Call, Outcome, Stage
from hotline.calls.people import People, Person
from hotline.clock import local

# Asterisk's DIALSTATUS, as the outcome of an offer. Declining a call gives BUSY.
OFFER_OUTCOMES: dict[str, acd.Failure] = {
    "NOANSWER": "missed",
    "BUSY": "refused",
    "CHANUNAVAIL": "unreachable",
    "CONGESTION": "unreachable",
    "DONTCALL": "refused",
    "TORTURE": "refused",
}
FETCHES = 2
BEFORE_TALK = (Stage.ARRIVING, Stage.WAITING, Stage.OFFERED)


@dataclass(frozen=True, slots=True)
class CallRules:
    """What the calls layer needs of the configuration."""

    node: str
    queue: str
    ring_s: float
    report_key: str
    zone: tzinfo


class CallCore:
    """Every living call and every agent on duty.

    ``handle(input, now)`` is the only way in, and its :class:`Outcome` the only way out.
    """

    def __init__(self, rules: CallRules, engine: Engine) -> None:
        self.rules = rules
        self.engine = engine
        self.calls: dict[str, Call] = {}
        self.people = People()
        self.pbx_up = False
        self.blind_since: float | None = None

    def handle(self, given: model.Input, now: float) -> Outcome:
        """Take one input in. Inputs about calls or agents that we do not know are ignored,
        with a line in :attr:`Outcome.ignored`: the wire repeats and reorders itself."""
        out = Outcome()
        self._take(given, now, out)
        return out

    def next_deadline(self) -> float | None:
        """When a :class:`~hotline.calls.model.TimePassed` is due, in Unix seconds."""
        return self.engine.next_deadline()

    # --- inputs -------------------------------------------------------------------------

    @singledispatchmethod
    def _take(self, given: model.Input, now: float, out: Outcome) -> None:
        raise TypeError(f"no rule for {type(given).__name__}")

    @_take.register
    def _(self, given: model.TimePassed, now: float, out: Outcome) -> None:
        self.ask(acd.Tick(), now, out)

    @_take.register
    def _(self, given: model.CallReached, now: float, out: Outcome) -> None:
        if given.call_id in self.calls:
            out.ignored.append(f"{given.call_id} reached us twice")
            return
        self.arrive(given, now, out)

    def arrive(self, given: model.CallReached, now: float, out: Outcome) -> Call:
        """Begin to know a call."""
        call = Call(
            given.call_id, given.channel, given.called, given.calling, given.calling_name, now
        )
        self.calls[call.call_id] = call
        out.events.append(
            events.CallArrived(
                call.call_id,
                self.rules.node,
                call.channel,
                call.called,
                call.calling,
                call.calling_name,
            )
        )
        return call

    @_take.register
    def _(self, given: model.StepEntered, now: float, out: Outcome) -> None:
        if self._known(given.call_id, out):
            out.events.append(events.FlowStep(given.call_id, given.step))

    @_take.register
    def _(self, given: model.MayWait, now: float, out: Outcome) -> None:
        call = self._known(given.call_id, out)
        if call is None or call.stage not in (Stage.ARRIVING, Stage.WAITING):
            return
        self.wait(call, given.queue, now, out)

    def wait(self, call: Call, queue: str, now: float, out: Outcome) -> None:
        """Put a caller in the queue; one who waited before keeps the first instant."""
        call.stage = Stage.WAITING
        call.queue = queue
        call.queued_at = call.queued_at or now
        out.events.append(events.CallQueued(call.call_id, queue, 0, call.queued_at))
        self.ask(acd.CallWaits(call.call_id, queue, 0, call.queued_at), now, out)

    @_take.register
    def _(self, given: model.KeySeen, now: float, out: Outcome) -> None:
        call = self._known(given.call_id, out)
        if call is None:
            return
        call.keys += given.key
        out.events.append(events.KeyPressed(call.call_id, given.key))
        if given.key == self.rules.report_key and call.stage in (Stage.ARRIVING, Stage.WAITING):
            self._report(call, "asked", now, out)

    @_take.register
    def _(self, given: model.WantsReport, now: float, out: Outcome) -> None:
        call = self._known(given.call_id, out)
        if call and call.stage in (Stage.ARRIVING, Stage.WAITING, Stage.REPORTING):
            self._report(call, given.reason, now, out)

    def _report(self, call: Call, reason: str, now: float, out: Outcome) -> None:
        call.stage = Stage.REPORTING
        call.reports += 1
        call.report_id = f"{call.call_id}/r{call.reports}"
        call.report_path = path = f"reports/{self._day(now)}/{call.call_id}-r{call.reports}"
        self.ask(acd.CallGone(call.call_id), now, out)
        out.events.append(events.ReportStarted(call.call_id, call.report_id, f"{path}.wav", reason))
        out.commands.append(
            model.Tell(call.call_id, model.TakeReport(call.report_id, path, reason))
        )

    @_take.register
    def _(self, given: model.ReportReturned, now: float, out: Outcome) -> None:
        call = self._known(given.call_id, out)
        if call and call.stage is Stage.REPORTING and given.report_id == call.report_id:
            self._measure(call, given.ended_by, out)

    def _measure(self, call: Call, ended_by: str, out: Outcome) -> None:
        path = f"{call.report_path}.wav"
        out.commands.append(model.MeasureReport(call.call_id, call.report_id, path, ended_by))
        call.report_id = ""

    @_take.register
    def _(self, given: model.DialAnswered, now: float, out: Outcome) -> None:
        call = self._known(given.call_id, out)
        if call is None:
            return
        if call.stage is Stage.OFFERED:
            call.agent_channel = given.agent_channel
            self._answered(call, now, out)
        elif call.stage in (Stage.ARRIVING, Stage.WAITING):
            self.take_talk(call, given.agent_channel, now, out)

    def take_talk(self, call: Call, agent_channel: str, now: float, out: Outcome) -> None:
        """Believe in a talk that the dialplan's own path made, or that we find after a start."""
        fresh = call.stage is not Stage.TALKING
        person = self.people.of_channel(agent_channel)
        call.stage, call.agent_channel = Stage.TALKING, agent_channel
        call.agent_id = person.agent_id if person else call.agent_id
        call.answered_at = call.answered_at or now
        call.recording = call.recording or self._talk_path(call, now)
        if fresh:
            since = call.queued_at if call.queued_at is not None else call.arrived_at
            waited = max(0.0, call.answered_at - since)
            out.events.append(
                events.CallAnswered(call.call_id, call.agent_id, waited, f"{call.recording}.wav")
            )
        self.note_adopted(call, "talking", out)
        if person is None:
            return
        if person.agent_id not in {row.agent_id for row in self.engine.agents()}:
            self.ask(acd.AgentSignsOn(person.agent_id, (self.rules.queue,)), now, out)
        talk = acd.RestoreTalk(call.call_id, person.agent_id, call.answered_at, self.rules.queue)
        self.ask(talk, now, out)

    @_take.register
    def _(self, given: model.InFallback, now: float, out: Outcome) -> None:
        call = self._known(given.call_id, out)
        if call and call.stage in BEFORE_TALK:
            self.fetch_back(call, now, out)

    def fetch_back(self, call: Call, now: float, out: Outcome) -> None:
        """Take a caller over who waits in the dialplan's own queue, with their place.

        They wait with us only when the dialplan asks again: the engine may offer none whom we
        cannot connect. A caller whom we could not hold twice stays with the dialplan.
        """
        if call.fetched >= FETCHES:
            return
        call.fetched += 1
        self.ask(acd.CallGone(call.call_id), now, out)
        call.stage = Stage.ARRIVING
        call.offer_id = call.agent_id = ""
        self.note_adopted(call, "waiting", out)
        out.commands.append(model.FetchBack(call.call_id, call.channel))

    def note_adopted(self, call: Call, where: str, out: Outcome) -> None:
        """Journal that a living call was taken over."""
        out.events.append(events.CallAdopted(call.call_id, where, call.agent_id))

    def _answered(self, call: Call, now: float, out: Outcome) -> None:
        call.stage = Stage.TALKING
        call.answered_at = now
        waited = now - (call.queued_at if call.queued_at is not None else now)
        out.events.append(
            events.CallAnswered(call.call_id, call.agent_id, waited, f"{call.recording}.wav")
        )
        self.ask(acd.OfferAnswered(call.offer_id), now, out)

    @_take.register
    def _(self, given: model.DialReturned, now: float, out: Outcome) -> None:
        call = self._known(given.call_id, out)
        if call is None:
            return
        if given.status == "ANSWER":
            self._talk_over(call, given, now, out)
        elif call.stage is Stage.OFFERED and given.offer_id == call.offer_id:
            outcome = "refused" if call.refused else OFFER_OUTCOMES.get(given.status, "missed")
            self.ask(acd.OfferFailed(call.offer_id, outcome), now, out)

    def _talk_over(self, call: Call, given: model.DialReturned, now: float, out: Outcome) -> None:
        # The dialplan's word can overtake AMI's: then the answer is still unknown here.
        if call.stage is Stage.OFFERED and given.offer_id == call.offer_id:
            self._answered(call, now, out)
        if call.stage is Stage.TALKING:
            self._end_talk(call, "agent", now, out)
            call.stage = Stage.RATING

    @_take.register
    def _(self, given: model.QueueReturned, now: float, out: Outcome) -> None:
        call = self._known(given.call_id, out)
        if call is None:
            return
        if call.stage is Stage.TALKING:
            self._end_talk(call, "agent", now, out)
        call.stage = Stage.RATING

    def _end_talk(self, call: Call, by: str, now: float, out: Outcome) -> None:
        talked = now - (call.answered_at if call.answered_at is not None else now)
        out.events.append(events.TalkEnded(call.call_id, call.agent_id, talked, by))
        self.ask(acd.TalkEnded(call.call_id), now, out)
        call.agent_channel = ""
        if call.recording:
            out.commands.append(model.CheckRecording(call.call_id, f"{call.recording}.wav", talked))

    @_take.register
    def _(self, given: model.CallerRated, now: float, out: Outcome) -> None:
        call = self._known(given.call_id, out)
        if call and 1 <= given.score <= 5:
            out.events.append(events.CallRated(call.call_id, call.agent_id, given.score))

    @_take.register
    def _(self, given: model.CallerGone, now: float, out: Outcome) -> None:
        call = self.calls.pop(given.call_id, None)
        if call is None:
            return
        if call.stage in (Stage.WAITING, Stage.OFFERED) and given.seen:
            waited = now - (call.queued_at if call.queued_at is not None else now)
            out.events.append(events.CallAbandoned(call.call_id, call.queue, waited))
        if call.stage is Stage.TALKING:
            self._end_talk(call, "citizen" if given.seen else "unknown", now, out)
        if call.report_id:
            self._measure(call, "hangup" if given.seen else "unknown", out)
        self.ask(acd.CallGone(call.call_id), now, out)
        by = "citizen" if given.seen else "unknown"
        out.events.append(events.CallEnded(call.call_id, by, given.cause))

    @_take.register
    def _(self, given: model.AgentKnown, now: float, out: Outcome) -> None:
        self.people.know(Person(given.agent_id, given.name, given.extension))

    @_take.register
    def _(self, given: model.EndpointSeen, now: float, out: Outcome) -> None:
        self.see_endpoints(
            (self.people.reachable | {given.endpoint})
            if given.reachable
            else (self.people.reachable - {given.endpoint}),
            now,
            out,
        )

    def see_endpoints(self, reachable: Iterable[str], now: float, out: Outcome) -> None:
        """Take in which phones are there now."""
        before = {a: self.people.can_be_rung(a) for a in self.people.by_id}
        self.people.reachable = set(reachable)
        for agent_id, was in before.items():
            can = self.people.can_be_rung(agent_id)
            if can != was:
                extension = self.people.by_id[agent_id].extension
                out.events.append(events.PhoneReachable(agent_id, extension, can))
                self.ask(acd.AgentReachable(agent_id, can), now, out)

    @_take.register
    def _(self, given: model.AgentAsks, now: float, out: Outcome) -> None:
        if given.agent_id not in self.people.by_id:
            out.ignored.append(f"agent {given.agent_id} is not in the user list")
            return
        if given.state == "offline":
            self.ask(acd.AgentSignsOff(given.agent_id), now, out)
        else:
            self.ask(acd.AgentSignsOn(given.agent_id, (self.rules.queue,)), now, out)
            reachable = self.people.can_be_rung(given.agent_id)
            self.ask(acd.AgentReachable(given.agent_id, reachable), now, out)
            if given.state == "ready":
                self.ask(acd.AgentReady(given.agent_id), now, out)
            elif given.state == "paused":
                self.ask(acd.AgentPauses(given.agent_id, given.reason), now, out)
        self.keep_fallback(out)

    def keep_fallback(self, out: Outcome) -> None:
        """The dialplan's own queue has the agents who are on duty."""
        on_duty = [row.agent_id for row in self.engine.agents() if row.state != "offline"]
        interfaces = [f"PJSIP/{e}" for a in sorted(on_duty) for e in self._phones(a)]
        out.commands.append(model.KeepFallback(tuple(interfaces)))

    def _phones(self, agent_id: str) -> tuple[str, ...]:
        person = self.people.by_id.get(agent_id)
        return person.endpoints if person else ()

    @_take.register
    def _(self, given: model.AgentRefuses, now: float, out: Outcome) -> None:
        call = next((c for c in self.calls.values() if c.offer_id == given.offer_id), None)
        if call is None or call.stage is not Stage.OFFERED or call.agent_id != given.agent_id:
            out.ignored.append(f"{given.agent_id} refuses an offer that is over")
            return
        # The engine hears of it when the dialplan is back: only then can the caller be offered
        # to the next agent.
        call.refused = True
        self._stop_ringing(call, out)

    def _stop_ringing(self, call: Call, out: Outcome) -> None:
        call.unwanted = True
        out.commands += [model.HangUp(channel) for channel in call.ringing]

    @_take.register
    def _(self, given: model.PhoneRings, now: float, out: Outcome) -> None:
        call = self._known(given.call_id, out)
        if call is None or call.stage is not Stage.OFFERED:
            return
        call.ringing.add(given.agent_channel)
        if call.unwanted:
            out.commands.append(model.HangUp(given.agent_channel))

    @_take.register
    def _(self, given: model.AgentEndsWrapUp, now: float, out: Outcome) -> None:
        self.ask(acd.WrapUpEnds(given.agent_id), now, out)

    @_take.register
    def _(self, given: model.AgentHangsUp, now: float, out: Outcome) -> None:
        for call in self.calls.values():
            if call.agent_id == given.agent_id and call.agent_channel:
                out.commands.append(model.HangUp(call.agent_channel))
                return
        out.ignored.append(f"{given.agent_id} hangs up, but talks with nobody")

    @_take.register
    def _(self, given: model.PbxUnseen, now: float, out: Outcome) -> None:
        if self.pbx_up:
            out.events.append(events.PbxLost(self.rules.node, given.why))
            self.blind_since = now
        self.pbx_up = False

    @_take.register
    def _(self, given: model.PbxSeen, now: float, out: Outcome) -> None:
        adopt(self, given.snapshot, now, out)

    # --- the engine ---------------------------------------------------------------------

    def ask(self, given: acd.Input, now: float, out: Outcome) -> None:
        """Let the routing engine decide, and take its commands in."""
        for command in self.engine.handle(given, now):
            self._obey(command, now, out)

    def _obey(self, command: acd.Command, now: float, out: Outcome) -> None:
        match command:
            case acd.MakeOffer(offer_id=offer_id, call_id=call_id, agent_id=agent_id):
                self._offer(self.calls[call_id], offer_id, agent_id, now, out)
            case acd.OfferConcluded():
                self._conclude(command, out)
            case acd.WithdrawOffer(call_id=call_id):
                if call_id in self.calls:
                    self._stop_ringing(self.calls[call_id], out)
            case acd.AgentBecame():
                out.events.append(_became(command))
            case acd.Overflowed(call_id=call_id):
                self._report(self.calls[call_id], "nobody_ready", now, out)
            case acd.Ignored():
                out.ignored.append(f"{command.kind} of {command.subject}: {command.why}")

    def _offer(self, call: Call, offer_id: str, agent_id: str, now: float, out: Outcome) -> None:
        call.stage = Stage.OFFERED
        call.offer_id, call.agent_id, call.offered_at = offer_id, agent_id, now
        call.ringing, call.refused, call.unwanted = set(), False, False
        call.recording = call.recording or self._talk_path(call, now)
        out.events.append(events.CallOffered(call.call_id, agent_id, offer_id))
        verb = model.DialAgent(
            offer_id, self.people.interfaces(agent_id), self.rules.ring_s, call.recording
        )
        out.commands.append(model.Tell(call.call_id, verb))

    def _conclude(self, command: acd.OfferConcluded, out: Outcome) -> None:
        out.events.append(
            events.OfferEnded(command.call_id, command.agent_id, command.offer_id, command.outcome)
        )
        call = self.calls.get(command.call_id)
        if call and call.stage is Stage.OFFERED and command.outcome != "answered":
            call.stage = Stage.WAITING
            call.offer_id = call.agent_id = ""

    def _talk_path(self, call: Call, now: float) -> str:
        return f"talks/{self._day(now)}/{call.call_id}"

    def _day(self, now: float) -> str:
        return f"{local(now, self.rules.zone):%Y%m%d}"

    def _known(self, call_id: str, out: Outcome) -> Call | None:
        call = self.calls.get(call_id)
        if call is None:
            out.ignored.append(f"{call_id} is not a living call")
        return call

    def load(
        self, calls: Iterable[Call], agents: Iterable[acd.RestoreAgent], now: float
    ) -> Outcome:
        """Take in what the journal knew when the last controller ended."""
        self.calls = {call.call_id: call for call in calls}
        out = Outcome()
        for command in self.engine.adopt(agents, now):
            self._obey(command, now, out)
        return out


def _became(command: acd.AgentBecame) -> events.AgentStateChanged:
    return events.AgentStateChanged(
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
    )
