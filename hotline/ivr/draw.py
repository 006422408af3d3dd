"""A flow as a drawing: SVG without scripts, that stands alone or in a page.

Nodes are groups ``#node-<name>`` with ``data-node`` and their kind as a class. Exits that lead to
the flow's person by default, as ``0`` and too many failures do, are told in the node: drawn, they
would hide everything else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from hotline.ivr import model
from hotline.ivr.counts import NodeCount
from hotline.ivr.draw_layout import Link, Placed, Point, Row, place
from hotline.ivr.draw_style import STYLE
from hotline.ivr.draw_words import KINDS, PHRASES, detail, exits_word, shortened, width
from hotline.ivr.findings import Finding

TITLE, SMALL, LABEL = 13.0, 11.0, 11.0
PAD = 10.0
LEAST_WIDTH, MOST_TEXT = 96.0, 250.0
LINE = 17.0
LABEL_HIGH = 17.0
MARGIN = 24.0
# Above the first row: where the call comes in.
HEAD = 44.0
PORT = 16.0
ARROW = 9.0


def draw(
    flow: model.Flow,
    *,
    language: str = "zh",
    counts: Mapping[str, NodeCount] | None = None,
    findings: Iterable[Finding] = (),
) -> str:
    """The drawing of ``flow``; with ``counts``, coloured by how callers walked it."""
    return _Drawing(flow, language, counts, findings).svg()


@dataclass(slots=True)
class _Box:
    """A node as it is drawn: its lines of text and its size."""

    name: str
    kind: str
    lines: list[tuple[str, str]]
    width: float
    height: float
    x: float = 0.0
    y: float = 0.0

    @property
    def left(self) -> float:
        return self.x - self.width / 2

    @property
    def top(self) -> float:
        return self.y - self.height / 2

    @property
    def bottom(self) -> float:
        return self.y + self.height / 2


@dataclass(slots=True)
class _End:
    """An end of a link at a node: on which side, and towards where."""

    link: Link
    leaves: bool
    toward: float
    x: float = 0.0


class _Drawing:
    def __init__(
        self,
        flow: model.Flow,
        language: str,
        counts: Mapping[str, NodeCount] | None,
        findings: Iterable[Finding],
    ) -> None:
        self._flow = flow
        self._language = language
        self._counts = counts
        self._phrases = PHRASES[language]
        self._findings: dict[str, list[Finding]] = defaultdict(list)
        for finding in findings:
            self._findings[finding.node].append(finding)
        self._exits = {node: self._drawn_exits(node) for node in flow.nodes}
        self._labels = {
            (node, target): self._label(node, names)
            for node, exits in self._exits.items()
            for target, names in exits.items()
        }
        self._boxes = {node: self._box(node) for node in flow.nodes}
        self._placed = self._place()
        self._ports = self._set_ports()

    # --- what is drawn ------------------------------------------------------------------------

    def _drawn_exits(self, node_id: str) -> dict[str, list[str]]:
        """Exits by the node that they lead to, but those that lead to a person by default."""
        by_target: dict[str, list[str]] = defaultdict(list)
        for name, target in self._flow.nodes[node_id].exits():
            if target in self._flow.nodes:
                by_target[str(target)].append(name)
        return dict(by_target)

    def _label(self, node_id: str, names: list[str]) -> str:
        word = exits_word(names, self._flow.nodes[node_id], self._language)
        if self._counts is None:
            return word
        left = self._left(node_id, names)
        return f"{word} {left:,}".strip() if left else word

    def _left(self, node_id: str, names: Iterable[str]) -> int:
        count = (self._counts or {}).get(node_id, NodeCount())
        return sum(count.left.get(name, 0) for name in names)

    def _box(self, node_id: str) -> _Box:
        node = self._flow.nodes[node_id]
        lines = [("name", shortened(node_id, MOST_TEXT, TITLE))]
        told = shortened(detail(node, self._language), MOST_TEXT, SMALL)
        if told:
            lines.append(("detail", told))
        person = self._by_default(node)
        if person:
            lines.append(("person", person))
        if node_id == self._flow.person:
            lines.append(("person", self._phrases["is_person"]))
        if self._counts is not None:
            lines.append(("count", self._counted(node_id)))
        badge = width(KINDS[self._language][node.kind], SMALL) + 16
        texts = [
            width(text, TITLE if kind == "name" else SMALL) + (badge if kind == "name" else 0)
            for kind, text in lines
        ]
        ports = sum(self._port_width((node_id, target)) for target in self._exits[node_id])
        wide = max(LEAST_WIDTH, max(texts) + 2 * PAD + 12, ports)
        return _Box(node_id, node.kind, lines, wide, PAD + LINE * len(lines) + PAD * 0.6)

    def _by_default(self, node: model.Node) -> str:
        names = [name for name, target in node.exits() if target is None]
        if not names:
            return ""
        person = "person" if self._flow.person else "callers_person"
        word = exits_word(names, node, self._language)
        return f"{word} {self._phrases['to'].format(where=self._phrases[person])}"

    def _counted(self, node_id: str) -> str:
        count = (self._counts or {}).get(node_id, NodeCount())
        told = f"{self._phrases['entered']} {count.entered:,}"
        return told + (f" · {self._phrases['hung_up']} {count.hung_up:,}" if count.hung_up else "")

    def _port_width(self, link: Link) -> float:
        label = self._labels.get(link, "")
        return width(label, LABEL) + 20 if label else PORT

    # --- where it stands ----------------------------------------------------------------------

    def _place(self) -> Placed:
        sizes = {name: (box.width, box.height) for name, box in self._boxes.items()}
        placed = place(sizes, list(self._labels), self._flow.start)
        for name, (x, y) in placed.middles.items():
            self._boxes[name].x, self._boxes[name].y = x, y
        return placed

    def _set_ports(self) -> dict[tuple[str, Link], Point]:
        """Where each link begins and ends: side by side on the node's lower and upper edge."""
        sides: dict[tuple[str, bool], list[_End]] = defaultdict(list)
        for link in self._labels:
            source, target = link
            if source == target:
                continue
            down = self._placed.row_of[source] < self._placed.row_of[target]
            way = self._placed.way(link)
            after = way[0][1] if way else self._boxes[target].x
            before = way[-1][1] if way else self._boxes[source].x
            sides[source, down].append(_End(link, True, after))
            sides[target, not down].append(_End(link, False, before))
        ports: dict[tuple[str, Link], Point] = {}
        for (node, below), ends in sides.items():
            box = self._boxes[node]
            self._spread(box, ends)
            for end in ends:
                ports[("out" if end.leaves else "in"), end.link] = (
                    end.x,
                    box.bottom if below else box.top,
                )
        return ports

    def _spread(self, box: _Box, ends: list[_End]) -> None:
        ends.sort(key=lambda end: end.toward)
        widths = [self._port_width(end.link) if end.leaves else PORT for end in ends]
        spare = max(0.0, box.width - PAD - sum(widths))
        gap = min(spare / max(len(ends), 1), 24.0)
        x = box.x - (sum(widths) + gap * (len(ends) - 1)) / 2
        for end, wide in zip(ends, widths, strict=True):
            end.x = x + wide / 2
            x += wide + gap

    # --- SVG ----------------------------------------------------------------------------------

    def svg(self) -> str:
        wide = self._placed.width + 2 * MARGIN
        high = self._placed.height + HEAD + 2 * MARGIN
        texts: Mapping[str, str] = {str(k): v for k, v in self._flow.title.items()}
        title = texts.get(self._language) or next(iter(texts.values()))
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="flow-drawing" role="img"'
            f' viewBox="0 0 {wide:.0f} {high:.0f}" width="{wide:.0f}" height="{high:.0f}"'
            f" aria-label={quoteattr(title)}>",
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}</style>",
            '<defs><marker id="flow-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7"'
            ' markerHeight="7" orient="auto" markerUnits="userSpaceOnUse">'
            '<path class="arrow" d="M0 0.5 L8 4 L0 7.5 z"/></marker></defs>',
            f'<g transform="translate({MARGIN:.0f} {MARGIN + HEAD:.0f})">',
            self._start(),
            *(self._edge(link) for link in self._labels),
            *(self._node(box) for box in self._boxes.values()),
            *(self._cap(link) for link in self._labels),
            "</g></svg>",
        ]
        return "\n".join(part for part in parts if part) + "\n"

    def _start(self) -> str:
        box = self._boxes.get(self._flow.start)
        if box is None:
            return ""
        word = self._phrases["start" if self._flow.person else "called"]
        return (
            f'<g class="start"><path class="edge" d="M{box.x:.1f} {box.top - 22:.1f}'
            f' V{box.top - 1:.1f}" marker-end="url(#flow-arrow)"/>'
            f'<text x="{box.x:.1f}" y="{box.top - 28:.1f}" text-anchor="middle">{word}</text></g>'
        )

    def _edge(self, link: Link) -> str:
        source, target = link
        names = self._exits[source][target]
        data = f"data-from={quoteattr(source)} data-to={quoteattr(target)}"
        return (
            f'<path class="edge{self._edge_class(names)}" {data} d="{self._path(link)}"'
            f' stroke-width="{self._stroke(source, names):.1f}" marker-end="url(#flow-arrow)"/>'
        )

    def _edge_class(self, names: list[str]) -> str:
        unwished = {"failed", "empty", "nobody", "full", "fallback", "closed", "holiday"}
        return " unwished" if set(names) <= unwished else ""

    def _stroke(self, source: str, names: list[str]) -> float:
        most = max((c.entered for c in (self._counts or {}).values()), default=0)
        return 1.3 + (5.0 * self._left(source, names) / most if most else 0.0)

    def _path(self, link: Link) -> str:
        source, target = link
        if source == target:
            box = self._boxes[source]
            right = box.x + box.width / 2
            return (
                f"M{right:.1f} {box.y + 6:.1f} C{right + 26:.1f} {box.y + 22:.1f}"
                f" {right + 26:.1f} {box.y - 22:.1f} {right:.1f} {box.y - 6:.1f}"
            )
        begin, end = self._ports["out", link], self._ports["in", link]
        rows = self._placed.rows
        down = begin[1] < end[1]
        stops: list[tuple[float, float, float]] = [_stop(begin, rows[self._row(source)], down)]
        for rank, x in self._placed.way(link):
            first, last = _edges(rows[rank], down)
            stops.append((x, first, last))
        first, _ = _edges(rows[self._row(target)], down)
        # The last bit is straight, for the arrow's sake.
        stops.append((end[0], first - (ARROW if down else -ARROW), end[1]))
        return _through(stops)

    def _row(self, node: str) -> int:
        return self._placed.row_of[node]

    def _cap(self, link: Link) -> str:
        """The exit's words, as the cap of a key, where it leaves its node."""
        label = self._labels[link]
        if not label:
            return ""
        source, target = link
        wide = width(label, LABEL) + 10
        if source == target:
            box = self._boxes[source]
            x, y = box.x + box.width / 2 + 24, box.y
        else:
            x, at = self._ports["out", link]
            y = at + 15 if at > self._boxes[source].y else at - 15
        return (
            f'<g class="cap"><rect x="{x - wide / 2:.1f}" y="{y - LABEL_HIGH / 2:.1f}"'
            f' width="{wide:.1f}" height="{LABEL_HIGH:.0f}" rx="4"/><text x="{x:.1f}"'
            f' y="{y + 4:.1f}" text-anchor="middle">{escape(label)}</text></g>'
        )

    # --- nodes --------------------------------------------------------------------------------

    def _node(self, box: _Box) -> str:
        return "".join(
            (
                f"<g id={quoteattr('node-' + box.name)} data-node={quoteattr(box.name)}"
                f' class="{self._classes(box)}" tabindex="0">',
                f'<path{self._heat(box.name)} d="{_shape(box)}"/>',
                f"<title>{escape(self._told(box.name))}</title>",
                *self._text(box),
                self._hang_ups(box),
                self._mark(box),
                "</g>",
            )
        )

    def _classes(self, box: _Box) -> str:
        classes = ["node", f"kind-{box.kind}"]
        severities = {finding.severity for finding in self._findings.get(box.name, ())}
        classes += [f"has-{severity}" for severity in sorted(severities)]
        if box.name == self._flow.person:
            classes.append("is-person")
        if self._counts is not None and not self._counts.get(box.name, NodeCount()).entered:
            classes.append("unwalked")
        return " ".join(classes)

    def _heat(self, name: str) -> str:
        """An attribute, not a style: pages may forbid styles in their text."""
        if self._counts is None:
            return ' class="shape"'
        most = max((count.entered for count in self._counts.values()), default=0)
        share = self._counts.get(name, NodeCount()).entered / most if most else 0.0
        return f' class="shape heat" fill-opacity="{0.04 + 0.42 * share:.3f}"'

    def _told(self, name: str) -> str:
        node = self._flow.nodes[name]
        lines = [f"{name} · {KINDS[self._language][node.kind]}", node.note]
        for finding in self._findings.get(name, ()):
            lines.append(f"{self._phrases[finding.severity]}: {finding.text(self._language)}")
        if self._counts is not None:
            lines.append(self._counted(name))
        return "\n".join(line for line in lines if line)

    def _text(self, box: _Box) -> Iterator[str]:
        word = KINDS[self._language][box.kind]
        badge = width(word, SMALL) + 10
        x, y = box.left + PAD + 4, box.top + PAD
        yield (
            f'<rect class="badge" x="{x:.1f}" y="{y:.1f}" width="{badge:.1f}" height="15" rx="3"/>'
            f'<text class="kind" x="{x + badge / 2:.1f}" y="{y + 11.2:.1f}"'
            f' text-anchor="middle">{word}</text>'
        )
        for number, (kind, text) in enumerate(box.lines):
            at = x + badge + 6 if kind == "name" else x
            line = y + 12 + LINE * number
            yield f'<text class="{kind}" x="{at:.1f}" y="{line:.1f}">{escape(text)}</text>'

    def _hang_ups(self, box: _Box) -> str:
        count = (self._counts or {}).get(box.name)
        if count is None or not count.hung_up or not count.entered:
            return ""
        wide = (box.width - 16) * count.hung_up / count.entered
        y = box.bottom - 4
        return (
            f'<rect class="hung-up" x="{box.left + 8:.1f}" y="{y:.1f}" width="{wide:.1f}"'
            ' height="3"/>'
        )

    def _mark(self, box: _Box) -> str:
        """There are findings."""
        if not self._findings.get(box.name):
            return ""
        x, y = box.left + box.width - 3, box.top + 3
        return (
            f'<circle class="finding" cx="{x:.1f}" cy="{y:.1f}" r="8"/>'
            f'<text class="finding-mark" x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle">!</text>'
        )


