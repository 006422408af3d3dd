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
