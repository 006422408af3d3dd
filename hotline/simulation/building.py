"""From a scenario's file to the scenario."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

from hotline.acd.rules import Need
from hotline.simulation.durations import (
    Constant,
    Duration,
    Empirical,
    Exponential,
    Forever,
    Lognormal,
)
from hotline.simulation.file import (
    AgentsPart,
    CallsPart,
    DayPart,
    Lasting,
    PeriodPart,
    ScenarioFile,
)
from hotline.simulation.model import Arrivals, Calls, Rate, Rates, Scenario, ScenarioFault, Shift
from hotline.simulation.recorded import Recorded

Reader = Callable[[PeriodPart, str], Recorded]
"""Gives the recorded calls of a period and a queue."""


def build(file: ScenarioFile, journal: Reader) -> Scenario:
    """The scenario of a file. ``journal`` is asked only when the file names a period.

    Raises :class:`ScenarioFault`.
    """
    day = file.day
    try:
        return Scenario(
            queues={name: part.rules() for name, part in file.queues.items()},
            calls=tuple(
                _calls(part, day, file.interval_minutes * 60, journal) for part in file.calls
            ),
            shifts=tuple(shift for part in file.agents for shift in _shifts(part, day)),
            start_s=day.from_,
            end_s=day.until,
            interval_s=file.interval_minutes * 60,
            warm_up_s=file.warm_up_minutes * 60,
        )
    except ScenarioFault:
        raise
    except ValueError as error:
        raise ScenarioFault(str(error)) from error


def _calls(part: CallsPart, day: DayPart, interval_s: float, journal: Reader) -> Calls:
    recorded = None
    if part.journal:
        recorded = journal(part.journal, part.queue).within(day.from_, day.until)
    patience: Duration = Forever()
    if isinstance(part.patience, Lasting):
        patience = _patience(part.patience, recorded)
    return Calls(
        queue=part.queue,
        arrivals=_arrivals(part, day, interval_s, recorded),
        talk=recorded.talk() if recorded and part.talk.journal else _duration(part.talk),
        wrap_up=_duration(part.wrap_up) if part.wrap_up else None,
        patience=patience,
        answer=_duration(part.answer) if part.answer else Constant(0.0),
        priority=part.priority,
        requires=_needs(part.requires),
        prefers=_needs(part.prefers),
    )


def _arrivals(
    part: CallsPart, day: DayPart, interval_s: float, recorded: Recorded | None
) -> Arrivals:
    if recorded:
        return recorded.arrivals(day.from_, day.until, interval_s)
    if part.by_interval is None:
        return Rates((Rate(day.from_, day.until, part.per_hour or 0.0),))
    edges = [*(row.from_ for row in part.by_interval), day.until]
    spans = zip(part.by_interval, pairwise(edges), strict=True)
    return Rates(
        tuple(
            Rate(max(begin, day.from_), min(end, day.until), row.per_hour)
            for row, (begin, end) in spans
            if max(begin, day.from_) < min(end, day.until)
        )
    )


def _patience(part: Lasting, recorded: Recorded | None) -> Duration:
    return recorded.patience() if recorded and part.journal else _duration(part)


def _duration(part: Lasting) -> Duration:
    if part.constant is not None:
        return Constant(part.constant)
    if part.exponential is not None:
        return Exponential(part.exponential)
    if part.lognormal is not None:
        return Lognormal(part.lognormal.mean, part.lognormal.sd)
    return Empirical(part.empirical or ())


def _needs(levels: Mapping[str, int]) -> tuple[Need, ...]:
    return tuple(Need(skill, level) for skill, level in levels.items())


def _shifts(part: AgentsPart, day: DayPart) -> Iterator[Shift]:
    for name, spans in _spans(part, day):
        if spans:
            yield Shift(name, spans, tuple(part.queues), part.queues, part.skills)


def _spans(part: AgentsPart, day: DayPart) -> Iterator[tuple[str, tuple[tuple[float, float], ...]]]:
    if part.shifts:
        yield part.name, tuple((span.from_, span.until) for span in part.shifts)
        return
    rows = part.by_interval or ()
    edges = [*(row.from_ for row in rows), day.until]
    for number in range(max((row.agents for row in rows), default=0)):
        spans: list[tuple[float, float]] = []
        for row, (begin, end) in zip(rows, pairwise(edges), strict=True):
            if row.agents <= number or begin >= end:
                continue
            if spans and spans[-1][1] == begin:
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((begin, end))
        yield f"{part.name}-{number + 1}", tuple(spans)
