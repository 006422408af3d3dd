"""The words of a drawing, and how wide text is."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from hotline.ivr import model
from hotline.ivr.pieces import Reading

Words = Mapping[str, str]

KINDS: Mapping[str, Words] = {
    "zh": {
        "say": "播报",
        "announcement": "公告",
        "menu": "菜单",
        "digits": "输号",
        "listen": "问答",
        "hours": "时间",
        "report": "留言",
        "lookup": "查询",
        "queue": "排队",
        "transfer": "转接",
        "survey": "评价",
        "language": "语言",
        "set": "赋值",
        "branch": "分支",
        "flow": "子流程",
        "return": "返回",
        "webhook": "外部系统",
        "register": "登记",
        "goodbye": "再见",
    },
    "en": {
        "say": "say",
        "announcement": "announce",
        "menu": "menu",
        "digits": "digits",
        "listen": "listen",
        "hours": "hours",
        "report": "report",
        "lookup": "look up",
        "queue": "queue",
        "transfer": "transfer",
        "survey": "survey",
        "language": "language",
        "set": "set",
        "branch": "branch",
        "flow": "flow",
        "return": "return",
        "webhook": "webhook",
        "register": "register",
        "goodbye": "goodbye",
    },
}
EXITS: Mapping[str, Words] = {
    "zh": {
        "failed": "多次失败",
        "failed report": "没存下",
        "failed transfer": "没接通",
        "open": "服务中",
        "closed": "非服务",
        "holiday": "节假日",
        "saved": "已保存",
        "empty": "没说话",
        "found": "查到",
        "none": "没有",
        "talked": "通话后",
        "nobody": "无人接",
        "full": "排队已满",
        "overflow": "溢出后",
        "asked": "要求留言",
        "done": "完成",
        "otherwise": "其他",
        "fallback": "无回应",
        "registered": "已登记",
        "known": "登记过",
        "next": "",
    },
    "en": {
        "failed": "failed",
        "failed report": "not kept",
        "failed transfer": "no answer",
        "open": "open",
        "closed": "closed",
        "holiday": "holiday",
        "saved": "saved",
        "empty": "empty",
        "found": "found",
        "none": "none",
        "talked": "talked",
        "nobody": "nobody free",
        "full": "queue full",
        "overflow": "sent on",
        "asked": "wants report",
        "done": "done",
        "otherwise": "otherwise",
        "fallback": "fallback",
        "registered": "registered",
        "known": "known",
        "next": "",
    },
}
PHRASES: Mapping[str, Words] = {
    "zh": {
        "person": "人工",
        "is_person": "人工：按 0 到这里",
        "start": "来电",
        "called": "调用",
        "callers_person": "上级人工",
        "entered": "进入",
        "hung_up": "挂断",
        "to": "→ {where}",
        "queue": "队列 {queue}",
        "store": "存为 {name}",
        "error": "错误",
        "warning": "提醒",
        "comma": "、",
    },
    "en": {
        "person": "person",
        "is_person": "person: 0 leads here",
        "start": "call",
        "called": "called",
        "callers_person": "caller's person",
        "entered": "entered",
        "hung_up": "hung up",
        "to": "→ {where}",
        "queue": "queue {queue}",
        "store": "into {name}",
        "error": "error",
        "warning": "warning",
        "comma": ", ",
    },
}
REASONS: Mapping[str, Words] = {
    "zh": {
        "asked": "来电者要求",
        "out_of_hours": "非服务时间",
        "nobody_ready": "坐席全忙",
        "storm": "应急",
    },
    "en": {
        "asked": "asked for",
        "out_of_hours": "out of hours",
        "nobody_ready": "nobody free",
        "storm": "storm",
    },
}
_MOST_WORDS = 2


def width(text: str, size: float) -> float:
    """How wide ``text`` is at a font size: a Chinese character is a square, others are less."""
    return sum(
        size if unicodedata.east_asian_width(char) in "WF" else size * _narrow(char)
        for char in text
    )


def _narrow(char: str) -> float:
    if char.isupper() or char in "mw@→—":
        return 0.74
    return 0.34 if char in "ijl.,:;'|! " else 0.58


def shortened(text: str, most: float, size: float) -> str:
    """``text`` cut to a width, with … where it was cut."""
    if width(text, size) <= most:
        return text
    while text and width(text + "…", size) > most:
        text = text[:-1]
    return text.rstrip() + "…"


def exits_word(names: list[str], node: model.Node, language: str) -> str:
    """The exits that lead to the same node, as few words as they can be."""
    keys = [name.removeprefix("key:") for name in names if name.startswith("key:")]
    words = [name.removeprefix("word:") for name in names if name.startswith("word:")]
    others = [_exit_word(name, node, language) for name in names if ":" not in name]
    others += [_exit_word(n, node, language) for n in names if n.startswith(("case:", "exit:"))]
    spoken = words[:_MOST_WORDS] + (["…"] if len(words) > _MOST_WORDS else [])
    return PHRASES[language]["comma"].join(w for w in (*keys, *spoken, *others) if w)


def _exit_word(name: str, node: model.Node, language: str) -> str:
    kind, _, rest = name.partition(":")
    if kind == "case" and isinstance(node, model.Branch):
        return _condition(node.cases[int(rest) - 1])
    if kind == "exit":
        return rest
    if name == "person":
        return PHRASES[language]["person"]
    words = EXITS[language]
    return words.get(f"{name} {node.kind}", words.get(name, name))


def _condition(case: model.Case) -> str:
    parts = []
    if case.equals is not None:
        given = case.equals if isinstance(case.equals, tuple) else (case.equals,)
        parts.append("= " + "/".join(str(value).lower() for value in given))
    if case.at_least is not None:
        parts.append(f"≥ {case.at_least:g}")
    if case.at_most is not None:
        parts.append(f"≤ {case.at_most:g}")
    return " ".join(parts)


def detail(node: model.Node, language: str) -> str:
    """What a node does, in a line."""
    tell = _DETAILS.get(type(node))
    if tell is not None:
        return tell(node, language)
    if isinstance(node, model.ChooseLanguage) and node.to:
        return node.to
    return _spoken(getattr(node, "prompts", ()), language)


def _spoken(prompts: tuple[model.Spoken, ...], language: str) -> str:
    said = []
    for item in prompts:
        if isinstance(item, model.Text):
            texts: Mapping[str, str] = {str(name): text for name, text in item.say.items()}
            said.append(texts.get(language) or next(iter(texts.values())))
        elif isinstance(item, model.Value):
            said.append(f"{Reading(item.read).value}({item.value})")
        else:
            said.append(item)
    return " · ".join(said)


def _queue(node: Any, language: str) -> str:
    return PHRASES[language]["queue"].format(queue=node.queue)


def _store(node: Any, language: str) -> str:
    return PHRASES[language]["store"].format(name=node.store)


def _set(node: Any, _language: str) -> str:
    return ", ".join(f"{name} = {value}" for name, value in node.values.items())


_DETAILS: Mapping[type[Any], Callable[[Any, str], str]] = {
    model.Queue: _queue,
    model.Hours: _queue,
    model.Digits: _store,
    model.Listen: _store,
    model.Set: _set,
    model.Report: lambda node, language: REASONS[language][node.reason],
    model.Branch: lambda node, _: node.on,
    model.SubFlow: lambda node, _: node.flow,
    model.Return: lambda node, _: node.exit,
    model.Transfer: lambda node, _: node.target,
    model.Webhook: lambda node, _: node.url,
    model.Lookup: lambda node, _: node.number if node.by == "number" else "call.calling",
}
