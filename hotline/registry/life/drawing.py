"""The life of a case for people: a Mermaid diagram, an SVG, and a table of every step. Pure.

The drawings leave out what is possible nearly everywhere (:data:`ANYWHERE`) and what leaves the
case where it is; the table has everything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape

from hotline.ivr.draw_layout import Placed, Point, place
from hotline.ivr.draw_words import width
from hotline.registry.life.machine import BACK, Machine, Step
from hotline.registry.life.model import Action, State

ANYWHERE = frozenset({Action.VOID, Action.MERGE, Action.SPLIT, Action.FORCE_CLOSE})

ACTIONS: Mapping[str, str] = {
    Action.VERIFY: "核实属实",
    Action.FILE: "立案",
    Action.REJECT: "不立案",
    Action.DISPATCH: "派遣",
    Action.ACCEPT: "接受",
    Action.SEND_BACK: "回退",
    Action.FEEDBACK: "反馈",
    Action.EXPERT_FAIL: "专业核查不通过",
    Action.EXPERT_PASS: "专业核查通过",
    Action.CHECK_PASS: "核查通过",
    Action.CHECK_FAIL: "返工",
    Action.CLOSE: "结案",
    Action.FORCE_CLOSE: "强制结案",
    Action.REOPEN: "重新办理",
    Action.SUSPEND: "挂账",
    Action.RESUME: "恢复",
    Action.DISPUTE: "提请裁决",
    Action.RULE: "裁决",
    Action.MERGE: "并案",
    Action.SPLIT: "拆案",
    Action.VOID: "作废",
    Action.JOIN: "增加协办",
    Action.PART_DONE: "协办反馈",
    Action.PART_WAIVE: "免除协办",
    Action.REQUEST_EXTENSION: "申请延期",
    Action.GRANT_EXTENSION: "同意延期",
    Action.DENY_EXTENSION: "不同意延期",
    Action.URGE: "催办",
    Action.SUPERVISE: "督办",
    Action.HAND_OVER: "移交责任人",
    Action.APPEAL: "申诉",
    Action.UPHOLD_APPEAL: "申诉成立",
    Action.REJECT_APPEAL: "申诉不成立",
}
"""What each action is called in the field."""

BOX, PAD, HIGH, LABEL = 14.0, 12.0, 34.0, 11.5
MARGIN = 40.0


def mermaid(machine: Machine) -> str:
    """The steps that lead from state to state, as a Mermaid diagram."""
    lines = ["stateDiagram-v2"]
    lines += [f"    {name}: {name} {state.zh}" for name, state in machine.states.items()]
    lines += [f"    [*] --> {start}" for start in machine.starts]
    lines += [
        f"    {source} --> {target}: {', '.join(_demanded(s) for s in steps)}"
        for (source, target), steps in _arrows(machine).items()
    ]
    lines += [f"    note left of {State.VOID}: {_anywhere(machine)}"]
    return "\n".join(lines)


def table(machine: Machine) -> str:
    """Every step, as a Markdown table."""
    lines = [
        "| Action | From | To | Who | Demands |",
        "|---|---|---|---|---|",
    ]
    rows: dict[tuple[str, ...], list[str]] = {}
    for step in machine.steps:
        target = "stays" if step.stays else "where it came from" if step.target == BACK else ""
        key = (
            f"`{step.action}` {ACTIONS[step.action]}",
            target or f"`{step.target}`",
            ", ".join(sorted(step.roles)),
            ", ".join(_demands(step)),
        )
        rows.setdefault(key, []).append(f"`{step.source}`")
    lines += [
        f"| {action} | {', '.join(sources)} | {target} | {who} | {demands or '-'} |"
        for (action, target, who, demands), sources in rows.items()
    ]
    return "\n".join(lines)


def svg(machine: Machine) -> str:
    """The same as :func:`mermaid`, drawn: it stands alone or in a page."""
    names = {name: f"{state.zh} {name}" for name, state in machine.states.items()}
    sizes = {name: (width(text, BOX) + 2 * PAD, HIGH) for name, text in names.items()}
    arrows = _arrows(machine)
    placed = place(sizes, list(arrows), machine.starts[-1])
    parts = list(_drawn(machine, placed, sizes, names, arrows))
    wide, high = placed.width + 2 * MARGIN + 120, placed.height + 3.5 * MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-MARGIN:g} {-MARGIN:g} {wide:.0f} '
        f'{high:.0f}" width="{wide:.0f}" height="{high:.0f}" role="img">{_STYLE}'
        f"{''.join(parts)}{_below(machine, placed.height)}</svg>"
    )


def _below(machine: Machine, high: float) -> str:
    lines = _anywhere(machine).split("；")
    return "".join(
        f'<text class="l" style="text-anchor:start" x="0" y="{high + 24 + 18 * n:.0f}">'
        f"{escape(line)}</text>"
        for n, line in enumerate(lines)
    )


def _arrows(machine: Machine) -> dict[tuple[str, str], list[Step]]:
    found: defaultdict[tuple[str, str], list[Step]] = defaultdict(list)
    for step in machine.steps:
        if not step.stays and step.action not in ANYWHERE:
            for target in sorted(machine.targets(step)):
                found[step.source, target].append(step)
    return dict(found)


def _anywhere(machine: Machine) -> str:
    """What is possible nearly everywhere, in words."""
    ways: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for step in machine.steps:
        if step.action in ANYWHERE and step.target != BACK:
            ways[step.action, step.target].append(machine.states[step.source].zh)
    return "；".join(
        f"{ACTIONS[action]} → {machine.states[target].zh}：{'、'.join(sources)}"
        for (action, target), sources in ways.items()
    )


def _demanded(step: Step) -> str:
    demands = _demands(step)
    return f"{step.action} {ACTIONS[step.action]}" + (f" ({'; '.join(demands)})" if demands else "")


def _demands(step: Step) -> list[str]:
    counted = [f"counts {step.counts}"] if step.counts else []
    return [*step.needs, *(["why"] if step.why else []), *counted]


_STYLE = (
    "<style>text{font-family:'Noto Sans CJK SC','Noto Sans SC','PingFang SC',"
    "'Microsoft YaHei',sans-serif;text-anchor:middle}"
    ".b{fill:#fff;stroke:#456;stroke-width:1.3}.f{fill:#eef1f4}.n{font-size:14px;fill:#123}"
    ".w{fill:none;stroke:#789;stroke-width:1.2}"
    ".l{font-size:11.5px;fill:#345;paint-order:stroke;stroke:#fff;stroke-width:4px}</style>"
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
    'orient="auto"><path d="M0 0L8 4L0 8z" fill="#789"/></marker></defs>'
)


def _drawn(
    machine: Machine,
    placed: Placed,
    sizes: Mapping[str, Point],
    names: Mapping[str, str],
    arrows: Mapping[tuple[str, str], Sequence[Step]],
) -> Iterator[str]:
    for ends in arrows:
        points = _way(placed, sizes, ends, both=(ends[1], ends[0]) in arrows)
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        yield f'<path class="w" d="{path}" marker-end="url(#tip)"/>'
    for ends, steps in arrows.items():
        points = _way(placed, sizes, ends, both=(ends[1], ends[0]) in arrows)
        (x1, y1), (x2, y2) = points[0], points[1]
        # Nearer to where it begins, so that arrows that meet do not share their words.
        x, y = x1 + 0.36 * (x2 - x1), y1 + 0.36 * (y2 - y1) + 4
        words = "、".join(dict.fromkeys(ACTIONS[s.action] for s in steps))
        yield f'<text class="l" x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>'
    for name, (x, y) in placed.middles.items():
        wide, high = sizes[name]
        kind = "b f" if machine.states[name].final else "b"
        yield (
            f'<rect class="{kind}" x="{x - wide / 2:.1f}" y="{y - high / 2:.1f}" rx="6" '
            f'width="{wide:.1f}" height="{high:.1f}"/>'
            f'<text class="n" x="{x:.1f}" y="{y + 5:.1f}">{escape(names[name])}</text>'
        )


def _way(
    placed: Placed, sizes: Mapping[str, Point], ends: tuple[str, str], *, both: bool
) -> list[Point]:
    """The points that an arrow passes; two that run both ways keep apart."""
    source, target = ends
    (x1, y1), (x2, y2) = placed.middles[source], placed.middles[target]
    down = placed.row_of[source] < placed.row_of[target]
    apart = (14.0 if down else -14.0) if both else 0.0
    if placed.row_of[source] == placed.row_of[target]:
        side = 1 if x1 < x2 else -1
        lift = -8.0 if side > 0 else 8.0
        return [
            (x1 + side * sizes[source][0] / 2, y1 + lift),
            (x2 - side * sizes[target][0] / 2, y2 + lift),
        ]
    sign = 1 if down else -1
    passed = [
        (x + apart, (placed.rows[row].top + placed.rows[row].bottom) / 2)
        for row, x in placed.way(ends)
    ]
    return [
        (x1 + apart, y1 + sign * HIGH / 2),
        *passed,
        (x2 + apart, y2 - sign * HIGH / 2),
    ]
