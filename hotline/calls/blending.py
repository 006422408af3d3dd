"""What is due between calls, of one kind: looked up, told to the calls layer, ended in time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.model import DueTask, TaskOver, TasksDue
from hotline.calls.service import CallService
from hotline.calls.tasks import begun, kind_of, number_of
from hotline.clock import Clock
from hotline.events import AgentStateChanged, Event
from hotline.storage.journal import Journal

# Some work becomes due with time alone.
LOOK_EVERY_S = 15.0
# As many as agents can be shown in a while.
MOST = 100


class Work(Protocol):
    """One kind of work between calls."""

    @property
    def kind(self) -> str:
        """Its name: one of :data:`hotline.calls.tasks.KINDS`."""

    @property
    def kinds(self) -> frozenset[type[Event]]:
        """Of which events :meth:`is_news` and :meth:`ended` may tell something."""

    def is_news(self, event: Event) -> bool:
        """Whether what is due may have changed."""

    def ended(self, event: Event) -> str | None:
        """The id of the task that may be over by this; None for none."""

    async def due(self, session: AsyncSession, now: float, most: int) -> Sequence[DueTask]:
        """What is due and nobody's, the oldest first."""

    async def is_over(self, session: AsyncSession, number: str, *, done_only: bool) -> bool:
        """Whether who did it is free. ``done_only``: a task that was given back to all looks like
        one that was only just begun, so that does not count."""


class Blending:
    """Tells the calls layer what work is due. Agents with ``skill`` are shown it."""

    def __init__(
        self, work: Work, calls: CallService, journal: Journal, clock: Clock, *, skill: str
    ) -> None:
        self._work = work
        self._calls = calls
        self._journal = journal
        self._clock = clock
        self._skill = skill
        self._news = asyncio.Event()
        self._begun: set[str] = set()
        # Whoever left a task undone is not shown it again before all others.
        self._left_at: dict[str, float] = {}

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
        kinds = self._work.kinds | {AgentStateChanged}
        async for record in self._journal.follow(self._journal.last_seq, kinds):
            event = record.event
            if isinstance(event, AgentStateChanged):
                if event.state == "on_task" and kind_of(event.call_id) == self._work.kind:
                    self._begun.add(event.call_id)
                continue
            task_id = self._work.ended(event)
            if task_id is not None and await self._is_over(task_id):
                self._calls.post(TaskOver(task_id))
            if self._work.is_news(event):
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
        kind = self._work.kind
        for task_id in begun(self._calls.core, kind):
            if await self._is_over(task_id, done_only=True):
                await self._calls.tell(TaskOver(task_id))
        now = self._clock.now()
        async with self._journal.database.session() as session:
            due = await self._work.due(session, now, MOST)
        await self._calls.tell(TasksDue(kind, self._in_line(due, now), self._skill))

    def _in_line(self, due: Sequence[DueTask], now: float) -> tuple[DueTask, ...]:
        """What is due; those that somebody began and left undone come last."""
        at_work = set(begun(self._calls.core, self._work.kind))
        left = self._begun - at_work
        self._begun &= at_work
        there = {task.task_id for task in due}
        self._left_at = {
            task_id: at
            for task_id, at in (self._left_at | dict.fromkeys(left, now)).items()
            if task_id in there
        }
        return tuple(
            replace(task, since=self._left_at.get(task.task_id, task.since)) for task in due
        )

    async def _is_over(self, task_id: str, *, done_only: bool = False) -> bool:
        async with self._journal.database.session() as session:
            return await self._work.is_over(session, number_of(task_id), done_only=done_only)
