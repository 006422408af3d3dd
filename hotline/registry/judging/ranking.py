"""Rankings by one rate. Pure.

Who has too few cases is shown but not ranked: one case more or less would decide the place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from hotline.registry.judging.model import Line, Rate, RateDefinition
from hotline.registry.judging.rates import rate_of

FEWEST = 10
RANKED_BY = ("closing_in_time", "closing", "handling_in_time", "handling", "dispatch_accuracy",
             "rework", "extension")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ranked:
    """A line's place: equal rates share one, and the next place counts them all (1, 1, 3).

    ``place`` is None for who has fewer than :data:`FEWEST` cases, or no name.
    """

    place: int | None
    line: Line
    rate: Rate


def rank(
    lines: Iterable[Line], definition: RateDefinition, fewest: int = FEWEST
) -> tuple[Ranked, ...]:
    """Best first; those without a place after them, by their number of cases.

    Raises :class:`ValueError` for a rate of which neither more nor less is better.
    """
    if definition.better == "neither":
        raise ValueError(f"nobody is better or worse by {definition.id}")
    rated = [(line, rate_of(definition, line.counts)) for line in lines]
    placed = [(line, rate, rate.value) for line, rate in rated if _enough(line, rate, fewest)]
    best = sorted(placed, key=lambda each: (_order(definition, each[2]), each[0].key))
    values = [value for _, _, value in best]
    ranked = [Ranked(values.index(value) + 1, line, rate) for line, rate, value in best]
    rest = [Ranked(None, line, rate) for line, rate in rated if not _enough(line, rate, fewest)]
    rest.sort(key=lambda each: (-(each.rate.denominator or 0), each.line.key))
    return (*ranked, *rest)


def _enough(line: Line, rate: Rate, fewest: int) -> bool:
    return bool(line.key) and rate.value is not None and (rate.denominator or 0) >= fewest


def _order(definition: RateDefinition, value: Fraction | None) -> Fraction:
    known = value or Fraction(0)
    return -known if definition.better == "higher" else known
