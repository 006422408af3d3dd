"""YAML as plain data, with the line of everything in it and without YAML's traps.

What YAML 1.1 would silently turn into something else (``no`` into false, ``010`` into 8, ``9:00``
into 540) becomes a finding instead. A plain key is always text, so ``on:`` is the key ``on``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import yaml
from yaml.composer import ComposerError
from yaml.error import MarkedYAMLError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

from hotline.ivr.findings import Finding, FlowFaults, found

MAX_BYTES = 256 * 1024
MAX_DEPTH = 16
# Far above what 256 KiB of plain YAML hold: only aliases within aliases reach it.
MAX_ITEMS = 100_000

Data = str | int | float | bool | None | list["Data"] | dict[str, "Data"]
Path = tuple[str | int, ...]

_TAG = "tag:yaml.org,2002:"
_TRUE_FALSE = {"true": True, "false": False}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Lines(Mapping[str, int]):
    """The line of each node by its name; :meth:`at` finds that of anything else."""

    nodes: Mapping[str, int] = field(default_factory=dict)
    marks: Mapping[Path, int] = field(default_factory=dict)

    def __getitem__(self, node: str) -> int:
        return self.nodes[node]

    def __iter__(self) -> Iterator[str]:
        return iter(self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)

    def at(self, *path: str | int) -> int:
        """The line of what stands at ``path``, or of the nearest thing around it; 0 when
        nothing is known."""
        for end in range(len(path), 0, -1):
            line = self.marks.get(path[:end])
            if line is not None:
                return line
        return self.marks.get((), 0)

    def of(self, node: str, *path: str | int) -> int:
        """The line of something in a node."""
        return self.at("nodes", node, *path)


@dataclass(frozen=True, slots=True)
class Marked:
    """A read file: its data, its lines, and the traps in it."""

    data: Data
    lines: Lines
    findings: tuple[Finding, ...]


def read_marked(text: str, most_bytes: int = MAX_BYTES) -> Marked:
    """Read YAML. Raises :class:`FlowFaults` when it is not YAML, too large, or too deep."""
    if len(text.encode()) > most_bytes:
        raise FlowFaults([found("too-large", 0, limit=most_bytes // 1024)])
    _refuse_tabs(text)
    root = _compose(text)
    if root is None:
        raise FlowFaults([found("empty-file", 1)])
    reader = _Reader()
    data = reader.take(root, ())
    nodes = {
        str(path[1]): line
        for path, line in reader.marks.items()
        if len(path) == 2 and path[0] == "nodes"
    }
    return Marked(data, Lines(nodes, reader.marks), tuple(reader.findings))


def _refuse_tabs(text: str) -> None:
    tabs = [
        found("tab", number)
        for number, line in enumerate(text.splitlines(), 1)
        if "\t" in line[: len(line) - len(line.lstrip())] and line.strip()
    ]
    if tabs:
        raise FlowFaults(tabs)


def _compose(text: str) -> Node | None:
    try:
        loader = _Loader(text)
        try:
            node: Node | None = loader.get_single_node()
            return node
        finally:
            loader.dispose()
    except _TooDeep as error:
        raise FlowFaults([found("too-deep", error.line, limit=MAX_DEPTH)]) from error
    except ComposerError as error:
        code = "yaml-documents" if "single document" in str(error.context) else "yaml"
        raise FlowFaults([_syntax(error, code)]) from error
    except MarkedYAMLError as error:
        raise FlowFaults([_syntax(error, "yaml")]) from error
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        shown = f"U+{ord(text[error.position]):04X}"
        raise FlowFaults([found("yaml-character", line, character=shown)]) from error


def _syntax(error: MarkedYAMLError, code: str) -> Finding:
    mark = error.problem_mark or error.context_mark
    problem = " ".join(part for part in (error.context, error.problem) if part)
    return found(code, mark.line + 1 if mark else 0, problem=problem)


class _TooDeep(Exception):
    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class _Loader(yaml.SafeLoader):
    """Composes nodes, and refuses depth before the interpreter's own limit does."""

    depth = 0

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        """One more level. Raises _TooDeep."""
        if self.depth > MAX_DEPTH:
            raise _TooDeep(self.line + 1)
        self.depth += 1
        try:
            node: Node | None = super().compose_node(parent, index)
            return node
        finally:
            self.depth -= 1


class _Reader:
    """Turns composed nodes into data."""

    def __init__(self) -> None:
        self.marks: dict[Path, int] = {}
        self.findings: list[Finding] = []
        self._items = 0
        self._open: list[Node] = []

    def take(self, node: Node, path: Path) -> Data:
        """The data of a node. Raises FlowFaults for aliases that multiply or contain themselves."""
        line = node.start_mark.line + 1
        self.marks.setdefault(path, line)
        self._items += 1
        if self._items > MAX_ITEMS:
            raise FlowFaults([found("too-many-aliases", line)])
        if any(node is outer for outer in self._open):
            raise FlowFaults([found("alias-in-itself", line, _node(path))])
        self._open.append(node)
        try:
            return self._value(node, path)
        finally:
            self._open.pop()

    def _value(self, node: Node, path: Path) -> Data:
        line = node.start_mark.line + 1
        if not str(node.tag).startswith(_TAG) or node.tag.removeprefix(_TAG) not in _TAGS:
            self._find("yaml-tag", line, path, tag=node.tag)
            return None
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.take(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, path) if isinstance(node, ScalarNode) else None

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Data]:
        data: dict[str, Data] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if key_node.tag == f"{_TAG}merge":
                self._find("yaml-merge", line, path)
                continue
            if not isinstance(key_node, ScalarNode):
                self._find("key-not-text", line, path)
                continue
            key = key_node.value
            here = (*path, key)
            if key in data:
                first = self.marks[here]
                self._find("duplicate-key", line, here, key=key, first=first)
                continue
            if key_node.style is None and re.fullmatch(r"[0-9]+", key):
                self._find("unquoted-key", line, here, key=key)
            self.marks[here] = line
            data[key] = self.take(value_node, here)
        return data

    def _scalar(self, node: ScalarNode, path: Path) -> Data:
        text, kind = str(node.value), node.tag.removeprefix(_TAG)
        line = node.start_mark.line + 1
        if node.style is not None or kind in ("str", "timestamp", "value", "merge"):
            return text
        if kind == "null":
            return None
        if kind == "bool":
            if text in _TRUE_FALSE:
                return _TRUE_FALSE[text]
            self._find("yaml-boolean", line, path, text=text)
            return text
        if not _NUMBER.fullmatch(text):
            self._find("yaml-number", line, path, text=text)
            return text
        return float(text) if "." in text else int(text)

    def _find(self, code: str, line: int, path: Path, **values: object) -> None:
        self.findings.append(found(code, line, _node(path), **values))


_TAGS = ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge", "value")


def _node(path: Path) -> str:
    return str(path[1]) if len(path) > 1 and path[0] == "nodes" else ""
