"""The shift, as the desk shows it: who is planned to be on duty now, and who comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta, tzinfo

from hotline.clock import local
from hotline.routing.model import RoutingPlan
from hotline.routing.roster import Span, joined, rostered

NEXT_S = 12 * 3600.0


@dataclass(frozen=True, slots=True)
class Duty:
    """Somebody's shift, from one instant until another (Unix seconds)."""

    agent_id: str
    begins: float
    ends: float


@dataclass(frozen=True, slots=True)
class Shift:
    """Who is on duty ``now``, and who comes ``next``, within :data:`NEXT_S`; ``planned`` is
    whether anybody ever is."""

    planned: bool
    now: tuple[Duty, ...] = ()
    next: tuple[Duty, ...] = ()


def shift_at(plan: RoutingPlan, now: float, zone: tzinfo) -> Shift:
    """The shift by the plan's roster."""
    today = local(now, zone).date()
    spans: dict[str, list[Span]] = {}
    for day in (today, today + timedelta(days=1)):
        for agent_id, planned in rostered(plan, day, zone).items():
            spans.setdefault(agent_id, []).extend(planned)
    duties = sorted(
        (
            Duty(agent_id, begins, ends)
            for agent_id, planned in spans.items()
            for begins, ends in joined(planned)
        ),
        key=lambda duty: (duty.begins, duty.agent_id),
    )
    here = tuple(duty for duty in duties if duty.begins <= now < duty.ends)
    there = {duty.agent_id for duty in here}
    coming = tuple(
        duty for duty in duties if now < duty.begins <= now + NEXT_S and duty.agent_id not in there
    )
    return Shift(bool(plan.roster), here, coming)
