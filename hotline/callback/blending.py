"""Callbacks between calls: which are due, and when whoever does one is free again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline import events
from hotline.callback.model import State
from hotline.calls.model import DueTask
from hotline.calls.tasks import CALLBACK, task_id_of
from hotline.masking import mask_number
from hotline.storage.tables import CallbackTaskRow, CaseRow

_ENDS = (events.CallbackEnded, events.CallbackSurveyed, events.CallbackWithdrawn)
_NEWS = (events.CallbackPlanned, events.CallbackDialled, *_ENDS)


class CallbackWork:
    """Callbacks, as :class:`hotline.calls.blending.Work`."""

    kind = CALLBACK
    kinds: frozenset[type[events.Event]] = frozenset(_NEWS)

    def is_news(self, event: events.Event) -> bool:
        """Planned, claimed or ended."""
        return isinstance(event, _NEWS)

    def ended(self, event: events.Event) -> str | None:
        """Its call ended, it was answered, or it was withdrawn."""
        return task_id_of(CALLBACK, str(event.task_id)) if isinstance(event, _ENDS) else None

    async def due(self, session: AsyncSession, now: float, most: int) -> Sequence[DueTask]:
        """Open, unclaimed and due."""
        task = CallbackTaskRow
        query = (
            select(task.task_id, task.due_at, task.phone, CaseRow.caller_name)
            .join(CaseRow, CaseRow.case_number == task.case_number)
            .where(task.state == State.OPEN, task.claimed_by.is_(None), task.due_at <= now)
            .order_by(task.due_at, task.task_id)
            .limit(most)
        )
        return [
            DueTask(task_id_of(CALLBACK, str(number)), due_at, name or mask_number(phone))
            for number, due_at, phone, name in await session.execute(query)
        ]

    async def is_over(self, session: AsyncSession, number: str, *, done_only: bool) -> bool:
        """It was answered, or given back to all, and nobody talks."""
        task = await session.get_one(CallbackTaskRow, int(number))
        talks = task.call_id is not None and task.last_outcome is None
        return not talks and (
            task.state == State.DONE or (task.state == State.OPEN and not done_only)
        )
