"""Rates from counts, and how they are written: exact fractions, rounded half up. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from hotline.registry.judging.model import BadCounts, Counts, Definitions, Rate, RateDefinition

UNKNOWN = "—"


def rate_of(definition: RateDefinition, counts: Counts) -> Rate:
    """The rate that the counts give; unknown where a count is missing."""
    return Rate(definition, counts.get(definition.numerator), counts.get(definition.denominator))


def rates_of(definitions: Definitions, counts: Counts) -> tuple[Rate, ...]:
    """Every rate, alternatives after the one that is in use."""
    return tuple(rate_of(definition, counts) for definition in definitions.rates)


def percent(value: Fraction | None) -> str:
    """``93.72 %``: two decimals, half rounded up on the exact fraction; unknown as a dash."""
    if value is None:
        return UNKNOWN
    hundredths = _half_up(value * 10_000)
    sign = "-" if hundredths < 0 else ""
    whole, rest = divmod(abs(hundredths), 100)
    return f"{sign}{whole}.{rest:02} %"


def points(now: Fraction | None, before: Fraction | None) -> str:
    """The change from ``before`` in percentage points: ``+1.25``; unknown when either is."""
    if now is None or before is None:
        return UNKNOWN
    return signed(now - before)


def signed(change: Fraction) -> str:
    """A change of a rate in percentage points, with its sign."""
    text = percent(change).removesuffix(" %")
    return text if text.startswith("-") or text == "0.00" else f"+{text}"


def growth(now: int | None, before: int | None) -> str:
    """The change of a count against ``before`` in per cent: ``+12.50 %``; unknown without one."""
    if now is None or not before:
        return UNKNOWN
    return f"{signed(Fraction(now - before, before))} %"


def read_counts(data: object) -> dict[str, int]:
    """Counts as a program sends them; under ``counts`` when there is more beside them.

    Raises :class:`BadCounts` for what is no number of cases.
    """
    given = data.get("counts", data) if isinstance(data, Mapping) else data
    if not isinstance(given, Mapping):
        raise BadCounts("counts are an object: a name and a number of cases each")
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise BadCounts(f"{name}: {value!r} is no number of cases")
    return dict(given)


def told(rate: Rate) -> dict[str, Any]:
    """A rate for programs: its definition, both counts, the value and how it is written."""
    definition = rate.definition
    return {
        "id": definition.id,
        "zh": definition.zh,
        "en": definition.en,
        "formula": f"{definition.numerator} / {definition.denominator}",
        "numerator": rate.numerator,
        "denominator": rate.denominator,
        "value": None if rate.value is None else float(rate.value),
        "percent": None if rate.value is None else percent(rate.value),
        "in_use": definition.in_use,
        "doubtful": rate.doubtful,
        "source": definition.source,
    }


def _half_up(value: Fraction) -> int:
    """To the nearest whole number; a half away from zero."""
    whole = (abs(value) + Fraction(1, 2)).__floor__()
    return whole if value >= 0 else -whole
