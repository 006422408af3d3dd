"""What may be done with a case now, as buttons and what each asks for; and how far it is beside its
state: who answers for it, its joint parts, what was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from hotline.registry.forms import UNIT_LENGTH, WHY_LENGTH
from hotline.registry.life.inputs import AGAINST
from hotline.registry.life.machine import Step
from hotline.registry.life.model import Facts, Inputs, PartState, RequestKind
from hotline.registry.lifecycle import Action, State
from hotline.registry.model import Case
from hotline.web.access import Viewer
from hotline.web.case_reading import HeldCase
from hotline.web.errors import BadInput
from hotline.web.names import Person
from hotline.web.page import Page
from hotline.web.web import Web

Option = tuple[str, str]

# The step that is the usual one in each state: its button is the first.
_FORWARD = (
    Action.VERIFY,
    Action.FILE,
    Action.DISPATCH,
    Action.RULE,
    Action.RESUME,
    Action.GRANT_EXTENSION,
    Action.UPHOLD_APPEAL,
    Action.FEEDBACK,
    Action.ACCEPT,
    Action.EXPERT_PASS,
    Action.CHECK_PASS,
    Action.CLOSE,
)
# What else stands in the open; the rest is in the menu.
_OPEN = (
    Action.DENY_EXTENSION,
    Action.REJECT_APPEAL,
    Action.EXPERT_FAIL,
    Action.CHECK_FAIL,
    Action.REJECT,
    Action.SEND_BACK,
    Action.REOPEN,
)
# Asked for although the machine does not demand it.
_OFFERED: Mapping[str, tuple[str, ...]] = {
    Action.DISPATCH: ("unit", "assist"),
    Action.RULE: ("unit", "assist"),
    Action.URGE: ("level",),
    Action.GRANT_EXTENSION: ("until",),
    Action.FILE: ("condition",),
}
_WHY_WELCOME = frozenset({Action.DISPATCH, Action.URGE, Action.GRANT_EXTENSION, Action.RESUME})


class WantedStep(BaseModel):
    """A step of the case's life; see :class:`hotline.registry.life.model.Inputs`. ``unit`` is a
    name, ``unit_id`` goes before it; ``until`` is the city's time (``2026-11-30T18:00``)."""

    action: Action
    version: int
    why: str = Field("", max_length=WHY_LENGTH)
    unit: str = Field("", max_length=UNIT_LENGTH)
    unit_id: str = Field("", max_length=32)
    assist: list[str] = Field([], max_length=20)
    part: str = Field("", max_length=32)
    condition: str = Field("", max_length=64)
    closing: str = Field("", max_length=64)
    until: str = Field("", max_length=32)
    level: int | None = Field(None, ge=0, le=9)
    owner: str = Field("", max_length=64)
    against: str = Field("", max_length=16)
    into: str = Field("", max_length=20)

    def inputs(self, web: Web) -> Inputs:
        """What was given. Raises :class:`BadInput` for a time that is none."""
        plain = self.model_dump(exclude={"action", "version", "until", "assist"})
        until = _instant(web, self.until) if self.until else None
        return Inputs(**plain, until=until, assist=tuple(self.assist))


@dataclass(frozen=True, slots=True)
class Asked:
    """One input of a step. ``kind``: select, several, moment or text."""

    name: str
    label: str
    kind: str
    options: Sequence[Option] = ()
    value: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class StepButton:
    """A step as a button. ``why`` is how the reason is asked for, empty when it is not."""

    action: str
    target: str
    label: str
    why: str
    asked: tuple[Asked, ...]
    aside: bool

    @property
    def asks(self) -> bool:
        """Whether something is asked for before it is taken."""
        return bool(self.why or self.asked)


