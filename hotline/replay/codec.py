"""The engine's inputs and rules as JSON and back, without what stands at its default.

Writing is done by hand, since it is on every call's path; reading is pydantic's, which checks.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cache
from typing import Any, cast, get_args

from pydantic import TypeAdapter, ValidationError

from hotline.acd import model as acd

Given = list[Any]
"""An input as it is kept: its class's name, then its fields by name."""


class Unreadable(ValueError):
    """What was kept is of a version that this one does not know; the message says what."""


def encode(given: acd.Input) -> Given:
    """An input as JSON values."""
    return [type(given).__name__, _fields(given)]


def decode(kept: Given) -> acd.Input:
    """The input that :func:`encode` was given. Raises :class:`Unreadable`."""
    name, data = kept
    kind = _kinds().get(name)
    if kind is None:
        raise Unreadable(f"the engine of this version knows no {name!r}")
    return cast("acd.Input", _read(kind, data))


def encode_rules(rules: Mapping[str, acd.QueueRules]) -> dict[str, Any]:
    """The rules of every queue as JSON values, defaults included: those change by version."""
    return {queue: dataclasses.asdict(of) for queue, of in rules.items()}


def decode_rules(kept: Mapping[str, Any]) -> dict[str, acd.QueueRules]:
    """The rules that :func:`encode_rules` was given. Raises :class:`Unreadable`."""
    return {queue: _read(acd.QueueRules, data) for queue, data in kept.items()}


def plain(value: Any) -> Any:
    """A value of the engine as JSON values, without what stands at its default."""
    if isinstance(value, str | int | float | None):
        return value
    if dataclasses.is_dataclass(value):
        return _fields(value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value]


def _fields(value: Any) -> dict[str, Any]:
    kept = {}
    for name, default in _plan(value.__class__):
        field = getattr(value, name)
        if field != default:
            kept[name] = plain(field)
    return kept


@cache
def _plan(kind: type) -> tuple[tuple[str, Any], ...]:
    """The fields' names, each with a value that need not be kept."""
    return tuple((f.name, _default(f)) for f in dataclasses.fields(kind))


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


@cache
def _kinds() -> dict[str, type]:
    return {kind.__name__: kind for kind in get_args(acd.Input)}


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _read(kind: type, data: Any) -> Any:
    try:
        return _adapter(kind).validate_python(data)
    except ValidationError as error:
        raise Unreadable(f"a kept {kind.__name__} cannot be read: {error}") from error
