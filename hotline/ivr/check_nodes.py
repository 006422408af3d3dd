"""Each node by itself: where its exits lead, what it names, and whether it makes sense."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from hotline.ivr import model
from hotline.ivr.check_graph import Graph
from hotline.ivr.findings import Finding, found, listed, similar
from hotline.ivr.ground import Ground

# As the walk compares them with the clock: text that sorts as time does.
_TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?")


def check_nodes(graph: Graph, ground: Ground) -> Iterator[Finding]:
    """Every finding about single nodes."""
    yield from _targets(graph, ground)
    for node_id, node in graph.flow.nodes.items():
        match node:
            case model.Queue() | model.Hours():
                yield from _named("queue", ground, node_id, node.queue, ground.queues)
            case model.Transfer():
                yield from _named("target", ground, node_id, node.target, ground.targets)
            case model.Announcement():
                yield from _times(ground, node_id, node)
            case model.Digits():
                yield from _digits(ground, node_id, node)
            case model.Webhook():
                yield from _webhook(ground, node_id, node)
            case model.SubFlow():
                yield from _sub_flow(graph, ground, node_id, node)
            case model.Return():
                if ground.entry:
                    yield found("return-in-entry", ground.lines.of(node_id), node_id)


# --- exits -----------------------------------------------------------------------------------


def _targets(graph: Graph, ground: Ground) -> Iterator[Finding]:
    flow, lines = graph.flow, ground.lines
    for field, name in (("start", flow.start), ("person", flow.person)):
        if name is not None and name not in flow.nodes:
            hint = similar(name, flow.nodes)
            yield found("unknown-node", lines.at(field), exit=field, target=name, hint=hint)
    for node_id, node in flow.nodes.items():
        for exit_name, target in flow.exits(node_id).items():
            if target is None or target in flow.nodes or target == flow.person:
                continue
            line = lines.of(node_id, *exit_path(node, exit_name))
            hint = similar(target, flow.nodes)
            yield found("unknown-node", line, node_id, exit=exit_name, target=target, hint=hint)


def exit_path(node: model.Node, exit_name: str) -> tuple[str | int, ...]:
    """Where in a node's text an exit stands."""
    kind, _, name = exit_name.partition(":")
    match kind:
        case "key" | "word":
            return (f"{kind}s", name)
        case "case":
            return ("cases", int(name) - 1, "next")
        case "exit":
            return ("exits_to", name)
        case "failed" if not isinstance(node, model.Report | model.Transfer):
            return ("otherwise",)
    return (exit_name,)


def _named(
    what: str, ground: Ground, node_id: str, name: str, known: Collection[str] | None
) -> Iterator[Finding]:
    if known is not None and name not in known:
        line = ground.lines.of(node_id, what)
        hint = similar(name, known)
        values = {what: name, "hint": hint, "known": listed(known)}
        yield found(f"unknown-{what}", line, node_id, **values)


# --- kinds -----------------------------------------------------------------------------------


def _times(ground: Ground, node_id: str, node: model.Announcement) -> Iterator[Finding]:
    good = True
    for field, text in (("since", node.since), ("until", node.until)):
        if text is not None and not _is_time(text):
            good = False
            yield found("bad-time", ground.lines.of(node_id, field), node_id, given=text)
    if not good:
        return
    line = ground.lines.of(node_id, "until")
    if node.since and node.until and node.since >= node.until:
        yield found("times-reversed", line, node_id, since=node.since, until=node.until)
    elif node.until and ground.now and node.until <= ground.now.isoformat():
        yield found("announcement-over", line, node_id, until=node.until)


def _is_time(text: str) -> bool:
    if not _TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _digits(ground: Ground, node_id: str, node: model.Digits) -> Iterator[Finding]:
    line = ground.lines.of(node_id, "end_key")
    if node.end_key == "*":
        yield found("end-key-star", line, node_id)
    if not node.end_key and node.length.min < node.length.max:
        yield found("end-key-missing", line, node_id, wait=f"{node.between_keys_s:g}")
    if node.length.max == 1:
        yield found("one-digit", ground.lines.of(node_id, "length"), node_id)


def _webhook(ground: Ground, node_id: str, node: model.Webhook) -> Iterator[Finding]:
    if ground.webhook_hosts is None:
        return
    try:
        url = urlsplit(node.url)
        host, with_port = url.hostname or "", f"{url.hostname}:{url.port}"
    except ValueError:
        host = with_port = ""
    if not {host, with_port} & set(ground.webhook_hosts):
        line = ground.lines.of(node_id, "url")
        yield found("webhook-host", line, node_id, host=host or node.url)


# --- sub-flows -------------------------------------------------------------------------------


def _sub_flow(graph: Graph, ground: Ground, node_id: str, node: model.SubFlow) -> Iterator[Finding]:
    line = ground.lines.of(node_id, "flow")
    called = ground.flows.get(node.flow)
    if called is None:
        hint = similar(node.flow, ground.flows)
        yield found("unknown-flow", line, node_id, flow=node.flow, hint=hint)
        return
    circle = calls_itself(graph.flow.flow, node.flow, ground.flows)
    if circle:
        yield found("flow-in-itself", line, node_id, way=" → ".join(circle))
        return
    for language in graph.flow.languages:
        if language not in called.languages:
            yield found("flow-language", line, node_id, flow=node.flow, language=language)
    summary = graph.summary(node_id)
    if summary is None:
        return
    if not summary.returns:
        yield found("flow-never-returns", line, node_id, flow=node.flow)
    for name in node.exits_to:
        if summary.returns and name not in summary.returns:
            here = ground.lines.of(node_id, "exits_to", name)
            known = ", ".join(sorted(summary.returns))
            hint = similar(name, summary.returns)
            yield found(
                "unknown-exit", here, node_id, exit=name, flow=node.flow, known=known, hint=hint
            )


def calls_itself(caller: str, called: str, flows: Mapping[str, model.Flow]) -> list[str]:
    """The way by which ``called`` leads back to ``caller``; empty when it does not."""
    open_ = [[caller, called]]
    seen: set[str] = set()
    while open_:
        way = open_.pop(0)
        if way[-1] == caller:
            return way
        if way[-1] in seen or way[-1] not in flows:
            continue
        seen.add(way[-1])
        nodes = flows[way[-1]].nodes.values()
        open_ += [[*way, node.flow] for node in nodes if isinstance(node, model.SubFlow)]
    return []