def _edges(row: Row, down: bool) -> tuple[float, float]:
    return (row.top, row.bottom) if down else (row.bottom, row.top)


def _stop(begin: Point, row: Row, down: bool) -> tuple[float, float, float]:
    return begin[0], begin[1], _edges(row, down)[1]


def _through(stops: list[tuple[float, float, float]]) -> str:
    """Straight through each row, curved between them."""
    x, first, last = stops[0]
    parts = [f"M{x:.1f} {first:.1f} V{last:.1f}"]
    for (x1, _, y1), (x2, y2, after) in pairwise(stops):
        # Straight at first, so that the cap stands on its line.
        bend = (y2 - y1) * 0.55
        parts.append(
            f"C{x1:.1f} {y1 + bend:.1f} {x2:.1f} {y2 - bend:.1f} {x2:.1f} {y2:.1f} V{after:.1f}"
        )
    return " ".join(parts)


def _shape(box: _Box) -> str:
    """An outline by what the node does: asks, decides, leads to people, ends, or the rest."""
    x, y, w, h = box.left, box.top, box.width, box.height
    match box.kind:
        case "menu" | "digits" | "listen" | "survey":
            c = 9.0
            return (
                f"M{x + c:.1f} {y:.1f} H{x + w - c:.1f} L{x + w:.1f} {y + h / 2:.1f}"
                f" L{x + w - c:.1f} {y + h:.1f} H{x + c:.1f} L{x:.1f} {y + h / 2:.1f} z"
            )
        case "branch" | "hours" | "language" | "lookup":
            c = 9.0
            return (
                f"M{x + c:.1f} {y:.1f} H{x + w - c:.1f} L{x + w:.1f} {y + c:.1f} V{y + h - c:.1f}"
                f" L{x + w - c:.1f} {y + h:.1f} H{x + c:.1f} L{x:.1f} {y + h - c:.1f}"
                f" V{y + c:.1f} z"
            )
        case "queue" | "transfer" | "goodbye" | "return":
            return _rounded(x, y, w, h, min(h / 2, 20.0))
    return _rounded(x, y, w, h, 5.0)


def _rounded(x: float, y: float, w: float, h: float, r: float) -> str:
    return (
        f"M{x + r:.1f} {y:.1f} H{x + w - r:.1f} a{r:.1f} {r:.1f} 0 0 1 {r:.1f} {r:.1f}"
        f" V{y + h - r:.1f} a{r:.1f} {r:.1f} 0 0 1 {-r:.1f} {r:.1f} H{x + r:.1f}"
        f" a{r:.1f} {r:.1f} 0 0 1 {-r:.1f} {-r:.1f} V{y + r:.1f}"
        f" a{r:.1f} {r:.1f} 0 0 1 {r:.1f} {-r:.1f} z"
    )
