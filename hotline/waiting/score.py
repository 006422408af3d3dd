"""How good the estimates were: each one that was told, held against what really happened. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Told:
    """One estimate. ``told_s`` is what was foretold, ``said_s`` what the caller heard (rounded up;
    None: no figure); ``waited_s`` is how long they then waited for an agent, None when that is not
    known (they hung up or left a report), ``left_after_s`` when they stopped waiting so."""

    told_s: float
    said_s: float | None = None
    waited_s: float | None = None
    left_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """Errors in seconds, None while nothing can be known. ``bias`` above 0: callers were told too
    much. ``longer`` of ``compared`` callers waited longer than they were told; among those are who
    hung up after it. Of ``told`` estimates ``unknown`` cannot be compared."""

    told: int
    compared: int
    unknown: int
    longer: int
    mean_error: float | None = None
    bias: float | None = None
    p90_error: float | None = None


def score(told: Sequence[Told]) -> Score:
    """The score of these estimates."""
    errors = [one.told_s - one.waited_s for one in told if one.waited_s is not None]
    verdicts = [verdict for one in told if (verdict := _was_longer(one)) is not None]
    sizes = sorted(abs(error) for error in errors)
    count = len(errors)
    return Score(
        told=len(told),
        compared=len(verdicts),
        unknown=len(told) - len(verdicts),
        longer=sum(verdicts),
        mean_error=sum(sizes) / count if count else None,
        bias=sum(errors) / count if count else None,
        p90_error=sizes[ceil(0.9 * count) - 1] if count else None,
    )


def _was_longer(one: Told) -> bool | None:
    """Whether they waited longer than they were told; None when nobody knows."""
    limit = one.told_s if one.said_s is None else one.said_s
    if one.waited_s is not None:
        return one.waited_s > limit
    if one.left_after_s is not None and one.left_after_s > limit:
        return True
    return None
