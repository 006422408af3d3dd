"""Steps of a case's life as they are written: rows, events and whoever hears of it, in the caller's
transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from hotline import events
from hotline.registry.companions import Companion, Taken
from hotline.registry.life.guards import guard
from hotline.registry.life.inputs import CHOICE
from hotline.registry.life.machine import FORM_FIELDS, Machine, Step
from hotline.registry.life.model import (
    CASE_COLUMNS,
    LIFE_COLUMNS,
    Decision,
    Effects,
    Facts,
    Inputs,
    Part,
    Refusal,
    Request,
    State,
)
from hotline.registry.life.rules import decide
from hotline.registry.model import Actor, Aftercare, BadForm, NotAllowed
from hotline.registry.writing import touch
from hotline.storage.journal import Transaction
from hotline.storage.tables import CaseRow, UserRow
from hotline.storage.tables_life import CaseLifeRow, CasePartRow, CaseRequestRow

# Who can answer for a case (三专).
_OWNER_ROLES = frozenset({"agent", "callback", "dispatcher", "checker", "supervisor"})


class KnownUnit(Protocol):
    """A handling unit as the city lists it."""

    @property
    def unit_id(self) -> str:
        """Its id."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def professional(self) -> bool:
        """Whether it has specialists of its own."""

    @property
    def active(self) -> bool:
        """Whether cases are still given to it."""


class Units(Protocol):
    """The city's units: :class:`hotline.registry.places.units.UnitBook`."""

    def all(self) -> Sequence[KnownUnit]:
        """Those that cases are given to."""

    def get(self, unit_id: str) -> KnownUnit | None:
        """The unit with this id."""

    def named(self, name: str) -> KnownUnit | None:
        """The unit with exactly this name."""


class Conditions(Protocol):
    """The filing conditions that the city's table of time limits knows for a class, as keys and
    texts: :class:`hotline.registry.clocks.limit_book.LimitBook`."""

    def conditions(self, standard: str | None, class_key: str | None) -> Sequence[tuple[str, str]]:
        """None: the machine's own list counts."""


