"""What cannot work in a routing plan, or will not do what it seems to. No I/O."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from hotline.calendar.hours import OVERLAP, BadHours, read_day
from hotline.routing.check_queues import of_queue
from hotline.routing.findings import Finding, Place, found, similar
from hotline.routing.model import Queue, RoutingPlan

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Ground:
    """What a plan is held against. ``home`` is the queue of calls without one of their own;
    ``agents`` are the user ids of agents with an open account, ``gone`` every other user id;
    ``flows`` the queues that flows in force name, with those flows and their nodes; ``blended``
    the skills that hotline.toml names for work between calls, by the key that does so."""

    home: str
    agents: Collection[str] = ()
    gone: Collection[str] = ()
    targets: Collection[str] = ()
    flows: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    blended: Mapping[str, str] = field(default_factory=dict)


def check(plan: RoutingPlan, ground: Ground) -> tuple[Finding, ...]:
    """Every finding, errors first."""
    findings = [
        *_doubled(plan),
        *_home(plan, ground),
        *_people(plan, ground),
        *_loops(plan),
        *_roster(plan, ground),
        *_blended(plan, ground),
    ]
    for index, queue in enumerate(plan.queues):
        findings += of_queue(plan, index, ground.targets)
        findings += _served(plan, index, queue, ground)
    return tuple(sorted(findings, key=lambda one: one.severity))


def sound(findings: Iterable[Finding]) -> bool:
    """Whether a plan with these findings may be published."""
    return all(one.severity != "error" for one in findings)


def _doubled(plan: RoutingPlan) -> Iterator[Finding]:
    named: Sequence[tuple[str, Sequence[str]]] = (
        ("queues", [queue.name for queue in plan.queues]),
        ("skills", [skill.code for skill in plan.skills]),
        ("teams", [team.code for team in plan.teams]),
        ("agents", [agent.agent_id for agent in plan.agents]),
    )
    for part, names in named:
        seen: set[str] = set()
        for index, name in enumerate(names):
            if name in seen:
                yield found("doubled", part, index, name=name)
            seen.add(name)


def _home(plan: RoutingPlan, ground: Ground) -> Iterator[Finding]:
    if ground.home not in plan.by_queue:
        yield found("home-queue-missing", "queues", queue=ground.home)
    for queue, users in sorted(ground.flows.items()):
        if queue in plan.by_queue or queue == ground.home:
            continue
        for flow, nodes in sorted(users.items()):
            yield found("queue-in-use", "queues", queue=queue, flow=flow, nodes=", ".join(nodes))


def _served(plan: RoutingPlan, index: int, queue: Queue, ground: Ground) -> Iterator[Finding]:
    if any(agent.agent_id in ground.agents for agent in plan.serving(queue.name)):
        return
    if queue.name == ground.home and (set(ground.agents) - set(plan.by_agent)):
        return
    where = ("queues", index)
    if not ground.agents:
        yield found("nobody-yet", *where, queue=queue.name)
    elif any(rule.when == "nobody" for rule in queue.overflow):
        yield found("queue-unserved-on-purpose", *where, queue=queue.name)
    else:
        yield found("queue-unserved", *where, queue=queue.name)


# --- people -----------------------------------------------------------------------------


def _people(plan: RoutingPlan, ground: Ground) -> Iterator[Finding]:
    skills = [skill.code for skill in plan.skills]
    teams = [team.code for team in plan.teams]
    for index, agent in enumerate(plan.agents):
        where = ("agents", index)
        yield from _account(agent.agent_id, where, ground)
        if not agent.queues:
            yield found("agent-idle", *where, "queues", agent=agent.agent_id)
        for queue in agent.queues:
            if queue not in plan.by_queue:
                hint = similar(queue, list(plan.by_queue))
                yield found("unknown-queue", *where, "queues", queue, queue=queue, hint=hint)
        for skill in agent.skills:
            if skill not in skills:
                hint = similar(skill, skills)
                yield found("unknown-skill", *where, "skills", skill, skill=skill, hint=hint)
        if agent.team and agent.team not in teams:
            hint = similar(agent.team, teams)
            yield found("unknown-team", *where, "team", team=agent.team, hint=hint)
    yield from _not_listed(plan, ground)


def _account(agent_id: str, where: Place, ground: Ground) -> Iterator[Finding]:
    if agent_id in ground.gone:
        yield found("agent-gone", *where, agent=agent_id)
    elif agent_id not in ground.agents:
        hint = similar(agent_id, list(ground.agents))
        yield found("unknown-agent", *where, agent=agent_id, hint=hint)


def _not_listed(plan: RoutingPlan, ground: Ground) -> Iterator[Finding]:
    # A plan without agents is that of a fresh install: nobody is forgotten in it.
    missing = sorted(set(ground.agents) - set(plan.by_agent)) if plan.agents else []
    if missing:
        some = ", ".join(missing[:_MOST_NAMED]) + ("…" if len(missing) > _MOST_NAMED else "")
        count = len(missing)
        yield found("agents-not-listed", "agents", count=count, agents=some, queue=ground.home)


def _blended(plan: RoutingPlan, ground: Ground) -> Iterator[Finding]:
    skills = {skill.code for skill in plan.skills}
    for key, skill in sorted(ground.blended.items()):
        if skill not in skills:
            yield found("blended-skill-missing", "skills", key=key, skill=skill)


# --- between queues -----------------------------------------------------------------------


def _loops(plan: RoutingPlan) -> Iterator[Finding]:
    """Each ring of queues that overflow into one another, told once."""
    onward = {
        queue.name: [rule.queue for rule in queue.overflow if rule.queue in plan.by_queue]
        for queue in plan.queues
    }
    told: set[frozenset[str]] = set()
    for index, queue in enumerate(plan.queues):
        way = _way_back(queue.name, onward)
        if len(way) > 1 and frozenset(way) not in told:
            told.add(frozenset(way))
            loop = " → ".join([*way, way[0]])
            yield found("overflow-loop", "queues", index, "overflow", loop=loop)


def _way_back(start: str, onward: Mapping[str, Sequence[str]]) -> list[str]:
    """The shortest way from a queue over others to itself; empty when there is none."""
    ways = [[start]]
    seen = {start}
    while ways:
        way = ways.pop(0)
        for after in onward[way[-1]]:
            if after == start:
                return way
            if after not in seen:
                seen.add(after)
                ways.append([*way, after])
    return []


# --- the roster ---------------------------------------------------------------------------


def _roster(plan: RoutingPlan, ground: Ground) -> Iterator[Finding]:
    for agent_id, shifts in plan.roster.items():
        where = ("roster", agent_id)
        if agent_id not in plan.by_agent:
            yield from _account(agent_id, where, ground)
        for index, typed in enumerate(shifts.week):
            yield from _hours(agent_id, typed, str(index), (*where, "week", index))
        for day, typed in shifts.days.items():
            yield from _hours(agent_id, typed, day, (*where, "days", day))
            try:
                date.fromisoformat(day)
            except ValueError:
                yield found("roster-date", *where, "days", day, day=day)


def _hours(agent_id: str, typed: str, day: str, where: Place) -> Iterator[Finding]:
    try:
        read_day(typed)
    except BadHours as fault:
        code = "roster-overlap" if fault.key == OVERLAP else "roster-hours"
        yield found(code, *where, agent=agent_id, day=day, typed=typed)
