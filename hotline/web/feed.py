"""From what happened to what one page is told: the messages of an event stream.

======== =====================================================================================
pop      a call is offered to this agent, or a colleague asks them; ``pop`` is the whole
         screen-pop
agent    this agent's own state, as :class:`~hotline.cti.views.AgentView`
call     progress of a call that was offered to this agent; ``what`` names it
worklist a case, report, callback or storm changed; pages that list them fetch their rows again
reason   a reason for pausing is new or changed; menus follow at once
line     in this agent's talk nothing arrives from the ``silent`` side (agent, citizen or both), or
         (empty) audio goes both ways again
phone    where this viewer's web phone is now: here, elsewhere or nowhere (:mod:`phone_here`)
draft    what another page of this viewer's typed, as :class:`~hotline.web.drafts.Typed`
held     the citizen of a call that this viewer placed hears music, and ``why`` (as
         :class:`hotline.events.TalkHeld`), or (empty) does no more
asked    this supervisor's telephone is asked into a talk, or what became of that
notice   something to read: ``level`` info or warning, ``key`` of the catalogue; of a case's
         time limit with its ``case_number`` and ``clock``, for whom it concerns
======== =====================================================================================

The numbers of the queue travel as ``board`` (see :mod:`hotline.web.boards`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import asdict, dataclass

from hotline import events
from hotline.events import Event
from hotline.handover.model import extension_of
from hotline.web.access import CASE_ROLES, Role, Viewer
from hotline.web.ports import Calls, Record
from hotline.web.shown import shown_pop, shown_reason

_CASE_EVENTS = (events.CaseOpened, events.CaseMoved, events.CaseEdited)
_CLOCK_EVENTS = (
    events.ClockWarned,
    events.ClockBreached,
    events.ClockEscalated,
)
# What a new calendar does to thousands of cases at once; lists show it when they are looked at.
_WORKED_OUT = frozenset({"handle_due_at", "close_due_at"})
_CALLBACK_EVENTS = (
    events.CallbackPlanned,
    events.CallbackDialled,
    events.CallbackProgressed,
    events.CallbackEnded,
    events.CallbackSurveyed,
    events.CallbackWithdrawn,
)
_REPORT_EVENTS = (
    events.ReportRecorded,
    events.ReportEmpty,
    events.ReportTranscribed,
    events.ReportTranscriptionFailed,
)
_STORM_EVENTS = (
    events.StormBegan,
    events.StormChanged,
    events.StormEnded,
    events.CallerAffected,
    events.AffectedCallbackWanted,
)
_CALL_EVENTS = (
    events.OfferEnded,
    events.CallAnswered,
    events.KeyPressed,
    events.TalkEnded,
    events.TalkTakenOver,
    events.CallAbandoned,
    events.CallEnded,
    events.RecordingStored,
    events.RecordingFailed,
    events.CaseOpened,
    events.HandoverStarted,
    events.HandoverOffered,
    events.HandoverAnswered,
    events.HandoverJoined,
    events.HandoverEnded,
    events.CallerLeft,
)
_ASKING = (
    events.HandoverStarted,
    events.HandoverAnswered,
    events.HandoverJoined,
    events.HandoverEnded,
)
# A citizen whom they rang and hand over is on their screen as a caller from then on.
_OFFERS = (events.CallOffered, events.HandoverOffered, events.CallBrought)
_AGENT_EVENTS = (
    events.AgentStateChanged,
    events.PhoneReachable,
    events.TaskOffered,
    events.TaskWithdrawn,
    events.TalkHeld,
    events.TalkResumed,
    events.HandoverOffered,
    events.TalkTakenOver,
)
_NOTICES: dict[type[Event], tuple[str, str]] = {
    events.PbxLost: ("warning", "notice.pbx_lost"),
    events.PbxConnected: ("info", "notice.pbx_connected"),
    events.CallCutOff: ("warning", "notice.cut_off"),
    events.ControllerStarted: ("info", "notice.controller_started"),
}
_CASE_ROLES = frozenset(CASE_ROLES)
_REASON_ROLES = frozenset({Role.AGENT, Role.SUPERVISOR})
_ROLES_OF = {"storm": frozenset({Role.SUPERVISOR})}
_HUMP = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Message:
    """One server-sent event. ``at`` is set on a live pop: when its offer was journalled."""

    event: str
    data: object
    seq: int | None = None
    at: float | None = None

    def encode(self) -> bytes:
        """The bytes on the wire."""
        head = "" if self.seq is None else f"id: {self.seq}\n"
        body = json.dumps(self.data, ensure_ascii=False, separators=(",", ":"))
        return f"{head}event: {self.event}\ndata: {body}\n\n".encode()


class Feed:
    """What one viewer is told. ``live_after``: records up to it are a replay; ``own_calls``: of
    these calls' progress they are told, too."""

    def __init__(
        self,
        viewer: Viewer,
        calls: Calls,
        live_after: int,
        own_calls: Collection[str] = (),
    ) -> None:
        self._viewer = viewer
        self._calls = calls
        self._live_after = live_after
        self._own_calls = set(own_calls)
        self._asked_by: set[str] = set()
        if (view := self.agent()) is not None and view["call_id"]:
            self._own_calls.add(str(view["call_id"]))

    def agent(self) -> dict[str, object] | None:
        """The viewer's own state; None for somebody who takes no calls."""
        if self._viewer.role is not Role.AGENT:
            return None
        try:
            return asdict(self._calls.agent(self._viewer.user_id))
        except KeyError:
            # An agent without an extension.
            return None

    async def messages(self, record: Record) -> list[Message]:
        """What this record means to the viewer, in order; mostly nothing."""
        event = record.event
        found = [
            *await self._pop(record),
            *self._call(record),
            *self._agent_state(record),
            *self._worklist(record),
            *self._reason(record),
            *self._line(record),
            *self._held(record),
            *self._time_limit(record),
        ]
        found += self._asked(record)
        if (notice := _NOTICES.get(type(event))) is not None and self._is_live(record):
            level, key = notice
            found.append(Message("notice", {"level": level, "key": key, "at": record.at}))
        return found

    def _asked(self, record: Record) -> list[Message]:
        """A supervisor's telephone is asked into a talk, or what becomes of that."""
        event = record.event
        if self._viewer.role is not Role.SUPERVISOR or not isinstance(event, _ASKING):
            return []
        if isinstance(event, events.HandoverStarted):
            if not self._viewer.extension or extension_of(event.target) != self._viewer.extension:
                return []
            self._asked_by.add(event.handover_id)
        elif event.handover_id not in self._asked_by:
            return []
        return [Message("asked", {"call_id": event.call_id}, record.seq)]

    def _is_live(self, record: Record) -> bool:
        return record.seq > self._live_after

    async def _pop(self, record: Record) -> list[Message]:
        event = record.event
        me = self._viewer.user_id
        if not isinstance(event, _OFFERS) or event.agent_id != me:
            return []
        self._own_calls.add(event.call_id)
        # In a replay, an offer that is over must not raise a bar that nobody can answer.
        if not self._is_live(record) and not self._stands(event):
            return []
        pop = await self._calls.pop(event.call_id, me)
        if pop is None:
            return []
        at = record.at if self._is_live(record) else None
        return [Message("pop", {"pop": shown_pop(pop)}, record.seq, at)]

    def _stands(
        self, event: events.CallOffered | events.HandoverOffered | events.CallBrought
    ) -> bool:
        if isinstance(event, events.CallBrought):
            # The desk is loaded with the talk that goes on.
            return False
        now = self._calls.agent(event.agent_id)
        if isinstance(event, events.CallOffered):
            return now.offer_id == event.offer_id
        return now.asked is not None and now.asked.call_id == event.call_id

    def _call(self, record: Record) -> list[Message]:
        event = record.event
        call_id = getattr(event, "call_id", "")
        if not isinstance(event, _CALL_EVENTS) or call_id not in self._own_calls:
            return []
        data = {"what": _snake(event.kind), "at": record.at} | _without_paths(event)
        if isinstance(event, events.CallEnded):
            self._own_calls.discard(call_id)
        return [Message("call", data, record.seq)]

    def _agent_state(self, record: Record) -> list[Message]:
        event = record.event
        if not isinstance(event, _AGENT_EVENTS):
            return []
        if event.agent_id != self._viewer.user_id or (view := self.agent()) is None:
            return []
        return [Message("agent", view, record.seq)]

    def _worklist(self, record: Record) -> list[Message]:
        event = record.event
        name = _list_of(event)
        if not name or self._viewer.role not in _ROLES_OF.get(name, _CASE_ROLES):
            return []
        data = {"list": name, "what": _snake(event.kind)}
        for key in ("case_number", "task_id", "report_id", "call_id"):
            if hasattr(event, key):
                data[key] = getattr(event, key)
        return [Message("worklist", data, record.seq)]

    def _time_limit(self, record: Record) -> list[Message]:
        event = record.event
        if not isinstance(event, events.ClockWarned | events.ClockEscalated):
            return []
        if not self._is_live(record) or not self._concerns(event):
            return []
        told = "warned" if isinstance(event, events.ClockWarned) else "escalated"
        data = {"level": "warning", "key": f"notice.clock_{told}", "at": record.at}
        about = {"case_number": event.case_number, "clock": event.clock}
        return [Message("notice", data | about)]

    def _concerns(self, event: events.ClockWarned | events.ClockEscalated) -> bool:
        """Whether this viewer is told: the unit and who answers for the case first, then the
        dispatchers, then the supervisors."""
        level = event.level if isinstance(event, events.ClockEscalated) else "unit"
        if level != "unit":
            return self._viewer.role == level
        own_unit = self._viewer.role is Role.UNIT and self._viewer.unit_id == event.unit_id
        return (own_unit and event.unit_id != "") or self._viewer.user_id == event.owner

    def _line(self, record: Record) -> list[Message]:
        event = record.event
        if not isinstance(event, events.OneWayAudio | events.AudioRestored):
            return []
        if event.agent_id != self._viewer.user_id:
            return []
        silent = event.silent if isinstance(event, events.OneWayAudio) else ""
        return [Message("line", {"call_id": event.call_id, "silent": silent}, record.seq)]

    def _held(self, record: Record) -> list[Message]:
        event = record.event
        if not isinstance(event, events.TalkHeld | events.TalkResumed):
            return []
        # What becomes of a caller's talk comes with the agent's own state.
        if event.agent_id != self._viewer.user_id or event.call_id in self._own_calls:
            return []
        why = event.why if isinstance(event, events.TalkHeld) else ""
        return [Message("held", {"call_id": event.call_id, "why": why}, record.seq)]

    def _reason(self, record: Record) -> list[Message]:
        event = record.event
        if not isinstance(event, events.PauseReasonChanged):
            return []
        if self._viewer.role not in _REASON_ROLES:
            return []
        return [Message("reason", shown_reason(event), record.seq)]


def _list_of(event: Event) -> str:
    if isinstance(event, events.CaseEdited) and event.before and event.before.keys() <= _WORKED_OUT:
        return ""
    if isinstance(event, _CASE_EVENTS + _CLOCK_EVENTS):
        return "cases"
    if isinstance(event, _CALLBACK_EVENTS):
        return "callbacks"
    if isinstance(event, _STORM_EVENTS):
        return "storm"
    return "reports" if isinstance(event, _REPORT_EVENTS) else ""


def _snake(kind: str) -> str:
    return _HUMP.sub("_", kind).lower()


def _without_paths(event: Event) -> dict[str, object]:
    hidden = {"path", "recording"}
    return {key: value for key, value in event.data().items() if key not in hidden}
