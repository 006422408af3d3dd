"""What cannot work in a single queue of a routing plan."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import pairwise

from hotline.routing.findings import Finding, found, similar
from hotline.routing.model import Need, Overflow, Queue, RoutingPlan


def of_queue(plan: RoutingPlan, index: int, targets: Collection[str]) -> Iterator[Finding]:
    """Every finding of the queue at ``index``."""
    queue = plan.queues[index]
    yield from _times(index, queue)
    yield from _needs(plan, index, queue)
    yield from _rings(plan, index, queue)
    for number, rule in enumerate(queue.overflow):
        yield from _where_to(plan, index, number, rule, targets)
        yield from _threshold(index, number, queue, rule)


def _times(index: int, queue: Queue) -> Iterator[Finding]:
    name, overflow = queue.name, queue.overflow_s
    if queue.first_s >= overflow:
        yield found(
            "first-too-long",
            *("queues", index, "first_s"),
            queue=name,
            first=queue.first_s,
            overflow=overflow,
        )
    if queue.target_s > overflow:
        yield found(
            "target-too-long",
            *("queues", index, "target_s"),
            queue=name,
            target=queue.target_s,
            overflow=overflow,
        )
    if queue.ring_s >= overflow:
        yield found(
            "ring-longer-than-wait",
            *("queues", index, "ring_s"),
            queue=name,
            ring=queue.ring_s,
            overflow=overflow,
        )


# --- skills -------------------------------------------------------------------------------


def _needs(plan: RoutingPlan, index: int, queue: Queue) -> Iterator[Finding]:
    skills = [skill.code for skill in plan.skills]
    for part, needs in (("requires", queue.requires), ("prefers", queue.prefers)):
        for number, need in enumerate(needs):
            if need.skill not in skills:
                hint = similar(need.skill, skills)
                where = ("queues", index, part, number)
                yield found("unknown-skill", *where, skill=need.skill, hint=hint)
    required = {need.skill: need.level for need in queue.requires}
    for number, need in enumerate(queue.prefers):
        if need.level <= required.get(need.skill, 0):
            where = ("queues", index, "prefers", number)
            code = "skill-required-and-preferred"
            yield found(code, *where, skill=need.skill, queue=queue.name)
    if queue.strategy == "best_skill" and not (queue.requires or queue.prefers):
        yield found("best-skill-blind", "queues", index, "strategy", queue=queue.name)
    yield from _qualified(plan, index, queue)


def _qualified(plan: RoutingPlan, index: int, queue: Queue) -> Iterator[Finding]:
    serving = list(plan.serving(queue.name))
    if not queue.requires or not serving:
        return
    lacking = [
        (number, need)
        for number, need in enumerate(queue.requires)
        if not any(_has(agent.skills, need) for agent in serving)
    ]
    for number, need in lacking:
        yield found(
            "nobody-qualified",
            *("queues", index, "requires", number),
            queue=queue.name,
            skill=need.skill,
            level=need.level,
        )
    if not lacking and not any(
        all(_has(agent.skills, need) for need in queue.requires) for agent in serving
    ):
        yield found("nobody-has-all", "queues", index, "requires", queue=queue.name)


def _has(skills: dict[str, int], need: Need) -> bool:
    return skills.get(need.skill, 0) >= need.level


# --- rings --------------------------------------------------------------------------------


def _rings(plan: RoutingPlan, index: int, queue: Queue) -> Iterator[Finding]:
    rings = queue.rings
    if not rings:
        return
    where = ("queues", index, "rings")
    if rings[0].after_s != 0:
        yield found("ring-first", *where, 0, queue=queue.name, after=rings[0].after_s)
    for number, (earlier, later) in enumerate(pairwise(rings), start=1):
        if later.after_s <= earlier.after_s:
            yield found("ring-order", *where, number, queue=queue.name, after=later.after_s)
    last = rings[-1]
    if last.weight > 1 or last.preferred:
        number = len(rings) - 1
        yield found("ring-last", *where, number, queue=queue.name, weight=last.weight)
    yield from _useless_rings(plan, index, queue)


def _useless_rings(plan: RoutingPlan, index: int, queue: Queue) -> Iterator[Finding]:
    weights = [agent.queues[queue.name] for agent in plan.serving(queue.name)]
    name = queue.name
    for number, ring in enumerate(queue.rings):
        where = ("queues", index, "rings", number)
        after = ring.after_s
        if after >= queue.overflow_s:
            overflow = queue.overflow_s
            yield found("ring-late", *where, queue=name, after=after, overflow=overflow)
        if weights and ring.weight > max(weights):
            yield found("ring-empty", *where, queue=name, after=after, weight=ring.weight)
        if ring.preferred and not queue.prefers:
            yield found("ring-prefers-nothing", *where, queue=name)


# --- overflow -----------------------------------------------------------------------------


def _where_to(
    plan: RoutingPlan, index: int, number: int, rule: Overflow, targets: Collection[str]
) -> Iterator[Finding]:
    where = ("queues", index, "overflow", number, "to")
    own = plan.queues[index].name
    if rule.queue == own:
        yield found("overflow-self", *where, queue=own)
    elif rule.queue and rule.queue not in plan.by_queue:
        hint = similar(rule.queue, list(plan.by_queue))
        yield found("unknown-queue", *where, queue=rule.queue, hint=hint)
    elif rule.target and rule.target not in targets:
        hint = similar(rule.target, list(targets))
        yield found("unknown-target", *where, target=rule.target, hint=hint)


def _threshold(index: int, number: int, queue: Queue, rule: Overflow) -> Iterator[Finding]:
    where = ("queues", index, "overflow", number, "value")
    name, value = queue.name, rule.value
    if rule.when == "length":
        if value < 1:
            yield found("overflow-length-zero", *where, queue=name)
        elif queue.limit and value >= queue.limit:
            yield found("overflow-length-late", *where, queue=name, value=value, limit=queue.limit)
    elif value >= queue.overflow_s:
        late = queue.overflow_s
        yield found("overflow-late", *where, queue=name, value=value, overflow=late, to=rule.to)
    elif rule.when == "wait" and value <= 0:
        yield found("overflow-wait-zero", *where, queue=name)
