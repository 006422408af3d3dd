"""Calls to a citizen, in words: callbacks, calls that staff placed, promises."""

from __future__ import annotations

from hotline import events
from hotline.outbound.model import CUT_OFF
from hotline.web.formats import UNKNOWN, duration, moment
from hotline.web.telling import Said, Tellers, Telling


class CallbackTeller(Telling):
    """Tells of calls to citizens."""

    def tellers(self) -> Tellers:
        """What tells of which event."""
        return {
            events.CallbackPlanned: lambda _: self.callback("callback_planned"),
            events.CallbackDialled: self._dialled,
            events.CallbackEnded: self._callback_ended,
            events.CallbackSurveyed: self._surveyed,
            events.CallbackWithdrawn: lambda _: self.callback("callback_withdrawn"),
            events.OutboundDialled: lambda e: self.callback(
                "outbound_dialled", who=self.who(e.agent_id)
            ),
            events.OutboundEnded: lambda e: self.callback(
                f"outbound_ended.{e.outcome}", talked=duration(e.talked_s)
            ),
            events.PromiseMade: self._promised,
            events.PromiseEnded: lambda e: self.callback(
                f"promise_ended.{e.outcome}", e.why, who=self.who(e.by)
            ),
        }

    def _dialled(self, event: events.CallbackDialled) -> Said:
        who = self.who(event.agent_id)
        return self.callback("callback_dialled", who=who, attempt=event.attempt)

    def _callback_ended(self, event: events.CallbackEnded) -> Said:
        talked = duration(event.talked_s)
        return self.callback(f"callback_ended.{event.outcome}", talked=talked)

    def _promised(self, event: events.PromiseMade) -> Said:
        at = UNKNOWN if self.zone is None else moment(event.due_at, self.zone)
        # What was cut off has a line of its own.
        note = "" if event.note == CUT_OFF else event.note
        return self.callback("promise_made", note, who=self.who(event.by), at=at)

    def _surveyed(self, event: events.CallbackSurveyed) -> Said:
        who = self.who(event.by)
        if not event.reached:
            return self.callback("unreached", who=who)
        solved = self.say("solved" if event.solved else "unsolved")
        score = event.satisfaction
        points = UNKNOWN if score is None else self.say(f"points.{score}")
        return self.callback("surveyed", event.why_not, who=who, solved=solved, points=points)
