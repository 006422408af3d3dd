"""The duty calendar: is a queue on duty at an instant, why, and until when. No I/O.

What is decided for single days goes before the week: a closure before an opening, an opening
before holidays, holidays before the week's hours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from hotline.calendar.holidays import DayFacts, DayKind, day_facts
from hotline.calendar.hours import Day, Week
from hotline.clock import local

HORIZON_DAYS = 62
"""How far :meth:`DutyCalendar.state` looks for the next change."""

_MONDAY, _SUNDAY = 0, 6


class HolidayRule(StrEnum):
    """How a queue treats holidays.

    ``closed``: nobody is on duty. ``sunday``: Sunday's hours hold. ``usual``: the week alone
    counts, and swapped working days are the weekend days that they are in the week. Under the
    other two a swapped working day has Monday's hours.
    """

    CLOSED = "closed"
    SUNDAY = "sunday"
    USUAL = "usual"


class What(StrEnum):
    """What is decided for a time."""

    CLOSED = "closed"
    OPEN = "open"


class Why(StrEnum):
    """Why a queue is, or is not, on duty."""

    HOURS = "hours"
    OPENING = "opening"
    OUTSIDE_HOURS = "outside_hours"
    HOLIDAY = "holiday"
    CLOSURE = "closure"


@dataclass(frozen=True, slots=True)
class QueueHours:
    """A queue's week. ``version`` counts its changes, 0 for the default of ``hotline.toml``;
    ``changed_by`` and ``changed_at`` are of the last one."""

    week: Week
    holidays: HolidayRule = HolidayRule.USUAL
    version: int = 0
    changed_by: str = ""
    changed_at: float | None = None

    def on(self, day: date, facts: DayFacts) -> Day:
        """The spans that begin on ``day``."""
        if self.holidays is not HolidayRule.USUAL:
            if facts.kind is DayKind.HOLIDAY:
                return self.week[_SUNDAY] if self.holidays is HolidayRule.SUNDAY else ()
            if facts.kind is DayKind.SWAPPED:
                return self.week[_MONDAY]
        return self.week[day.weekday()]


@dataclass(frozen=True, slots=True)
class Special:
    """A closure or an opening from ``since`` to ``until`` (Unix seconds, the latter not
    included). ``queue`` empty: every queue. The texts are said to callers, empty for none."""

    special_id: int
    what: What
    queue: str
    since: float
    until: float
    text_zh: str = ""
    text_en: str = ""
    made_by: str = ""
    made_at: float | None = None
    removed_by: str = ""
    removed_at: float | None = None

    def holds(self, queue: str, at: float) -> bool:
        """Whether it is in force for ``queue`` at ``at``."""
        return self.since <= at < self.until and self.queue in ("", queue)

    def text(self, language: str) -> str:
        """What callers are told in ``language``."""
        return self.text_en if language == "en" else self.text_zh


@dataclass(frozen=True, slots=True)
class QueueState:
    """A queue at an instant. ``until`` is when ``open`` changes, None when it does not within
    :data:`HORIZON_DAYS`; ``special`` is what decided, when the week did not."""

    queue: str
    open: bool
    why: Why
    until: float | None
    special: Special | None = None

    def announcement(self, language: str) -> str:
        """What callers are told of it besides, empty for nothing."""
        return self.special.text(language) if self.special else ""


@dataclass(frozen=True, slots=True)
class DutyCalendar:
    """Every queue's duty hours. ``days`` tells what a date is; ``specials`` are those that were
    not removed.

    Whatever names a queue raises KeyError for one whose hours nobody knows.
    """

    zone: tzinfo
    queues: Mapping[str, QueueHours]
    specials: tuple[Special, ...] = ()
    days: Callable[[date], DayFacts] = field(default=day_facts)

    def day(self, at: float) -> DayFacts:
        """What the city's date at ``at`` is."""
        return self.days(self.date_of(at))

    def date_of(self, at: float) -> date:
        """The city's date at ``at``."""
        return local(at, self.zone).date()

    def is_open(self, queue: str, at: float) -> bool:
        """Whether ``queue`` is on duty at ``at``."""
        hours = self.queues[queue]
        special = self.special(queue, at)
        return special.what is What.OPEN if special else self._in_hours(hours, at)

    def special(self, queue: str, at: float) -> Special | None:
        """The closure or opening that decides at ``at``: of several the closure, then the one
        that was made last."""
        found = [special for special in self.specials if special.holds(queue, at)]
        return max(found, key=lambda s: (s.what is What.CLOSED, s.special_id), default=None)

    def why(self, queue: str, at: float) -> Why:
        """Why ``queue`` is, or is not, on duty at ``at``."""
        special = self.special(queue, at)
        if special:
            return Why.CLOSURE if special.what is What.CLOSED else Why.OPENING
        hours = self.queues[queue]
        if self._in_hours(hours, at):
            return Why.HOURS
        free = self.day(at).kind is DayKind.HOLIDAY
        return (
            Why.HOLIDAY if free and hours.holidays is not HolidayRule.USUAL else Why.OUTSIDE_HOURS
        )

    def state(self, queue: str, at: float) -> QueueState:
        """The queue at ``at``, with its next change."""
        now_open = self.is_open(queue, at)
        return QueueState(
            queue, now_open, self.why(queue, at), self._changes(queue, at), self.special(queue, at)
        )

    def spans(self, queue: str, day: date) -> Day:
        """The hours that begin on ``day`` by week and holidays; closures and openings aside."""
        return self.queues[queue].on(day, self.days(day))

    def specials_on(self, queue: str, day: date) -> tuple[Special, ...]:
        """The closures and openings that touch ``day``."""
        first, last = self._instant(day, 0), self._instant(day + timedelta(days=1), 0)
        return tuple(
            s
            for s in self.specials
            if s.since < last and s.until > first and s.queue in ("", queue)
        )

    def _in_hours(self, hours: QueueHours, at: float) -> bool:
        today = self.date_of(at)
        # A span lasts a day at most, so only those of yesterday can still run.
        return any(
            begin <= at < end
            for day in (today - timedelta(days=1), today)
            for begin, end in self._intervals(hours, day)
        )

    def _intervals(self, hours: QueueHours, day: date) -> Iterator[tuple[float, float]]:
        for span in hours.on(day, self.days(day)):
            yield self._instant(day, span.start), self._instant(day, span.end)

    def _instant(self, day: date, minute: int) -> float:
        midnight = datetime.combine(day, time(), self.zone)
        return (midnight + timedelta(minutes=minute)).timestamp()

    def _changes(self, queue: str, at: float) -> float | None:
        """The first instant after ``at`` at which ``open`` becomes another."""
        now_open = self.is_open(queue, at)
        for instant in self._bounds(queue, at):
            if self.is_open(queue, instant) is not now_open:
                return instant
        return None

    def _bounds(self, queue: str, at: float) -> Iterator[float]:
        """Every instant after ``at`` at which something begins or ends, in order."""
        hours, today = self.queues[queue], self.date_of(at)
        last = at + HORIZON_DAYS * 86_400
        waiting = {
            bound
            for special in self.specials
            if special.queue in ("", queue)
            for bound in (special.since, special.until)
        }
        for ahead in range(-1, HORIZON_DAYS + 1):
            day = today + timedelta(days=ahead)
            # What begins later cannot come before this midnight.
            midnight = self._instant(day, 0)
            yield from sorted(bound for bound in waiting if at < bound < midnight)
            waiting = {bound for bound in waiting if bound >= midnight}
            waiting.update(bound for pair in self._intervals(hours, day) for bound in pair)
        yield from sorted(bound for bound in waiting if at < bound <= last)
