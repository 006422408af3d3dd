"""What happened to a case, in words: the journal's records as lines that people read.

Pure: the texts come from the catalogue through ``t``, people by their names, and a citizen's
number is masked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from hotline import events
from hotline.outbound.model import CUT_OFF
from hotline.registry.model import Case
from hotline.web.ports import Record
from hotline.web.telling import QUIET, Tellers, Telling, Words
from hotline.web.telling_callbacks import CallbackTeller
from hotline.web.telling_calls import CallTeller
from hotline.web.telling_cases import CaseTeller
from hotline.web.telling_handovers import HandoverTeller

# Of a call or a case, but nothing that a reader of the case asks for.
PASSED_OVER = frozenset(
    {
        events.FlowStep,
        events.KeyPressed,
        events.CallEnded,
        events.CallbackProgressed,
        events.OutboundProgressed,
        events.HelpSeen,
        events.CallerTold,
        events.PlaceCalled,
        # The page of phones and lines tells of it.
        events.LineMeasured,
        # Whoever is rung is named by its start.
        events.HandoverOffered,
        # The handover to a parking place tells of it.
        events.CallParked,
        events.ClocksMoved,
        # The step that closed the case names the article.
        events.AnsweredAtOnce,
    }
)


@dataclass(frozen=True, slots=True)
class Change:
    """One field of an edit, before and after, as it is shown."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history. ``kind``: call, report, case or callback; ``quote`` is what
    somebody gave as the reason."""

    at: float
    kind: str
    text: str
    quote: str = ""
    changes: tuple[Change, ...] = ()


def tell(
    records: Iterable[Record],
    case: Case | None,
    names: Mapping[str, str],
    t: Words,
    zone: tzinfo | None = None,
) -> tuple[Line, ...]:
    """The records as lines, oldest first; those that mean nothing to a reader are left out.

    ``case`` says what stands now in fields that were edited; None when no case was. Instants that
    were given with a step are told in the city's time, ``zone``, and left out without one.
    """
    in_order = sorted(records, key=lambda record: (record.at, record.seq))
    teller = _Teller(names, t, _changes(in_order, case), zone)
    return tuple(line for record in in_order if (line := teller.line(record)) is not None)


Fields = Mapping[str, tuple[Any, Any]]


def _changes(records: Sequence[Record], case: Case | None) -> dict[int, Fields]:
    """Each edit's fields with what stood before and after. Events of older versions hold only the
    former: the latter is what the next edit replaced, or what the case says now."""
    now: dict[str, Any] = {}
    changes: dict[int, Fields] = {}
    for record in reversed(records):
        if isinstance(record.event, events.CaseEdited):
            before = record.event.before
            known = now | record.event.after
            changes[record.seq] = {
                name: (before[name], known.get(name, getattr(case, name, None))) for name in before
            }
            now |= before
    return changes


class _Teller:
    def __init__(
        self,
        names: Mapping[str, str],
        t: Words,
        changes: Mapping[int, Fields],
        zone: tzinfo | None,
    ) -> None:
        self._changes = changes
        self._telling = Telling(names, t, zone)
        self._tellers: Tellers = {}
        for kind in (CallTeller, HandoverTeller, CaseTeller, CallbackTeller):
            self._tellers |= kind(names, t, zone).tellers()
        self._targets: dict[str, str] = {}
        self._tellers: dict[type[events.Event], Callable[[Any], _Said | None]] = {
            events.CallArrived: self._arrived,
            events.CallQueued: self._queued,
            events.CallOverflowed: self._overflowed,
            events.CallOffered: self._offered,
            events.OfferEnded: self._offer_ended,
            events.CallAnswered: self._answered,
            events.TalkEnded: self._talk_ended,
            events.TalkTakenOver: self._taken_over,
            events.TalkHeld: lambda e: self._call(f"held.{e.why}", who=self._who(e.agent_id)),
            events.TalkResumed: lambda e: self._call(f"resumed.{e.why}", who=self._who(e.agent_id)),
            events.OneWayAudio: lambda e: self._call(f"one_way.{e.silent}"),
            events.AudioRestored: lambda e: None if e.ended else self._call("audio_restored"),
            events.CallRated: lambda e: self._call("rated", score=e.score),
            events.CallAbandoned: lambda e: self._call("abandoned", waited=duration(e.waited_s)),
            events.CallAdopted: lambda _: self._call("adopted"),
            events.PlaceKept: lambda e: self._call("place_kept", number=phone(e.number)),
            events.PlaceDialled: lambda e: self._call("place_dialled", who=self._who(e.agent_id)),
            events.PlaceTried: lambda e: self._call(f"place_tried.{e.outcome}"),
            events.PlaceEnded: lambda e: self._call(f"place_ended.{e.outcome}"),
            events.HandoverStarted: self._handover_started,
            events.HandoverAnswered: lambda e: self._handover(e, "answered"),
            events.HandoverJoined: lambda e: self._handover(e, "joined"),
            events.CallerLeft: lambda _: self._call("caller_left"),
            events.HandoverEnded: lambda e: self._handover(
                e, f"ended.{e.outcome}", talked=duration(e.talked_s)
            ),
            events.RecordingStored: lambda e: self._call("recorded", seconds=duration(e.seconds)),
            events.RecordingFailed: lambda _: self._call("recording_failed"),
            events.ReportStarted: lambda e: self._report(f"report_started.{e.reason}"),
            events.ReportRecorded: self._report_recorded,
            events.ReportEmpty: self._report_empty,
            events.MessagePlanned: lambda _: self._report("message_planned"),
            events.MessageSent: lambda _: self._report("message_sent"),
            events.MessageFailed: lambda e: _Said("report", self._say("message_failed"), e.why),
            events.ReportTranscribed: lambda _: self._report("transcribed"),
            events.ReportTranscriptionFailed: lambda _: self._report("not_transcribed"),
            events.CaseOpened: self._opened,
            events.CaseMoved: self._moved,
            events.CaseHeld: lambda e: _Said(
                "case", self._say("held_back", who=self._who(e.by)), e.why
            ),
            events.CaseHoldLifted: lambda e: _Said(
                "case", self._say("hold_lifted", who=self._who(e.by)), e.why
            ),
            events.CaseEdited: self._edited,
            events.CaseAttached: self._attached,
            events.ClockWarned: lambda e: self._clock("warned", e),
            events.ClockBreached: lambda e: self._clock("breached", e),
            events.ClockEscalated: lambda e: self._clock(f"escalated.{e.level}", e),
            events.ClocksRecomputed: self._recomputed,
            events.CaseLinked: lambda e: self._linked("linked", e),
            events.CaseUnlinked: lambda e: self._linked("unlinked", e),
            events.CaseReceived: self._received,
            events.CasePeerSaid: self._peer_said,
            events.CaseMessageSkipped: self._message_skipped,
            events.CallbackPlanned: lambda _: self._callback("callback_planned"),
            events.CallbackDialled: self._dialled,
            events.CallbackEnded: self._callback_ended,
            events.CallbackSurveyed: self._surveyed,
            events.CallbackWithdrawn: lambda _: self._callback("callback_withdrawn"),
            events.HelpAsked: lambda e: self._call("help_asked", who=self._who(e.agent_id)),
            events.HelpEnded: lambda e: _Said(
                "call", self._say(f"help_ended.{e.outcome}", who=self._who(e.by)), e.words
            ),
            events.OutboundDialled: lambda e: self._callback(
                "outbound_dialled", who=self._who(e.agent_id)
            ),
            events.OutboundEnded: lambda e: self._callback(
                f"outbound_ended.{e.outcome}", talked=duration(e.talked_s)
            ),
            events.PromiseMade: self._promised,
            events.PromiseEnded: lambda e: self._callback(
                f"promise_ended.{e.outcome}", e.why, who=self._who(e.by)
            ),
            events.ProgressAsked: self._asked,
            events.CallCutOff: lambda _: self._call("cut_off"),
            events.SilentCall: lambda e: self._call("silent", seconds=duration(e.seconds)),
            events.TalkMarked: self._marked,
            events.TalkMarkUndone: lambda e: self._call("mark_undone", who=self._who(e.agent_id)),
            events.CallerRuleApplied: lambda e: self._call(f"rule_applied.{e.effect}"),
            events.StormBegan: lambda e: self._storm("storm_began", e),
            events.StormChanged: lambda e: self._storm("storm_changed", e),
            events.StormEnded: self._storm_ended,
            events.CallerAffected: lambda e: self._call("affected" if e.new else "affected_again"),
        }

    def line(self, record: Record) -> Line | None:
        teller = self._tellers.get(type(record.event))
        said = teller(record.event) if teller else None
        if said is None:
            return None
        return Line(record.at, said.kind, said.text, said.quote, self._shown_changes(record.seq))

    def _shown_changes(self, seq: int) -> tuple[Change, ...]:
        telling = self._telling
        return tuple(
            Change(telling.label(name), telling.value(name, before), telling.value(name, after))
            for name, (before, after) in self._changes.get(seq, {}).items()
            if name not in QUIET
        )

    def _label(self, name: str) -> str:
        return self._t(f"case.{_LABELS.get(name, name)}")

    def _value(self, name: str, value: Any) -> str:
        if value is None or value == "":
            return UNKNOWN
        if name in _PERSONAL:
            return _PERSONAL[name](str(value))
        if isinstance(value, bool):
            return self._t("base.yes" if value else "base.no")
        return self._t(f"case.{name}.{value}") if name in _CHOICES else str(value)

    # --- exchange -------------------------------------------------------------------------

    def _received(self, event: events.CaseReceived) -> _Said:
        who = self._who(f"peer:{event.peer_id}")
        text = self._say(f"received.{event.how}", who=who, external=event.external_id)
        return _Said("case", text)

    def _peer_said(self, event: events.CasePeerSaid) -> _Said:
        who = self._who(f"peer:{event.peer_id}")
        return _Said("case", self._say(f"peer_said.{event.what}", who=who), event.text)

    def _message_skipped(self, event: events.CaseMessageSkipped) -> _Said:
        peer = self._who(f"peer:{event.peer_id}")
        text = self._say("message_skipped", who=self._who(event.by), peer=peer, number=event.number)
        return _Said("case", text, event.why)

    # --- handing over ---------------------------------------------------------------------

    def _handover_started(self, event: events.HandoverStarted) -> _Said:
        self._targets[event.handover_id] = target = event.name or event.target
        if not event.agent_id:
            by = "overflow" if event.mode == "overflow" else "flow"
            return _Said("call", self._say(f"handover_started_by_{by}", target=target), event.note)
        who = self._who(event.agent_id)
        key = {"consult": "consult_started", "queue": "sent_to_queue"}.get(event.mode)
        text = self._say(key or "handover_started", who=who, target=target)
        return _Said("call", text, event.note)

    def _taken_over(self, event: events.TalkTakenOver) -> _Said:
        who, before = self._who(event.agent_id), self._who(event.by)
        return self._call("taken_over", who=who, before=before)

    def _handover(self, event: Any, key: str, **values: object) -> _Said:
        target = self._targets.get(event.handover_id, UNKNOWN)
        return self._call(f"handover_{key}", target=target, **values)

    # --- the callback ---------------------------------------------------------------------

    def _dialled(self, event: events.CallbackDialled) -> _Said:
        who = self._who(event.agent_id)
        return self._callback("callback_dialled", who=who, attempt=event.attempt)

    def _callback_ended(self, event: events.CallbackEnded) -> _Said:
        talked = duration(event.talked_s)
        return self._callback(f"callback_ended.{event.outcome}", talked=talked)

    def _promised(self, event: events.PromiseMade) -> _Said:
        at = UNKNOWN if self._zone is None else moment(event.due_at, self._zone)
        note = "" if event.note == CUT_OFF else event.note
        return self._callback("promise_made", note, who=self._who(event.by), at=at)

    def _surveyed(self, event: events.CallbackSurveyed) -> _Said:
        who = self._who(event.by)
        if not event.reached:
            return self._callback("unreached", who=who)
        solved = self._say("solved" if event.solved else "unsolved")
        score = event.satisfaction
        points = UNKNOWN if score is None else self._say(f"points.{score}")
        return self._callback("surveyed", event.why_not, who=who, solved=solved, points=points)
