"""How a caller was handed over, parked or taken over, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from hotline import events
from hotline.web.formats import UNKNOWN, duration
from hotline.web.telling import Said, Tellers, Telling, Words


class HandoverTeller(Telling):
    """Tells of handovers; remembers who each one goes to."""

    def __init__(self, names: Mapping[str, str], t: Words, zone: tzinfo | None) -> None:
        super().__init__(names, t, zone)
        self._targets: dict[str, str] = {}

    def tellers(self) -> Tellers:
        """What tells of which event."""
        return {
            events.HandoverStarted: self._handover_started,
            events.HandoverAnswered: lambda e: self._handover(e, "answered"),
            events.HandoverJoined: lambda e: self._handover(e, "joined"),
            events.HandoverEnded: lambda e: self._handover(
                e, f"ended.{e.outcome}", talked=duration(e.talked_s)
            ),
            events.CallerLeft: lambda _: self.call("caller_left"),
            events.TalkTakenOver: self._taken_over,
            events.CallUnparked: self._unparked,
            events.ConsultationRecorded: lambda e: self._handover(
                e, "recorded", seconds=duration(e.seconds)
            ),
        }

    def _handover_started(self, event: events.HandoverStarted) -> Said:
        self._targets[event.handover_id] = target = event.name or event.target
        if not event.agent_id:
            by = "overflow" if event.mode == "overflow" else "flow"
            return Said("call", self.say(f"handover_started_by_{by}", target=target), event.note)
        who = self.who(event.agent_id)
        key = {"consult": "consult_started", "queue": "sent_to_queue", "park": "parked"}.get(
            event.mode
        )
        text = self.say(key or "handover_started", who=who, target=target)
        return Said("call", text, event.note)

    def _unparked(self, event: events.CallUnparked) -> Said:
        who = self.who(event.agent_id) if event.agent_id else ""
        return self.call(f"unparked.{event.outcome}", who=who, place=event.place)

    def _taken_over(self, event: events.TalkTakenOver) -> Said:
        who, before = self.who(event.agent_id), self.who(event.by)
        return self.call("taken_over", who=who, before=before)

    def _handover(self, event: Any, key: str, **values: object) -> Said:
        target = self._targets.get(event.handover_id, UNKNOWN)
        return self.call(f"handover_{key}", target=target, **values)
