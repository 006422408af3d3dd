"""Choices: the keys and words of menus, and the cases of branches."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Mapping

from hotline.ivr import model
from hotline.ivr.acts import as_text
from hotline.ivr.check_graph import Graph
from hotline.ivr.check_nodes import exit_path
from hotline.ivr.findings import Finding, found
from hotline.ivr.ground import Ground

# GB/T 33358 advises few choices; 0 is beside them.
MOST_KEYS = 5
_DIGIT_WORDS = {
    **{word: str(n) for n, word in enumerate("零一二三四五六七八九")},
    **{"幺": "1", "两": "2"},
    **{
        word: str(n)
        for n, word in enumerate(
            ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
        )
    },
    **{str(n): str(n) for n in range(10)},
}
_YES_NO = frozenset({"yes", "no"})
_TRUE_FACTS = frozenset({"calendar.workday", "calendar.known", "storm.active", "speech.menus"})


def check_choices(graph: Graph, ground: Ground) -> Iterator[Finding]:
    """Every finding about menus and branches."""
    for node_id, node in graph.flow.nodes.items():
        if isinstance(node, model.Menu):
            yield from _keys(graph, ground, node_id, node)
            yield from _words(ground, node_id, node)
        if isinstance(node, model.Listen | model.ChooseLanguage):
            yield from _zero(graph, ground, node_id, node.keys)
        if isinstance(node, model.Menu | model.Digits | model.Listen):
            yield from _failure(graph, ground, node_id)
        if isinstance(node, model.Branch):
            yield from _cases(ground, node_id, node)


# --- menus -----------------------------------------------------------------------------------


def _keys(graph: Graph, ground: Ground, node_id: str, node: model.Menu) -> Iterator[Finding]:
    lines = ground.lines
    line = lines.of(node_id, "keys")
    choices = [key for key in node.keys if key != model.PERSON_KEY]
    if len(choices) > MOST_KEYS:
        yield found("menu-too-many-keys", line, node_id, count=len(choices), most=MOST_KEYS)
    if not choices:
        yield found("menu-without-choice", line, node_id)
    yield from _zero(graph, ground, node_id, node.keys)
    first: dict[str, str] = {}
    for key in choices:
        target = node.keys[key]
        other = first.setdefault(target, key)
        if other != key:
            here = lines.of(node_id, "keys", key)
            yield found("keys-alike", here, node_id, key=key, other=other, target=target)


def _zero(
    graph: Graph, ground: Ground, node_id: str, keys: Mapping[model.Key, str]
) -> Iterator[Finding]:
    """``0``, when it leads to another node than a person, or stands for a word or language."""
    meant = keys.get(model.PERSON_KEY)
    if meant is None:
        return
    leads = isinstance(graph.flow.nodes[node_id], model.Menu)
    if leads and (meant not in graph.flow.nodes or _leads_to_person(graph, meant)):
        return
    line = ground.lines.of(node_id, "keys", "0")
    yield found("zero-elsewhere", line, node_id, target=meant)


def _leads_to_person(graph: Graph, node_id: str) -> bool:
    near = graph.at_once(node_id)
    return graph.flow.person in near or any(graph.has_person(node) for node in near)


def _words(ground: Ground, node_id: str, node: model.Menu) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for word, target in node.words.items():
        line = ground.lines.of(node_id, "words", word)
        same = _heard(word)
        other = seen.get(same)
        if other is not None:
            yield found("words-alike", line, node_id, word=word, other=other)
            continue
        key = _DIGIT_WORDS.get(same)
        meant = next((t for k, t in node.keys.items() if k == key), None)
        if meant is not None and meant != target:
            yield found(
                "word-against-key", line, node_id, word=word, key=key, meant=meant, target=target
            )
        for other in seen.values():
            short, long = sorted((word, other), key=len)
            if node.words[other] != target and _heard(short) in _heard(long):
                yield found("word-in-word", line, node_id, word=word, other=other)
        seen[same] = word


def _heard(word: str) -> str:
    """A word as it sounds: case, width and spaces do not matter."""
    return "".join(unicodedata.normalize("NFKC", word).casefold().split())


def _failure(graph: Graph, ground: Ground, node_id: str) -> Iterator[Finding]:
    """After the tries a person or a report must be next, not goodbye, and not the same again."""
    target = graph.flow.exits(node_id)["failed"]
    if target not in graph.flow.nodes:
        return
    line = ground.lines.of(node_id, *exit_path(graph.flow.nodes[node_id], "failed"))
    if target == node_id:
        yield found("failed-to-itself", line, node_id)
        return
    near = graph.at_once(target)
    ends = {n for n in near if isinstance(graph.flow.nodes[n], model.Goodbye)}
    helped = graph.flow.person in near or any(graph.asks(n) or graph.serves(n) for n in near - ends)
    if ends and not helped:
        yield found("failed-to-goodbye", line, node_id, target=target)


# --- branches --------------------------------------------------------------------------------


def _cases(ground: Ground, node_id: str, node: model.Branch) -> Iterator[Finding]:
    earlier: dict[int, model.Case] = {}
    for number, case in enumerate(node.cases, 1):
        line = ground.lines.of(node_id, "cases", number - 1)
        if _impossible(node.on, case):
            yield found("case-never", line, node_id, case=number, fact=node.on)
            continue
        by = next((place for place, other in earlier.items() if _covers(other, case)), None)
        if by is not None:
            yield found("case-shadowed", line, node_id, case=number, by=by)
        earlier[number] = case


def _values(case: model.Case) -> frozenset[str] | None:
    if case.equals is None:
        return None
    given = case.equals if isinstance(case.equals, tuple) else (case.equals,)
    return frozenset(as_text(value) for value in given)


def _range(case: model.Case) -> tuple[float, float]:
    low = -math.inf if case.at_least is None else case.at_least
    high = math.inf if case.at_most is None else case.at_most
    return low, high


def _impossible(fact: str, case: model.Case) -> bool:
    low, high = _range(case)
    if low > high:
        return True
    values = _values(case)
    if values is None:
        return False
    limited = case.at_least is not None or case.at_most is not None
    if limited and not any(_within(value, low, high) for value in values):
        return True
    by_nature = fact in _TRUE_FACTS or (
        fact.startswith("queue.") and fact.endswith((".open", ".staffed"))
    )
    return by_nature and not values & _YES_NO


def _covers(one: model.Case, other: model.Case) -> bool:
    """Whether ``one`` takes whatever ``other`` would."""
    low, high = _range(one)
    mine, theirs = _values(one), _values(other)
    limited = one.at_least is not None or one.at_most is not None
    if theirs is not None:
        if mine is not None and not theirs <= mine:
            return False
        return not limited or all(_within(value, low, high) for value in theirs)
    if mine is not None:
        return False
    other_low, other_high = _range(other)
    return low <= other_low and other_high <= high


def _within(value: str, low: float, high: float) -> bool:
    try:
        return low <= float(value) <= high
    except ValueError:
        return False
