"""Callers of the past: when they came, how long they talked, when they gave up.

**Patience is only partly seen.** A caller who was answered after 20 s would have waited longer;
how much longer nobody knows. The mean patience is therefore the waits of all callers over the
number who gave up (the estimate of greatest likelihood for exponential patience with censoring),
not the mean of those who gave up, which is far too short.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import func, select

from hotline.simulation.durations import Duration, Empirical, Exponential, Forever, Observed
from hotline.simulation.file import PeriodPart
from hotline.simulation.model import Arrivals, Instants, Rate, Rates, ScenarioFault
from hotline.storage.database import Database
from hotline.storage.tables import CallRow

LONGEST_PERIOD_DAYS = 400


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """One caller who waited. ``at_s`` is the time of day; ``talk_s`` None: never answered.

    ``waited_s`` is how long they certainly waited; ``abandoned`` whether they then hung up.
    """

    at_s: float
    waited_s: float
    abandoned: bool
    talk_s: float | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """The callers of one queue on ``days`` days. ``single``: the very callers of one day are
    played; else callers are drawn at the mean rates of the days."""

    calls: tuple[RecordedCall, ...]
    days: int
    single: bool

    def within(self, from_s: float, until_s: float) -> Recorded:
        """Those who came in this part of the day, in order of coming."""
        kept = sorted(
            (call for call in self.calls if from_s <= call.at_s < until_s),
            key=lambda call: call.at_s,
        )
        return Recorded(tuple(kept), self.days, self.single)

    def arrivals(self, from_s: float, until_s: float, interval_s: float) -> Arrivals:
        """When callers come: as recorded, or by the mean rate of each interval."""
        at = [call.at_s for call in self.calls]
        if self.single:
            return Instants(tuple(at))
        edges = np.append(np.arange(from_s, until_s, interval_s), until_s)
        counts, _ = np.histogram(at, edges)
        return Rates(
            tuple(
                Rate(float(begin), float(end), float(count) / self.days / (end - begin) * 3600)
                for begin, end, count in zip(edges, edges[1:], counts, strict=False)
            )
        )

    def talk(self) -> Duration:
        """How long they talked; who was never answered draws from the others' talks.

        Raises :class:`~hotline.simulation.model.ScenarioFault` when nobody talked.
        """
        known = tuple(call.talk_s for call in self.calls if call.talk_s is not None)
        if not known:
            raise ScenarioFault("nobody was answered in the journal's period; give talk yourself")
        others = Empirical(known)
        if not self.single:
            return others
        return Observed(
            tuple(call.talk_s or 0.0 for call in self.calls),
            tuple(call.talk_s is None for call in self.calls),
            others,
        )

    def patience(self) -> Duration:
        """How long they would wait; for ever when nobody gave up."""
        gave_up = sum(call.abandoned for call in self.calls)
        waited = sum(call.waited_s for call in self.calls)
        if not gave_up or not waited:
            return Forever()
        others = Exponential(waited / gave_up)
        if not self.single:
            return others
        return Observed(
            tuple(call.waited_s for call in self.calls),
            tuple(not call.abandoned for call in self.calls),
            others,
        )


async def read_period(
    database: Database, period: PeriodPart, queue: str, zone: ZoneInfo
) -> Recorded:
    """The callers of a queue in a period.

    Days before the journal's first call or after its last do not count: nobody knows who would
    have called. Raises :class:`ScenarioFault` when there are none, or the period is no period,
    and :class:`~hotline.storage.database.DatabaseUnavailable`.
    """
    first, last = await _extent(database, zone)
    days = [day for day in _days(period) if first <= day <= last]
    calls: list[RecordedCall] = []
    for day in days:
        midnight = datetime.combine(day, time(), zone).timestamp()
        end = datetime.combine(day + timedelta(days=1), time(), zone).timestamp()
        calls += await _calls(database, queue, midnight, end)
    if not calls:
        raise ScenarioFault(f"nobody waited in the queue {queue!r} in the journal's period")
    return Recorded(tuple(calls), len(days), single=period.day is not None)


async def _extent(database: Database, zone: ZoneInfo) -> tuple[date, date]:
    """The days of the journal's first and last call; an empty span without any."""
    async with database.session() as session:
        extent = select(func.min(CallRow.arrived_at), func.max(CallRow.arrived_at))
        found: Sequence[float | None] = (await session.execute(extent)).one()
    first, last = found
    if first is None or last is None:
        return date.max, date.min
    return datetime.fromtimestamp(first, zone).date(), datetime.fromtimestamp(last, zone).date()


async def _calls(
    database: Database, queue: str, begin: float, end: float
) -> Sequence[RecordedCall]:
    wanted = select(
        CallRow.queued_at, CallRow.answered_at, CallRow.abandoned_at, CallRow.talk_ended_at
    ).where(CallRow.queue == queue, CallRow.queued_at >= begin, CallRow.queued_at < end)
    async with database.session() as session:
        rows = (await session.execute(wanted)).all()
    return [_call(begin, *row) for row in rows]


def _call(
    midnight: float,
    queued_at: float | None,
    answered_at: float | None,
    abandoned_at: float | None,
    talk_ended_at: float | None,
) -> RecordedCall:
    came = queued_at or midnight
    left = answered_at or abandoned_at or came
    talk_s = None
    if answered_at is not None and talk_ended_at is not None:
        talk_s = max(0.0, talk_ended_at - answered_at)
    return RecordedCall(
        at_s=came - midnight,
        waited_s=max(0.0, left - came),
        abandoned=answered_at is None and abandoned_at is not None,
        talk_s=talk_s,
    )


def _days(period: PeriodPart) -> list[date]:
    if period.day is not None:
        return [date.fromisoformat(period.day)]
    first, last = date.fromisoformat(period.from_ or ""), date.fromisoformat(period.until or "")
    count = (last - first).days + 1
    if not 0 < count <= LONGEST_PERIOD_DAYS:
        raise ScenarioFault(
            f"a journal's period must end after it begins, within {LONGEST_PERIOD_DAYS} days"
        )
    days = [first + timedelta(days=number) for number in range(count)]
    chosen = [day for day in days if day.isoweekday() in period.weekdays]
    if not chosen:
        raise ScenarioFault("the journal's period has none of its weekdays")
    return chosen
