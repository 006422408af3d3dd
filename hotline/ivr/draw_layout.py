"""Where a flow's nodes stand in its drawing, and which way its exits go around them.

Layers by grandalf. What it leaves overlapping is moved apart, so that no node is ever drawn over
another, and exits pass between nodes, never through one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from grandalf.graphs import Edge, Graph, Vertex
from grandalf.layouts import SugiyamaLayout

SPACE_X = 28.0
SPACE_Y = 88.0
# The room that an exit takes where it passes between nodes.
LANE = 18.0
ROUNDS = 4

Point = tuple[float, float]
Size = tuple[float, float]
Link = tuple[str, str]


@dataclass(slots=True)
class Row:
    """A layer's upper and lower edge."""

    top: float
    bottom: float


@dataclass(slots=True)
class Placed:
    """The middle of each node, its row, and where each link passes the rows between."""

    middles: dict[str, Point] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    row_of: dict[str, int] = field(default_factory=dict)
    # For each pair of nodes, from the upper one: the rows between, and where they are passed.
    lanes: dict[Link, list[tuple[int, float]]] = field(default_factory=dict)
    width: float = 0.0

    @property
    def height(self) -> float:
        """How high all of it is."""
        return self.rows[-1].bottom if self.rows else 0.0

    def way(self, link: Link) -> list[tuple[int, float]]:
        """The rows that a link passes between its ends, in its own direction."""
        if link in self.lanes:
            return self.lanes[link]
        return self.lanes.get((link[1], link[0]), [])[::-1]


class _View:
    """What grandalf asks of a vertex: its size, and a place to put it."""

    def __init__(self, size: Size) -> None:
        self.w, self.h = size
        self.xy: Point = (0.0, 0.0)


def place(sizes: Mapping[str, Size], links: Sequence[Link], start: str) -> Placed:
    """Place nodes of these sizes. Links of a node with itself are left out."""
    down = _downwards(sizes, links, start)
    vertices = {name: Vertex(name) for name in sizes}
    for name, vertex in vertices.items():
        vertex.view = _View(sizes[name])
    edges = {link: Edge(vertices[link[0]], vertices[link[1]]) for link in down}
    graph = Graph(list(vertices.values()), list(edges.values()))
    placed = Placed()
    first = vertices.get(start)
    for part in sorted(graph.C, key=lambda part: first not in part.sV):
        layout = _laid_out(part)
        _move_apart(layout, placed.width)
        placed.width = _right(layout)
        for vertex in part.sV:
            placed.row_of[vertex.data] = layout.grx[vertex].rank
        for link, edge in edges.items():
            if edge in part.sE:
                placed.lanes[link] = _lane(layout, edge)
    _set_rows(placed, sizes)
    for name, vertex in vertices.items():
        row = placed.rows[placed.row_of[name]]
        placed.middles[name] = (vertex.view.xy[0], (row.top + row.bottom) / 2)
    return placed


def _lane(layout: Any, edge: Any) -> list[tuple[int, float]]:
    """The rows that an edge passes between its ends, and where."""
    stops = sorted(layout.ctrls.get(edge, {}).items())
    return [(rank, stop.view.xy[0]) for rank, stop in stops if stop not in edge.v]


def _downwards(sizes: Mapping[str, Size], links: Sequence[Link], start: str) -> list[Link]:
    """Each pair of linked nodes once, turned so that there are no circles: a link to a node that
    leads to its source goes up."""
    after: dict[str, list[str]] = {name: [] for name in sizes}
    for source, target in links:
        if source != target and target not in after[source]:
            after[source].append(target)
    on_way, done, down = set[str](), set[str](), dict[Link, None]()

    def visit(name: str) -> None:
        on_way.add(name)
        for target in after[name]:
            link = (target, name) if target in on_way else (name, target)
            if (link[1], link[0]) not in down:
                down[link] = None
            if target not in on_way and target not in done:
                visit(target)
        on_way.discard(name)
        done.add(name)

    for name in ([start] if start in after else []) + list(after):
        if name not in done:
            visit(name)
    return list(down)


def _laid_out(part: Any) -> Any:
    layout = SugiyamaLayout(part)
    layout.xspace, layout.yspace = SPACE_X, SPACE_Y
    layout.dw = LANE
    roots = [vertex for vertex in part.sV if not vertex.e_in()]
    layout.init_all(roots=roots, inverted_edges=[])
    layout.draw(ROUNDS)
    return layout


def _move_apart(layout: Any, left: float) -> None:
    """Keep each layer's order and the space between, and begin at ``left``."""
    for layer in layout.layers:
        # Without this a wide node may still overlap its neighbour.
        ordered = sorted(layer, key=lambda stop: (stop.view.xy[0], layout.grx[stop].pos))
        wanted = [stop.view.xy[0] for stop in ordered]
        for before, stop in pairwise(ordered):
            least = before.view.xy[0] + (before.view.w + stop.view.w) / 2 + SPACE_X
            stop.view.xy = (max(stop.view.xy[0], least), stop.view.xy[1])
        shift = sum(stop.view.xy[0] for stop in ordered) - sum(wanted)
        for stop in ordered:
            stop.view.xy = (stop.view.xy[0] - shift / len(ordered), stop.view.xy[1])
    leftmost = min(s.view.xy[0] - s.view.w / 2 for layer in layout.layers for s in layer)
    for layer in layout.layers:
        for stop in layer:
            stop.view.xy = (stop.view.xy[0] - leftmost + left, stop.view.xy[1])


def _right(layout: Any) -> float:
    edge = max(s.view.xy[0] + s.view.w / 2 for layer in layout.layers for s in layer)
    return float(edge) + SPACE_X


def _set_rows(placed: Placed, sizes: Mapping[str, Size]) -> None:
    top = 0.0
    for rank in range(max(placed.row_of.values(), default=-1) + 1):
        high = max((sizes[n][1] for n, row in placed.row_of.items() if row == rank), default=LANE)
        placed.rows.append(Row(top, top + high))
        top += high + SPACE_Y
