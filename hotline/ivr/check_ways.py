"""Where callers get to: circles, traps, the way to a person, and the bound."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hotline.ivr import model
from hotline.ivr.check_graph import Edge, Graph, graph_steps
from hotline.ivr.findings import Finding, found
from hotline.ivr.ground import Ground

# How long a prompt is taken to last where only its name is known.
PROMPT_S = 2.0
# GB/T 33358 advises shallow menus.
DEEPEST_MENU = 2
# Exits of those with whom somebody talked.
TALKED = frozenset({"talked", "done", "overflow"})


def check_ways(graph: Graph, ground: Ground) -> Iterator[Finding]:
    """Every finding about ways through the flow."""
    yield from _person(graph, ground)
    circles = _Circles(graph, ground)
    yield from circles.findings()
    yield from _unreachable(graph, ground)
    yield from _reports(graph, ground)
    yield from _surveys(graph, ground)
    yield from _deep_menus(graph, ground)
    if not circles.silent:
        yield from _bound(graph, ground)


def _person(graph: Graph, ground: Ground) -> Iterator[Finding]:
    flow = graph.flow
    if flow.person is None:
        if ground.entry:
            yield found("person-missing", ground.lines.at("flow"))
        return
    if flow.person not in flow.nodes:
        return
    reached = graph.reach((flow.person,))
    if not any(graph.has_person(node) for node in reached):
        yield found("no-queue-from-person", ground.lines.at("person"), person=flow.person)


class _Circles:
    """Circles are told once each, the worst that can be said of them."""

    def __init__(self, graph: Graph, ground: Ground) -> None:
        self._graph = graph
        self._ground = ground
        self._told: set[str] = set()
        # There is one that callers walk who do nothing: no way through has a length then.
        self.silent = False

    def findings(self) -> Iterator[Finding]:
        graph = self._graph
        for circle in graph.circles(graph.reachable):
            if not any(
                e.target is None or e.target not in circle for n in circle for e in graph.edges[n]
            ):
                served = any(graph.serves(node) for node in circle)
                yield self._tell("loop-without-exit" if served else "trap", circle, None)
        yield from self._kind("loop-without-asking", self._unasked, graph.reachable)
        yield from self._kind("loop-silent", graph.is_silent, graph.reachable)
        person = graph.flow.person
        if person in graph.flow.nodes:
            behind = graph.reach((person,), self._spoken)
            yield from self._kind("person-loop", self._spoken, behind)

    def _spoken(self, edge: Edge) -> bool:
        """Not the exits of a report that was not spoken or not kept: the walk itself ends those."""
        report = isinstance(self._graph.flow.nodes[edge.source], model.Report)
        return not report or edge.exit == "saved"

    def _unasked(self, edge: Edge) -> bool:
        return not self._graph.asks(edge.source)

    def _kind(
        self, code: str, follow: Callable[[Edge], bool], among: set[str]
    ) -> Iterator[Finding]:
        for circle in self._graph.circles(among, follow):
            if not circle & self._told:
                yield self._tell(code, circle, follow)

    def _tell(self, code: str, circle: set[str], follow: Callable[[Edge], bool] | None) -> Finding:
        self._told |= circle
        self.silent = self.silent or code != "person-loop"
        lines = self._ground.lines
        first = min(circle, key=lambda node: (lines.of(node), node))
        way = " → ".join(self._graph.way_round(circle, first, follow))
        return found(code, lines.of(first), first, way=way)


def _unreachable(graph: Graph, ground: Ground) -> Iterator[Finding]:
    if graph.flow.start not in graph.flow.nodes:
        return
    for node in graph.flow.nodes:
        if node not in graph.reachable:
            yield found("unreachable", ground.lines.of(node), node)


def _reports(graph: Graph, ground: Ground) -> Iterator[Finding]:
    for node_id, node in graph.flow.nodes.items():
        if not isinstance(node, model.Report):
            continue
        after = graph.reach((node.saved,))
        ends = any(
            isinstance(graph.flow.nodes[n], model.Goodbye | model.Return | model.SubFlow)
            for n in after
        )
        if after and not ends:
            yield found("report-without-goodbye", ground.lines.of(node_id, "saved"), node_id)


def _surveys(graph: Graph, ground: Ground) -> Iterator[Finding]:
    if not ground.entry:
        return
    untalked = graph.reach((graph.flow.start,), lambda e: e.exit not in TALKED)
    for node_id in sorted(untalked):
        if isinstance(graph.flow.nodes[node_id], model.Survey):
            yield found("survey-before-talk", ground.lines.of(node_id), node_id)


def _deep_menus(graph: Graph, ground: Ground) -> Iterator[Finding]:
    """How many menus a caller has to answer at least to come to each."""
    nodes = graph.flow.nodes
    depth: dict[str, int] = {}
    layer, number = {graph.flow.start} & nodes.keys(), 1
    while layer:
        # Without answering: to every menu that is reached by passing no other.
        here = graph.reach(layer, lambda e: not isinstance(nodes[e.source], model.Menu))
        menus = {n for n in here if isinstance(nodes[n], model.Menu)} - depth.keys()
        depth.update(dict.fromkeys(menus, number))
        layer = {
            e.target
            for menu in menus
            for e in graph.edges[menu]
            if e.target and e.exit.startswith(("key:", "word:"))
        }
        number += 1
    for node_id in (n for n, deep in depth.items() if deep == DEEPEST_MENU + 1):
        line = ground.lines.of(node_id)
        yield found("menu-too-deep", line, node_id, depth=depth[node_id], most=DEEPEST_MENU)


def _bound(graph: Graph, ground: Ground) -> Iterator[Finding]:
    """The bound must leave room for the longest way, or callers are led away in the middle."""
    flow = graph.flow
    steps = round(graph.longest(flow.start, graph_steps(graph)))
    spared = min(len(flow.nodes), flow.bound.steps // 2)
    if steps > flow.bound.steps - spared:
        line = ground.lines.at("bound", "steps")
        needed = steps + len(flow.nodes)
        yield found("bound-steps", line, longest=steps, bound=flow.bound.steps, needed=needed)
    seconds = graph.longest(flow.start, lambda n: _seconds(flow.nodes[n]), graph.is_silent)
    if seconds > flow.bound.seconds:
        line = ground.lines.at("bound", "seconds")
        shown = f"{flow.bound.seconds:g}"
        yield found("bound-seconds", line, longest=round(seconds), bound=shown)


def _seconds(node: model.Node) -> float:
    """How long a caller who does nothing stays at least."""
    said = PROMPT_S * len(getattr(node, "prompts", ()))
    tries = getattr(node, "tries", 1)
    if isinstance(node, model.Announcement):
        return said + (node.wait_s if node.keys else 0.0)
    if isinstance(node, model.ChooseLanguage) and not node.keys:
        return 0.0
    return float(tries * (said + getattr(node, "first_key_s", 0.0)))
