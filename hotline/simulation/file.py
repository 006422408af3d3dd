"""A scenario's file: YAML, checked by the models below (the guide is docs/simulation.md).

Times of day are ``"HH:MM"`` from ``"00:00"`` to ``"24:00"``; durations are seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from hotline.acd.rules import OverflowWhen, Strategy
from hotline.simulation.model import ScenarioFault

MOST_AGENTS = 5_000
MOST_REPLICATIONS = 10_000


def _clock(value: object) -> float:
    if isinstance(value, str) and (found := re.fullmatch(r"(\d{1,2}):([0-5]\d)", value)):
        seconds = int(found[1]) * 3600 + int(found[2]) * 60
        if seconds <= 86_400:
            return float(seconds)
    raise ValueError('write a time of day in quotes, from "00:00" to "24:00"')


Clock: TypeAlias = Annotated[float, BeforeValidator(_clock)]
Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=64)]
Positive: TypeAlias = Annotated[float, Field(gt=0, le=1e7)]
Some: TypeAlias = Annotated[float, Field(ge=0, le=1e7)]
Level: TypeAlias = Annotated[int, Field(ge=1, le=5)]
Weight: TypeAlias = Annotated[int, Field(ge=1, le=9)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _LognormalPart(_Part):
    mean: Positive
    sd: Positive


class Lasting(_Part):
    """How long something lasts: exactly one of these. ``journal``: drawn from what was measured
    in the journal's period, for calls that come from there."""

    constant: Some | None = None
    exponential: Positive | None = None
    lognormal: _LognormalPart | None = None
    empirical: Annotated[tuple[Some, ...], Field(min_length=1)] | None = None
    journal: Literal[True] | None = None

    @model_validator(mode="after")
    def _one(self) -> Lasting:
        if len(self.model_fields_set) != 1:
            raise ValueError(
                "give exactly one of constant, exponential, lognormal, empirical and journal"
            )
        return self


class RatePart(_Part):
    """From this time of day until the next row's."""

    from_: Clock = Field(alias="from")
    per_hour: Annotated[float, Field(ge=0, le=1e6)]


def _rising(rows: tuple[RatePart | CountPart, ...]) -> tuple[RatePart | CountPart, ...]:
    if any(later.from_ <= row.from_ for row, later in pairwise(rows)):
        raise ValueError("the rows must be in order of their times, each time once")
    return rows


class PeriodPart(_Part):
    """Which calls of the configured database: one ``day``, or the days ``from`` … ``until``
    (both included), of which ``weekdays`` (1 Monday … 7 Sunday) may be chosen."""

    day: str | None = None
    from_: str | None = Field(None, alias="from")
    until: str | None = None
    weekdays: frozenset[Annotated[int, Field(ge=1, le=7)]] = frozenset(range(1, 8))

    @model_validator(mode="after")
    def _one(self) -> PeriodPart:
        if (self.day is None) == (self.from_ is None) or (self.from_ is None) != (
            self.until is None
        ):
            raise ValueError("give either day, or from and until")
        return self


class CallsPart(_Part):
    """Callers of one kind. Exactly one of ``per_hour``, ``by_interval`` and ``journal``."""

    queue: Name
    per_hour: Annotated[float, Field(ge=0, le=1e6)] | None = None
    by_interval: (
        Annotated[tuple[RatePart, ...], Field(min_length=1), AfterValidator(_rising)] | None
    ) = None
    journal: PeriodPart | None = None
    talk: Lasting
    wrap_up: Lasting | None = None
    patience: Lasting | Literal["none"] = "none"
    answer: Lasting | None = None
    priority: Annotated[int, Field(ge=-3, le=9)] = 0
    requires: dict[Name, Level] = {}
    prefers: dict[Name, Level] = {}

    @model_validator(mode="after")
    def _one_source(self) -> CallsPart:
        if sum(part is not None for part in (self.per_hour, self.by_interval, self.journal)) != 1:
            raise ValueError("give exactly one of per_hour, by_interval and journal")
        lasting = (self.talk, self.wrap_up, self.patience, self.answer)
        measured = (self.talk, self.patience)
        for part in lasting:
            if not isinstance(part, Lasting) or part.journal is None:
                continue
            if self.journal is None:
                raise ValueError("journal as a duration needs calls that come from the journal")
            if part not in measured:
                raise ValueError("only talk and patience can be taken from the journal")
        return self


