"""Who is planned to work when, by the plan's roster."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, tzinfo

from hotline.calendar.hours import read_day
from hotline.routing.model import RoutingPlan, Shifts

Span = tuple[float, float]
"""From one instant until another, in Unix seconds."""


def bounds(day: date, zone: tzinfo) -> Span:
    """A day's midnights in Unix seconds."""
    begin = datetime.combine(day, time(), zone).timestamp()
    return begin, datetime.combine(day + timedelta(days=1), time(), zone).timestamp()


def rostered(plan: RoutingPlan, day: date, zone: tzinfo) -> dict[str, list[Span]]:
    """Who is planned to work on a day, night shifts of the day before included; in order, and
    what follows at once is one span."""
    spans: dict[str, list[Span]] = {}
    for agent_id, shifts in plan.roster.items():
        for begins in (day - timedelta(days=1), day):
            midnight, _ = bounds(begins, zone)
            for span in read_day(_hours(shifts, begins)):
                own = (midnight + span.start * 60.0, midnight + span.end * 60.0)
                _join(spans.setdefault(agent_id, []), own)
    return spans


def _hours(shifts: Shifts, day: date) -> str:
    return shifts.days.get(day.isoformat(), shifts.week[day.weekday()])


def _join(spans: list[Span], new: Span) -> None:
    """Add a span that begins last; one that runs into the night joins the morning's."""
    if spans and new[0] <= spans[-1][1]:
        spans[-1] = (spans[-1][0], max(spans[-1][1], new[1]))
    else:
        spans.append(new)


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same time in as few spans as possible, in order."""
    found: list[Span] = []
    for span in sorted(spans):
        _join(found, span)
    return found
