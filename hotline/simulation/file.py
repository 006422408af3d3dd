"""A scenario's file: YAML, checked by the models below (the guide is docs/simulation.md).

Times of day are ``"HH:MM"`` from ``"00:00"`` to ``"24:00"``; durations are seconds.
"""

from __future__ import annotations

import json
import re
from datetime import date
from importlib import resources
from itertools import pairwise
from typing import Annotated, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    model_validator,
)

from hotline.acd.rules import OverflowRule, OverflowWhen, QueueRules, Ring, Strategy

MOST_AGENTS = 5_000
MOST_REPLICATIONS = 10_000


def _clock(value: object) -> float:
    if isinstance(value, str) and (found := re.fullmatch(r"(\d{1,2}):([0-5]\d)", value)):
        seconds = int(found[1]) * 3600 + int(found[2]) * 60
        if seconds <= 86_400:
            return float(seconds)
    raise ValueError('write a time of day in quotes, from "00:00" to "24:00"')


def _date(value: object) -> str:
    try:
        # YAML makes a date of one without quotes.
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise ValueError(f"{value} is no date such as 2026-03-02") from error


_CLOCK_SCHEMA = {"type": "string", "pattern": r"^([01]?\d|2[0-3]):[0-5]\d$|^24:00$"}
Clock: TypeAlias = Annotated[float, BeforeValidator(_clock), WithJsonSchema(_CLOCK_SCHEMA)]
Day: TypeAlias = Annotated[
    str, BeforeValidator(_date), WithJsonSchema({"type": "string", "format": "date"})
]
Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=64)]
Positive: TypeAlias = Annotated[float, Field(gt=0, le=1e9)]
Some: TypeAlias = Annotated[float, Field(ge=0, le=1e9)]
Level: TypeAlias = Annotated[int, Field(ge=1, le=5)]
Weight: TypeAlias = Annotated[int, Field(ge=1, le=9)]


class Part(BaseModel):
    """Names and values; no others than those declared."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _LognormalPart(Part):
    mean: Positive
    sd: Positive


class Lasting(Part):
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


def _is_none(value: object) -> str:
    return "none" if isinstance(value, str) else "lasting"


Patience: TypeAlias = Annotated[
    Annotated[Lasting, Tag("lasting")] | Annotated[Literal["none"], Tag("none")],
    Discriminator(_is_none),
]


class RatePart(Part):
    """From this time of day until the next row's."""

    from_: Clock = Field(alias="from")
    per_hour: Annotated[float, Field(ge=0, le=1e6)]


def _rising(rows: tuple[RatePart | CountPart, ...]) -> tuple[RatePart | CountPart, ...]:
    if any(later.from_ <= row.from_ for row, later in pairwise(rows)):
        raise ValueError("the rows must be in order of their times, each time once")
    return rows


class PeriodPart(Part):
    """Which calls of the configured database: one ``day``, or the days ``from`` … ``until``
    (both included), of which ``weekdays`` (1 Monday … 7 Sunday) may be chosen."""

    day: Day | None = None
    from_: Day | None = Field(None, alias="from")
    until: Day | None = None
    weekdays: frozenset[Annotated[int, Field(ge=1, le=7)]] = frozenset(range(1, 8))

    @model_validator(mode="after")
    def _one(self) -> PeriodPart:
        if (self.day is None) == (self.from_ is None) or (self.from_ is None) != (
            self.until is None
        ):
            raise ValueError("give either day, or from and until")
        return self


class CallsPart(Part):
    """Callers of one kind. Exactly one of ``per_hour``, ``by_interval`` and ``journal``."""

    queue: Name
    per_hour: Annotated[float, Field(ge=0, le=1e6)] | None = None
    by_interval: (
        Annotated[tuple[RatePart, ...], Field(min_length=1), AfterValidator(_rising)] | None
    ) = None
    journal: PeriodPart | None = None
    talk: Lasting
    wrap_up: Lasting | None = None
    patience: Patience = "none"
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


