"""What happened to a call, in words: from its arrival to its end, and to its spoken report."""

from __future__ import annotations

from hotline import events
from hotline.web.formats import duration, phone
from hotline.web.priority_words import priority_words
from hotline.web.telling import Said, Tellers, Telling
from hotline.web.why_words import offer_words


class CallTeller(Telling):
    """Tells of calls."""

    def tellers(self) -> Tellers:
        """What tells of which event."""
        return {**self._calls(), **self._around(), **self._reports()}

    def _calls(self) -> Tellers:
        return {
            events.CallArrived: self._arrived,
            events.CallQueued: self._queued,
            events.CallOverflowed: self._overflowed,
            events.CallOffered: self._offered,
            events.OfferEnded: self._offer_ended,
            events.CallAnswered: self._answered,
            events.CallBrought: lambda e: self.call("brought", who=self.who(e.agent_id)),
            events.TalkEnded: self._talk_ended,
            events.CallCutOff: lambda _: self.call("cut_off"),
            events.TalkHeld: lambda e: self.call(f"held.{e.why}", who=self.who(e.agent_id)),
            events.TalkResumed: lambda e: self.call(f"resumed.{e.why}", who=self.who(e.agent_id)),
            events.OneWayAudio: lambda e: self.call(f"one_way.{e.silent}"),
            events.AudioRestored: lambda e: None if e.ended else self.call("audio_restored"),
            events.CallRated: lambda e: self.call("rated", score=e.score),
            events.CallAbandoned: lambda e: self.call("abandoned", waited=duration(e.waited_s)),
            events.CallAdopted: lambda _: self.call("adopted"),
            events.CallerAffected: lambda e: self.call("affected" if e.new else "affected_again"),
        }

    def _around(self) -> Tellers:
        return {
            events.ProgressAsked: self._asked,
            events.SilentCall: lambda e: self.call("silent", seconds=duration(e.seconds)),
            events.TalkMarked: self._marked,
            events.TalkMarkUndone: lambda e: self.call("mark_undone", who=self.who(e.agent_id)),
            events.CallerRuleApplied: lambda e: self.call(f"rule_applied.{e.effect}"),
            events.HelpAsked: lambda e: self.call("help_asked", who=self.who(e.agent_id)),
            events.HelpEnded: lambda e: Said(
                "call", self.say(f"help_ended.{e.outcome}", who=self.who(e.by)), e.words
            ),
            events.PlaceKept: lambda e: self.call("place_kept", number=phone(e.number)),
            events.PlaceDialled: lambda e: self.call("place_dialled", who=self.who(e.agent_id)),
            events.PlaceTried: lambda e: self.call(f"place_tried.{e.outcome}"),
            events.PlaceEnded: lambda e: self.call(f"place_ended.{e.outcome}"),
        }

    def _reports(self) -> Tellers:
        return {
            events.RecordingStored: lambda e: self.call("recorded", seconds=duration(e.seconds)),
            events.RecordingFailed: lambda _: self.call("recording_failed"),
            events.ReportStarted: lambda e: self.report(f"report_started.{e.reason}"),
            events.ReportRecorded: self._report_recorded,
            events.ReportEmpty: self._report_empty,
            events.MessagePlanned: lambda _: self.report("message_planned"),
            events.MessageSent: lambda _: self.report("message_sent"),
            events.MessageFailed: lambda e: Said("report", self.say("message_failed"), e.why),
            events.ReportTranscribed: lambda _: self.report("transcribed"),
            events.ReportTranscriptionFailed: lambda _: self.report("not_transcribed"),
        }

    def _arrived(self, event: events.CallArrived) -> Said:
        calling = phone(event.calling) if event.calling else self.t("phone.none")
        return self.call("arrived", calling=calling, called=event.called)

    def _queued(self, event: events.CallQueued) -> Said:
        why = priority_words(event.priority, event.reasons, self.t)
        return Said("call", self.say("queued"), why)

    def _overflowed(self, event: events.CallOverflowed) -> Said:
        to = self.say(f"overflow_to.{event.to.partition(':')[0]}")
        return self.call(f"overflowed.{event.why}", to=to, waited=duration(event.waited_s))

    def _asked(self, event: events.ProgressAsked) -> Said:
        return self.call(f"asked.{event.how}" if event.found else "asked_in_vain")

    def _marked(self, event: events.TalkMarked) -> Said:
        said = self.say(f"marked.{event.mark}", who=self.who(event.agent_id))
        return Said("call", said, event.why)

    def _offered(self, event: events.CallOffered) -> Said:
        why = offer_words(event.why, self.names, self.t)
        return Said("call", self.say("offered", who=self.who(event.agent_id)), why)

    def _offer_ended(self, event: events.OfferEnded) -> Said | None:
        if event.outcome == "answered":
            return None
        return self.call(f"offer.{event.outcome}", who=self.who(event.agent_id))

    def _answered(self, event: events.CallAnswered) -> Said:
        waited = duration(event.waited_s)
        return self.call("answered", who=self.who(event.agent_id), waited=waited)

    def _talk_ended(self, event: events.TalkEnded) -> Said:
        by = self.say(f"by.{event.by}")
        return self.call("talk_ended", talked=duration(event.talked_s), by=by)

    def _report_recorded(self, event: events.ReportRecorded) -> Said:
        ended = self.say(f"report_ended.{event.ended_by}")
        return self.report("report_recorded", seconds=duration(event.seconds), ended=ended)

    def _report_empty(self, event: events.ReportEmpty) -> Said:
        if event.because == "silent":
            return self.report("report_empty")
        why = event.why if event.because == "unsaved" else ""
        return Said("report", self.say(f"report_{event.because}"), why)
