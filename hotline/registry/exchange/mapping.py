"""Their names and values, and ours: a field mapping as data, in YAML or JSON.

::

    fields:
      external_id: {from: 工单编号, required: true}
      description: {from: [标题, 内容], required: true}
      kind:        {from: 诉求类型, values: {咨询: consult, 投诉: complaint}}
      asked_at:    {from: 受理时间, date: "%Y-%m-%d %H:%M", past: true}
      urgency:     {const: normal}

What comes in has our fields on the left; what goes out has theirs, with dots for what lies inside
of something else (``order.id``). :func:`read` checks a mapping, :func:`apply` carries it out and
names every fault by their field. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from hotline.registry.exchange import values
from hotline.registry.exchange.values import BadValue

LONGEST_TEXT = 64 * 1024
MOST_FIELDS = 200

Scalar = str | int | float | bool | None
Type = Literal["text", "integer", "decimal", "boolean", "phone", "time"]

# What a peer's ticket may fill in, and what type it is of unless the mapping says otherwise.
INWARD: Mapping[str, Type] = {
    "external_id": "text",
    "asked_at": "time",
    "reply_by": "time",
    "kind": "text",
    "urgency": "text",
    "category": "text",
    "address": "text",
    "description": "text",
    "happened": "text",
    "caller_name": "text",
    "caller_phone": "phone",
    "anonymous": "boolean",
    "confidential": "boolean",
    "callback_wanted": "boolean",
    "condition": "text",
    "component_code": "text",
    "road": "text",
    "landmark": "text",
    "longitude": "decimal",
    "latitude": "decimal",
    "unit": "text",
}


@dataclass(frozen=True, slots=True)
class MappingFault:
    """What is wrong with a mapping: where (``fields.kind.date``) and the key of how."""

    where: str
    key: str


class BadMapping(Exception):
    """A mapping cannot be used; every fault of it."""

    def __init__(self, faults: Sequence[MappingFault]) -> None:
        super().__init__("; ".join(f"{fault.where}: {fault.key}" for fault in faults))
        self.faults = tuple(faults)


def _as_list(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _text_keys(value: object) -> object:
    """YAML reads bare numbers and yes/no as what they look like."""
    if not isinstance(value, dict):
        return value
    return {str(key).lower() if isinstance(key, bool) else str(key): v for key, v in value.items()}


_Names = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=200)]], BeforeValidator(_as_list)
]


class Rule(BaseModel):
    """How one field comes to its value: from others or as a constant, translated and typed."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    sources: Annotated[_Names, Field(max_length=10)] = Field(default=[], alias="from")
    const: Scalar = None
    default: Scalar = None
    # Their value by ours, compared as text; what is in no pair is a fault unless ``otherwise``.
    values: (
        Annotated[dict[str, Scalar], BeforeValidator(_text_keys), Field(max_length=5000)] | None
    ) = None
    otherwise: Scalar = None
    type: Type | None = None
    date: _Names | None = None
    past: bool = False
    required: bool = False
    most: Annotated[int, Field(ge=1, le=100_000)] | None = Field(None, alias="max")

    @model_validator(mode="after")
    def _one_origin(self) -> Rule:
        if bool(self.sources) == (self.const is not None):
            raise ValueError("needs either 'from' or 'const'")
        for pattern in self.date or ():
            values.check_format(pattern)
        return self


class FieldMapping(BaseModel):
    """A whole mapping: a rule for each field that it fills."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fields: Annotated[
        dict[str, Rule],
        BeforeValidator(_text_keys),
        Field(min_length=1, max_length=MOST_FIELDS),
    ]

    def sources_of(self, target: str) -> tuple[str, ...]:
        """Their names for what fills a field of ours."""
        rule = self.fields.get(target)
        return tuple(rule.sources) if rule else ()

    @property
    def every_source(self) -> frozenset[str]:
        """Every name that the mapping takes from."""
        return frozenset(source for rule in self.fields.values() for source in rule.sources)


@dataclass(frozen=True, slots=True)
class FieldFault:
    """A value that cannot be taken: whose field, what stood there, and the key of what is wrong
    (``exchange.fault.<key>`` says it, ``exchange.mend.<key>`` how to mend it)."""

    field: str
    key: str
    value: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Applied:
    """The fields that a mapping filled, and what is wrong with those it could not."""

    values: dict[str, Any]
    faults: tuple[FieldFault, ...]


class _NoAliases(yaml.SafeLoader):
    """A few lines of aliases could stand for gigabytes."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("aliases are not taken")
        return super().compose_node(parent, index)


