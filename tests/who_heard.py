"""Who heard whom, and when: as the legs' recordings show it, and as the journal tells it. Pure.

Each leg says a tone of its own, so a recording of what came out of its earpiece shows whom it
heard. Two legs *heard each other* while each heard the other's tone; a caller *heard music* while
there was something to hear that is nobody's tone (music, prompts). The journal's timeline is held
against that: the largest difference is the longest stretch in which the two say different things.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Protocol

from hotline.speech.audio import TELEPHONE_RATE as RATE
from hotline.speech.audio import Samples
from tests.audio import QUIET_DB, WINDOW, Span, level_db, tone_seconds

CALLER = "caller"
# Whatever is nobody's voice.
MUSIC = "music"
TOLERANCE_S = 0.5
# A quiet bar of the music is no silence, and the seam between two sounds no sound of its own.
SEAM_S = 0.35
# Music fades in: what arrives and is faint right before it belongs to it, for so long.
FADE_S = 1.2
# Of three who talk, two are heard, each with about half of the power.
SHARE = 0.25

Pair = frozenset[str]
Heard = dict[Pair, list[Span]]


class Told(Protocol):
    """A journal entry."""

    @property
    def at(self) -> float:
        """When it was, Unix seconds."""

    @property
    def kind(self) -> str:
        """The event's name."""

    @property
    def data(self) -> dict[str, Any]:
        """The event's fields."""


@dataclass(frozen=True, slots=True)
class Leg:
    """What one phone heard in one call. ``marks``: at which instants (Unix seconds) how many
    samples had come, in their order; where nothing came there are none."""

    name: str
    hertz: float
    samples: Samples
    marks: Sequence[tuple[float, int]]


# --- as the recordings show it ---------------------------------------------------------------


def heard(legs: Sequence[Leg]) -> Heard:
    """Which legs heard each other when, and when each heard music."""
    voices = {leg.name: leg.hertz for leg in legs}
    one_way: dict[tuple[str, str], list[Span]] = {}
    for leg in legs:
        for whom, spans in _heard_by(leg, voices).items():
            one_way.setdefault((leg.name, whom), []).extend(spans)
    found: Heard = {}
    for (name, whom), spans in one_way.items():
        if whom == MUSIC:
            # Others hear what a service is told before it hears the caller.
            if name == CALLER:
                found[frozenset({name, MUSIC})] = _whole(spans)
        elif name < whom:
            back = _whole(one_way.get((whom, name), []))
            found[frozenset({name, whom})] = _both(_whole(spans), back)
    return found


def silences(legs: Sequence[Leg], at_least: float = FADE_S) -> dict[str, list[Span]]:
    """The stretches of ``at_least`` seconds in which a leg heard nothing, from its first sound to
    its last."""
    spans: dict[str, list[Span]] = {}
    for leg in legs:
        loud = [s for window, s in _windows(leg) if level_db(window) > QUIET_DB]
        spans.setdefault(leg.name, []).extend(loud)
    found = {}
    for name, loud in spans.items():
        loud.sort(key=lambda span: span.start)
        gaps = (Span(a.end, b.start) for a, b in pairwise(loud))
        found[name] = [gap for gap in gaps if gap.seconds >= at_least]
    return found


def _heard_by(leg: Leg, voices: Mapping[str, float]) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = {}
    others = {name: hertz for name, hertz in voices.items() if name != leg.name}
    faint: list[Span] = []
    for window, span in _windows(leg):
        if level_db(window) <= QUIET_DB:
            faint.append(span)
            continue
        who = [name for name, hertz in others.items() if tone_seconds(window, hertz, SHARE)]
        if not who and faint and _touch(faint, span) <= FADE_S:
            found.setdefault(MUSIC, []).extend(faint)
        for one in who or [MUSIC]:
            found.setdefault(one, []).append(span)
        faint = []
    return found


def _touch(faint: Sequence[Span], next_one: Span) -> float:
    """For how long it was faint right before this."""
    return next_one.start - faint[0].start


def _windows(leg: Leg) -> Iterator[tuple[Samples, Span]]:
    mark = 0
    for start in range(0, len(leg.samples) - WINDOW + 1, WINDOW):
        end = start + WINDOW
        while mark < len(leg.marks) and leg.marks[mark][1] < end:
            mark += 1
        if mark == len(leg.marks):
            return
        at, by_then = leg.marks[mark]
        ended = at - (by_then - end) / RATE
        if mark:
            # It had not come when we looked before.
            ended = max(ended, leg.marks[mark - 1][0])
        yield leg.samples[start:end], Span(ended - WINDOW / RATE, ended)


# --- as the journal tells it -----------------------------------------------------------------


