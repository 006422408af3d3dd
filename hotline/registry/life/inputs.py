"""What was given with a step: what of it counts, what is missing, and what cannot be. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hotline.registry.life.guards import ground_for_appeal
from hotline.registry.life.machine import Machine, Step
from hotline.registry.life.model import Action, Facts, Inputs, PartState, Refusal, RequestKind
from hotline.registry.model import SYSTEM, Actor

REQUIRED, CHOICE = "form.required", "form.choice"
IN_THE_PAST, NOT_LATER, SAME_AS_NOW = "form.in_the_past", "form.not_later", "form.same_as_now"
TOO_FAR = "form.too_far"
KEYS = (REQUIRED, CHOICE, IN_THE_PAST, NOT_LATER, SAME_AS_NOW, TOO_FAR)
LONGEST_S = 3660 * 86_400.0
AGAINST = ("check", "overdue")
_NOTHING: tuple[Any, ...] = ("", None, ())


@dataclass(frozen=True, slots=True)
class Chosen:
    """The inputs that count for one step, with what the program fills in itself.

    ``told`` are those that the step is about, as the journal keeps them.
    """

    why: str = ""
    condition: str = ""
    closing: str = ""
    unit: str = ""
    unit_id: str = ""
    assist: tuple[str, ...] = ()
    part: str = ""
    until: float | None = None
    level: int | None = None
    owner: str = ""
    against: str = ""
    into: str = ""
    told: Mapping[str, Any] = field(default_factory=dict)


def choose(
    machine: Machine, facts: Facts, step: Step, by: Actor, inputs: Inputs, *, now: float
) -> Chosen | Refusal:
    """The inputs as they count, or everything that is wrong with them."""
    reader = _Reader(machine, facts, step, by, inputs, now=now)
    chosen = reader.read()
    if reader.faults:
        return Refusal(faults=reader.faults)
    if step.action == Action.APPEAL:
        groundless = ground_for_appeal(facts, chosen.against, now)
        if groundless:
            return Refusal(groundless)
    return chosen


class _Reader:
    def __init__(
        self,
        machine: Machine,
        facts: Facts,
        step: Step,
        by: Actor,
        inputs: Inputs,
        *,
        now: float,
    ) -> None:
        self._machine = machine
        self._facts = facts
        self._step = step
        self._by = by
        self._inputs = inputs
        self._now = now
        self.faults: dict[str, str] = {}

    def read(self) -> Chosen:
        asked = _ASKED.get(self._step.action, frozenset()) | set(self._step.needs)
        values = {name: getattr(self, f"_{name}")() for name in _READ if name in asked}
        if "unit" in values:
            values["unit"], values["unit_id"] = values["unit"]
        told = {name: value for name, value in values.items() if value not in _NOTHING}
        why = self._inputs.why.strip()
        if self._step.why and not why:
            self.faults["why"] = REQUIRED
        for name in self._step.needs:
            if values.get(name) in _NOTHING and name not in self._facts.filled:
                self.faults.setdefault(name, REQUIRED)
        return Chosen(why=why, **values, told={n: _plain(v) for n, v in told.items()})

    # --- one method an input ------------------------------------------------------------------

    def _condition(self) -> str:
        offered = self._facts.conditions or tuple(self._machine.filing)
        given = self._step.gives.get("condition", "")
        wanted = self._inputs.condition or self._facts.condition or given
        return self._one_of("condition", wanted, offered)

    def _closing(self) -> str:
        wanted = self._inputs.closing or self._step.gives.get("closing", "")
        return self._one_of("closing", wanted, tuple(self._machine.closing))

    def _one_of(self, name: str, wanted: str, offered: tuple[str, ...]) -> str:
        if not wanted and len(offered) == 1:
            return offered[0]
        if wanted and wanted not in offered:
            self.faults[name] = CHOICE
        return wanted

    def _unit(self) -> tuple[str, str]:
        inputs, facts = self._inputs, self._facts
        if inputs.unit or inputs.unit_id:
            unit, unit_id = inputs.unit or inputs.unit_id, inputs.unit_id
        else:
            unit, unit_id = facts.unit, facts.unit_id
        if not unit:
            self.faults["unit"] = REQUIRED
        bound = self._step.action == Action.DISPATCH and facts.bound_unit
        if unit and bound and (unit_id or unit) != bound and self._by.role != "supervisor":
            self.faults["unit"] = "form.bound_by_ruling"
        return unit, unit_id

    def _assist(self) -> tuple[str, ...]:
        lead = self._inputs.unit_id or self._facts.unit_id
        wanted = tuple(dict.fromkeys(one for one in self._inputs.assist if one))
        if lead in wanted:
            self.faults["assist"] = CHOICE
        return wanted

    def _part(self) -> str:
        wanted = self._by.unit_id if self._by.role == "unit" else self._inputs.part
        part = self._facts.part(wanted)
        if wanted and (part is None or part.state != PartState.OPEN):
            self.faults["part"] = CHOICE
        return wanted

    def _until(self) -> float | None:
        asked = self._facts.open_request(RequestKind.EXTENSION)
        until = self._inputs.until
        if until is None and self._step.action == Action.GRANT_EXTENSION and asked is not None:
            return asked.until
        due = self._facts.handle_due_at
        if until is not None and until <= self._now:
            self.faults["until"] = IN_THE_PAST
        elif until is not None and until > self._now + LONGEST_S:
            self.faults["until"] = TOO_FAR
        elif until is not None and self._step.action != Action.SUSPEND and until <= (due or 0.0):
            self.faults["until"] = NOT_LATER
        return until

    def _level(self) -> int | None:
        level = self._inputs.level
        if self._step.action == Action.URGE:
            level = 1 if level is None else level
            fits = 1 <= level <= self._machine.urge_levels
        else:
            fits = level is None or 0 <= level <= self._machine.supervision_levels
            if level == self._facts.supervision:
                self.faults["level"] = SAME_AS_NOW
        if not fits:
            self.faults["level"] = CHOICE
        return level

    def _owner(self) -> str:
        if self._step.action == Action.HAND_OVER:
            if self._inputs.owner == self._facts.owner and self._facts.owner:
                self.faults["owner"] = SAME_AS_NOW
            return self._inputs.owner
        filer = self._by.user_id if self._machine.owner == "filer" else self._facts.opened_by
        stands = self._inputs.owner or self._facts.owner
        return stands or ("" if filer == SYSTEM.user_id else filer)

    def _against(self) -> str:
        return self._one_of("against", self._inputs.against, AGAINST)

    def _into(self) -> str:
        into = self._inputs.into
        if into and into == self._facts.case_number:
            self.faults["into"] = CHOICE
        return into


_READ = (
    "condition",
    "closing",
    "unit",
    "assist",
    "part",
    "until",
    "level",
    "owner",
    "against",
    "into",
)
# What an action looks at, whether it is demanded or not.
_ASKED: Mapping[str, frozenset[str]] = {
    Action.FILE: frozenset({"condition", "owner"}),
    Action.DISPATCH: frozenset({"unit", "assist"}),
    Action.RULE: frozenset({"unit", "assist"}),
    Action.CLOSE: frozenset({"closing"}),
    Action.FORCE_CLOSE: frozenset({"closing"}),
    Action.GRANT_EXTENSION: frozenset({"until"}),
    Action.URGE: frozenset({"level"}),
}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