def step_buttons(web: Web, page: Page, viewer: Viewer, held: HeldCase) -> list[StepButton]:
    """The steps that this viewer may take now: the usual one first, then those beside it, then
    the menu's."""
    open_to = web.parts.cases.stepper.open_to(held.life, viewer, web.parts.clock.now())
    makers = _Makers(web, page, held.case, held.life, _staff(held.people))
    return [makers.button(step) for step in sorted(open_to, key=_rank)]


def _answers(step: Step) -> bool:
    """Whether it closes a case that was answered while the citizen was on the line."""
    return step.action == Action.CLOSE and step.source == State.TO_FILE


def _rank(step: Step) -> int:
    if _answers(step):
        return len(_FORWARD) + len(_OPEN)
    ranked = [*_FORWARD, *_OPEN]
    return ranked.index(Action(step.action)) if step.action in ranked else _later(step)


def _later(step: Step) -> int:
    # What ends it stands last.
    grave = (Action.FORCE_CLOSE, Action.MERGE, Action.VOID)
    return 200 + grave.index(Action(step.action)) if step.action in grave else 100


def _staff(people: Sequence[Person]) -> list[Option]:
    staff = ("agent", "dispatcher", "checker", "callback", "supervisor")
    return [(one.user_id, one.name) for one in people if one.active and one.role in staff]


class _Makers:
    def __init__(
        self, web: Web, page: Page, case: Case, facts: Facts, people: list[Option]
    ) -> None:
        self._web = web
        self._page = page
        self._case = case
        self._facts = facts
        self._people = people
        self._machine = web.parts.cases.machine
        self._asked: Mapping[str, Callable[[Step], Asked | None]] = {
            "condition": self._condition,
            "closing": self._closing,
            "unit": self._unit,
            "assist": self._assist,
            "part": self._part,
            "until": self._until,
            "level": self._level,
            "owner": self._owner,
            "against": self._against,
            "into": lambda _: Asked("into", self._label("into"), "text", required=True),
        }

    def button(self, step: Step) -> StepButton:
        t, action = self._page.t, step.action
        label = t("case.action.answered" if _answers(step) else f"case.action.{action}")
        why = t(f"case.why.{action}") if step.why else ""
        if not why and action in _WHY_WELCOME:
            key = f"case.why.{action}"
            why = t(key if self._page.has(key) else "case.why.optional")
        return StepButton(
            action=action,
            target="" if step.stays else self._facts.came_from or step.target,
            label=label,
            why=why,
            asked=tuple(self._inputs(step)),
            aside=action not in (*_FORWARD, *_OPEN),
        )

    def _inputs(self, step: Step) -> Iterator[Asked]:
        for name in dict.fromkeys((*step.needs, *_OFFERED.get(step.action, ()))):
            maker = self._asked.get(name)
            # Whoever files a case answers for it; somebody else is named by handing over.
            if maker is None or (step.action, name) == (Action.FILE, "owner"):
                continue
            asked = maker(step)
            if asked is not None:
                yield asked

    def _label(self, name: str) -> str:
        return self._page.t(f"case.input.{name}")

    def _condition(self, step: Step) -> Asked | None:
        t, case = self._page.t, self._case
        offered = list(self._web.parts.cases.stepper.filing(case.standard, case.category_code))
        offered = offered or [(key, t(f"case.filing.{key}")) for key in self._machine.filing]
        if len(offered) == 1:
            return None
        return Asked("condition", self._label("condition"), "select", offered, case.condition, True)

    def _closing(self, step: Step) -> Asked:
        offered = [(key, self._page.t(f"case.closing.{key}")) for key in self._machine.closing]
        return Asked("closing", self._label("closing"), "select", offered, "", True)

    def _unit(self, step: Step) -> Asked:
        units = [(one.unit_id, one.name) for one in self._web.parts.room.units.all()]
        if not units:
            return Asked("unit", self._label("unit"), "text", value=self._case.unit, required=True)
        if self._case.unit and not self._case.unit_id:
            unlisted = self._case.unit + self._page.t("case.unit_unlisted")
            units = [("", unlisted), *units]
        label = self._label("unit")
        return Asked("unit_id", label, "select", units, self._case.unit_id, not self._case.unit)

    def _assist(self, step: Step) -> Asked | None:
        units = [(one.unit_id, one.name) for one in self._web.parts.room.units.all()]
        required = "assist" in step.needs
        return (
            Asked("assist", self._label("assist"), "several", units, "", required)
            if units
            else None
        )

    def _part(self, step: Step) -> Asked:
        open_parts = [p.unit_id for p in self._facts.parts if p.state == PartState.OPEN]
        offered = [(one, unit_name(self._web, one)) for one in open_parts]
        value = open_parts[0] if len(open_parts) == 1 else ""
        return Asked("part", self._label("part"), "select", offered, value, True)

    def _until(self, step: Step) -> Asked:
        asked = self._facts.open_request(RequestKind.EXTENSION)
        wished = asked.until if asked and step.action == Action.GRANT_EXTENSION else None
        label = self._label(f"until.{step.action}")
        required = "until" in step.needs
        return Asked("until", label, "moment", (), _local(self._web, wished), required)

    def _level(self, step: Step) -> Asked:
        supervised = step.action == Action.SUPERVISE
        most = self._machine.supervision_levels if supervised else self._machine.urge_levels
        levels = range(0 if supervised else 1, most + 1)
        now = self._facts.supervision if supervised else None
        offered = [
            (str(one), self._page.t("case.level", level=one)) for one in levels if one != now
        ]
        label = self._label(f"level.{step.action}")
        return Asked("level", label, "select", offered, "" if supervised else "1", True)

    def _owner(self, step: Step) -> Asked:
        others = [(key, name) for key, name in self._people if key != self._facts.owner]
        return Asked("owner", self._label("owner"), "select", others, "", True)

    def _against(self, step: Step) -> Asked:
        offered = [(one, self._page.t(f"case.against.{one}")) for one in AGAINST]
        return Asked("against", self._label("against"), "select", offered, "", True)


