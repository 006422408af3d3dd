"""Suspended cases (挂账) go on by themselves when their day has come."""

from __future__ import annotations

import structlog
from sqlalchemy import select

from hotline.clock import Clock
from hotline.registry.life.model import Action, State
from hotline.registry.model import SYSTEM, NotAllowed
from hotline.registry.service import CaseRegistry
from hotline.storage.database import DatabaseUnavailable
from hotline.storage.journal import Journal
from hotline.storage.tables import CaseRow
from hotline.storage.tables_life import CaseLifeRow

EVERY_S = 60.0
_AT_ONCE = 100

_log = structlog.get_logger(__name__)


class Resumer:
    """Takes the step ``resume`` in the system's name."""

    def __init__(self, registry: CaseRegistry, journal: Journal, clock: Clock) -> None:
        self._registry = registry
        self._journal = journal
        self._clock = clock

    async def run(self) -> None:
        """Look again and again; a database that is away is tried again."""
        while True:
            try:
                while await self.resume_due() == _AT_ONCE:
                    pass
            except DatabaseUnavailable as error:
                _log.warning("suspended cases wait for the database", why=error.why)
            await self._clock.sleep(EVERY_S)

    async def resume_due(self) -> int:
        """Resume cases whose day has come, the longest due first; how many there were.

        Where a city's life lets nobody but people resume, they stay. Raises
        :class:`DatabaseUnavailable`.
        """
        step = self._registry.machine.step(State.SUSPENDED, Action.RESUME)
        if step is None or SYSTEM.role not in step.roles:
            return 0
        due = (
            select(CaseRow.case_number)
            .join(CaseLifeRow, CaseLifeRow.case_number == CaseRow.case_number)
            .where(
                CaseRow.state == State.SUSPENDED,
                CaseLifeRow.suspended_until <= self._clock.now(),
            )
            .order_by(CaseLifeRow.suspended_until)
            .limit(_AT_ONCE)
        )
        async with self._journal.database.session() as session:
            numbers = (await session.scalars(due)).all()
        for number in numbers:
            await self._resume(number)
        return len(numbers)

    async def _resume(self, number: str) -> None:
        async with self._journal.transaction() as tx:
            row = await tx.session.get_one(CaseRow, number)
            try:
                await self._registry.move_in(tx, row, Action.RESUME, SYSTEM)
            except NotAllowed:
                _log.info("somebody resumed the case first", case=number)
