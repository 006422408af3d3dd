"""How queues behave: strategies, skills, rings, overflow, the service level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Strategy = Literal["longest_idle", "least_occupied", "round_robin", "best_skill"]
"""Who of the free agents of one weight is asked first (:mod:`hotline.acd.strategies`)."""

OverflowWhen = Literal["wait", "length", "nobody", "target"]
"""What an overflow rule watches."""

TOP_LEVEL = 5
"""The highest level of a skill; 1 is the lowest, and no entry means not at all."""
TOP_WEIGHT = 9
"""The highest weight of an agent in a queue; 1 is the lowest and the default."""


@dataclass(frozen=True, slots=True)
class Need:
    """A skill that a call asks for, at ``level`` or higher."""

    skill: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Ring:
    """Who is asked once a call has waited ``after_s`` in its queue.

    Agents with at least ``weight`` in the queue, and while ``preferred`` only those who meet
    all that the call prefers.
    """

    after_s: float
    weight: int = 1
    preferred: bool = False


@dataclass(frozen=True, slots=True)
class OverflowRule:
    """When a caller is sent elsewhere, and where; ``to`` means nothing to the engine.

    ``wait``: has waited ``value`` seconds. ``length``: came when ``value`` callers waited.
    ``nobody``: has waited ``value`` seconds and nobody signed on serves the queue and has the
    skills the call requires. ``target``: has waited ``value`` seconds while the queue's share
    of calls answered in time is below ``target_share``.
    """

    when: OverflowWhen
    value: float
    to: str


@dataclass(frozen=True, slots=True)
class QueueRules:
    """How one queue behaves. Durations are seconds.

    ``ring_s`` is how long a phone rings, and how long an agent who refused a call is left alone
    with it when nobody else can take it. ``offer_grace_s`` is how much longer the wire may take
    to report how an offer ended before it counts as missed. ``overflow_s`` is the last resort
    (to a report), whatever ``overflow`` says. ``aging_s`` is what one step of priority is worth
    in waiting (the bound on overtaking that follows:
    :func:`hotline.acd.policy.call_order`).

    ``rings`` are in order of ``after_s``, the first from 0 on, the last for everyone; none: all
    are asked from the start. ``limit`` is the most callers that may wait (0: no limit); who
    comes later overflows as ``full``. ``first_s`` is how long a call waits for its first agent.
    ``wrap_up_extra_s`` is by how much in all an agent may extend one wrap-up.

    The service level is the share of callers answered within ``target_s``, over about the last
    ``target_window_s``; below ``target_share`` it is breached. A task is offered only while it
    is not, and while ``task_spare`` ready agents of the queue are left.

    Raises :class:`ValueError` for what cannot work.
    """

    ring_s: float = 20.0
    wrap_up_s: float = 30.0
    overflow_s: float = 90.0
    miss_pause_s: float = 60.0
    aging_s: float = 60.0
    offer_grace_s: float = 5.0
    strategy: Strategy = "longest_idle"
    rings: tuple[Ring, ...] = ()
    limit: int = 0
    overflow: tuple[OverflowRule, ...] = ()
    target_s: float = 15.0
    target_share: float = 0.95
    target_window_s: float = 1_800.0
    first_s: float = 0.0
    wrap_up_extra_s: float = 0.0
    task_spare: int = 1

    def __post_init__(self) -> None:
        for name in (
            "ring_s",
            "overflow_s",
            "miss_pause_s",
            "offer_grace_s",
            "target_s",
            "target_window_s",
        ):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be positive")
        for name in (
            "wrap_up_s",
            "aging_s",
            "limit",
            "first_s",
            "wrap_up_extra_s",
            "task_spare",
        ):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must not be negative")
        if not 0 <= self.target_share <= 1:
            raise ValueError("target_share must be between 0 and 1")
        if self.strategy not in get_args(Strategy):
            raise ValueError(f"strategy {self.strategy!r} is not one of {get_args(Strategy)}")
        self._check_rings()
        for rule in self.overflow:
            if rule.when not in get_args(OverflowWhen) or not rule.value >= 0:
                raise ValueError(f"overflow cannot be by {rule.when!r} {rule.value}")

    def _check_rings(self) -> None:
        starts = [ring.after_s for ring in self.rings]
        if starts and (starts[0] != 0 or sorted(set(starts)) != starts):
            raise ValueError("rings must start at 0 and widen one after the other")
        if self.rings and (self.rings[-1].preferred or self.rings[-1].weight > 1):
            raise ValueError("the last of the rings must admit everyone")
