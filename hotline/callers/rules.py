"""What the calls of one number say of it. Pure: rows and the time in, a finding out.

A finding is a proposal and never more: a supervisor hears the calls and decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hotline.callers.model import DAY_S, Because, Effect

# Whoever is gone so soon has not heard the greeting.
AT_ONCE_S = 5.0


@dataclass(frozen=True, slots=True)
class PastCall:
    """A call of a number, as far as it speaks for or against it.

    ``signs`` are silent, nuisance and abusive; ``urgent``: it was about life and safety;
    ``has_case``: a case came of it. Instants are Unix seconds, ``ended_at`` None while it lives.
    """

    call_id: str
    arrived_at: float
    ended_at: float | None = None
    answered: bool = False
    reported: bool = False
    signs: frozenset[str] = frozenset()
    urgent: bool = False
    has_case: bool = False

    @property
    def hung_up_at_once(self) -> bool:
        """Whether the caller was gone before anything was said."""
        if self.ended_at is None or self.answered or self.reported:
            return False
        return self.ended_at - self.arrived_at < AT_ONCE_S


@dataclass(frozen=True, slots=True)
class Threshold:
    """``least`` such calls within ``window_s`` seconds propose ``effect``."""

    because: Because
    effect: Effect
    least: int
    window_s: float


THRESHOLDS = (
    Threshold(Because.ABUSIVE, Effect.ANNOUNCE, 2, 7 * DAY_S),
    Threshold(Because.SILENT, Effect.REPORT, 5, DAY_S),
    Threshold(Because.NUISANCE, Effect.LOWER, 3, 7 * DAY_S),
    Threshold(Because.HANG_UPS, Effect.LOWER, 8, DAY_S),
    Threshold(Because.VOLUME, Effect.LOWER, 30, DAY_S),
)
"""The strongest first: a number gets one proposal."""

# No call is reason enough before this many of a day, unless somebody marked it.
LEAST_CALLS = min(
    threshold.least
    for threshold in THRESHOLDS
    if threshold.because in {Because.HANG_UPS, Because.VOLUME}
)
LONGEST_WINDOW_S = max(threshold.window_s for threshold in THRESHOLDS)


@dataclass(frozen=True, slots=True)
class Finding:
    """Enough signs: what they propose, and the calls that show them, oldest first."""

    because: Because
    effect: Effect
    evidence: tuple[str, ...]


def find(calls: Sequence[PastCall], now: float) -> Finding | None:
    """The strongest finding that the calls of one number give at ``now``, None for none.

    Calls about life and safety never count, and a call that led to a case counts only when an
    agent marked it.
    """
    for threshold in THRESHOLDS:
        since = now - threshold.window_s
        shown = [
            call
            for call in sorted(calls, key=lambda call: (call.arrived_at, call.call_id))
            if since < call.arrived_at <= now and _shows(call, threshold.because)
        ]
        if len(shown) >= threshold.least:
            evidence = tuple(call.call_id for call in shown)
            return Finding(threshold.because, threshold.effect, evidence)
    return None


def _shows(call: PastCall, because: Because) -> bool:
    if call.urgent:
        return False
    match because:
        case Because.ABUSIVE | Because.NUISANCE:
            return because.value in call.signs
        case Because.SILENT:
            return "silent" in call.signs and not call.has_case
        case Because.HANG_UPS:
            return call.hung_up_at_once and not call.has_case
        case Because.VOLUME:
            return not call.has_case
