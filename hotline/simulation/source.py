"""YAML with the line of everything in it, and with nothing said twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from yaml.constructor import ConstructorError
from yaml.error import MarkedYAMLError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

from hotline.simulation.model import ScenarioFault


@dataclass(frozen=True, slots=True)
class Source:
    """A file's data, and where each part of it stands."""

    path: Path
    data: object
    root: Node | None

    def fault(self, place: Sequence[str | int], why: str) -> str:
        """A line that tells what is wrong at ``place``: ``FILE:LINE: names: why``."""
        names, line = self._nearest(place)
        where = ".".join(map(str, names))
        return f"{self.path}:{line}: {where + ': ' if where else ''}{why}"

    def has(self, place: Sequence[str | int]) -> bool:
        """Whether there is anything at ``place``."""
        return len(self._nearest(place)[0]) == len(place)

    def _nearest(self, place: Sequence[str | int]) -> tuple[list[str | int], int]:
        """How far ``place`` leads, and the line of that. Names that are not the file's own (what
        pydantic calls the choices it had) are passed over."""
        node, names = self.root, list[str | int]()
        line = node.start_mark.line if node else 0
        for part in place:
            if isinstance(node, MappingNode):
                found = next(((k, v) for k, v in node.value if _name(k) == str(part)), None)
            elif (
                isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value)
            ):
                found = (node.value[part],) * 2
            else:
                break
            if found:
                key, node = found
                names.append(part)
                line = key.start_mark.line
        return names, line + 1


def load(path: Path) -> Source:
    """Read a file. Raises :class:`ScenarioFault` with a line for each thing that is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioFault(f"{path} cannot be read: {error}") from error
    try:
        source = _parse(path, text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _unreadable(path, mark.line if mark else 0, _problem(error)) from error
    except ReaderError as error:
        line = text.count("\n", 0, error.position)
        raise _unreadable(path, line, f"a control character {error.character!r}") from error
    except RecursionError as error:
        raise ScenarioFault(f"{path}: names and values are nested too deeply") from error
    if twice := list(_twice(source)):
        raise ScenarioFault("\n".join(twice))
    return source


def _parse(path: Path, text: str) -> Source:
    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
        return Source(path, None if root is None else loader.construct_document(root), root)
    finally:
        loader.dispose()


def _unreadable(path: Path, line: int, problem: str) -> ScenarioFault:
    return ScenarioFault(f"{path}:{line + 1}: is not YAML: {problem}")


def _problem(error: MarkedYAMLError) -> str:
    # A constructor's context repeats its problem.
    context = None if isinstance(error, ConstructorError) else error.context
    return ", ".join(part for part in (context, error.problem) if part)


def _twice(source: Source) -> Iterator[str]:
    """Of names given twice YAML silently keeps the last."""
    seen: set[int] = set()
    open_: list[Node] = [source.root] if source.root else []
    while open_:
        node = open_.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, SequenceNode):
            open_ += node.value
        if isinstance(node, MappingNode):
            first: dict[str, int] = {}
            for key, value in node.value:
                open_.append(value)
                name, line = _name(key), key.start_mark.line + 1
                if name in first:
                    told = f"{name!r} is given twice, first in line {first[name]}"
                    yield f"{source.path}:{line}: {told}"
                first.setdefault(name, line)


def _name(key: Node) -> str:
    return str(key.value) if isinstance(key, ScalarNode) else ""