@dataclass(slots=True)
class _Talk:
    names: Mapping[str, str]
    there: list[str] = field(default_factory=list)
    thirds: dict[str, str] = field(default_factory=dict)
    caller: bool = False
    held: bool = False

    def take(self, entry: Told) -> None:
        data = entry.data
        match entry.kind:
            case "CallArrived":
                self.caller = True
            case "CallAnswered":
                self._come(data["agent_id"])
            case "HandoverStarted":
                self.thirds[data["handover_id"]] = data["target"]
            case "HandoverJoined":
                self._come(self.thirds[data["handover_id"]])
            case "HandoverEnded" if data["outcome"] != "taken_over":
                self._go(self.thirds.get(data["handover_id"], ""))
            case "TalkHeld" | "TalkResumed":
                self.held = entry.kind == "TalkHeld"
            case "TalkEnded":
                self.held = False
                self._go(data["agent_id"])
            case "CallerLeft" | "CallEnded":
                self.caller = False

    def _come(self, who: str) -> None:
        if (name := self.names[who]) not in self.there:
            self.there.append(name)

    def _go(self, who: str) -> None:
        if (name := self.names.get(who, "")) in self.there:
            self.there.remove(name)

    def pairs(self) -> Iterator[Pair]:
        """Who hears each other now."""
        talking = list(self.there)
        if self.caller and (self.held or not talking):
            yield frozenset({CALLER, MUSIC})
        elif self.caller:
            talking.append(CALLER)
        for at, one in enumerate(talking):
            yield from (frozenset({one, other}) for other in talking[at + 1 :])


def told(entries: Iterable[Told], names: Mapping[str, str], until: float) -> Heard:
    """The same of one call's entries, up to ``until``. ``names``: what the leg is called of an
    agent (by id) or of a handover's target."""
    talk, found, since = _Talk(names), Heard(), 0.0
    for entry in entries:
        _add(found, talk.pairs(), since, min(entry.at, until))
        talk.take(entry)
        since = entry.at
    _add(found, talk.pairs(), since, until)
    return {pair: _whole(spans) for pair, spans in found.items()}


def _add(found: Heard, pairs: Iterable[Pair], since: float, until: float) -> None:
    if since < until:
        for pair in pairs:
            found.setdefault(pair, []).append(Span(since, until))


# --- compared --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """A stretch in which a recording and the journal disagree about a pair; ``only``: which of the
    two (heard, told) says that they heard each other."""

    pair: Pair
    only: str
    span: Span

    def __str__(self) -> str:
        who = " and ".join(sorted(self.pair))
        return f"{who}, only {self.only}: {self.span.start:.2f} to {self.span.end:.2f}"


def compared(
    by_ear: Heard, by_journal: Heard, since: float, until: float
) -> tuple[Difference | None, list[Pair]]:
    """The largest difference between ``since`` and ``until`` (None: they agree wholly), and the
    pairs that heard each other by either."""
    pairs = sorted({*by_ear, *by_journal}, key=sorted)
    worst: Difference | None = None
    looked_at = []
    for pair in pairs:
        ear, journal = (_within(one.get(pair, []), since, until) for one in (by_ear, by_journal))
        if ear or journal:
            looked_at.append(pair)
        for only, some, others in (("heard", ear, journal), ("told", journal, ear)):
            for span in _without(some, others):
                if worst is None or span.seconds > worst.span.seconds:
                    worst = Difference(pair, only, span)
    return worst, looked_at


def unexplained(
    quiet: Mapping[str, Sequence[Span]], by_journal: Heard, since: float, until: float
) -> dict[str, list[Span]]:
    """The silences of legs that the journal says hear somebody, or music, for longer than the
    tolerance: nobody is to hear nothing."""
    found: dict[str, list[Span]] = {}
    for name, spans in quiet.items():
        hears = [span for pair, some in by_journal.items() if name in pair for span in some]
        for span in _both(_within(spans, since, until), _whole(hears)):
            if span.seconds > TOLERANCE_S:
                found.setdefault(name, []).append(span)
    return found


# --- spans -----------------------------------------------------------------------------------


def _whole(spans: Iterable[Span]) -> list[Span]:
    """Stretches without their seams: gaps closed, and what is too short left out."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda one: one.start):
        if merged and span.start - merged[-1].end <= SEAM_S:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return [span for span in merged if span.seconds > SEAM_S]


def _both(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    found = (Span(max(a.start, b.start), min(a.end, b.end)) for a in some for b in others)
    return [span for span in found if span.seconds > 0]


def _within(spans: Sequence[Span], since: float, until: float) -> list[Span]:
    return _both(spans, [Span(since, until)])


def _without(spans: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    left = list(spans)
    for other in others:
        left = [part for span in left for part in _cut(span, other)]
    return left


def _cut(span: Span, other: Span) -> Iterator[Span]:
    if other.end <= span.start or other.start >= span.end:
        yield span
        return
    if span.start < other.start:
        yield Span(span.start, other.start)
    if other.end < span.end:
        yield Span(other.end, span.end)
