"""What becomes of a call: queue, report, callback, handing over."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

from pydantic import Field, field_validator

from hotline.config.base import Seconds, Section


class QueueSection(Section):
    """The queue, and what agents are given."""

    name: str = Field("hotline", pattern=r"^[a-z0-9_-]{1,32}$", description="The queue's name.")
    ring_seconds: Seconds = Field(20, description="How long an agent's phone rings at an offer.")
    wrap_up_seconds: Annotated[float, Field(ge=0, le=3600)] = Field(
        30, description="Wrap-up after a talk; the agent may end it sooner."
    )
    wrap_up_extra_seconds: Annotated[float, Field(ge=0, le=3600)] = Field(
        120, description="By how much in all an agent may extend one wrap-up."
    )
    away_seconds: Annotated[float, Field(ge=0, le=3600)] = Field(
        120, description="Who is on duty with no page open for so long is away; 0: never."
    )
    overflow_seconds: Seconds = Field(
        90, description="Nobody took the call within this time: a spoken report is asked for."
    )
    miss_pause_seconds: Seconds = Field(
        60, description="An agent who missed an offer is paused this long, then ready again."
    )
    open: str = Field(
        "00:00-24:00",
        pattern=r"^\d\d:\d\d-\d\d:\d\d$",
        description="Duty hours, every day, until a supervisor saves others on the calendar page.",
    )
    report_key: str = Field(
        "2", pattern=r"^[0-9*]?$", description="The key that leaves a report while waiting."
    )
    keep_places: bool = Field(
        True, description="Whether a waiting caller may press 1, hang up and be rung back in turn."
    )
    first_agent_days: Annotated[float, Field(ge=0, le=365)] = Field(
        7,
        description="Asked first: who handles the number's open case, or talked within so many "
        "days; 0: nobody.",
    )
    first_agent_seconds: Annotated[float, Field(ge=0, le=600)] = Field(
        6, description="So long (half of overflow_seconds at most) a call is theirs alone."
    )

    @field_validator("open")
    @classmethod
    def _hours(cls, value: str) -> str:
        for part in value.split("-"):
            if part != "24:00":
                time.fromisoformat(part)
        return value


class ReportSection(Section):
    """Spoken reports."""

    max_seconds: Annotated[int, Field(ge=10, le=1800)] = Field(
        180, description="Longest spoken report."
    )
    silence_seconds: Annotated[int, Field(ge=2, le=60)] = Field(
        6, description="Silence that ends a report."
    )
    min_seconds: Annotated[float, Field(ge=0, le=10)] = Field(
        0.7, description="Shorter ones are kept as empty: the citizen said nothing."
    )
    quiet_seconds: Annotated[float, Field(ge=0, le=30)] = Field(
        4, description="Who speaks too quietly for so long is asked once to speak up; 0: never."
    )
    blended_skill: str = Field(
        "",
        max_length=32,
        description="Agents with this skill of the routing plan are shown reports to verify "
        "between calls; empty: none are.",
    )


class CallbackSection(Section):
    """Calling citizens back."""

    due_hours: Annotated[float, Field(ge=0, le=720)] = Field(
        0, description="A callback is due this long after closing."
    )
    ring_seconds: Seconds = Field(30, description="How long staff's and citizen's phones ring.")
    attempts: Annotated[int, Field(ge=1, le=10)] = Field(
        3, description="A citizen who was rung so often in vain counts as unreached."
    )
    retry_hours: Annotated[float, Field(gt=0, le=720)] = Field(
        24, description="When a citizen who was not reached is due again."
    )
    blended_skill: str = Field(
        "",
        max_length=32,
        description="Agents with this skill of the routing plan are shown due callbacks between "
        "calls; empty: none are.",
    )


class HandoverTarget(Section):
    """A service that callers can be handed over to."""

    code: str = Field(pattern=r"^[a-z0-9_-]{1,32}$", description="What flows call it by.")
    zh: str = Field(min_length=1, max_length=40, description="Its name in Chinese.")
    en: str = Field(min_length=1, max_length=40, description="Its name in English.")
    number: str = Field(pattern=r"^\d{3,15}$", description="What is dialled.")
    where: Literal["trunk", "extension"] = Field(
        "trunk", description="Behind the trunk, or one of our own extensions."
    )
    emergency: bool = Field(False, description="Life and safety: the agent stays on the line.")


def _usual_targets() -> list[HandoverTarget]:
    names = {
        "110": ("110 报警", "110 Police"),
        "119": ("119 火警", "119 Fire"),
        "120": ("120 急救", "120 Ambulance"),
        "122": ("122 交通事故", "122 Traffic accidents"),
        "12345": ("12345 政务服务", "12345 Government services"),
    }
    return [
        HandoverTarget(code=code, zh=zh, en=en, number=code, emergency=len(code) == 3)
        for code, (zh, en) in names.items()
    ]


class HandoverSection(Section):
    """Handing callers over to other services."""

    ring_seconds: Seconds = Field(30, description="How long another service's phone rings.")
    park_places: int = Field(
        5, ge=0, le=9, description="How many callers can be parked at once (驻留); 0: none."
    )
    park_seconds: int = Field(
        120,
        ge=5,
        le=1800,
        description="How long a caller stays parked before the agent who left them is rung back.",
    )
    park_open_to: Literal["all", "team"] = Field(
        "all", description="Who may take a parked caller: every agent, or the same team's."
    )
    targets: list[HandoverTarget] = Field(
        default_factory=_usual_targets,
        max_length=60,
        description="Where callers can be handed over to, in the order agents see.",
    )

    @field_validator("targets")
    @classmethod
    def _codes_differ(cls, value: list[HandoverTarget]) -> list[HandoverTarget]:
        seen: set[str] = set()
        for target in value:
            if target.code in seen:
                raise ValueError(f"two targets have the code {target.code!r}")
            seen.add(target.code)
        return value


class FlowsSection(Section):
    """What callers are led through."""

    webhook_hosts: list[str] = Field(
        [], description="Hosts (or host:port) that a flow's webhook may ask; none by default."
    )
