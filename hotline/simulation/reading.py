"""From a scenario's file to checked parts, or to a line for each thing to mend."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import BaseModel, ValidationError

from hotline.simulation.file import Part, ScenarioFile
from hotline.simulation.model import ScenarioFault
from hotline.simulation.source import Source, load

TO_QUEUE = "queue:"
"""Begins the place of an overflow that is another queue; a plan's own word for it."""

_Place: TypeAlias = tuple[str | int, ...]


def read(path: Path) -> ScenarioFile:
    """The file at ``path``. Raises :class:`ScenarioFault` with a line for each thing to mend."""
    source = load(path)
    if not isinstance(source.data, dict):
        raise ScenarioFault(f"{path} must hold names and values, as docs/simulation.md shows")
    try:
        file = ScenarioFile.model_validate(source.data)
    except ValidationError as error:
        raise ScenarioFault("\n".join(dict.fromkeys(_told(source, error)))) from error
    if against := [source.fault(*fault) for fault in _contradictions(file)]:
        raise ScenarioFault("\n".join(against))
    return file


def _contradictions(file: ScenarioFile) -> Iterator[tuple[_Place, str]]:
    """What no part can see by itself: where, and why it cannot be."""
    if file.warm_up_minutes * 60 >= file.day.until - file.day.from_:
        yield ("warm_up_minutes",), "nothing of the day is left to count after the warm-up"
    for place, queue in _named(file):
        if queue not in file.queues:
            yield place, f"there is no queue {queue!r}; there are {', '.join(file.queues)}"
    first: dict[str, int] = {}
    for index, part in enumerate(file.agents):
        if first.setdefault(part.name, index) != index:
            why = f"{part.name!r} stands twice; give one of them another name, or its shifts"
            yield ("agents", index, "name"), why


def _named(file: ScenarioFile) -> Iterator[tuple[_Place, str]]:
    """Every queue that is named outside of ``queues``, and where."""
    for index, calls in enumerate(file.calls):
        yield ("calls", index, "queue"), calls.queue
    for index, agents in enumerate(file.agents):
        yield from ((("agents", index, "queues", queue), queue) for queue in agents.queues)
    for name, part in file.queues.items():
        for index, rule in enumerate(part.overflow or ()):
            if rule.to.startswith(TO_QUEUE):
                yield ("queues", name, "overflow", index, "to"), rule.to.removeprefix(TO_QUEUE)


def _told(source: Source, error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False):
        if not (fault["type"] == "too_short" and fault["input"]):
            yield source.fault(fault["loc"], _why(fault))


def _why(fault: Any) -> str:
    name = str(fault["loc"][-1]) if fault["loc"] else ""
    match fault["type"]:
        case "missing":
            return f"{name!r} is missing"
        case "extra_forbidden":
            close = get_close_matches(name, _NAMES, n=1)
            return f"no such name is known here{f'; is {close[0]!r} meant?' if close else ''}"
        case "model_type" | "dict_type":
            return "needs names with values, such as {exponential: 180} for a duration"
        case "literal_error" if name == "none":
            return "write none, or a duration such as {exponential: 180}"
    return str(fault["msg"]).removeprefix("Value error, ")


def _all_names(part: type[BaseModel]) -> Iterator[str]:
    yield from (field.alias or name for name, field in part.model_fields.items())


_NAMES = sorted({name for part in Part.__subclasses__() for name in _all_names(part)})
