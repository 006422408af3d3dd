"""Flows as the browser is shown them: findings in words, what changed, counts, the drawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from hotline.ivr.check import Checked
from hotline.ivr.counts import NodeCount
from hotline.ivr.draw import draw
from hotline.ivr.findings import Finding, FlowFaults
from hotline.ivr.library import FlowLibrary
from hotline.ivr.model import Flow
from hotline.ivr.reading import lines
from hotline.storage.flows import Publication
from hotline.storage.passages import FlowCounts

# Laying out more takes seconds, in the process that leads the calls.
MOST_DRAWN = 100


def shown_findings(findings: Sequence[Finding], language: str) -> list[dict[str, object]]:
    """Findings in the viewer's language, errors and earlier lines first."""
    ordered = sorted(findings, key=lambda finding: (finding.severity != "error", finding))
    return [
        {
            "line": finding.line,
            "node": finding.node,
            "code": finding.code,
            "severity": finding.severity,
            "text": finding.text(language),
        }
        for finding in ordered
    ]


@dataclass(frozen=True, slots=True)
class Shown:
    """What an examined ``text`` is shown beside: the flow in force, and counts when asked."""

    text: str
    published: Flow | None
    language: str
    counts: FlowCounts | None = None

    def examined(self, examined: Checked) -> dict[str, object]:
        """What the editor shows of the text. Not quick: it draws."""
        flow, counts = examined.flow, self.counts
        drawable = flow is not None and len(flow.nodes) <= MOST_DRAWN
        return {
            "findings": shown_findings(examined.findings, self.language),
            "sound": examined.sound,
            "svg": self._drawn(flow, examined.findings) if flow and drawable else None,
            "too_large": flow is not None and not drawable,
            "nodes": node_lines(self.text),
            "changes": changes(self.published, flow) if flow else None,
            "counts": shown_counts(counts) if counts else None,
        }

    def _drawn(self, flow: Flow, findings: Sequence[Finding]) -> str:
        counts = self.counts.nodes if self.counts else None
        return draw(flow, language=self.language, counts=counts, findings=findings)


def node_lines(text: str) -> dict[str, int]:
    """The line of each node; empty for what is no YAML."""
    try:
        return dict(lines(text))
    except FlowFaults:
        return {}


def changes(old: Flow | None, new: Flow) -> dict[str, list[str]]:
    """Nodes by what happened to them, and ``flow``: what changed of the flow itself."""
    before = dict(old.nodes) if old else {}
    own = {name for name in type(new).model_fields if name != "nodes"}
    return {
        "added": [node for node in new.nodes if node not in before],
        "removed": [node for node in before if node not in new.nodes],
        "changed": [
            node for node, made in new.nodes.items() if node in before and before[node] != made
        ],
        "flow": sorted(name for name in own if old and getattr(old, name) != getattr(new, name)),
    }


def shown_counts(counts: FlowCounts) -> dict[str, object]:
    """Counts by node, the most entered first."""
    ordered = sorted(counts.nodes.items(), key=lambda item: -item[1].entered)
    return {
        "whole": shown_count(counts.whole),
        "nodes": {node: shown_count(count) for node, count in ordered},
        "versions": [{"version": v, "entered": n} for v, n in counts.versions.items()],
        "blind": [{"since": since, "until": until} for since, until in counts.blind],
    }


def shown_count(count: NodeCount) -> dict[str, object]:
    """One node's counts."""
    return asdict(count) | {"inside": count.inside}


def shown_publication(one: Publication | None, names: Mapping[str, str]) -> dict[str, object]:
    """A publication with its author's name; version 0 is the shipped one."""
    if one is None:
        return {"version": 0, "by": "", "at": None, "note": "", "rolled_back_from": None}
    return asdict(one) | {"by": names.get(one.by, one.by)}


def start_of(name: str, language: str) -> str:
    """What a new flow begins with: a sound one."""
    title = {"zh": "新流程", "en": "New flow"}[language]
    return f"""\
flow: {name}
title: {{{language}: {title}}}
languages: [zh]
start: greeting
person: wait
nodes:
  greeting: {{kind: say, prompts: [greeting, recording-notice], next: wait}}
  wait: {{kind: queue, queue: hotline, talked: bye, nobody: message, asked: message}}
  message: {{kind: report, reason: nobody_ready, saved: bye, empty: bye}}
  bye: {{kind: goodbye}}
"""


def outdated(library: FlowLibrary, name: str) -> bool:
    """Whether the published text is one that this program does not understand."""
    flow = library.snapshot().get(name)
    return flow is None or flow.version != library.version(name)
