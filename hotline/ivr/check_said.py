"""What is said: prompts and texts in every language of the flow, and the values put into them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from hotline.callers import priority
from hotline.ivr import model, numbers
from hotline.ivr.check_graph import Graph, stores
from hotline.ivr.findings import Finding, found, listed, similar
from hotline.ivr.ground import Ground
from hotline.ivr.pieces import Read, Reading

FACTS = frozenset(
    {"now", "call.calling", "call.called", "hotline.report_key", "speech.menus"}
    | {"calendar.holiday", "calendar.holiday_en", "calendar.workday", "calendar.known"}
    | {"announcement", "announcement_en"}
    | {"storm.active", "storm.text", "storm.text_en", "storm.places", "storm.places_en"}
    | {"storm.case", "storm.count"}
)
# What flows may keep as well: a look-up brings the case's, a key can mean danger to life.
ALSO_KEPT = frozenset(
    {"case.number", "case.count"}
    | {priority.RULE, priority.OPEN_CASES, priority.CALLS_24H, priority.MISSED}
    | {priority.LIFE_SAFETY}
)
OF_A_QUEUE = ("open", "staffed", "waiting")
_SPOKEN = ("prompts", "again", "thanks")
_PLACE = re.compile(r"\$\{([^}]*)\}?")
_NAME = re.compile(r"[a-z0-9_.-]{1,100}")
_Path = tuple[str | int, ...]
EXAMPLES: Mapping[Reading, str] = {
    Reading.DIGITS: "12319",
    Reading.PHONE: "010-12345678",
    Reading.NUMBER: "-3.5",
    Reading.ORDINAL: "2",
    Reading.MONEY: "12.50",
    Reading.DATE: "2026-10-01",
    Reading.TIME: "09:00",
    Reading.DATETIME: "2026-10-01T09:00",
    Reading.DURATION: "90",
    Reading.CASE_NUMBER: "20261001001",
    Reading.WAIT: "90",
}
"""A value that can be read in each way; durations and waits are seconds."""


def check_said(graph: Graph, ground: Ground) -> Iterator[Finding]:
    """Every finding about prompts, texts and values."""
    for node_id, node in graph.flow.nodes.items():
        for field in _SPOKEN:
            for index, item in enumerate(getattr(node, field, ())):
                yield from _item(graph, ground, node_id, (field, index), item)
        if isinstance(node, model.Transfer) and node.hint:
            yield from _text(graph, ground, node_id, ("hint",), node.hint)
        if isinstance(node, model.ChooseLanguage):
            yield from _languages(graph, ground, node_id, node)
        if isinstance(node, model.Goodbye) and not node.prompts:
            yield found("goodbye-silent", ground.lines.of(node_id), node_id)
    yield from _values(graph, ground)


def _item(
    graph: Graph, ground: Ground, node_id: str, path: _Path, item: model.Spoken
) -> Iterator[Finding]:
    if isinstance(item, str):
        yield from _prompt(graph, ground, node_id, path, item)
    elif isinstance(item, model.Text):
        yield from _text(graph, ground, node_id, (*path, "say"), item.say)
    elif "${" not in item.value and not _is_readable(item, graph.flow.languages):
        line = ground.lines.of(node_id, *path, "value")
        told = {"given": item.value, "reading": item.read, "example": EXAMPLES[item.read]}
        yield found("unreadable-value", line, node_id, **told)


def _is_readable(item: model.Value, languages: Iterable[model.Language]) -> bool:
    try:
        for language in languages:
            numbers.piece_names(Read(item.read, item.value), language)
    except numbers.Unreadable:
        return False
    return True


def _prompt(
    graph: Graph, ground: Ground, node_id: str, path: _Path, name: str
) -> Iterator[Finding]:
    if ground.prompts is None:
        return
    line = ground.lines.of(node_id, *path)
    known = {prompt for names in ground.prompts.values() for prompt in names}
    if name not in known:
        yield found("unknown-prompt", line, node_id, prompt=name, hint=similar(name, known))
        return
    for language in graph.flow.languages:
        if name not in ground.prompts.get(language, ()):
            yield found("prompt-missing", line, node_id, prompt=name, language=language)


def _text(
    graph: Graph, ground: Ground, node_id: str, path: _Path, texts: Mapping[model.Language, str]
) -> Iterator[Finding]:
    line = ground.lines.of(node_id, *path)
    for language in graph.flow.languages:
        if not texts.get(language, "").strip():
            yield found("text-missing", line, node_id, language=language)
    for language in texts:
        if language not in graph.flow.languages:
            line = ground.lines.of(node_id, *path, language)
            yield found("text-unheard", line, node_id, language=language)


def _languages(
    graph: Graph, ground: Ground, node_id: str, node: model.ChooseLanguage
) -> Iterator[Finding]:
    chosen: dict[_Path, str] = {("keys", key): name for key, name in node.keys.items()}
    if node.to:
        chosen["to",] = node.to
    for path, language in chosen.items():
        if language not in graph.flow.languages:
            line = ground.lines.of(node_id, *path)
            yield found("language-undeclared", line, node_id, language=language)


# --- values ----------------------------------------------------------------------------------


def _values(graph: Graph, ground: Ground) -> Iterator[Finding]:
    for node_id, node in graph.flow.nodes.items():
        for path, name in values_used(node):
            line = ground.lines.of(node_id, *path)
            if not _NAME.fullmatch(name):
                yield found("bad-placeholder", line, node_id, given=name)
                continue
            yield from _known_queue(ground, node_id, line, name)
            if not _is_set(graph, ground, node_id, name):
                hint = similar(name, _facts(name) | _all_stores(graph, ground))
                yield found("unset-value", line, node_id, name=name, hint=hint)
        for name in stores(node):
            if name in FACTS or name.startswith("queue."):
                yield found("fact-hidden", ground.lines.of(node_id), node_id, name=name)


def queue_of(name: str) -> str:
    """The queue that a value is about; empty for none."""
    return name.split(".")[1] if name.startswith("queue.") else ""


def values_used(node: model.Node) -> Iterator[tuple[_Path, str]]:
    """Each value that a node uses, and where."""
    if isinstance(node, model.Branch):
        yield ("on",), node.on
    for path, text in _texts(node):
        for match in _PLACE.finditer(text):
            closed = match[0].endswith("}")
            yield path, match[1] if closed else match[0]


def _texts(node: model.Node) -> Iterator[tuple[_Path, str]]:
    for field in _SPOKEN:
        for index, item in enumerate(getattr(node, field, ())):
            if isinstance(item, model.Text):
                yield from (((field, index, "say", n), text) for n, text in item.say.items())
            elif isinstance(item, model.Value):
                yield (field, index, "value"), item.value
    match node:
        case model.Set():
            yield from ((("values", name), text) for name, text in node.values.items())
        case model.Webhook():
            yield from ((("send", name), text) for name, text in node.send.items())
        case model.Lookup():
            yield from ((("number",), node.number), (("last_four",), node.last_four))
        case model.Transfer():
            yield from ((("hint", name), text) for name, text in node.hint.items())


def _known_queue(ground: Ground, node_id: str, line: int, name: str) -> Iterator[Finding]:
    queue, known = queue_of(name), ground.queues
    if queue and known is not None and queue not in known:
        values = {"queue": queue, "hint": similar(queue, known), "known": listed(known)}
        yield found("unknown-queue", line, node_id, **values)


def _facts(name: str) -> frozenset[str]:
    """Every fact there is, of queues those of the one that ``name`` is about."""
    queue = queue_of(name)
    return FACTS | ALSO_KEPT | {f"queue.{queue}.{fact}" for fact in OF_A_QUEUE if queue}


def _is_set(graph: Graph, ground: Ground, node_id: str, name: str) -> bool:
    if name in _facts(name):
        return True
    if not ground.entry and any(name in _stored(flow) for flow in ground.flows.values()):
        # What calls this flow may have kept it.
        return True
    for other, node in graph.flow.nodes.items():
        summary = graph.summary(other)
        kept = summary.stores if summary else stores(node)
        if name in kept and node_id in graph.reach(e.target for e in graph.edges[other]):
            return True
    return False


def _all_stores(graph: Graph, ground: Ground) -> set[str]:
    return {name for flow in (graph.flow, *ground.flows.values()) for name in _stored(flow)}


def _stored(flow: model.Flow) -> set[str]:
    return {name for node in flow.nodes.values() for name in stores(node)}