class CountPart(Part):
    """From this time of day until the next row's, so many agents."""

    from_: Clock = Field(alias="from")
    agents: Annotated[int, Field(ge=0, le=MOST_AGENTS)]


class SpanPart(Part):
    """One stretch of work."""

    from_: Clock = Field(alias="from")
    until: Clock

    @model_validator(mode="after")
    def _lasts(self) -> SpanPart:
        if self.until <= self.from_:
            raise ValueError(
                "must end after it begins; a night is two shifts, until 24:00 and from 00:00"
            )
        return self


def _one_after_the_other(spans: tuple[SpanPart, ...]) -> tuple[SpanPart, ...]:
    if any(later.from_ < span.until for span, later in pairwise(spans)):
        raise ValueError("the shifts overlap, or are out of order")
    return spans


class AgentsPart(Part):
    """Agents alike: so many by interval (named ``name-1`` …), or one agent with their shifts.

    ``queues`` gives the weight in each queue.
    """

    name: Name
    by_interval: (
        Annotated[tuple[CountPart, ...], Field(min_length=1), AfterValidator(_rising)] | None
    ) = None
    shifts: (
        Annotated[tuple[SpanPart, ...], Field(min_length=1), AfterValidator(_one_after_the_other)]
        | None
    ) = None
    queues: Annotated[dict[Name, Weight], Field(min_length=1)]
    skills: dict[Name, Level] = {}

    @model_validator(mode="after")
    def _one_source(self) -> AgentsPart:
        if (self.by_interval is None) == (self.shifts is None):
            raise ValueError("give either by_interval or shifts")
        return self


class RingPart(Part):
    """Who is asked after so many seconds."""

    after_s: Some
    weight: Weight = 1
    preferred: bool = False


class OverflowPart(Part):
    """When callers go elsewhere, and where."""

    when: OverflowWhen
    value: Some = 0
    to: Name


class QueuePart(Part):
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

    @model_validator(mode="after")
    def _work(self) -> QueuePart:
        self.rules()
        return self

    def rules(self) -> QueueRules:
        """The rules as the engine has them. Raises :class:`ValueError` for what cannot work."""
        given = self.model_dump(exclude_none=True, exclude={"rings", "overflow"})
        return QueueRules(
            **given,
            rings=tuple(Ring(**ring.model_dump()) for ring in self.rings or ()),
            overflow=tuple(OverflowRule(**rule.model_dump()) for rule in self.overflow or ()),
        )


class DayPart(Part):
    """The part of the day that is simulated."""

    from_: Clock = Field(0.0, alias="from")
    until: Clock = 86_400.0

    @model_validator(mode="after")
    def _lasts(self) -> DayPart:
        if self.until <= self.from_:
            raise ValueError("the day must end after it begins")
        return self


class ScenarioFile(Part):
    """The whole file."""

    name: Annotated[str, Field(max_length=100)] = ""
    day: DayPart = DayPart.model_validate({"from": "00:00", "until": "24:00"})
    interval_minutes: Annotated[float, Field(ge=1, le=1440)] = 30
    warm_up_minutes: Annotated[float, Field(ge=0, le=1440)] = 0
    replications: Annotated[int, Field(ge=1, le=MOST_REPLICATIONS)] = 30
    seed: Annotated[int, Field(ge=0)] = 12319
    queues: Annotated[dict[Name, QueuePart], Field(min_length=1)]
    calls: Annotated[tuple[CallsPart, ...], Field(min_length=1)]
    agents: tuple[AgentsPart, ...]


def example() -> str:
    """A whole file, with what each part of it is for."""
    return resources.files("hotline.simulation").joinpath("example.yaml").read_text("utf-8")


def schema_text() -> str:
    """The JSON Schema of such files (draft 2020-12), for editors."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **ScenarioFile.model_json_schema(),
        "title": "A scenario of hotline simulate",
    }
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