def unit_name(web: Web, unit_id: str) -> str:
    """What a unit is called; its id when it is in no list."""
    unit = web.parts.room.units.get(unit_id)
    return unit.name if unit else unit_id


@dataclass(frozen=True, slots=True)
class LifeFacts:
    """How far a case is beside its state. ``counts`` are those that are not zero."""

    owner: str
    condition: str
    closing: str
    counts: Sequence[Option]
    facts: Facts
    parts: Sequence[Mapping[str, Any]]


def life_facts(web: Web, page: Page, held: HeldCase) -> LifeFacts:
    """Gather them of what was read."""
    case, facts, names = held.case, held.life, held.names
    texts = dict(web.parts.cases.stepper.filing(case.standard, case.category_code))
    condition = texts.get(case.condition) or _named(page, "filing", case.condition)
    numbers = ("returns", "reworks", "extensions", "urgings", "supervision")
    counted = [(name, getattr(case, name)) for name in numbers]
    return LifeFacts(
        owner=names.get(case.owner, case.owner),
        condition=condition,
        closing=_named(page, "closing", facts.closing),
        counts=[(page.t(f"case.{name}"), str(count)) for name, count in counted if count],
        facts=facts,
        parts=[
            {"name": unit_name(web, p.unit_id), "state": p.state, "words": p.words, "at": p.at}
            for p in facts.parts
        ],
    )


def _named(page: Page, list_name: str, key: str) -> str:
    text = f"case.{list_name}.{key}"
    return page.t(text) if key and page.has(text) else key


def _instant(web: Web, typed: str) -> float:
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=web.parts.config.zone).timestamp()
    except (ValueError, OverflowError) as error:
        raise BadInput({"until": "wrong"}) from error


def _local(web: Web, at: float | None) -> str:
    if at is None:
        return ""
    return datetime.fromtimestamp(at, web.parts.config.zone).strftime("%Y-%m-%dT%H:%M")
