"""Rules, needs and skills that between them have everything the engine knows."""

from __future__ import annotations

from typing import Any

from hotline.acd.model import Need, OverflowRule, QueueRules, Ring, Strategy


def _rules(strategy: Strategy, other: Strategy, **urgent: Any) -> dict[str, QueueRules]:
    """Two queues that have every rule there is between them."""
    return {
        "hotline": QueueRules(
            strategy=strategy,
            rings=(Ring(0, weight=3, preferred=True), Ring(10, weight=2), Ring(25)),
            first_s=15,
            limit=4,
            wrap_up_extra_s=20,
            overflow=(OverflowRule("wait", 60, "queue:urgent"),),
            task_spare=0,
            target_share=0.02,
            target_window_s=600,
        ),
        "urgent": QueueRules(
            ring_s=10,
            wrap_up_s=0,
            overflow_s=240,
            miss_pause_s=30,
            aging_s=20,
            strategy=other,
            overflow=(
                OverflowRule("nobody", 5, "target:110"),
                OverflowRule("length", 3, "queue:hotline"),
                OverflowRule("target", 30, "target:12345"),
            ),
            target_window_s=300,
            **urgent,
        ),
    }


RULES = _rules("longest_idle", "round_robin")
PLANS: tuple[dict[str, QueueRules], ...] = (
    RULES,
    _rules("least_occupied", "best_skill", target_s=5, first_s=30),
    _rules("best_skill", "least_occupied", target_share=0.5, limit=2),
    {"hotline": QueueRules(strategy="round_robin", wrap_up_s=0, overflow_s=240)},
    {**_rules("round_robin", "longest_idle"), "night": QueueRules()},
)
DIALECT, LAW = Need("dialect", 2), Need("law")
NEEDS: tuple[tuple[tuple[Need, ...], tuple[Need, ...]], ...] = (
    ((), ()),
    ((), ()),
    ((DIALECT,), ()),
    ((), (LAW,)),
    ((LAW,), (DIALECT, Need("law", 3))),
)
SKILLS: tuple[dict[str, int], ...] = ({}, {"law": 1}, {"dialect": 3, "law": 3}, {"dialect": 2})
WEIGHTS: tuple[dict[str, int], ...] = ({}, {"hotline": 3}, {"hotline": 2, "urgent": 9})
QUEUE_SETS: tuple[tuple[str, ...], ...] = (
    ("hotline",),
    ("hotline", "urgent"),
    ("urgent",),
    ("urgent", "no-such-queue"),
)
