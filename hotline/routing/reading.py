"""From JSON or YAML to a :class:`~hotline.routing.model.RoutingPlan`, or to what is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from hotline.ivr.findings import Finding as YamlFinding
from hotline.ivr.findings import FlowFaults
from hotline.ivr.marked import read_marked
from hotline.routing.findings import Finding, Place, found, similar
from hotline.routing.model import (
    CODE,
    QUEUE_NAME,
    Agent,
    Need,
    Overflow,
    Queue,
    Ring,
    RoutingPlan,
    Shifts,
    Skill,
    Team,
    written,
)

MAX_BYTES = 4 * 1024 * 1024
_LONGEST_SHOWN = 60
_PARTS: Mapping[str, type[BaseModel]] = {
    "queues": Queue,
    "skills": Skill,
    "teams": Team,
    "agents": Agent,
    "roster": Shifts,
    "requires": Need,
    "prefers": Need,
    "rings": Ring,
    "overflow": Overflow,
}
_LIMITS = {
    "greater_than_equal": ("too-small", "ge"),
    "less_than_equal": ("too-large", "le"),
    "greater_than": ("above", "gt"),
    "string_too_short": ("left-empty", "min_length"),
    "string_too_long": ("too-long", "max_length"),
    "too_short": ("left-empty", "min_length"),
    "too_long": ("too-long", "max_length"),
}
_KINDS = {
    "int": "not-whole",
    "float": "not-a-number",
    "finite": "not-a-number",
    "string": "not-text",
    "list": "not-a-list",
    "tuple": "not-a-list",
    "dict": "not-a-mapping",
    "model": "not-a-mapping",
}
# What the reader of YAML says with flows in mind.
_OWN_WORDS = {
    "empty-file": "plan-empty",
    "too-large": "plan-too-large",
    "yaml-documents": "plan-documents",
    "too-deep": "plan-too-deep",
    "too-many-aliases": "plan-too-deep",
}
# Every key of a plan is text, with quotes or without.
_HARMLESS = frozenset({"unquoted-key"})


class PlanFaults(ValueError):
    """No plan can be made of what was given; ``findings`` says why."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(finding.text("en") for finding in findings))


def read_plan(data: object) -> RoutingPlan:
    """The plan that JSON values say. Raises :class:`PlanFaults`."""
    try:
        return RoutingPlan.model_validate(data)
    except ValidationError as error:
        raise PlanFaults(list(_faults(error))) from error


def parse_plan(text: str) -> RoutingPlan:
    """The plan that a YAML (or JSON) text says. Raises :class:`PlanFaults`, with lines."""
    try:
        marked = read_marked(text, MAX_BYTES)
    except FlowFaults as error:
        raise PlanFaults([_of_yaml(one) for one in error.findings]) from error
    faults = [_of_yaml(one) for one in marked.findings if one.code not in _HARMLESS]
    try:
        plan = read_plan(marked.data)
    except PlanFaults as error:
        faults += [replace(one, line=marked.lines.at(*one.where)) for one in error.findings]
        raise PlanFaults(sorted(faults, key=lambda one: one.line)) from error
    if faults:
        raise PlanFaults(faults)
    return plan


def write_plan(plan: RoutingPlan) -> str:
    """The plan as YAML that :func:`parse_plan` reads."""
    return write_values(written(plan))


def write_values(values: Mapping[str, Any]) -> str:
    """A plan's JSON values as YAML, faults and all."""
    text: str = yaml.safe_dump(dict(values), allow_unicode=True, sort_keys=False, width=100)
    return text


def _of_yaml(one: YamlFinding) -> Finding:
    if own := _OWN_WORDS.get(one.code):
        return replace(found(own, **one.values), line=one.line)
    return replace(found("yaml", zh=one.text("zh"), en=one.text("en")), line=one.line)


def _faults(error: ValidationError) -> Iterator[Finding]:
    for fault in error.errors(include_url=False):
        where = tuple(fault["loc"])
        last = str(where[-1]) if where else ""
        match fault["type"]:
            case "extra_forbidden":
                hint = similar(last, _fields(where))
                yield found("unknown-field", *where, field=last, hint=hint)
            case "missing" | "too_long" if "week" in where:
                yield found("week-not-seven", *where)
            case "missing":
                yield found("missing-field", *where, field=last)
            case "model_type" | "model_attributes_type" if not where:
                yield found("not-a-plan")
            case _:
                yield _wrong(fault["type"], fault.get("ctx", {}), where, fault["input"])


def _wrong(kind: str, context: Mapping[str, Any], where: Place, given: object) -> Finding:
    """A value that cannot stand where it is, and what could."""
    value = _shown(given)
    if kind in _LIMITS:
        code, limit = _LIMITS[kind]
        return found(code, *where, value=value, limit=context[limit])
    if kind == "literal_error":
        known = re.findall(r"'([^']*)'", str(context["expected"]))
        hint = similar(value, known)
        return found("not-one-of", *where, value=value, known=", ".join(known), hint=hint)
    if kind == "string_pattern_mismatch":
        codes = (QUEUE_NAME, CODE)
        code = "bad-code" if context["pattern"] in codes else "bad-way"
        return found("roster-date" if "days" in where else code, *where, value=value, day=value)
    return found(_KINDS.get(kind.partition("_")[0], "bad-value"), *where, value=value)


def _fields(where: Sequence[str | int]) -> list[str]:
    """The fields that there are where one was not known."""
    within = [part for part in where[:-1] if isinstance(part, str) and part in _PARTS]
    model = _PARTS[within[-1]] if within else RoutingPlan
    return list(model.model_fields)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
