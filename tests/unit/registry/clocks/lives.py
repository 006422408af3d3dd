"""Cases that go from state to state, as the clocks hear of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import select

from hotline.clock import local
from hotline.registry.clocks.service import CaseClocks
from hotline.registry.companions import Taken
from hotline.storage.journal import Journal
from hotline.storage.tables import CaseRow
from hotline.storage.tables_clocks import CaseClockRow
from tests.databases import CITY, MORNING

HOUR = 3600.0


@dataclass
class Lives:
    """Writes cases and tells the clocks' keeper of their steps."""

    journal: Journal
    clocks: CaseClocks
    numbers: Any = field(default_factory=lambda: count(1))

    async def open(self, state: str = "to_file", **values: Any) -> str:
        number = f"20261120{next(self.numbers):05}"
        made = {"kind": "complaint", "source": "hotline", "unit_id": "lights", "owner": "agent1"}
        people = {"opened_by": "agent1", "changed_by": "agent1"}
        async with self.journal.transaction() as tx:
            row = CaseRow(
                case_number=number,
                state=state,
                opened_at=tx.now,
                changed_at=tx.now,
                **made | people | values,
            )
            tx.session.add(row)
            await tx.session.flush()
            await self.clocks.keeper.opened(tx, row)
        return number

    async def step(self, number: str, action: str, target: str = "", **inputs: Any) -> None:
        async with self.journal.transaction() as tx:
            row = await tx.session.get_one(CaseRow, number)
            source, row.state = row.state, target or row.state
            taken = Taken(action, source, row.state, "chief", "supervisor", "so", inputs)
            await self.clocks.keeper.moved(tx, row, taken)

    async def edit(self, number: str, **values: Any) -> None:
        async with self.journal.transaction() as tx:
            row = await tx.session.get_one(CaseRow, number)
            before = {name: getattr(row, name) for name in values}
            for name, value in values.items():
                setattr(row, name, value)
            await self.clocks.keeper.changed(tx, row, before)

    async def dispatched(self, **values: Any) -> str:
        number = await self.open(**values)
        await self.step(number, "file", "to_dispatch")
        await self.step(number, "dispatch", "to_handle")
        return number

    async def row(self, number: str) -> CaseRow:
        async with self.journal.database.session() as session:
            return await session.get_one(CaseRow, number)

    async def rows(self, number: str) -> dict[str, CaseClockRow]:
        """The clocks that the case has had, the last of each kind."""
        wanted = select(CaseClockRow).where(CaseClockRow.case_number == number)
        async with self.journal.database.session() as session:
            found = await session.scalars(wanted.order_by(CaseClockRow.clock_id))
            return {row.kind: row for row in found}

    async def due(self, number: str, kind: str = "handle") -> str:
        return shown((await self.rows(number))[kind].due_at)

    async def running(self, number: str) -> set[str]:
        found = (await self.rows(number)).values()
        return {row.kind for row in found if row.ended_at is None}

    async def told(self, number: str) -> list[str]:
        """What the journal tells of the case's clocks beyond their steps."""
        records = await self.journal.read(case_number=number)
        names = {"ClockWarned", "ClockBreached", "ClockEscalated", "ClocksRecomputed"}
        return [
            f"{record.event.kind} {getattr(record.event, 'clock', '')}"
            f"{' ' + level if (level := getattr(record.event, 'level', '')) else ''}"
            for record in records
            if record.event.kind in names
        ]


def shown(at: float) -> str:
    return local(at, CITY).strftime("%m-%d %H:%M")


def since_morning(written: str) -> float:
    """Seconds from :data:`tests.databases.MORNING` (2026-11-20 08:00, a Friday)."""
    return datetime.fromisoformat(f"2026-{written}").replace(tzinfo=CITY).timestamp() - MORNING
