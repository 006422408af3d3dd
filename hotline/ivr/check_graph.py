"""A flow as a graph: who reaches what, by which exits, and where callers would go in circles."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from hotline.ivr import model

# Exits by which a caller goes on who neither speaks nor presses a key.
_SILENT_EXITS = frozenset(
    {"next", "failed", "empty", "nobody", "full", "open", "closed", "holiday", "found", "none"}
    | {"fallback", "registered", "known", "otherwise"}
)
_PERSONS = (model.Queue, model.Transfer)
_ASKING = (*_PERSONS, model.Menu, model.Digits, model.Listen, model.Report)


@dataclass(frozen=True, slots=True)
class Edge:
    """An exit of a node. A target of None leads to a person of the flow that called."""

    source: str
    exit: str
    target: str | None


@dataclass(frozen=True, slots=True)
class Summary:
    """What a calling flow has to know of a sub-flow. All of it is of what can be reached."""

    returns: frozenset[str] = frozenset()
    silent_returns: bool = False
    asks: bool = False
    person: bool = False
    report: bool = False
    ends: bool = False
    # It leads to the calling flow's person.
    to_callers_person: bool = False
    steps: int = 0
    stores: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Graph:
    """A flow's nodes and exits. Exits to nodes that do not exist are left out."""

    flow: model.Flow
    summaries: Mapping[str, Summary] = field(default_factory=dict)

    @cached_property
    def edges(self) -> Mapping[str, tuple[Edge, ...]]:
        """The exits of each node."""
        return {node: tuple(self._edges(node)) for node in self.flow.nodes}

    def _edges(self, node_id: str) -> Iterator[Edge]:
        nodes = self.flow.nodes
        for exit_name, target in self.flow.exits(node_id).items():
            if target is None or target in nodes:
                yield Edge(node_id, exit_name, target)
        summary = self.summary(node_id)
        if summary and summary.to_callers_person:
            person = self.flow.person
            if person is None or person in nodes:
                yield Edge(node_id, "person", person)

    def summary(self, node_id: str) -> Summary | None:
        """Of the sub-flow that a node calls; None for other nodes and unknown flows."""
        node = self.flow.nodes[node_id]
        return self.summaries.get(node.flow) if isinstance(node, model.SubFlow) else None

    # --- what nodes are -----------------------------------------------------------------------

    def asks(self, node_id: str) -> bool:
        """Whether the caller can choose, speak or be spoken with there."""
        node = self.flow.nodes[node_id]
        if isinstance(node, model.Announcement):
            return bool(node.keys)
        if isinstance(node, model.SubFlow):
            summary = self.summary(node_id)
            return summary is None or summary.asks
        return isinstance(node, _ASKING)

    def has_person(self, node_id: str) -> bool:
        """Whether a person may be reached at the node itself."""
        summary = self.summary(node_id)
        return isinstance(self.flow.nodes[node_id], _PERSONS) or bool(summary and summary.person)

    def serves(self, node_id: str) -> bool:
        """Whether the caller reaches a person, leaves a report, or is told goodbye there, or
        goes back to the flow that called."""
        node = self.flow.nodes[node_id]
        if isinstance(node, model.SubFlow):
            summary = self.summary(node_id)
            return summary is None or summary.person or summary.report or summary.ends
        kinds = (*_PERSONS, model.Report, model.Goodbye, model.Return)
        return isinstance(node, kinds) or any(e.target is None for e in self.edges[node_id])

    def is_silent(self, edge: Edge) -> bool:
        """Whether a caller goes there who does nothing at all."""
        node = self.flow.nodes[edge.source]
        if isinstance(node, model.SubFlow):
            summary = self.summary(edge.source)
            return summary is not None and summary.silent_returns and edge.exit != "person"
        if isinstance(node, model.Digits | model.Listen):
            return edge.exit == "failed"
        if isinstance(node, model.Report):
            return edge.exit == "empty"
        return edge.exit in _SILENT_EXITS or edge.exit.startswith("case:")

    # --- ways ---------------------------------------------------------------------------------

    def reach(
        self, starts: Iterable[str | None], follow: Callable[[Edge], bool] | None = None
    ) -> set[str]:
        """Every node on a way from ``starts``, which are themselves in it."""
        seen: set[str] = set()
        open_: deque[str] = deque(s for s in starts if s in self.flow.nodes)
        while open_:
            node = open_.popleft()
            if node in seen:
                continue
            seen.add(node)
            open_.extend(
                e.target for e in self.edges[node] if e.target and (follow is None or follow(e))
            )
        return seen

    @cached_property
    def reachable(self) -> set[str]:
        """Every node that some caller can come to."""
        return self.reach((self.flow.start, self.flow.person))

    def at_once(self, node_id: str) -> set[str]:
        """The nodes a caller comes to from ``node_id`` on before being asked anything; those
        that ask are in it, what follows them is not."""
        return self.reach((node_id,), lambda edge: not self.asks(edge.source))

    def circles(
        self, among: Collection[str], follow: Callable[[Edge], bool] | None = None
    ) -> list[set[str]]:
        """Sets of nodes that lead to each other, each a node at least that leads to itself."""
        inner = {
            node: {
                e.target
                for e in self.edges[node]
                if e.target and e.target in among and (follow is None or follow(e))
            }
            for node in among
        }
        behind = {node: _closure(node, inner) for node in among}
        found: list[set[str]] = []
        told: set[str] = set()
        for node in among:
            if node in behind[node] and node not in told:
                circle = {other for other in behind[node] if node in behind[other]}
                told |= circle
                found.append(circle)
        return found

    def way_round(
        self, circle: Collection[str], first: str, follow: Callable[[Edge], bool] | None = None
    ) -> list[str]:
        """The shortest way in ``circle`` from ``first`` back to it: ``[a, b, a]``."""
        open_: deque[list[str]] = deque([[first]])
        seen: set[str] = set()
        while open_:
            way = open_.popleft()
            for edge in self.edges[way[-1]]:
                if edge.target is None or edge.target not in circle:
                    continue
                if follow is not None and not follow(edge):
                    continue
                if edge.target == first:
                    return [*way, first]
                if edge.target not in seen:
                    seen.add(edge.target)
                    open_.append([*way, edge.target])
        return [first]

    def longest(
        self,
        start: str | None,
        weight: Callable[[str], float],
        follow: Callable[[Edge], bool] | None = None,
    ) -> float:
        """The heaviest way from ``start``. Nodes that lead to each other count once each, all."""
        among = self.reach((start,), follow)
        part_of = {node: frozenset({node}) for node in among}
        for circle in self.circles(among, follow):
            part_of.update(dict.fromkeys(circle, frozenset(circle)))
        heaviest: dict[frozenset[str], float] = {}
        for part in self._inside_out(part_of, follow):
            after = [
                heaviest[part_of[e.target]]
                for node in part
                for e in self.edges[node]
                if e.target in part_of
                and part_of[e.target] != part
                and (follow is None or follow(e))
            ]
            heaviest[part] = sum(weight(node) for node in part) + max(after, default=0.0)
        return heaviest[part_of[start]] if start in part_of else 0.0

    def _inside_out(
        self, part_of: Mapping[str, frozenset[str]], follow: Callable[[Edge], bool] | None
    ) -> list[frozenset[str]]:
        """The parts, each after all that can be reached from it."""
        reached = {part: len(self.reach(part, follow)) for part in set(part_of.values())}
        return sorted(reached, key=lambda part: (reached[part], sorted(part)))