class Stepper:
    """Takes steps. Without ``units`` any unit's name or id will do, without ``conditions`` the
    machine's own list of filing conditions counts."""

    def __init__(
        self,
        machine: Machine,
        aftercare: Aftercare,
        companions: Sequence[Companion],
        units: Units | None = None,
        conditions: Conditions | None = None,
    ) -> None:
        self.machine = machine
        self._aftercare = aftercare
        self._companions = tuple(companions)
        self._units = units
        self._conditions = conditions

    async def facts(self, session: AsyncSession, row: CaseRow) -> Facts:
        """What the rules know of the case."""
        return await session.run_sync(self.read_facts, row)

    def read_facts(self, session: Session, row: CaseRow) -> Facts:
        """As :meth:`facts`, where a session is read in at once."""
        number = row.case_number
        life = session.get(CaseLifeRow, number)
        parts = session.scalars(
            select(CasePartRow).where(CasePartRow.case_number == number).order_by("unit_id")
        )
        requests = session.scalars(
            select(CaseRequestRow).where(CaseRequestRow.case_number == number).order_by("number")
        )
        unit = self._units.get(row.unit_id) if self._units and row.unit_id else None
        return Facts(
            **{name: getattr(row, name) for name in CASE_COLUMNS},
            **({name: getattr(life, name) for name in LIFE_COLUMNS} if life else {}),
            kind=row.kind,
            category_code=row.category_code,
            opened_by=row.opened_by,
            handle_due_at=row.handle_due_at,
            parts=tuple(_plain(Part, part) for part in parts),
            requests=tuple(_plain(Request, request) for request in requests),
            conditions=tuple(key for key, _ in self.filing(row.standard, row.category_code)),
            professional=unit is not None and unit.professional,
            filled=frozenset(n for n in FORM_FIELDS if getattr(row, n) not in ("", None)),
            case_number=number,
        )

    def filing(self, standard: str | None, category: str | None) -> Sequence[tuple[str, str]]:
        """The filing conditions that the city's table knows for a class; see :class:`Facts`."""
        if self._conditions is None:
            return ()
        return self._conditions.conditions(standard, category)

    def unit_id_of(self, name: str) -> str:
        """The id of the unit with this name; empty when it is in no list."""
        unit = self._units.named(name) if self._units and name else None
        return unit.unit_id if unit else ""

    def open_to(self, facts: Facts, by: Actor, now: float) -> tuple[Step, ...]:
        """The steps that somebody may take now, whatever they would have to give with them."""
        mine = self.machine.steps_from(facts.state, by.role)
        return tuple(step for step in mine if not guard(self.machine, facts, step, by, now))

    async def take(
        self, tx: Transaction, row: CaseRow, action: str, by: Actor, inputs: Inputs
    ) -> Taken:
        """Take a step. Raises :class:`NotAllowed` and :class:`BadForm`."""
        inputs = await self._known(tx.session, inputs)
        facts = await self.facts(tx.session, row)
        decided = decide(self.machine, facts, action, by, inputs, now=tx.now)
        if isinstance(decided, Refusal):
            raise BadForm(decided.faults) if decided.faults else NotAllowed(decided.key)
        await self._write(tx, row, decided, by)
        taken = Taken(
            decided.action,
            decided.source,
            decided.target,
            by.user_id,
            by.role,
            decided.why,
            decided.inputs,
        )
        for companion in self._companions:
            await companion.moved(tx, row, taken)
        if taken.target == State.CLOSED != taken.source:
            await self._aftercare.closed(tx, row)
        elif taken.source == State.CLOSED != taken.target:
            await self._aftercare.reopened(tx, row)
        return taken

    async def _known(self, session: AsyncSession, inputs: Inputs) -> Inputs:
        """The inputs with a unit's name and id together. Raises :class:`BadForm` for whoever or
        whatever does not exist."""
        faults = {}
        if inputs.owner:
            user = await session.get(UserRow, inputs.owner)
            if user is None or not user.active or user.role not in _OWNER_ROLES:
                faults["owner"] = CHOICE
        if inputs.into and await session.get(CaseRow, inputs.into) is None:
            faults["into"] = CHOICE
        if self._units is not None:
            unknown = [one for one in inputs.assist if not _active(self._units.get(one))]
            if unknown:
                faults["assist"] = CHOICE
            unit = self._units.get(inputs.unit_id) or self._units.named(inputs.unit)
            if inputs.unit_id and not _active(unit):
                faults["unit"] = CHOICE
            elif unit is not None:
                inputs = replace(inputs, unit=unit.name, unit_id=unit.unit_id)
        if faults:
            raise BadForm(faults)
        return inputs

    def _named(self, row: CaseRow, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs with what the city calls them now: its lists change, the journal does not."""
        told = dict(inputs)
        for key, text in self.filing(row.standard, row.category_code):
            if key == inputs.get("condition"):
                told["condition_text"] = text
        ids = [*inputs.get("assist", ()), *filter(None, [inputs.get("part")])]
        units = [self._units.get(one) for one in ids] if self._units else []
        names = {unit.unit_id: unit.name for unit in units if unit is not None}
        return told | ({"unit_names": names} if names else {})

    async def _write(self, tx: Transaction, row: CaseRow, decided: Decision, by: Actor) -> None:
        effects = decided.effects
        touch(row, by, tx.now)
        for name, value in effects.case.items():
            setattr(row, name, value)
        number = row.case_number
        if effects.life:
            life = await tx.session.get(CaseLifeRow, number)
            if life is None:
                life = CaseLifeRow(case_number=number)
                tx.session.add(life)
            for name, value in effects.life.items():
                setattr(life, name, value)
        for part in effects.parts:
            await tx.session.merge(CasePartRow(case_number=number, **asdict(part)))
        for request in effects.requests:
            await tx.session.merge(CaseRequestRow(case_number=number, **asdict(request)))
        tx.add(
            events.CaseMoved(
                number,
                decided.action,
                decided.source,
                decided.target,
                by.user_id,
                decided.why,
                self._named(row, decided.inputs),
                told(effects),
                row.version,
            )
        )


def told(effects: Effects) -> dict[str, Any]:
    """The effects as the journal keeps them; what there is none of is left out."""
    kept: Mapping[str, Any] = {
        "case": dict(effects.case),
        "life": dict(effects.life),
        "parts": [asdict(part) for part in effects.parts],
        "requests": [asdict(request) for request in effects.requests],
    }
    return {name: value for name, value in kept.items() if value}


def _plain(cls: type[Any], row: Any) -> Any:
    return cls(**{one.name: getattr(row, one.name) for one in fields(cls)})


def _active(unit: KnownUnit | None) -> bool:
    return unit is not None and unit.active
