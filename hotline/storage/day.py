"""The city's day so far, counted from the journal one record at a time.

A pure projection: records come in, counts come out, the time is passed in. ``catch_up`` fills
one from the journal, so that the counts survive a restart.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo

from hotline import events
from hotline.clock import local
from hotline.cti.views import DayCounts, IntervalCounts
from hotline.storage.journal import Journal
from hotline.storage.records import Record
from hotline.waiting.model import is_place

INTERVAL_S = 900.0
# GB/T 33358-2016: a call is to be answered within this time.
PROMPT_S = 15.0
# So few that nobody waits for long for those that are being read.
_BATCH = 500
# What is counted; nothing else of the day is read.
_COUNTED = (
    events.CallArrived,
    events.CallBrought,
    events.CallQueued,
    events.CallAnswered,
    events.CallAbandoned,
    events.TalkEnded,
    events.CallRated,
    events.ReportRecorded,
    events.BlindInterval,
)


@dataclass(slots=True)
class _Day:
    start: float
    end: float
    counts: DayCounts = field(default_factory=DayCounts)
    queued: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    # Those whom we rang: they are none of the city's calls.
    brought: set[str] = field(default_factory=set)
    intervals: dict[int, IntervalCounts] = field(default_factory=dict)


class DayProjection:
    """Counts of the day in ``zone`` that ``now`` belongs to; the next day starts from zero.

    An event belongs to the day in which it was journalled, so a talk over midnight counts its
    whole length in the day it ends. A call counts as queued and as answered once.
    """

    def __init__(self, zone: tzinfo, now: float) -> None:
        self._zone = zone
        self._day = self._day_of(now)
        self.seq = 0

    @property
    def start(self) -> float:
        """The day's midnight in Unix seconds."""
        return self._day.start

    def apply(self, record: Record) -> None:
        """Take a record in; one that was taken in before, or of an earlier day, is left out."""
        if record.seq <= self.seq:
            return
        self.seq = record.seq
        self._turn(record.at)
        if record.at < self._day.start or not isinstance(record.event, _COUNTED):
            return
        # Whose place is kept was counted when they rang.
        if _rang_before(record.event) or self._was_rung(record.event):
            return
        match record.event:
            case events.CallArrived():
                self._count(arrived=1)
                self._tally(record.at, arrived=1)
            case events.CallQueued(call_id=call_id) if call_id not in self._day.queued:
                self._day.queued.add(call_id)
                self._count(queued=1)
            case events.CallAnswered(call_id=call_id) if call_id not in self._day.answered:
                self._day.answered.add(call_id)
                self._count(answered=1, within_15_s=int(record.event.waited_s <= PROMPT_S))
                self._tally(record.at, answered=1)
            case events.CallAbandoned():
                self._count(abandoned=1)
                self._tally(record.at, abandoned=1)
            case events.TalkEnded(talked_s=talked_s):
                self._count(talk_s=talked_s)
            case events.CallRated(score=score):
                self._count(rated=1, rating_sum=score)
            case events.ReportRecorded():
                self._count(reports=1)
            case events.BlindInterval(since=since, until=until):
                self._count(blind_s=max(0.0, until - max(since, self._day.start)))
            case _:
                pass

    def _was_rung(self, event: events.Event) -> bool:
        if isinstance(event, events.CallBrought):
            self._day.brought.add(event.call_id)
        return getattr(event, "call_id", "") in self._day.brought

    def counts(self, now: float) -> DayCounts:
        """The counts of the day that ``now`` belongs to."""
        self._turn(now)
        return self._day.counts

    def intervals(self, now: float) -> tuple[IntervalCounts, ...]:
        """That day's quarters of an hour from midnight to ``now``, the empty ones included."""
        self._turn(now)
        day = self._day
        last = int((min(now, day.end - 1) - day.start) // INTERVAL_S)
        return tuple(
            day.intervals.get(n) or IntervalCounts(day.start + n * INTERVAL_S, 0, 0, 0)
            for n in range(last + 1)
        )

    def _turn(self, now: float) -> None:
        if now >= self._day.end:
            self._day = self._day_of(now)

    def _day_of(self, now: float) -> _Day:
        today = local(now, self._zone).date()
        start, end = (
            datetime.combine(date, datetime.min.time(), self._zone).timestamp()
            for date in (today, today + timedelta(days=1))
        )
        return _Day(start, end)

    def _count(self, **more: float) -> None:
        counts = self._day.counts
        raised = {name: getattr(counts, name) + number for name, number in more.items()}
        self._day.counts = replace(counts, **raised)

    def _tally(self, at: float, arrived: int = 0, answered: int = 0, abandoned: int = 0) -> None:
        day = self._day
        number = int((at - day.start) // INTERVAL_S)
        old = day.intervals.get(number) or IntervalCounts(day.start + number * INTERVAL_S, 0, 0, 0)
        day.intervals[number] = IntervalCounts(
            old.start,
            old.arrived + arrived,
            old.answered + answered,
            old.abandoned + abandoned,
        )


def _rang_before(event: events.Event) -> bool:
    return isinstance(event, events.CallArrived | events.CallQueued) and is_place(event.call_id)


async def catch_up(projection: DayProjection, journal: Journal) -> None:
    """Count the day so far, which may be long; go on with ``journal.follow(projection.seq)``.

    Raises :class:`hotline.storage.journal.JournalUnavailable`.
    """
    end, since = journal.last_seq, projection.start
    while batch := await journal.read(projection.seq, _BATCH, kinds=_COUNTED, since=since):
        for record in batch:
            projection.apply(record)
    projection.seq = max(projection.seq, end)
