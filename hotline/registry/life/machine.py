"""The state machine as data: read from YAML, and what it says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hotline.registry.life.model import FINAL, INPUTS, Action, State
from hotline.storage.profiles import ROLES

SAME, BACK = "same", "back"
SYSTEM_ROLE = "system"
KNOWN_ROLES = frozenset({*ROLES, SYSTEM_ROLE})
COUNTERS = ("returns", "reworks", "extensions", "urgings")
CLOCKS = ("arrive", "handle", "feedback", "close")
FORM_FIELDS = (
    "kind",
    "category_code",
    "address",
    "description",
    "happened",
    "caller_phone",
    "longitude",
    "grid",
)
"""Fields of a case that a step may demand to be filled in, beside its inputs."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,19}$")]
Key = Annotated[str, Field(pattern=r"^[\w.-]{1,64}$")]


class BadMachine(ValueError):
    """A description of a life that cannot be used; ``faults`` are lines for a person."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Strict):
    """A name in both languages."""

    zh: Annotated[str, Field(min_length=1, max_length=40)]
    en: Annotated[str, Field(min_length=1, max_length=60)]


class StateSpec(Words):
    """A state: its names, whose turn it is there, and which clocks run; ``final``: the case has
    ended."""

    owners: Annotated[tuple[str, ...], Field(min_length=1)]
    clocks: tuple[Literal["arrive", "handle", "feedback", "close"], ...] = ()
    final: bool = False


class StepSpec(_Strict):
    """One line of the table of steps, for each state that it may be taken in."""

    action: Action
    source: Annotated[tuple[str, ...], Field(alias="from", min_length=1)]
    target: Annotated[str, Field(alias="to")]
    roles: Annotated[tuple[str, ...], Field(min_length=1)]
    why: bool = False
    needs: tuple[str, ...] = ()
    counts: Literal["", "returns", "reworks", "extensions", "urgings"] = ""
    gives: dict[Literal["condition", "closing"], Key] = {}


class ExpertSpec(_Strict):
    """Whose work the unit's own professionals check before the centre does."""

    professional_units: bool = False
    units: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


