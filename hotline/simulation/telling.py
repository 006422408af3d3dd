"""A result for programs (``--json``) and for people (tables)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from hotline.simulation.model import Scenario
from hotline.simulation.result import AgentLoad, Estimate, Result, Row, Span

CONFIDENCES = {"ci95": 0.95, "ci99": 0.99}


def as_json(name: str, scenario: Scenario, result: Result) -> dict[str, Any]:
    """The result under its published names (docs/simulation.md)."""
    return {
        "name": name,
        "seed": result.seed,
        "replications": result.replications,
        "confidence": "Student's t over replications; ratios by the delta method",
        "service_level": {
            "means": "answered within target_s, over offered",
            "target_s": {queue: rules.target_s for queue, rules in scenario.queues.items()},
        },
        "total": _row(result.total),
        "intervals": [_span(span) for span in result.intervals],
        "queues": {queue: _row(row) for queue, row in result.queues.items()},
        "queue_intervals": {
            queue: [_span(span) for span in spans]
            for queue, spans in result.queue_intervals.items()
        },
        "agents": [_agent(agent) for agent in result.agents],
    }


def clock(seconds: float) -> str:
    """A time of day."""
    minutes = round(seconds / 60)
    return f"{minutes // 60:02}:{minutes % 60:02}"


def lines(name: str, scenario: Scenario, result: Result) -> Iterator[str]:
    """What ``hotline simulate`` prints: means, with the 95 % interval of what is promised."""
    yield f"{name or 'simulated'}: {result.replications} replications, seed {result.seed}"
    yield ""
    heads = ("offered", "answered", "gave up", "overflow", "in time", "(95 %)", "mean", "P50")
    yield _line("", *heads, "P90", "P95", "longest", "agents", "occupied")
    for span in result.intervals:
        yield _line(clock(span.from_s), *_cells(span.row))
    if len(result.queues) > 1:
        yield ""
        for queue, row in result.queues.items():
            yield _line(queue, *_cells(row))
    yield ""
    yield _line("all", *_cells(result.total))
    limits = ", ".join(f"{name} {rules.target_s:g} s" for name, rules in scenario.queues.items())
    yield ""
    yield f"In time: answered within the limit ({limits}), of all offered."
    yield "Waits in seconds; mean, P50, P90 and P95 of callers answered, longest of all."
    yield ""
    yield from _loads(result.agents)


WIDTHS = (16, 8, 9, 8, 9, 8, 14, 7, 7, 7, 7, 8, 7, 9)


def _line(first: str, *others: str) -> str:
    padded = (f"{cell:>{width}}" for cell, width in zip(others, WIDTHS[1:], strict=False))
    return f"{first[: WIDTHS[0] - 1]:<{WIDTHS[0]}}" + "".join(padded)


def _loads(agents: Iterable[AgentLoad]) -> Iterator[str]:
    yield f"{'load by agent':<24}{'answered':>9}{'hours busy':>12}{'on duty':>9}{'occupied':>10}"
    for agent in agents:
        busy, duty = agent.busy_s.mean / 3600, agent.duty_s.mean / 3600
        hours = f"{busy:>12.1f}{duty:>9.1f}{_share(agent.occupancy):>10}"
        yield f"{agent.agent_id:<24}{agent.answered.mean:>9.1f}{hours}"


def _cells(row: Row) -> Iterator[str]:
    for count in (row.offered, row.answered, row.abandoned, row.overflowed):
        yield f"{count.mean:.1f}"
    yield _share(row.service_level)
    interval = row.service_level and row.service_level.interval(0.95)
    yield f"{interval[0]:.1%}–{interval[1]:.1%}" if interval else "—"
    for wait in (row.asa_s, row.p50_wait_s, row.p90_wait_s, row.p95_wait_s, row.longest_s):
        yield "—" if wait is None else f"{wait.mean:.1f}"
    yield "—" if row.agents is None else f"{row.agents.mean:.1f}"
    yield _share(row.occupancy)


def _share(estimate: Estimate | None) -> str:
    return "—" if estimate is None else f"{estimate.mean:.1%}"


def _row(row: Row) -> dict[str, Any]:
    told: dict[str, Any] = {part.name: _estimate(getattr(row, part.name)) for part in fields(row)}
    level = told["service_level"]
    if level is not None:
        told["service_level"] = {
            "numerator": row.within.mean,
            "denominator": row.offered.mean,
            **level,
        }
    return told


def _span(span: Span) -> dict[str, Any]:
    return {"from": clock(span.from_s), "until": clock(span.until_s), **_row(span.row)}


def _agent(agent: AgentLoad) -> Mapping[str, Any]:
    return {
        part.name: value if isinstance(value, str) else _estimate(value)
        for part in fields(agent)
        for value in (getattr(agent, part.name),)
    }


def _estimate(estimate: Estimate | None) -> dict[str, Any] | None:
    if estimate is None:
        return None
    intervals = {
        name: list(found) if (found := estimate.interval(share)) else None
        for name, share in CONFIDENCES.items()
    }
    return {"mean": estimate.mean, **intervals}
