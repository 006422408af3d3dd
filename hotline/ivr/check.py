"""The check of a flow: what would go wrong for a caller, found before a caller finds it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from hotline.ivr.check_choices import check_choices
from hotline.ivr.check_graph import Graph, summaries
from hotline.ivr.check_nodes import check_nodes
from hotline.ivr.check_said import check_said
from hotline.ivr.check_ways import check_ways
from hotline.ivr.findings import Finding, FlowFaults, found
from hotline.ivr.ground import Ground
from hotline.ivr.marked import Lines
from hotline.ivr.model import Flow, Return, SubFlow
from hotline.ivr.reading import read_with_lines


@dataclass(frozen=True, slots=True)
class Checked:
    """A file as the check sees it; ``flow`` is None when it cannot be read."""

    flow: Flow | None
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Whether callers may walk it: there are no errors, warnings perhaps."""
        return self.flow is not None and all(f.severity != "error" for f in self.findings)


def check(
    flow: Flow,
    *,
    lines: Lines | None = None,
    flows: Mapping[str, Flow] | None = None,
    prompts: Mapping[str, Collection[str]] | None = None,
    queues: Collection[str] | None = None,
    targets: Collection[str] | None = None,
    webhook_hosts: Collection[str] | None = None,
    entry: bool = True,
    now: datetime | None = None,
) -> list[Finding]:
    """What is wrong with a flow, by line. See :class:`Ground` for what it is held against."""
    ground = Ground(
        lines or Lines(), flows or {}, prompts, queues, targets, webhook_hosts, entry, now
    )
    return check_on(flow, ground)


def check_on(flow: Flow, ground: Ground) -> list[Finding]:
    """What is wrong with a flow on this ground, by line."""
    ground = replace(ground, flows={**ground.flows, flow.flow: flow})
    known = {name: f for name, f in ground.flows.items() if name != flow.flow}
    graph = Graph(flow, summaries(known))
    findings = [
        *check_nodes(graph, ground),
        *check_choices(graph, ground),
        *check_said(graph, ground),
        *check_ways(graph, ground),
        *_unused(flow, ground),
    ]
    told = {(f.line, f.node, f.code, *sorted(f.values.items())): f for f in findings}
    return sorted(told.values())


def check_text(
    text: str, ground: Ground, begins: Callable[[Flow, Ground], bool] | None = None
) -> Checked:
    """Read a file and check it. ``ground.lines`` is taken from the text; ``begins`` decides from
    the flow itself whether calls begin with it."""
    try:
        flow, lines = read_with_lines(text)
    except FlowFaults as faults:
        return Checked(None, faults.findings)
    ground = replace(ground, lines=lines, entry=begins(flow, ground) if begins else ground.entry)
    return Checked(flow, tuple(check_on(flow, ground)))


def begins_calls(flow: Flow, ground: Ground) -> bool:
    """Whether a flow looks as if calls began with it: it names a person, or neither returns nor
    is called by another."""
    if flow.person is not None:
        return True
    returns = any(isinstance(node, Return) for node in flow.nodes.values())
    return not returns and flow.flow not in _called(flow, ground)


def _called(flow: Flow, ground: Ground) -> set[str]:
    """The names that flows besides ``flow`` call."""
    return {
        node.flow
        for name, other in ground.flows.items()
        if name != flow.flow
        for node in other.nodes.values()
        if isinstance(node, SubFlow)
    }


def _unused(flow: Flow, ground: Ground) -> Iterator[Finding]:
    if ground.entry or len(ground.flows) < 2:
        return
    if flow.flow not in _called(flow, ground):
        yield found("flow-unused", ground.lines.at("flow"), flow=flow.flow)
