"""What one plan changes of another, for people to read before they publish."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hotline.routing.model import RoutingPlan

_ABSENT: Mapping[str, Any] = {}
# The parts of an agent that are told one by one: a weight, a level, a day's shifts.
_SINGLY = ("queues", "skills", "week", "days")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. ``where`` is the part (queues, agents…), the name in it, and for a changed
    one the field, then the queue, skill or day. ``before`` and ``after`` are JSON values; None:
    not there."""

    where: tuple[str, ...]
    before: Any
    after: Any


def changes(before: RoutingPlan, after: RoutingPlan) -> tuple[Change, ...]:
    """Every difference, part by part."""
    old, new = _parts(before), _parts(after)
    return tuple(change for part in old for change in _between(part, old[part], new[part]))


def _parts(plan: RoutingPlan) -> dict[str, dict[str, dict[str, Any]]]:
    def named(items: tuple[Any, ...], key: str) -> dict[str, dict[str, Any]]:
        return {getattr(item, key): item.model_dump(mode="json") for item in items}

    roster = {name: shifts.model_dump(mode="json") for name, shifts in plan.roster.items()}
    for shifts in roster.values():
        shifts["week"] = {str(day): hours for day, hours in enumerate(shifts["week"])}
    return {
        "queues": named(plan.queues, "name"),
        "skills": named(plan.skills, "code"),
        "teams": named(plan.teams, "code"),
        "agents": named(plan.agents, "agent_id"),
        "roster": roster,
    }


def _between(
    part: str, old: Mapping[str, dict[str, Any]], new: Mapping[str, dict[str, Any]]
) -> Iterator[Change]:
    for name in dict.fromkeys([*old, *new]):
        before, after = old.get(name), new.get(name)
        if part in ("agents", "roster"):
            # Somebody who was not named before had nothing of their own.
            yield from _fields((part, name), before or _ABSENT, after or _ABSENT)
        elif before is None or after is None:
            yield Change((part, name), before, after)
        else:
            yield from _fields((part, name), before, after)


def _fields(
    where: tuple[str, ...], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Change]:
    for field in dict.fromkeys([*before, *after]):
        old, new = before.get(field), after.get(field)
        if field in _SINGLY:
            yield from _fields((*where, field), old or _ABSENT, new or _ABSENT)
        elif (old or None) != (new or None) and field not in ("name", "code", "agent_id"):
            yield Change((*where, field), old, new)
