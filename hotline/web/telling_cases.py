"""What happened to a case, in words: its steps, its clocks, its links, what other systems said."""

from __future__ import annotations

from hotline import events
from hotline.web.life_words import inputs_told
from hotline.web.telling import QUIET, Said, Tellers, Telling

# How a case was opened by this program itself is told in words of its own.
_OWN_SOURCES = frozenset({"hotline", "voice_report", "fallback", "storm"})


class CaseTeller(Telling):
    """Tells of cases."""

    def tellers(self) -> Tellers:
        """What tells of which event."""
        return {**self._cases(), **self._clocks(), **self._exchanged()}

    def _cases(self) -> Tellers:
        return {
            events.CaseOpened: self._opened,
            events.CaseMoved: self._moved,
            events.CaseHeld: lambda e: Said(
                "case", self.say("held_back", who=self.who(e.by)), e.why
            ),
            events.CaseHoldLifted: lambda e: Said(
                "case", self.say("hold_lifted", who=self.who(e.by)), e.why
            ),
            events.CaseEdited: self._edited,
            events.CaseAttached: self._attached,
            events.CaseLinked: lambda e: self._linked("linked", e),
            events.CaseUnlinked: lambda e: self._linked("unlinked", e),
            events.StormBegan: lambda e: self._storm("storm_began", e),
            events.StormChanged: lambda e: self._storm("storm_changed", e),
            events.StormEnded: self._storm_ended,
        }

    def _clocks(self) -> Tellers:
        return {
            events.ClockWarned: lambda e: self._clock("warned", e),
            events.ClockBreached: lambda e: self._clock("breached", e),
            events.ClockEscalated: lambda e: self._clock(f"escalated.{e.level}", e),
            events.ClocksRecomputed: self._recomputed,
        }

    def _exchanged(self) -> Tellers:
        return {
            events.CaseReceived: self._received,
            events.CasePeerSaid: self._peer_said,
            events.CaseMessageSkipped: self._message_skipped,
        }

    def _opened(self, event: events.CaseOpened) -> Said:
        how = event.source if event.source in _OWN_SOURCES else "other"
        source = self.t(f"case.source.{event.source}")
        return Said("case", self.say(f"opened.{how}", who=self.who(event.by), source=source))

    def _moved(self, event: events.CaseMoved) -> Said:
        who, action = self.who(event.by), self.t(f"case.action.{event.action}")
        if event.from_state == event.to_state:
            text = self.say("done", who=who, action=action)
        else:
            text = self.say(
                "moved",
                who=who,
                action=action,
                before=self.t(f"case.state.{event.from_state}"),
                after=self.t(f"case.state.{event.to_state}"),
            )
        given = inputs_told(event.action, event.inputs, self.names, self.t, self.zone)
        return Said("case", self.say("then").join((text, *given)), event.why)

    def _attached(self, event: events.CaseAttached) -> Said:
        stage = self.t(f"attachment.stage.{event.stage}")
        who = self.who(event.by)
        return Said("case", self.say("attached", who=who, stage=stage), event.name)

    def _edited(self, event: events.CaseEdited) -> Said | None:
        labels = [self.label(name) for name in event.before if name not in QUIET]
        if not labels:
            return None
        fields = self.say("and").join(labels)
        if event.by == "system":
            described = "description" in event.before
            return Said("case", self.say("described" if described else "filled", fields=fields))
        return Said("case", self.say("edited", who=self.who(event.by), fields=fields))

    def _clock(
        self, key: str, event: events.ClockWarned | events.ClockBreached | events.ClockEscalated
    ) -> Said:
        late = self.say("clock.late") if event.late else ""
        name = self.t(f"clock.{event.clock}")
        return Said("clock", self.say(f"clock.{key}", clock=name) + late)

    def _recomputed(self, event: events.ClocksRecomputed) -> Said:
        names = [self.t(f"clock.{change['clock']}") for change in event.changes]
        told = self.say("and").join(names)
        said = self.say("clock.recomputed", clocks=told, revision=event.revision)
        return Said("clock", said, event.why)

    def _linked(self, key: str, event: events.CaseLinked | events.CaseUnlinked) -> Said:
        who = self.who(event.by)
        said = self.say(f"{key}.{event.relation}", who=who, other=event.other)
        return Said("case", said, event.why)

    def _storm(self, key: str, event: events.StormBegan | events.StormChanged) -> Said:
        return Said("case", self.say(key, who=self.who(event.by)), event.text_zh)

    def _storm_ended(self, event: events.StormEnded) -> Said:
        who = self.who(event.by)
        return Said("case", self.say("storm_ended", who=who, count=event.affected))

    def _received(self, event: events.CaseReceived) -> Said:
        who = self.who(f"peer:{event.peer_id}")
        text = self.say(f"received.{event.how}", who=who, external=event.external_id)
        return Said("case", text)

    def _peer_said(self, event: events.CasePeerSaid) -> Said:
        who = self.who(f"peer:{event.peer_id}")
        return Said("case", self.say(f"peer_said.{event.what}", who=who), event.text)

    def _message_skipped(self, event: events.CaseMessageSkipped) -> Said:
        peer = self.who(f"peer:{event.peer_id}")
        text = self.say("message_skipped", who=self.who(event.by), peer=peer, number=event.number)
        return Said("case", text, event.why)