def read(
    text: str, *, targets: Collection[str] | None = None, sources: Collection[str] | None = None
) -> FieldMapping:
    """The mapping that a text is. ``targets`` are the fields that it may fill, ``sources`` those
    that it may take from; None: any. Raises :class:`BadMapping`."""
    if len(text) > LONGEST_TEXT:
        raise BadMapping([MappingFault("", "too_long")])
    try:
        raw = yaml.load(text, _NoAliases)  # noqa: S506 - a SafeLoader
        mapping = FieldMapping.model_validate(raw)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise BadMapping(_faults(error)) from error
    unknown = [
        MappingFault(f"fields.{name}", "unknown_field")
        for name in mapping.fields
        if targets is not None and name not in targets
    ]
    unknown += [
        MappingFault(f"fields.{name}.from: {source}", "unknown_field")
        for name, rule in mapping.fields.items()
        for source in rule.sources
        if sources is not None and source not in sources
    ]
    if unknown:
        raise BadMapping(unknown)
    return mapping


def apply(
    mapping: FieldMapping,
    given: Mapping[str, Any],
    *,
    zone: tzinfo,
    now: float,
    inward: bool,
) -> Applied:
    """Fill the mapping's fields from what is given. Times without a zone are the city's."""
    filled: dict[str, Any] = {}
    faults: list[FieldFault] = []
    for target, rule in mapping.fields.items():
        type_ = rule.type or (INWARD.get(target, "text") if inward else None)
        step = _Step(rule, target, type_, zone, now, inward)
        value = step.value(given, faults)
        if value is None:
            continue
        if inward:
            filled[target] = value
        else:
            _put(filled, target, value)
    return Applied(filled, tuple(faults))


@dataclass(frozen=True, slots=True)
class _Step:
    rule: Rule
    target: str
    type: Type | None
    zone: tzinfo
    now: float
    inward: bool

    def value(self, given: Mapping[str, Any], faults: list[FieldFault]) -> Any:
        """The field's value; None for none, or for a fault that was added."""
        rule = self.rule
        if not rule.sources:
            return rule.const
        found, before = [], len(faults)
        for source in rule.sources:
            raw = _get(given, source)
            empty = raw is None or (isinstance(raw, str) and not raw.strip())
            if empty and rule.required and rule.default is None:
                faults.append(FieldFault(source, "required", "", self.target))
            elif not empty or (raw == "" and not self.inward and rule.default is None):
                try:
                    found.append(self._typed(raw))
                except BadValue as bad:
                    faults.append(FieldFault(source, bad.key, values.shown(raw), self.target))
        if len(faults) > before:
            return None
        if not found:
            return rule.default
        return found[0] if len(found) == 1 else "\n".join(map(str, found))

    def _typed(self, raw: Any) -> Any:
        rule = self.rule
        if rule.values is not None:
            kept = rule.values.get(values.as_text(raw), rule.otherwise)
            if kept is None:
                raise BadValue("unknown_value")
            return kept
        if self.inward:
            return self._read(raw)
        return values.written(raw, self.type, rule.date, self.zone)

    def _read(self, raw: Any) -> Any:
        match self.type:
            case "time":
                at = values.time(raw, self.rule.date, self.zone)
                if self.rule.past and at > self.now:
                    raise BadValue("future_date")
                return at
            case "integer":
                return values.integer(raw)
            case "decimal":
                return values.decimal(raw)
            case "boolean":
                return values.boolean(raw)
            case "phone":
                return values.phone(raw)
        return values.text(raw, self.rule.most)


def _get(given: Mapping[str, Any], name: str) -> Any:
    if name in given:
        return given[name]
    found: Any = given
    for part in name.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return found


def _put(into: dict[str, Any], name: str, value: Any) -> None:
    *folders, last = name.split(".")
    for folder in folders:
        inner = into.setdefault(folder, {})
        into = inner if isinstance(inner, dict) else {}
    into[last] = value


def _faults(error: Exception) -> list[MappingFault]:
    if not isinstance(error, ValidationError):
        mark = getattr(error, "problem_mark", None)
        return [MappingFault(f"{mark.line + 1}" if mark else "", "not_yaml")]
    known = {"missing": "required", "extra_forbidden": "unknown_key", "value_error": "bad_rule"}
    return [
        MappingFault(".".join(map(str, fault["loc"])), known.get(fault["type"], "wrong"))
        for fault in error.errors()
    ][:50]
