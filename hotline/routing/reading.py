"""From JSON or YAML to a :class:`~hotline.routing.model.RoutingPlan`, or to what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from hotline.routing.findings import Finding, found, similar
from hotline.routing.model import (
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
    """The plan that a YAML (or JSON) text says. Raises :class:`PlanFaults`."""
    if len(text.encode()) > MAX_BYTES:
        raise PlanFaults([found("not-a-plan", problem=f"> {MAX_BYTES // 1024 // 1024} MiB")])
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        problem = str(getattr(error, "problem", None) or "YAML")
        raise PlanFaults([found("not-a-plan", problem=problem)]) from error
    return read_plan(data)


def write_plan(plan: RoutingPlan) -> str:
    """The plan as YAML that :func:`parse_plan` reads."""
    text: str = yaml.safe_dump(written(plan), allow_unicode=True, sort_keys=False, width=100)
    return text


def _faults(error: ValidationError) -> Iterator[Finding]:
    for fault in error.errors(include_url=False):
        where = tuple(fault["loc"])
        last = str(where[-1]) if where else ""
        match fault["type"]:
            case "extra_forbidden":
                hint = similar(last, _fields(where))
                yield found("unknown-field", *where, field=last, hint=hint)
            case "missing":
                yield found("missing-field", *where, field=last)
            case "model_type" | "model_attributes_type" if not where:
                yield found("not-a-plan", problem=fault["msg"])
            case _:
                yield found("bad-value", *where, value=_shown(fault["input"]), problem=fault["msg"])


def _fields(where: Sequence[str | int]) -> list[str]:
    """The fields that there are where one was not known."""
    within = [part for part in where[:-1] if isinstance(part, str) and part in _PARTS]
    model = _PARTS[within[-1]] if within else RoutingPlan
    return list(model.model_fields)


def _shown(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
