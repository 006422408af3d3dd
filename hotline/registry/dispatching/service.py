"""The dispatch desk: suggestions for a case, and the rules behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from hotline import events
from hotline.clock import Clock
from hotline.registry.dispatching.engine import nearest, suggest
from hotline.registry.dispatching.memory import histories
from hotline.registry.dispatching.model import PLACES, Matter, Rule, Suggestion, UnitHere
from hotline.registry.dispatching.rules_file import Known, WantedRule, read_rules
from hotline.registry.model import SYSTEM, Actor, Case
from hotline.registry.places.units import UnitBook
from hotline.storage.journal import Journal, Transaction
from hotline.storage.tables_attachments import DispatchRuleRow

DAYS = 90
_DAY_S = 86_400.0
_SAMPLE = Path(__file__).with_name("demo_rules.csv")


class NoSuchRule(LookupError):
    """No rule in force has this id."""


@dataclass(frozen=True, slots=True)
class DispatchDesk:
    """Suggests units, and keeps the rules.

    Whatever reaches the database raises
    :class:`hotline.storage.database.DatabaseUnavailable` when there is none.
    """

    journal: Journal
    units: UnitBook
    clock: Clock
    # Whether to begin with the sample city's rules when there never was one.
    sample: bool = False

    async def open(self) -> None:
        """In the demo, put the sample city's rules into force unless there ever were rules."""
        if not self.sample:
            return
        async with self.journal.database.session() as session:
            if await session.scalar(select(func.count()).select_from(DispatchRuleRow)):
                return
        text = _SAMPLE.read_text(encoding="utf-8")
        trusting = Known(unit=str, category=bool, place=bool)
        await self.add(read_rules(text, trusting), SYSTEM)

    async def suggestion(self, case: Case) -> Suggestion:
        """Who may be given the case, the best first, with all that speaks for and against
        each."""
        matter = matter_of(case)
        now = self.clock.now()
        async with self.journal.database.session() as session:
            # Every beginning of the class, the empty one included.
            beginnings = [matter.category[:length] for length in range(len(matter.category) + 1)]
            query = select(DispatchRuleRow).where(
                DispatchRuleRow.active, DispatchRuleRow.category.in_(beginnings)
            )
            rules = [_rule(row) for row in await session.scalars(query)]
            past = await histories(session, matter, now - DAYS * _DAY_S, DAYS)
        return suggest(matter, rules, nearest(past), self._units_for(matter))

    async def rules(self) -> tuple[Rule, ...]:
        """The rules in force, by class and place."""
        query = (
            select(DispatchRuleRow)
            .where(DispatchRuleRow.active)
            .order_by(DispatchRuleRow.category, DispatchRuleRow.place, DispatchRuleRow.rule_id)
        )
        async with self.journal.database.session() as session:
            return tuple(_rule(row) for row in await session.scalars(query))

    async def add(self, wanted: Sequence[WantedRule], by: Actor) -> int:
        """Put rules into force; how many were new. One that is in force already stays."""
        async with self.journal.transaction() as tx:
            query = select(DispatchRuleRow).where(DispatchRuleRow.active)
            there = {_key(_rule(row)) for row in await tx.session.scalars(query)}
            new = [one for one in wanted if (one.category, one.place, one.unit_id) not in there]
            for one in new:
                await _put(tx, one, by)
        return len(new)

    async def import_csv(self, text: str, known: Known, by: Actor) -> int:
        """Put the rules of a file into force, all of them or none; how many were new.

        Raises :class:`hotline.registry.places.model.BadFile`.
        """
        return await self.add(read_rules(text, known), by)

    async def close(self, rule_id: int, by: Actor) -> None:
        """Take a rule back; it stays in the table. Raises :class:`NoSuchRule`."""
        async with self.journal.transaction() as tx:
            row = await tx.session.get(DispatchRuleRow, rule_id)
            if row is None or not row.active:
                raise NoSuchRule(rule_id)
            row.active, row.closed_by, row.closed_at = False, by.user_id, tx.now
            tx.add(
                events.DispatchRuleChanged(
                    rule_id, row.category, row.place, row.unit_id, by.user_id, active=False
                )
            )

    def _units_for(self, matter: Matter) -> dict[str, UnitHere]:
        return {
            unit.unit_id: UnitHere(
                unit.unit_id, unit.name, unit.serves(matter.district, matter.street)
            )
            for unit in self.units.all()
        }


def matter_of(case: Case) -> Matter:
    """What suggestions need of a case."""
    places = {name: getattr(case, name) for name in PLACES}
    return Matter(case.category_code or "", {name: one for name, one in places.items() if one})


def _rule(row: DispatchRuleRow) -> Rule:
    return Rule(row.rule_id, row.category, row.place, row.unit_id, row.note)


def _key(rule: Rule) -> tuple[str, str, str]:
    return rule.category, rule.place, rule.unit_id


async def _put(tx: Transaction, one: WantedRule, by: Actor) -> None:
    row = DispatchRuleRow(
        category=one.category,
        place=one.place,
        unit_id=one.unit_id,
        note=one.note,
        made_by=by.user_id,
        made_at=tx.now,
        active=True,
    )
    tx.session.add(row)
    # The event names the rule, and flushing gives it its number.
    await tx.session.flush()
    tx.add(
        events.DispatchRuleChanged(row.rule_id, one.category, one.place, one.unit_id, by.user_id)
    )
