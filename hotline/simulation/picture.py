"""A picture of a simulated day: waits, answered in time, and staffing, by interval, as SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

from hotline.simulation.model import Scenario
from hotline.simulation.result import Estimate, Result, Row, Span
from hotline.simulation.telling import clock

WIDTH, LEFT, RIGHT, TOP = 960, 64, 24, 64
PANEL, GAP = 170, 62
HEIGHT = TOP + 3 * PANEL + 2 * GAP + 48
MOST_TIMES = 15
"""How many times of day fit below the picture."""

STYLE = """
text { font: 12px "Noto Sans", "Noto Sans CJK SC", system-ui, sans-serif; fill: #3c4653 }
.title { font-size: 17px; font-weight: 600; fill: #16202c }
.head { font-weight: 600; fill: #16202c }
.grid { stroke: #e3e7ec; stroke-width: 1 }
.axis { stroke: #9aa5b1; stroke-width: 1 }
.strong { fill: none; stroke: #1557a0; stroke-width: 2 }
.mild { fill: none; stroke: #e08a1e; stroke-width: 2; stroke-dasharray: 5 3 }
.band { fill: #1557a0; opacity: .16 }
.area { fill: #1557a0; opacity: .22 }
.limit { stroke: #b3261e; stroke-width: 1; stroke-dasharray: 2 3 }
"""

Measure = Callable[[Row], Estimate | None]


@dataclass(frozen=True, slots=True)
class _Panel:
    """One diagram: where it lies, and how values become places."""

    top: float
    begin: float
    end: float
    highest: float

    def x(self, at: float) -> float:
        return LEFT + (at - self.begin) / (self.end - self.begin) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        return self.top + PANEL * (1 - min(value, self.highest) / self.highest)


def draw(name: str, scenario: Scenario, result: Result) -> str:
    """The whole picture; times are those of the scenario's clock."""
    spans = result.intervals
    level = (
        f"{result.total.service_level.mean:.1%} in time"
        if result.total.service_level
        else "nobody rang"
    )
    title = f"{name or 'A simulated day'}: {result.total.offered.mean:.0f} callers, {level}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        _text(LEFT, 26, title, "title"),
        *_waits(scenario, spans),
        *_in_time(scenario, spans),
        *_staffing(spans),
        _text(
            LEFT,
            HEIGHT - 10,
            f"{result.replications} replications, seed {result.seed}; bands: 95 % intervals; "
            "callers belong to the interval in which they came",
        ),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _waits(scenario: Scenario, spans: Sequence[Span]) -> Iterator[str]:
    measures: tuple[Measure, Measure] = (lambda row: row.asa_s, lambda row: row.p90_wait_s)
    highest = max((e.mean for m in measures for s in spans if (e := m(s.row))), default=0.0)
    panel = _panel(0, spans, max(highest, 1.0))
    yield from _frame(panel, spans, lambda value: f"{value:g} s")
    yield _text(LEFT, panel.top - 12, "Waits of callers answered", "head")
    yield from _key(panel, (("strong", "mean"), ("mild", "90 % wait no longer")))
    for limit in sorted({rules.target_s for rules in scenario.queues.values()}):
        if limit <= panel.highest:
            yield _limit(panel, limit, f"limit {limit:g} s")
    yield _band(panel, spans, measures[0])
    yield from (
        _steps(panel, spans, measure, kind)
        for measure, kind in zip(measures, ("strong", "mild"), strict=True)
    )


def _in_time(scenario: Scenario, spans: Sequence[Span]) -> Iterator[str]:
    panel = _panel(1, spans, 1.0)
    yield from _frame(panel, spans, lambda value: f"{value:.0%}")
    yield _text(LEFT, panel.top - 12, "Answered in time, and gave up, of callers offered", "head")
    yield from _key(panel, (("strong", "in time"), ("mild", "gave up")))
    for share in sorted({rules.target_share for rules in scenario.queues.values()}):
        yield _limit(panel, share, f"target {share:.0%}")
    yield _band(panel, spans, lambda row: row.service_level)
    yield _steps(panel, spans, lambda row: row.service_level, "strong")
    yield _steps(panel, spans, lambda row: row.abandon_share, "mild")


def _staffing(spans: Sequence[Span]) -> Iterator[str]:
    def busy(row: Row) -> Estimate | None:
        if row.agents is None or row.occupancy is None:
            return None
        return Estimate(row.agents.mean * row.occupancy.mean, None, row.agents.count)

    most = max((s.row.agents.mean for s in spans if s.row.agents), default=0.0)
    panel = _panel(2, spans, max(most, 1.0))
    yield from _frame(panel, spans, lambda value: f"{value:g}", times=True)
    yield _text(LEFT, panel.top - 12, "Agents signed on, and busy", "head")
    yield from _key(panel, (("strong", "signed on"), ("area", "busy")))
    for span in spans:
        if (found := busy(span.row)) and found.mean > 0:
            left, right = panel.x(span.from_s), panel.x(span.until_s)
            high, low = panel.y(found.mean), panel.top + PANEL
            box = f"M{left:.1f} {low:.1f}H{right:.1f}V{high:.1f}H{left:.1f}Z"
            yield f'<path class="area" d="{box}"/>'
    yield _steps(panel, spans, lambda row: row.agents, "strong")


def _panel(number: int, spans: Sequence[Span], highest: float) -> _Panel:
    top = TOP + number * (PANEL + GAP)
    return _Panel(top, spans[0].from_s, spans[-1].until_s, _round_up(highest))


def _frame(
    panel: _Panel, spans: Sequence[Span], words: Callable[[float], str], *, times: bool = False
) -> Iterator[str]:
    for quarter in range(5):
        value = panel.highest * quarter / 4
        y = panel.y(value)
        kind = "grid" if quarter else "axis"
        yield f'<line class="{kind}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{words(value)}</text>'
    edges = [*(span.from_s for span in spans), spans[-1].until_s]
    lasts = spans[0].until_s - spans[0].from_s
    fewest = max(1, ceil(len(edges) / MOST_TIMES))
    whole_hours = (n for n in range(fewest, 4 * fewest) if n * lasts % 3600 == 0)
    every = next(whole_hours, fewest)
    for at in edges[::every]:
        x, low = panel.x(at), panel.top + PANEL
        yield f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="{low}" y2="{low + 4}"/>'
        if times:
            yield f'<text x="{x:.1f}" y="{low + 18}" text-anchor="middle">{clock(at)}</text>'


def _key(panel: _Panel, entries: Sequence[tuple[str, str]]) -> Iterator[str]:
    x, y = WIDTH - RIGHT - 150 * len(entries), panel.top - 16
    for kind, words in entries:
        if kind == "area":
            yield f'<rect class="area" x="{x}" y="{y - 5}" width="22" height="10"/>'
        else:
            yield f'<line class="{kind}" x1="{x}" x2="{x + 22}" y1="{y}" y2="{y}"/>'
        yield _text(x + 28, y + 4, words)
        x += 150


def _limit(panel: _Panel, value: float, words: str) -> str:
    y = panel.y(value)
    line = f'<line class="limit" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
    return (
        line
        + f'<text x="{WIDTH - RIGHT - 4}" y="{y - 4:.1f}" text-anchor="end">{escape(words)}</text>'
    )


def _steps(panel: _Panel, spans: Sequence[Span], measure: Measure, kind: str) -> str:
    """A line that holds its value for each interval, broken where there is nothing to show."""
    path, on = [], False
    for span in spans:
        found = measure(span.row)
        if found is None:
            on = False
            continue
        y = panel.y(found.mean)
        path.append(f"{'L' if on else 'M'}{panel.x(span.from_s):.1f} {y:.1f}")
        path.append(f"L{panel.x(span.until_s):.1f} {y:.1f}")
        on = True
    return f'<path class="{kind}" d="{" ".join(path)}"/>'


def _band(panel: _Panel, spans: Sequence[Span], measure: Measure) -> str:
    boxes = []
    for span in spans:
        found = measure(span.row)
        if found and (interval := found.interval(0.95)):
            low, high = (panel.y(value) for value in interval)
            left, right = panel.x(span.from_s), panel.x(span.until_s)
            boxes.append(f"M{left:.1f} {low:.1f}H{right:.1f}V{high:.1f}H{left:.1f}Z")
    return f'<path class="band" d="{"".join(boxes)}"/>'


def _text(x: float, y: float, words: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y}"{named}>{escape(words)}</text>'


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 6, 8, 10 times a power of ten, so that quarters are round."""
    if value <= 1.0:
        return 1.0
    unit = 10.0 ** floor(log10(value))
    return next(step * unit for step in (1, 2, 4, 6, 8, 10) if step * unit >= value)
