"""Flows that nobody would write: every kind of node, linked by dice.

:func:`random_flows` gives those that the check lets pass; :func:`wild_flows` those that it may
well refuse, with exits that lead nowhere and circles without an end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

from hotline.ivr.check import check
from hotline.ivr.model import Flow, FlowSet, PublishedFlow

KEYS = "123456789"
VARIABLES = ("one", "two.b", "three")
FACTS = ("storm.active", "queue.hotline.waiting", "queue.hotline.staffed", "calendar.holiday")
Node = dict[str, Any]
Target = Callable[[], str]


def random_flows(dice: Random) -> FlowSet:
    """Flows ``entry`` and ``sub`` without errors."""
    while True:
        flows = _flows(dice, wild=False)
        if all(_sound(flow, flows, entry=name == "entry") for name, flow in flows.items()):
            return _published(flows)


def wild_flows(dice: Random) -> FlowSet:
    """Flows as they come: only the model holds them."""
    return _published(_flows(dice, wild=True))


def _published(flows: Mapping[str, Flow]) -> FlowSet:
    return {name: PublishedFlow(name, 1, flow) for name, flow in flows.items()}


def _sound(flow: Flow, flows: Mapping[str, Flow], *, entry: bool) -> bool:
    findings = check(flow, flows=flows, queues=("hotline",), entry=entry)
    return all(finding.severity != "error" for finding in findings)


def _flows(dice: Random, *, wild: bool) -> dict[str, Flow]:
    made = {}
    for name in ("sub", "entry"):
        data = _flow(dice, name, dice.randint(1, 12), wild=wild)
        made[name] = Flow.model_validate(data)
    return made


def _flow(dice: Random, name: str, size: int, *, wild: bool) -> dict[str, Any]:
    entry = name == "entry"
    names = [f"n{number}" for number in range(size)]
    nodes: dict[str, Node] = {}
    for number, node in enumerate(names):
        nodes[node] = _node(dice, *_targets(dice, number, names, entry, wild), entry)
    person: str | None = "duty" if entry or dice.random() < 0.3 else None
    nodes |= _ending(entry, person)
    if wild and dice.random() < 0.3:
        person = dice.choice([*nodes, "nowhere"])
    return {
        "flow": name,
        "title": {"zh": name},
        "start": "n0",
        "person": person,
        "bound": {"steps": dice.choice((60, 100, 200)), "seconds": dice.choice((60, 300, 900))},
        "nodes": nodes,
    }


def _targets(
    dice: Random, number: int, names: list[str], entry: bool, wild: bool
) -> tuple[Target, Target]:
    """Where a node leads by itself, and where a caller can go: back, too."""
    ends = ["bye", "message"] + (["duty"] if entry else ["back"])
    later = names[number + 1 :] or ends

    def onward() -> str:
        if wild and dice.random() < 0.2:
            return dice.choice([*names, "nowhere", *ends])
        return dice.choice(later) if dice.random() < 0.85 else dice.choice(ends)

    def chosen() -> str:
        return dice.choice(names) if dice.random() < 0.3 else onward()

    return onward, chosen


def _ending(entry: bool, person: str | None) -> dict[str, Node]:
    after = "bye" if entry else "back"
    ending: dict[str, Node] = {
        "message": {"kind": "report", "saved": after, "empty": after},
        "bye": {"kind": "goodbye"},
    }
    if not entry:
        ending["back"] = {"kind": "return"}
    if person:
        ending["duty"] = {"kind": "hours", "queue": "hotline", "open": "wait", "closed": "message"}
        ending["wait"] = {
            "kind": "queue",
            "queue": "hotline",
            "talked": "mark",
            "nobody": "message",
            "asked": "message",
        }
        ending["mark"] = {"kind": "survey", "next": after}
    return ending


def _node(dice: Random, onward: Target, chosen: Target, entry: bool) -> Node:
    makers = [*_MAKERS, _sub_flow] if entry else _MAKERS
    return dice.choice(makers)(dice, onward, chosen)


def _keys(dice: Random, chosen: Target) -> dict[str, str]:
    return {key: chosen() for key in dice.sample(KEYS, dice.randint(1, 4))}


def _say(dice: Random, onward: Target, _chosen: Target) -> Node:
    prompts = ["greeting"] if dice.random() < 0.8 else [{"say": {"zh": "${one}"}}]
    return {"kind": "say", "prompts": prompts, "barge": dice.random() < 0.8, "next": onward()}


def _announcement(dice: Random, onward: Target, chosen: Target) -> Node:
    keys = _keys(dice, chosen) if dice.random() < 0.5 else {}
    return {"kind": "announcement", "prompts": ["greeting"], "keys": keys, "next": onward()}


def _menu(dice: Random, _onward: Target, chosen: Target) -> Node:
    node: Node = {"kind": "menu", "prompts": ["menu-main"], "keys": _keys(dice, chosen)}
    if dice.random() < 0.3:
        node["words"] = {"投诉": chosen(), "咨询": chosen()}
    if dice.random() < 0.2:
        node["otherwise"] = "message"
    return node | {"tries": dice.randint(1, 4), "first_key_s": dice.randint(2, 9)}


def _digits(dice: Random, onward: Target, _chosen: Target) -> Node:
    least = dice.randint(1, 6)
    length = {"min": least, "max": least + dice.randint(0, 6)}
    store = dice.choice(VARIABLES)
    return {
        "kind": "digits",
        "prompts": ["digits"],
        "store": store,
        "length": length,
        "end_key": dice.choice("## "[:2]) if dice.random() < 0.9 else "",
        "tries": dice.randint(1, 3),
        "next": onward(),
    }


def _listen(dice: Random, onward: Target, _chosen: Target) -> Node:
    return {
        "kind": "listen",
        "prompts": ["menu-main"],
        "store": dice.choice(VARIABLES),
        "words": {"是": "yes", "不是": "no"},
        "keys": {"1": "yes", "2": "no"},
        "next": onward(),
    }


def _hours(dice: Random, onward: Target, _chosen: Target) -> Node:
    node = {"kind": "hours", "queue": "hotline", "open": onward(), "closed": onward()}
    return node | ({"holiday": onward()} if dice.random() < 0.3 else {})


def _report(dice: Random, onward: Target, _chosen: Target) -> Node:
    return {"kind": "report", "review": dice.random() < 0.5, "saved": onward(), "empty": onward()}


def _lookup(dice: Random, onward: Target, _chosen: Target) -> Node:
    number = {"by": "number", "number": "${one}", "last_four": "${three}"}
    by = number if dice.random() < 0.5 else {"by": "calling"}
    return {"kind": "lookup", **by, "found": onward(), "none": onward()}


def _queue(dice: Random, onward: Target, _chosen: Target) -> Node:
    ways = {"talked": onward(), "nobody": onward(), "asked": onward()}
    return {"kind": "queue", "queue": "hotline", **ways}


def _transfer(dice: Random, onward: Target, _chosen: Target) -> Node:
    return {"kind": "transfer", "target": "119", "done": onward()}


def _language(dice: Random, onward: Target, _chosen: Target) -> Node:
    if dice.random() < 0.5:
        return {"kind": "language", "to": "zh", "next": onward()}
    return {"kind": "language", "prompts": ["menu-main"], "keys": {"9": "zh"}, "next": onward()}


def _set(dice: Random, onward: Target, _chosen: Target) -> Node:
    return {"kind": "set", "values": {dice.choice(VARIABLES): "yes"}, "next": onward()}


def _branch(dice: Random, onward: Target, _chosen: Target) -> Node:
    cases = [{"equals": True, "next": onward()}, {"at_least": 2, "next": onward()}]
    on = dice.choice((*FACTS, *VARIABLES))
    return {"kind": "branch", "on": on, "cases": cases, "otherwise": onward()}


def _webhook(dice: Random, onward: Target, _chosen: Target) -> Node:
    return {
        "kind": "webhook",
        "url": "https://city.example/x",
        "store": {"two.b": "a"},
        "next": onward(),
        "fallback": onward(),
    }


def _register(dice: Random, onward: Target, _chosen: Target) -> Node:
    ways = {"registered": onward(), "known": onward(), "none": onward()}
    return {"kind": "register", **ways}


def _sub_flow(dice: Random, onward: Target, _chosen: Target) -> Node:
    return {"kind": "flow", "flow": "sub", "next": onward()}


_MAKERS = [
    _say,
    _announcement,
    _menu,
    _digits,
    _listen,
    _hours,
    _report,
    _lookup,
    _queue,
    _transfer,
    _language,
    _set,
    _branch,
    _webhook,
    _register,
]


def many(dice: Random, make: Callable[[Random], FlowSet]) -> Iterator[FlowSet]:
    """One after the other, without an end."""
    while True:
        yield make(dice)
