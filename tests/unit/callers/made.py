"""Rules as tests need them."""

from __future__ import annotations

from dataclasses import replace

from hotline.callers.model import Because, Effect, Rule, State

MADE = Rule(
    rule_id=1,
    number="13800138000",
    because=Because.SILENT,
    effect=Effect.REPORT,
    why="五次无声",
    evidence=("c1",),
    state=State.ACTIVE,
    proposed_at=0.0,
    made_by="supervisor",
    made_at=0.0,
    expires_at=None,
    ended_by=None,
    ended_at=None,
    ended_why="",
)


def rule(*, expires_at: float) -> Rule:
    """An active rule that ends at ``expires_at``."""
    return replace(MADE, expires_at=expires_at)
