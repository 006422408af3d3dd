"""Callbacks between calls: what is due is shown to agents whom no caller needs."""

from __future__ import annotations

import asyncio

from sqlalchemy import select

from hotline import events
from hotline.callback.model import State
from hotline.calls.model import TaskOver, TasksDue
from hotline.calls.service import CallService
from hotline.calls.tasks import begun
from hotline.clock import Clock
from hotline.storage.journal import Journal
from hotline.storage.tables import CallbackTaskRow

# A callback becomes due with time alone.
LOOK_EVERY_S = 15.0
# As many as agents can be shown in a while.
MOST = 100
_ENDS = (events.CallbackEnded, events.CallbackSurveyed, events.CallbackWithdrawn)
_NEWS = (events.CallbackPlanned, events.CallbackDialled, *_ENDS)


class Blending:
    """Tells the calls layer which callbacks are due. Agents with ``skill`` are shown them."""

    def __init__(self, calls: CallService, journal: Journal, clock: Clock, *, skill: str) -> None:
        self._calls = calls
        self._journal = journal
        self._clock = clock
        self._skill = skill
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Keep the calls layer informed, until cancelled. Without a skill there is nothing to do.

        Raises :class:`hotline.storage.database.DatabaseUnavailable`.
        """
        if not self._skill:
            await asyncio.Event().wait()
        async with asyncio.TaskGroup() as both:
            both.create_task(self._follow())
            both.create_task(self._look())

    async def _follow(self) -> None:
        async for record in self._journal.follow(self._journal.last_seq):
            if not isinstance(record.event, _NEWS):
                continue
            if isinstance(record.event, _ENDS) and await self._over(record.event.task_id):
                self._calls.post(TaskOver(record.event.task_id))
            self._news.set()

    async def _look(self) -> None:
        while True:
            self._news.clear()
            await self.look()
            timer = self._clock.call_later(LOOK_EVERY_S, self._news.set)
            await self._news.wait()
            timer.cancel()

    async def look(self) -> None:
        """Tell what is due now, and which of those that agents have begun are done."""
        for task_id in begun(self._calls.core):
            if await self._over(task_id, done_only=True):
                await self._calls.tell(TaskOver(task_id))
        task = CallbackTaskRow
        query = (
            select(task.task_id, task.due_at)
            .where(
                task.state == State.OPEN,
                task.claimed_by.is_(None),
                task.due_at <= self._clock.now(),
            )
            .order_by(task.due_at, task.task_id)
            .limit(MOST)
        )
        async with self._journal.database.session() as session:
            rows = (await session.execute(query)).all()
        await self._calls.tell(TasksDue(tuple((row[0], row[1]) for row in rows), self._skill))

    async def _over(self, task_id: int, *, done_only: bool = False) -> bool:
        """Whether who did it is free: it was answered, or given back to all, and nobody talks.

        ``done_only``: one that is given back looks like one that was only just begun.
        """
        async with self._journal.database.session() as session:
            task = await session.get_one(CallbackTaskRow, task_id)
        talks = task.call_id is not None and task.last_outcome is None
        return not talks and (
            task.state == State.DONE or (task.state == State.OPEN and not done_only)
        )
