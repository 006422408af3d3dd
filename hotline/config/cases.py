"""Cases: their classes, their form, the working calendar."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from hotline.config.base import Section


class RegistrySection(Section):
    """The cases."""

    standard: Literal["cjt-214-2007", "gbt-30428.2-2013", "gbt-47678.5-2026"] = Field(
        "gbt-30428.2-2013",
        description="The classes that new cases are given; older cases keep theirs.",
    )
    attachment_mb: int = Field(
        20, ge=1, le=500, description="The largest photo, document or sound of a case, in MB."
    )
    similar_metres: float = Field(
        50, gt=0, le=5000, description="How near two cases of a class may be one matter, in metres."
    )
    similar_hours: float = Field(
        24, gt=0, le=8760, description="How soon after each other they may be one, in hours."
    )
    matter_reports: int = Field(
        3, ge=2, description="So many reports of one class at one place should be one case."
    )
    sample_city: bool = Field(
        True, description="In the demo: load a made-up city when there are no places yet."
    )
    life: str = Field(
        "",
        description="A city's own life of a case: a file as hotline life check wants it; "
        "empty: the shipped one.",
    )

    @property
    def life_file(self) -> Path | None:
        """That file; None for the shipped life."""
        return Path(self.life) if self.life else None


Kind = Literal["consult", "help", "complaint", "report", "suggestion", "praise"]
Demandable = Literal[
    "category",
    "address",
    "happened",
    "caller_name",
    "caller_phone",
    "caller_sex",
    "expected_reply",
]


class FormSection(Section):
    """The form that agents fill in."""

    required: dict[Kind, list[Demandable]] = Field(
        {"complaint": ["address"], "report": ["address"]},
        description="What a case of each kind must say beside its kind and its description.",
    )


class ClocksSection(Section):
    """The working calendar that time limits count by, and when their clocks speak up."""

    hours: str = Field(
        "08:00-12:00 14:00-18:00",
        description="Working hours of each working day; none goes past midnight.",
    )
    official_holidays: bool = Field(
        True, description="Whether the State Council's holidays and swapped working days count."
    )
    holidays: list[date] = Field([], description="More days off, such as [2026-10-08].")
    workdays: list[date] = Field([], description="More working days, whatever they are else.")
    warn_share: Annotated[float, Field(ge=0, le=1)] = Field(
        0.8, description="Warn when so much of a limit is used up; 1: not by share."
    )
    warn_hours: Annotated[float, Field(ge=0, le=240)] = Field(
        1, description="Warn when so many working hours are left, if that is earlier; 0: never."
    )
    escalate_hours: list[Annotated[float, Field(ge=0, le=2400)]] = Field(
        [0, 4, 8],
        max_length=3,
        description="Working hours after a missed limit at which the unit, the dispatchers and "
        "the supervisors are told, each once.",
    )

    @field_validator("hours")
    @classmethod
    def _hours(cls, value: str) -> str:
        # Here: the doctor reads the configuration, and shares nothing else with the controller.
        from hotline.calendar.hours import DAY_MINUTES, BadHours, read_day  # noqa: PLC0415

        try:
            spans = read_day(value)
        except BadHours as fault:
            raise ValueError("write hours such as 08:00-12:00 14:00-18:00") from fault
        if not spans or any(span.end > DAY_MINUTES for span in spans):
            raise ValueError("at least one span, and none past midnight")
        return value

    @model_validator(mode="after")
    def _each_day_once(self) -> ClocksSection:
        both = set(self.holidays) & set(self.workdays)
        if both:
            raise ValueError(f"{min(both)} is under holidays and under workdays")
        if self.escalate_hours != sorted(self.escalate_hours):
            raise ValueError("escalate_hours rise from one to the next")
        return self