class CountPart(_Part):
    """From this time of day until the next row's, so many agents."""

    from_: Clock = Field(alias="from")
    agents: Annotated[int, Field(ge=0, le=MOST_AGENTS)]


class SpanPart(_Part):
    """One stretch of work."""

    from_: Clock = Field(alias="from")
    until: Clock


class AgentsPart(_Part):
    """Agents alike: so many by interval (named ``name-1`` …), or one agent with their shifts.

    ``queues`` gives the weight in each queue.
    """

    name: Name
    by_interval: (
        Annotated[tuple[CountPart, ...], Field(min_length=1), AfterValidator(_rising)] | None
    ) = None
    shifts: Annotated[tuple[SpanPart, ...], Field(min_length=1)] | None = None
    queues: Annotated[dict[Name, Weight], Field(min_length=1)]
    skills: dict[Name, Level] = {}

    @model_validator(mode="after")
    def _one_source(self) -> AgentsPart:
        if (self.by_interval is None) == (self.shifts is None):
            raise ValueError("give either by_interval or shifts")
        return self


class RingPart(_Part):
    """Who is asked after so many seconds."""

    after_s: Some
    weight: Weight = 1
    preferred: bool = False


class OverflowPart(_Part):
    """When callers go elsewhere, and where."""

    when: OverflowWhen
    value: Some = 0
    to: Name


class QueuePart(_Part):
    """A queue's rules, as in production; what is not given has production's default."""

    ring_s: Positive | None = None
    wrap_up_s: Some | None = None
    wrap_up_extra_s: Some | None = None
    overflow_s: Positive | None = None
    miss_pause_s: Positive | None = None
    aging_s: Some | None = None
    strategy: Strategy | None = None
    rings: tuple[RingPart, ...] | None = None
    limit: Annotated[int, Field(ge=0)] | None = None
    overflow: tuple[OverflowPart, ...] | None = None
    target_s: Positive | None = None
    target_share: Annotated[float, Field(ge=0, le=1)] | None = None


class DayPart(_Part):
    """The part of the day that is simulated."""

    from_: Clock = Field(0.0, alias="from")
    until: Clock = 86_400.0

    @model_validator(mode="after")
    def _lasts(self) -> DayPart:
        if self.until <= self.from_:
            raise ValueError("the day must end after it begins")
        return self


class ScenarioFile(_Part):
    """The whole file."""

    name: Annotated[str, Field(max_length=100)] = ""
    day: DayPart = DayPart.model_validate({"from": "00:00", "until": "24:00"})
    interval_minutes: Annotated[float, Field(ge=1, le=1440)] = 30
    warm_up_minutes: Annotated[float, Field(ge=0, le=1440)] = 0
    replications: Annotated[int, Field(ge=1, le=MOST_REPLICATIONS)] = 30
    seed: Annotated[int, Field(ge=0)] = 12319
    queues: Annotated[dict[Name, QueuePart], Field(min_length=1)]
    calls: Annotated[tuple[CallsPart, ...], Field(min_length=1)]
    agents: Annotated[tuple[AgentsPart, ...], Field(min_length=1)]


def read(path: Path) -> ScenarioFile:
    """The file at ``path``. Raises :class:`ScenarioFault` with a line for each thing to mend."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioFault(f"{path} cannot be read: {error}") from error
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ScenarioFault(f"{path} is not YAML: {error}") from error
    if not isinstance(data, dict):
        raise ScenarioFault(f"{path} must hold names and values, as docs/simulation.md shows")
    try:
        return ScenarioFile.model_validate(data)
    except ValidationError as error:
        raise ScenarioFault("\n".join(_told(path, error))) from error


def _told(path: Path, error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False):
        where = ".".join(str(part) for part in fault["loc"]) or "the file"
        yield f"{path}: {where}: {fault['msg'].removeprefix('Value error, ')}"