class MachineSpec(_Strict):
    """A whole file."""

    roles: dict[Name, tuple[str, ...]] = {}
    groups: dict[Name, tuple[str, ...]] = {}
    states: dict[Name, StateSpec]
    starts: Annotated[tuple[str, ...], Field(min_length=1)]
    editors: Annotated[tuple[str, ...], Field(min_length=1)]
    owner: Literal["filer", "opener"] = "filer"
    extensions: Annotated[int, Field(ge=0, le=9)] = 1
    urge_levels: Annotated[int, Field(ge=1, le=9)] = 3
    supervision_levels: Annotated[int, Field(ge=1, le=9)] = 3
    filing: Annotated[dict[Key, Words], Field(min_length=1)]
    closing: Annotated[dict[Key, Words], Field(min_length=1)]
    expert_check: ExpertSpec = ExpertSpec()
    steps: Annotated[tuple[StepSpec, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: who may take it, whether they must say why, and what must be filled in.

    ``target`` is the same as ``source`` for what leaves the case where it is, and
    :data:`BACK` for a step to where the case came from. ``counts`` is the counter that goes up,
    ``gives`` the conditions that count when none is chosen.
    """

    source: str
    action: str
    target: str
    roles: frozenset[str]
    why: bool = False
    needs: tuple[str, ...] = ()
    counts: str = ""
    gives: Mapping[str, str] = field(default_factory=dict)

    @property
    def stays(self) -> bool:
        """Whether the case stays in its state."""
        return self.target == self.source


@dataclass(frozen=True, slots=True)
class Machine:
    """The life of cases in one city. See ``default.yaml`` for what each part means."""

    states: Mapping[str, StateSpec]
    steps: tuple[Step, ...]
    starts: tuple[str, ...]
    editors: frozenset[str]
    owner: str
    extensions: int
    urge_levels: int
    supervision_levels: int
    filing: Mapping[str, Words]
    closing: Mapping[str, Words]
    expert_check: ExpertSpec

    @property
    def final(self) -> frozenset[str]:
        """The states in which a case has ended."""
        return frozenset(name for name, state in self.states.items() if state.final)

    def steps_from(self, state: str, role: str) -> tuple[Step, ...]:
        """The steps that somebody of this role may take there, in the order of the table."""
        return tuple(step for step in self.steps if step.source == state and role in step.roles)

    def step(self, state: str, action: str) -> Step | None:
        """The step that ``action`` is in this state."""
        fitting = (s for s in self.steps if s.source == state and s.action == action)
        return next(fitting, None)

    def may_edit(self, state: str, role: str) -> bool:
        """Whether somebody of this role may change what the case says: the editors, and of a spoken
        report whoever may verify it, who writes down what they heard."""
        verifies = any(step.action == Action.VERIFY for step in self.steps_from(state, role))
        return state not in self.final and (role in self.editors or verifies)

    def targets(self, step: Step) -> frozenset[str]:
        """Where a step may lead."""
        if step.target != BACK:
            return frozenset({step.target})
        left_by = WAY_BACK.get(step.action)
        return frozenset(s.source for s in self.steps if s.action == left_by)

    def expert_first(self, unit_id: str, category_code: str | None, *, professional: bool) -> bool:
        """Whether professionals of the unit check its work before the centre does."""
        wanted = self.expert_check
        # A class is ``kind/code``; cities write the code.
        code = (category_code or "").rpartition("/")[2]
        return (
            (wanted.professional_units and professional)
            or (unit_id != "" and unit_id in wanted.units)
            or any(code.startswith(begin) for begin in wanted.classes)
        )


WAY_BACK: Mapping[str, str] = {Action.RESUME: Action.SUSPEND, Action.SPLIT: Action.MERGE}
"""By which action a case left the state that this one leads back to."""


def read(text: str, name: str = "the life of a case") -> Machine:
    """The machine that the YAML describes. Raises :class:`BadMachine`; not everything that can be
    wrong is found here, see :func:`hotline.registry.life.check.faults`."""
    try:
        spec = MachineSpec.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise BadMachine([f"{name}: no YAML: {error}"]) from error
    except ValidationError as error:
        places = ((".".join(map(str, fault["loc"])), fault["msg"]) for fault in error.errors())
        raise BadMachine(f"{name}: {place or 'it'}: {what}" for place, what in places) from error
    unknown = list(_unknown(spec))
    if unknown:
        raise BadMachine(f"{name}: {fault}" for fault in unknown)
    kept = spec.model_dump(include={"owner", "extensions", "urge_levels", "supervision_levels"})
    return Machine(
        states=spec.states,
        steps=tuple(_steps(spec)),
        starts=spec.starts,
        editors=_expanded(spec.editors, spec.roles),
        filing=spec.filing,
        closing=spec.closing,
        expert_check=spec.expert_check,
        **kept,
    )


def default_text() -> str:
    """The description that is shipped."""
    file = resources.files("hotline.registry.life").joinpath("default.yaml")
    return file.read_text(encoding="utf-8")


def load(path: Path | None = None) -> Machine:
    """The machine of a file, or the one that is shipped. Raises :class:`BadMachine` and OSError;
    see :func:`hotline.registry.life.check.checked` for one that is known to be good."""
    if path is None:
        return read(default_text(), "default.yaml")
    return read(path.read_text(encoding="utf-8"), str(path))


def _expanded(names: Iterable[str], groups: Mapping[str, Iterable[str]]) -> frozenset[str]:
    return frozenset(one for name in names for one in groups.get(name, (name,)))


def _steps(spec: MachineSpec) -> Iterator[Step]:
    for line in spec.steps:
        roles = _expanded(line.roles, spec.roles)
        # In the order of the file, which is the order of the drawing.
        for source in (one for name in line.source for one in spec.groups.get(name, (name,))):
            target = source if line.target == SAME else line.target
            yield Step(
                source=source,
                action=line.action,
                target=target,
                roles=roles,
                why=line.why,
                needs=line.needs,
                counts=line.counts,
                gives={str(name): value for name, value in line.gives.items()},
            )


def _unknown(spec: MachineSpec) -> Iterator[str]:
    """Names that mean nothing."""
    for group, states in spec.groups.items():
        yield from _strange(f"group {group}", states, spec.states)
    for alias, roles in spec.roles.items():
        yield from _strange(f"role {alias}", roles, KNOWN_ROLES)
    for name, state in spec.states.items():
        yield from _strange(f"state {name}: owner", state.owners, KNOWN_ROLES)
    yield from _strange("starts", spec.starts, spec.states)
    yield from _strange("editors", spec.editors, {*KNOWN_ROLES, *spec.roles})
    for number, line in enumerate(spec.steps, 1):
        where = f"step {number} ({line.action})"
        yield from _strange(f"{where}: from", line.source, {*spec.states, *spec.groups})
        yield from _strange(f"{where}: to", (line.target,), {*spec.states, SAME, BACK})
        yield from _strange(f"{where}: role", line.roles, {*KNOWN_ROLES, *spec.roles})
        yield from _strange(f"{where}: needs", line.needs, {*INPUTS, *FORM_FIELDS})
        if line.gives.get("closing", next(iter(spec.closing))) not in spec.closing:
            yield f"{where}: gives: no closing condition {line.gives['closing']!r}"


def _strange(where: str, names: Iterable[str], known: Iterable[Any]) -> Iterator[str]:
    there = set(known)
    yield from (f"{where}: {name!r} is not known" for name in names if name not in there)


REQUIRED_STATES = frozenset(State)
REQUIRED_FINAL = frozenset(FINAL)
