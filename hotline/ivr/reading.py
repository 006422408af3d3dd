"""From a flow's file to a :class:`~hotline.ivr.model.Flow`, or to what is wrong with the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from hotline.ivr import model
from hotline.ivr.findings import Finding, FlowFaults, found, similar
from hotline.ivr.marked import Data, Lines, Marked, Path, read_marked
from hotline.ivr.model import Flow

KINDS: Mapping[str, type[BaseModel]] = {
    get_args(kind.model_fields["kind"].annotation)[0]: kind
    for kind in get_args(get_args(model.Node)[0])
}
# What pydantic calls the members of a union, in the path to a fault.
_TEXT, _VALUE, _NAME = "Text", "Value", "constrained-str"
_PARTS: Mapping[str, type[BaseModel]] = {
    "bound": model.Bound,
    "length": model.Length,
    "cases": model.Case,
    _TEXT: model.Text,
    _VALUE: model.Value,
}
# The rules that the models themselves hold, by what breaks them.
_RULES: Mapping[str, str] = {
    "lookup": "lookup-incomplete",
    "queue": "priority-unexplained",
    "language": "language-one-way",
    "length": "length-order",
    "cases": "case-empty",
    "languages": "language-twice",
}
_RANGES = {
    "greater_than": "gt",
    "greater_than_equal": "ge",
    "less_than": "lt",
    "less_than_equal": "le",
}
_LENGTHS = {
    "string_too_short": "min_length",
    "string_too_long": "max_length",
    "too_short": "min_length",
    "too_long": "max_length",
}
_PATTERNS = {model.NAME: "bad-name", model.VARIABLE: "bad-variable"}
_SPOKEN = ("prompts", "again", "thanks")


def read_flow(text: str, source: str = "") -> Flow:
    """The flow that a file says. ``source`` is left to callers' messages: faults have lines.

    Raises :class:`FlowFaults` with every fault that was found.
    """
    del source
    return _flow(read_marked(text))


def lines(text: str) -> Lines:
    """The line of each node, and of all else. Raises :class:`FlowFaults` when it is no YAML."""
    return read_marked(text).lines


def read_with_lines(text: str) -> tuple[Flow, Lines]:
    """Both at once. Raises :class:`FlowFaults`."""
    marked = read_marked(text)
    return _flow(marked), marked.lines


def _flow(marked: Marked) -> Flow:
    faults = list(marked.findings)
    try:
        flow = Flow.model_validate(marked.data)
    except ValidationError as error:
        # A trap explains what the model then complains of on the same line.
        trapped = {finding.line for finding in faults}
        told = _faults(marked, error.errors(include_url=False))
        faults += [finding for finding in told if finding.line not in trapped]
        raise FlowFaults(faults) from error
    if faults:
        raise FlowFaults(faults)
    return flow


def _faults(marked: Marked, errors: Iterable[Any]) -> list[Finding]:
    told: dict[tuple[int, str, str], Finding] = {}
    for error in errors:
        finding = _Fault(marked, error).finding()
        if finding is not None:
            told.setdefault((finding.line, finding.code, str(finding.values)), finding)
    return list(told.values())


class _Fault:
    """One fault of pydantic's, in a reader's words."""

    def __init__(self, marked: Marked, error: Any) -> None:
        self._marked = marked
        self._type: str = error["type"]
        self._loc: tuple[str | int, ...] = error["loc"]
        self._context: Mapping[str, Any] = error.get("ctx", {})
        self._given: Any = error.get("input")
        self._path = _path(marked.data, self._loc)
        self._line = marked.lines.at(*self._path)
        self._node = str(self._loc[1]) if self._loc[:1] == ("nodes",) and self._loc[1:] else ""

    def finding(self) -> Finding | None:
        """The finding; None when another member of the same union tells it better."""
        if self._spoken_in_vain():
            return None
        told: Mapping[str, Callable[[], Finding | None]] = {
            **dict.fromkeys(_RANGES, self._out_of_range),
            **dict.fromkeys(_LENGTHS, self._bad_length),
            "extra_forbidden": self._unknown_key,
            "missing": lambda: self._found("missing-key", key=self._loc[-1]),
            "union_tag_not_found": lambda: self._found("missing-key", key="kind"),
            "union_tag_invalid": self._unknown_kind,
            "string_pattern_mismatch": self._bad_pattern,
            "literal_error": self._not_one_of,
            "enum": self._not_one_of,
            "value_error": lambda: self._found(self._rule()),
        }
        return told.get(self._type, self._wrong_kind)()

    def _unknown_kind(self) -> Finding:
        given = self._given.get("kind") if isinstance(self._given, dict) else None
        if given is None:
            return self._found("missing-key", key="kind")
        kind = str(given)
        line = self._marked.lines.at(*self._path, "kind")
        known = ", ".join(sorted(KINDS))
        return self._found("unknown-kind", line, kind=kind, hint=similar(kind, KINDS), known=known)

    def _bad_pattern(self) -> Finding:
        pattern = str(self._context["pattern"])
        code = _PATTERNS.get(pattern, "bad-url" if "http" in pattern else "bad-code")
        return self._found(code, given=self._given)

    def _found(self, code: str, line: int | None = None, **values: object) -> Finding:
        where = ".".join(str(part) for part in self._path[2 if self._node else 0 :])
        line = self._line if line is None else line
        return found(code, line, self._node, where=where or self._node or "flow", **values)

    def _spoken_in_vain(self) -> bool:
        """What is spoken is a name, a text or a value: only what was meant is told of."""
        at = next((i for i, part in enumerate(self._loc) if part in _SPOKEN), None)
        if at is None or len(self._loc) < at + 3:
            return False
        member = self._loc[at + 2]
        item = _get(self._marked.data, self._path[: self._path.index(self._loc[at]) + 2])
        if isinstance(item, dict) and (item.keys() & {"read", "value"}):
            return member != _VALUE
        if isinstance(item, dict) and "say" in item:
            return member != _TEXT
        return member != _NAME

    def _bad_length(self) -> Finding | None:
        bound = self._context[_LENGTHS[self._type]]
        if self._type == "too_short" and len(self._given) >= bound:
            # Enough were given: those that cannot be read have findings of their own.
            return None
        code = "too-short" if _LENGTHS[self._type] == "min_length" else "too-long"
        return self._found(code, limit=bound)

    def _out_of_range(self) -> Finding:
        bound = self._context[_RANGES[self._type]]
        code = "too-small" if self._type.startswith("greater") else "too-large-number"
        return self._found(code, given=self._given, limit=f"{bound:g}")

    def _unknown_key(self) -> Finding:
        key = str(self._loc[-1])
        known = self._known_keys()
        return self._found(
            "unknown-key", key=key, hint=similar(key, known), known=", ".join(sorted(known))
        )

    def _known_keys(self) -> Iterable[str]:
        around = self._loc[:-1]
        for part in reversed(around):
            if part in _PARTS and (part != "bound" or not self._node):
                return _PARTS[str(part)].model_fields
        if self._node and len(self._loc) > 2:
            return KINDS[str(self._loc[2])].model_fields
        return Flow.model_fields

    def _not_one_of(self) -> Finding:
        known = re.findall(r"'([^']*)'", str(self._context["expected"]))
        if self._loc[-1] == "[key]":
            return self._found("bad-key", key=self._loc[-2], known=", ".join(known))
        given = str(self._given)
        return self._found(
            "not-one-of", given=given, known=", ".join(known), hint=similar(given, known)
        )

    def _rule(self) -> str:
        if self._loc == ("languages",):
            return _RULES["languages"]
        for part in reversed(self._loc[2:]):
            if part in _RULES:
                return _RULES[str(part)]
        return "wrong-kind"

    def _wrong_kind(self) -> Finding:
        if "equals" in self._path:
            return found("equals-kind", self._line, self._node)
        given = _get(self._marked.data, self._path)
        if given is None:
            return self._found("empty-value")
        if self._type == "string_type" and isinstance(given, int | float):
            return self._found("quote-it", given=str(given).lower())
        code = "prompt-kind" if any(part in _SPOKEN for part in self._path) else "wrong-kind"
        return self._found(code, wanted=_wanted(self._type))


def _wanted(fault: str) -> str:
    if fault.startswith(("dict", "model")):
        return "{key: value}"
    if fault.startswith(("list", "tuple")):
        return "[…, …]"
    return {"int": "5", "float": "1.5", "bool": "true / false"}.get(fault.partition("_")[0], "text")


def _path(data: Data, loc: Path) -> Path:
    """The path in the file: pydantic's, without the names of kinds and unions in it."""
    path: list[str | int] = []
    for place, part in enumerate(loc):
        if place == 2 and loc[0] == "nodes":
            # The kind, which may also be the name of a field in the node.
            continue
        if isinstance(data, dict) and part in data:
            data = data[str(part)]
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            continue
        path.append(part)
    return tuple(path)


def _get(data: Data, path: Path) -> Data:
    for part in path:
        data = data[part]  # type: ignore[index]
    return data
