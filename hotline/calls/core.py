"""The calls' state machine: what reaches us from the wire, turned into events and commands.

Pure: the time is passed in, nothing is sent or stored here. The edge (service.py) writes the
events to the journal first and only then carries out the commands. The routing engine decides
who takes which call; this core knows where each caller is and what the dialplan does with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import singledispatchmethod

from hotline import events
from hotline.acd import model as acd
from hotline.acd.engine import Engine
from hotline.calls import (
    adoption,
    away,
    brought,
    duty,
    firsts,
    holding,
    keeping,
    model,
    overflow,
    placed,
    plans,
    returning,
    tasks,
    whys,
)
from hotline.calls.model import Call, Outcome, Stage
from hotline.calls.pauses import Pauses
from hotline.calls.people import People
from hotline.clock import local
from hotline.handover import colleagues, hold, parking
from hotline.handover import core as handing
from hotline.handover.model import HandoverInput, Mode
from hotline.replay.tape import Tape
from hotline.routing.rules import PlanInForce, alone
from hotline.waiting.model import WaitingInput

# Asterisk's DIALSTATUS, as the outcome of an offer. Declining a call gives BUSY.
OFFER_OUTCOMES: dict[str, acd.Failure] = {
    "NOANSWER": "missed",
    "BUSY": "refused",
    "CHANUNAVAIL": "unreachable",
    "CONGESTION": "unreachable",
    "DONTCALL": "refused",
    "TORTURE": "refused",
}
# Outcomes of an offer after which the agent is not asked for the same call again.
REFUSALS = frozenset({"refused", "missed"})
# The stages in which the flow decides what comes next for a caller.
AT_THE_FLOW = frozenset({Stage.ARRIVING, Stage.WAITING, Stage.REPORTING, Stage.RATING})


@dataclass(frozen=True, slots=True)
class CallRules:
    """What the calls layer needs of the configuration."""

    node: str
    queue: str
    ring_s: float
    report_key: str
    zone: tzinfo
    # How long an agent without a page is waited for; 0: for ever.
    away_s: float = 0.0
    # Whether callers may have their place kept and be rung back.
    keeps: bool = False
    # How many callers can be parked, and for how long before their agent is rung back.
    park_places: int = 5
    park_s: float = 120.0


class CallCore:
    """Every living call and every agent on duty.

    ``handle(input, now)`` is the only way in, and its :class:`Outcome` the only way out.
    """

    def __init__(self, rules: CallRules, engine: Engine) -> None:
        self.rules = rules
        self.engine = engine
        self.routing = alone(rules.queue, rules.ring_s)
        self.calls: dict[str, Call] = {}
        self.people = People()
        # The last state of each agent who is signed on.
        self.states: dict[str, acd.AgentBecame] = {}
        self.pauses = Pauses()
        self.attendance = away.Attendance()
        # The last change of each agent's state by a supervisor, and when.
        self.forced: dict[str, tuple[float, events.StateForced]] = {}
        # What is to be done between calls, as it was last told.
        self.due: dict[str, model.DueTask] = {}
        # Agents who take no call because a colleague asks them into a talk.
        self.consulted: set[str] = set()
        # The consultations that are being recorded: call and handover, by the third.
        self.consultations: dict[str, tuple[str, str]] = {}
        self.tape = Tape()
        self.returning = returning.Returning()
        self.pbx_up = False
        self.blind_since: float | None = None
        # When the last controller ended in order; the PBX may have ended with it, or not.
        self.rested_since: float | None = None

    def handle(self, given: model.Input, now: float) -> Outcome:
        """Take one input in. Inputs about calls or agents that we do not know are ignored,
        with a line in :attr:`Outcome.ignored`: the wire repeats and reorders itself."""
        out = Outcome()
        self._take(given, now, out)
        if self.consulted:
            colleagues.release(self, now, out)
        return out

    def next_deadline(self) -> float | None:
        """When a :class:`~hotline.calls.model.TimePassed` is due, in Unix seconds."""
        deadlines = (
            self.engine.next_deadline(),
            holding.next_deadline(self),
            handing.next_deadline(self),
            away.next_deadline(self),
            keeping.next_deadline(self),
            returning.next_deadline(self),
            parking.next_deadline(self),
        )
        return min((due for due in deadlines if due is not None), default=None)

    # --- inputs -------------------------------------------------------------------------

    @singledispatchmethod
    def _take(self, given: model.Input, now: float, out: Outcome) -> None:
        raise TypeError(f"no rule for {type(given).__name__}")

    @_take.register
    def _(self, given: model.TimePassed, now: float, out: Outcome) -> None:
        self.ask(acd.Tick(), now, out)
        holding.tick(self, now, out)
        handing.tick(self, now, out)
        away.tick(self, now, out)
        keeping.tick(self, now, out)
        returning.tick(self, now, out)
        parking.tick(self, now, out)

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
    def _(self, given: model.CitizenBrought, now: float, out: Outcome) -> None:
        brought.take(self, given, now, out)

    @_take.register
    def _(self, given: model.StepEntered, now: float, out: Outcome) -> None:
        call = self.known(given.call_id, out)
        if call:
            call.dismissed = given.closing
            step = events.FlowStep(given.call_id, given.step, given.flow, given.version, given.by)
            out.events.append(step)

    @_take.register
    def _(self, given: model.MayWait, now: float, out: Outcome) -> None:
        call = self.known(given.call_id, out)
        if call and call.stage is Stage.TALKING and call.fetched and call.held_until is None:
            # Fetched back in the moment in which an agent answered the dialplan's own queue.
            self.end_talk(call, "unknown", now, out)
            call.stage = Stage.ARRIVING
        if call is not None and call.parked is not None:
            parking.settle(self, call, now, out)
            return
        if call is None or call.stage not in AT_THE_FLOW:
            return
        if keeping.says_goodbye_again(self, call, out):
            returning.seen(self, call.call_id, now, out)
            return
        if given.reasons:
            call.priority, call.reasons = given.priority, given.reasons
        call.familiar = given.familiar or call.familiar
        queue = overflow.queue_for(call, given.queue) or self.rules.queue
        self.wait(call, queue, now, out)

    def wait(self, call: Call, queue: str, now: float, out: Outcome) -> None:
        """Put a caller in the queue; one who waited before keeps the first instant."""
        keeping.take_over(self, call, now, out)
        queue = self.routing.queue(queue)
        # Who comes back to their queue has their place there already.
        admitted = call.queued_at is not None and call.queue in ("", queue)
        call.stage = Stage.WAITING
        call.queue = queue
        call.queued_at = call.queued_at or now
        since, priority = call.queued_at, call.priority
        first_agent, first_why = firsts.choose(self, call)
        out.events.append(
            events.CallQueued(
                call.call_id, queue, priority, since, call.reasons, first_agent, first_why
            )
        )
        refused = sorted(call.refused_by.items())
        waits = acd.CallWaits(
            call.call_id,
            queue,
            priority,
            since,
            tuple(agent_id for agent_id, _ in refused),
            call.offers,
            requires=self.routing.requires(queue),
            prefers=self.routing.prefers(queue),
            first_agent=first_agent,
            entered=call.entered_at,
            admitted=admitted,
            refused_at=tuple(at for _, at in refused),
            counted=call.counted,
        )
        returning.wait(self, waits, now, out)

    @_take.register
    def _(self, given: model.KeySeen, now: float, out: Outcome) -> None:
        call = self.known(given.call_id, out)
        # What is keyed in during a talk is between the citizen and whoever asked for it.
        if call is None or call.stage in (Stage.TALKING, Stage.HANDED_OVER, Stage.PARKED):
            return
        if keeping.key(self, call, given.key, out):
            return
        call.keys += given.key
        out.events.append(events.KeyPressed(call.call_id, given.key))
        if given.key == self.rules.report_key and call.stage is Stage.WAITING:
            self.leave_queue(call, "asked", now, out)

    def leave_queue(self, call: Call, exit_name: str, now: float, out: Outcome) -> None:
        """Let a caller wait no longer; the flow goes on by this exit."""
        call.stage = Stage.ARRIVING
        overflow.forget(call)
        self.ask(acd.CallStopsWaiting(call.call_id), now, out)
        out.commands.append(model.Tell(call.call_id, model.GoOn(exit_name)))

    @_take.register
    def _(self, given: model.WantsReport, now: float, out: Outcome) -> None:
        call = self.known(given.call_id, out)
        if call and call.stage in AT_THE_FLOW:
            self._report(call, given.reason, now, out)

    def _report(self, call: Call, reason: str, now: float, out: Outcome) -> None:
        call.stage = Stage.REPORTING
        call.reports += 1
        call.report_id = f"{call.call_id}/r{call.reports}"
        call.report_path = path = f"reports/{self._day(now)}/{call.call_id}-r{call.reports}"
        if call.routed:
            self.ask(acd.CallStopsWaiting(call.call_id), now, out)
        out.events.append(events.ReportStarted(call.call_id, call.report_id, f"{path}.wav", reason))
        out.commands.append(
            model.Tell(call.call_id, model.TakeReport(call.report_id, path, reason))
        )

    @_take.register
    def _(self, given: model.SpeaksAgain, now: float, out: Outcome) -> None:
        call = self.known(given.call_id, out)
        if call is None or given.report_id != call.report_id:
            return
        if given.add:
            verb = model.TakeReport(call.report_id, call.report_path, "added", add=True)
            out.commands.append(model.Tell(call.call_id, verb))
        else:
            call.earlier_takes.append((call.report_id, f"{call.report_path}.wav"))
            self._report(call, "again", now, out)

    @_take.register
    def _(self, given: model.ReportReturned, now: float, out: Outcome) -> None:
        call = self.known(given.call_id, out)
        if call and call.stage is Stage.REPORTING and given.report_id == call.report_id:
            self._measure(call, given.ended_by, out)

    def _measure(self, call: Call, ended_by: str, out: Outcome) -> None:
        path = f"{call.report_path}.wav"
        earlier = tuple(call.earlier_takes)
        out.commands.append(
            model.MeasureReport(call.call_id, call.report_id, path, ended_by, earlier)
        )
        call.report_id = ""
        call.earlier_takes = []

    @_take.register
    def _(self, given: model.DialAnswered, now: float, out: Outcome) -> None:
        call = self.known(given.call_id, out)
        if call is None:
            return
        person = self.people.of_channel(given.agent_channel)
        if call.held_until is not None:
            holding.resume(call, given.agent_channel, now, out)
        elif call.stage is Stage.OFFERED and (person is None or person.agent_id == call.agent_id):
            call.agent_channel = given.agent_channel
            self._answered(call, now, out)
        elif call.stage in adoption.BEFORE_TALK:
            adoption.take_talk(self, call, given.agent_channel, now, out)

    def _answered(self, call: Call, now: float, out: Outcome) -> None:
        call.stage = Stage.TALKING
        call.answered_at = now
        # An offer that rang through a restart: the dialplan named the file in the same way.
        call.recording = call.recording or self.talk_path(call, now)
        waited = now - (call.queued_at if call.queued_at is not None else now)
        if call.parked is not None:
            waited = now - call.parked.since
            parking.taken(call, out)
        out.events.append(
            events.CallAnswered(call.call_id, call.agent_id, waited, f"{call.recording}.wav")
        )
        self.ask(acd.OfferAnswered(call.offer_id), now, out)

    @_take.register
    def _(self, given: model.DialReturned, now: float, out: Outcome) -> None:
        call = self.known(given.call_id, out)
        if call is None:
            return
        if given.status == "ANSWER":
            self._talk_over(call, given, now, out)
        elif call.held_until is not None:
            holding.try_later(call, now)
            holding.tick(self, now, out)
        elif call.stage is Stage.OFFERED and given.offer_id == call.offer_id:
            outcome = "refused" if call.refused else OFFER_OUTCOMES.get(given.status, "missed")
            if call.parked is not None:
                parking.not_taken(self, call, outcome, now, out)
                return
            self.ask(acd.OfferFailed(call.offer_id, outcome), now, out)
        elif call.stage is Stage.TALKING:
            # The controller that held this caller died while the agent was rung again.
            holding.hold(self, call, now, out)

    def _talk_over(self, call: Call, given: model.DialReturned, now: float, out: Outcome) -> None:
        # The dialplan's word can overtake AMI's: then the answer is still unknown here.
        if call.stage is Stage.OFFERED and given.offer_id == call.offer_id:
            self._answered(call, now, out)
        cut_off = (given.cause or call.agent_cause) in holding.CUT_OFF
        if handing.dial_returned(self, call, cut_off, now, out) or call.stage is not Stage.TALKING:
            return
        if cut_off:
            holding.hold(self, call, now, out)
            return
        self.end_talk(call, "agent", now, out)
        call.stage = Stage.RATING
        out.commands.append(model.Tell(call.call_id, model.GoOn("talked")))

    @_take.register
    def _(self, given: model.QueueReturned, now: float, out: Outcome) -> None:
        call = self.known(given.call_id, out)
        if call is None:
            return
        if call.stage is Stage.TALKING:
            self.end_talk(call, "agent", now, out)
        call.stage = Stage.RATING
        out.commands.append(model.Tell(call.call_id, model.GoOn("talked")))

    def end_talk(self, call: Call, by: str, now: float, out: Outcome) -> None:
        """Journal a talk's end, and let the agent wrap up."""
        talked = now - (call.answered_at if call.answered_at is not None else now)
        out.events.append(events.TalkEnded(call.call_id, call.agent_id, talked, by))
        self.ask(acd.TalkEnded(call.call_id), now, out)
        call.agent_channel = ""
        holding.release(call, now)
        hold.forget(call, now)
        # What should be in the recording: music while the caller was held is not.
        call.talked_s += max(0.0, talked - call.held_s)
        call.held_s = 0.0

    @_take.register
    def _(self, given: model.CallerRated, now: float, out: Outcome) -> None:
        call = self.known(given.call_id, out)
        if call and 1 <= given.score <= 5:
            out.events.append(events.CallRated(call.call_id, call.agent_id, given.score))

    @_take.register
    def _(self, given: model.CallerGone, now: float, out: Outcome) -> None:
        call = self.calls.get(given.call_id)
        if call is None:
            adoption.ring_over(self, given, now, out)
            colleagues.phone_gone(self, given)
            handing.leg_gone(self, given.channel, now, out, given.code)
        elif not handing.outlived(call, given, now, out):
            self.bury(call, given, now, out)

    def bury(self, call: Call, given: model.CallerGone, now: float, out: Outcome) -> None:
        """End a call whose citizen is gone."""
        del self.calls[call.call_id]
        returning.seen(self, call.call_id, now, out)
        if call.parked is not None:
            parking.gone(call, out)
        elif call.stage in (Stage.WAITING, Stage.OFFERED) and given.seen:
            waited = now - (call.queued_at if call.queued_at is not None else now)
            out.events.append(events.CallAbandoned(call.call_id, call.queue, waited))
        surely_talked_s = call.talked_s
        if call.stage is Stage.TALKING:
            self.end_talk(call, "citizen" if given.seen else "unknown", now, out)
        if given.seen:
            surely_talked_s = call.talked_s
        handing.end_with_call(call, now, out)
        if call.report_id:
            self._measure(call, "hangup" if given.seen else "unknown", out)
        if call.routed:
            self.ask(acd.CallGone(call.call_id), now, out)
        if call.talked_s:
            # Not before: the PBX completes the file when the citizen's channel ends.
            path = f"{call.recording}.wav"
            out.commands.append(model.CheckRecording(call.call_id, path, surely_talked_s))
        by = "system" if call.dismissed else "citizen"
        out.events.append(
            events.CallEnded(call.call_id, by if given.seen else "unknown", given.cause)
        )

    def stop_ringing(self, call: Call, out: Outcome) -> None:
        """Hang up the agent's ringing phones, also those that have yet to ring."""
        call.unwanted = True
        out.commands += [model.HangUp(channel) for channel in call.ringing]

    @_take.register
    def _(self, given: model.PhoneRings, now: float, out: Outcome) -> None:
        call = self.known(given.call_id, out)
        if call is None or call.stage is not Stage.OFFERED:
            return
        call.ringing.add(given.agent_channel)
        if call.unwanted:
            out.commands.append(model.HangUp(given.agent_channel))

    @_take.register
    def _(self, given: model.DutyInput, now: float, out: Outcome) -> None:
        duty.take(self, given, now, out)

    @_take.register
    def _(self, given: PlanInForce, now: float, out: Outcome) -> None:
        plans.take(self, given, now, out)

    @_take.register
    def _(self, given: model.TaskInput, now: float, out: Outcome) -> None:
        tasks.take(self, given, now, out)

    @_take.register
    def _(self, given: WaitingInput, now: float, out: Outcome) -> None:
        placed.take(self, given, now, out)

    @_take.register
    def _(self, given: HandoverInput, now: float, out: Outcome) -> None:
        handing.take(self, given, now, out)

    @_take.register
    def _(self, given: model.HealingInput, now: float, out: Outcome) -> None:
        adoption.take(self, given, now, out)

    # --- the engine ---------------------------------------------------------------------

    def ask(self, given: acd.Input, now: float, out: Outcome) -> None:
        """Let the routing engine decide, and take its commands in."""
        self.ask_together((given,), now, out)

    def ask_together(self, given: Sequence[acd.Input], now: float, out: Outcome) -> None:
        """Let the routing engine decide once on all of these."""
        self.tape.note(now, *given)
        commands = self.engine.adopt(given, now)
        for command in commands:
            self._obey(command, now, out)
        # Not before the rest is taken in: it asks the engine again.
        for command in commands:
            if isinstance(command, acd.Overflowed):
                overflow.send_on(self, command, now, out)

    def _obey(self, command: acd.Command, now: float, out: Outcome) -> None:
        match command:
            case acd.MakeOffer():
                self._offer(self.calls[command.call_id], command, now, out)
            case acd.OfferConcluded():
                self._conclude(command, now, out)
            case acd.WithdrawOffer(call_id=call_id):
                if call_id in self.calls:
                    self.stop_ringing(self.calls[call_id], out)
            case acd.AgentBecame():
                duty.became(self, command, now, out)
            case acd.OfferTask():
                out.events.append(tasks.offered(command))
            case acd.TaskWithdrawn():
                out.events.append(tasks.withdrawn(command))
            case acd.Ignored():
                out.ignored.append(f"{command.kind} of {command.subject}: {command.why}")

    def _offer(self, call: Call, made: acd.MakeOffer, now: float, out: Outcome) -> None:
        offer_id, agent_id = made.offer_id, made.agent_id
        call.stage = Stage.OFFERED
        call.offer_id, call.agent_id, call.offered_at = offer_id, agent_id, now
        call.ringing, call.refused, call.unwanted = set(), False, False
        call.rung_by_dialplan = False
        call.offers += 1
        call.recording = call.recording or self.talk_path(call, now)
        why = whys.of_offer(call, made.why)
        out.events.append(events.CallOffered(call.call_id, agent_id, offer_id, why))
        if placed.offer(self, call, out):
            return
        verb = model.DialAgent(
            offer_id,
            self.people.interfaces(agent_id),
            self.routing.ring_s(call.queue),
            call.recording,
        )
        out.commands.append(model.Tell(call.call_id, verb))

    def _conclude(self, command: acd.OfferConcluded, now: float, out: Outcome) -> None:
        out.events.append(
            events.OfferEnded(command.call_id, command.agent_id, command.offer_id, command.outcome)
        )
        call = self.calls.get(command.call_id)
        if call and call.stage is Stage.OFFERED and command.outcome != "answered":
            call.stage = Stage.WAITING
            call.offer_id = call.agent_id = ""
        if call and command.outcome in REFUSALS:
            call.refused_by[command.agent_id] = now

    def talk_path(self, call: Call, now: float) -> str:
        """Where the talk is recorded, below the recordings' folder and without ``.wav``."""
        return f"talks/{self._day(now)}/{call.call_id}"

    def _day(self, now: float) -> str:
        return f"{local(now, self.rules.zone):%Y%m%d}"

    def known(self, call_id: str, out: Outcome) -> Call | None:
        """A living call, or None and a line in :attr:`Outcome.ignored`."""
        call = self.calls.get(call_id)
        if call is None:
            out.ignored.append(f"{call_id} is not a living call")
        return call

    def load(
        self,
        calls: Iterable[Call],
        agents: Sequence[acd.RestoreAgent],
        now: float,
        levels: Sequence[acd.RestoreLevel] = (),
    ) -> Outcome:
        """Take in what the journal knew when the last controller ended."""
        self.calls = {call.call_id: call for call in calls}
        for call in self.calls.values():
            if call.handover and call.handover.mode is Mode.CONSULT:
                known = (call.call_id, call.handover.handover_id)
                self.consultations[call.handover.third] = known
        out = Outcome()
        given: list[acd.Input] = [*levels, *agents, *self._talks_that_ended(agents)]
        self.ask_together(given, now, out)
        colleagues.restore(self)
        for agent_id in self.states:
            self.attendance.expect(agent_id, now)
        return out

    def _talks_that_ended(self, agents: Sequence[acd.RestoreAgent]) -> list[acd.CallGone]:
        """Calls that agents are believed to talk with, and that ended while nobody looked."""
        talks = (agent.call_id for agent in agents if agent.state == "talking")
        return [acd.CallGone(call_id) for call_id in talks if call_id not in self.calls]