def _closure(node: str, inner: Mapping[str, set[str]]) -> set[str]:
    """What is reached from ``node`` by one step or more."""
    seen: set[str] = set()
    open_ = list(inner[node])
    while open_:
        here = open_.pop()
        if here not in seen:
            seen.add(here)
            open_.extend(inner[here])
    return seen


# --- sub-flows -------------------------------------------------------------------------------


def summaries(flows: Mapping[str, model.Flow]) -> dict[str, Summary]:
    """What each flow is to those that call it. One that calls itself counts as unknown there."""
    done: dict[str, Summary] = {}

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in done or name in above or name not in flows:
            return
        for called in _called(flows[name]):
            visit(called, (*above, name))
        done[name] = _summary(Graph(flows[name], done))

    for name in flows:
        visit(name, ())
    return done


def _called(flow: model.Flow) -> list[str]:
    return [node.flow for node in flow.nodes.values() if isinstance(node, model.SubFlow)]


def _summary(graph: Graph) -> Summary:
    flow, nodes = graph.flow, graph.flow.nodes
    silent = graph.reach((flow.start,), graph.is_silent)
    reached = graph.reachable
    called = [s for node in reached if (s := graph.summary(node))]
    return Summary(
        returns=frozenset(n.exit for i in reached if isinstance(n := nodes[i], model.Return)),
        silent_returns=any(isinstance(nodes[i], model.Return) for i in silent),
        asks=any(graph.asks(node) for node in reached),
        person=any(graph.has_person(node) for node in reached),
        report=any(isinstance(nodes[i], model.Report) for i in reached)
        or any(s.report for s in called),
        ends=any(isinstance(nodes[i], model.Goodbye) for i in reached)
        or any(s.ends for s in called),
        to_callers_person=any(e.target is None for i in reached for e in graph.edges[i]),
        steps=round(graph.longest(flow.start, graph_steps(graph))),
        stores=frozenset(name for i in reached for name in stores(nodes[i]))
        | frozenset(name for s in called for name in s.stores),
    )


def graph_steps(graph: Graph) -> Callable[[str], float]:
    """How many steps of the bound a node takes, with the sub-flow that it calls."""

    def steps(node_id: str) -> float:
        summary = graph.summary(node_id)
        return 1 + (summary.steps if summary else 0)

    return steps


def stores(node: model.Node) -> Collection[str]:
    """The names under which a node keeps values."""
    if isinstance(node, model.Digits | model.Listen):
        return (node.store,)
    if isinstance(node, model.Webhook):
        return tuple(node.store)
    return tuple(node.values) if isinstance(node, model.Set) else ()
