"""What a caller can be played: catalogue prompts, free text, and values read out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reading(StrEnum):
    """How a value is read out."""

    DIGITS = "digits"
    PHONE = "phone"
    NUMBER = "number"
    ORDINAL = "ordinal"
    MONEY = "money"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    DURATION = "duration"
    CASE_NUMBER = "case_number"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt of the catalogue, in the caller's language."""

    name: str


@dataclass(frozen=True, slots=True)
class Said:
    """Text that no catalogue holds (a storm's text, the name of a unit)."""

    text: str


@dataclass(frozen=True, slots=True)
class Read:
    """A value read out as a speaker of the caller's language would.

    ``value`` is decimal digits (``12319``), a number (``-3.5``), an amount in yuan (``12.50``),
    an ISO 8601 date, time or local date-time (``2026-10-01``, ``09:00``, ``2026-10-01T09:00``),
    or seconds for a duration or a wait.
    """

    reading: Reading
    value: str


Piece = Prompt | Said | Read
