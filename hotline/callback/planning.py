"""What the end of a case means for its callback, in the transaction that ends it."""

from __future__ import annotations

from sqlalchemy import select

from hotline import events
from hotline.callback.model import CallbackRules, State
from hotline.storage.journal import Transaction
from hotline.storage.tables import CallbackTaskRow, CaseRow


class CallbackPlanner:
    """Plans callbacks: the registry's :class:`hotline.registry.model.Aftercare`."""

    def __init__(self, rules: CallbackRules) -> None:
        self._rules = rules

    async def closed(self, tx: Transaction, case: CaseRow) -> None:
        """The case was closed: ask the citizen, when they left a number and want to be asked.

        A case has one callback at a time: one that is still under way is not planned again.
        """
        if not case.caller_phone or not case.callback_wanted or case.anonymous:
            return
        if await _unfinished(tx, case) is not None:
            return
        task = CallbackTaskRow(
            case_number=case.case_number,
            phone=case.caller_phone,
            state=State.OPEN,
            due_at=tx.now + self._rules.due_s,
            created_at=tx.now,
        )
        tx.session.add(task)
        # The event names the task, and flushing gives it its number.
        await tx.session.flush()
        tx.add(events.CallbackPlanned(case.case_number, task.task_id))

    async def reopened(self, tx: Transaction, case: CaseRow) -> None:
        """The case was opened again: there is nothing to ask yet. A citizen who is being rung
        is asked all the same."""
        task = await _unfinished(tx, case)
        if task is None or task.state != State.OPEN:
            return
        task.state, task.done_at, task.claimed_by = State.DONE, tx.now, None
        tx.add(events.CallbackWithdrawn(case.case_number, task.task_id))


async def _unfinished(tx: Transaction, case: CaseRow) -> CallbackTaskRow | None:
    return (
        await tx.session.scalars(
            select(CallbackTaskRow).where(
                CallbackTaskRow.case_number == case.case_number,
                CallbackTaskRow.state != State.DONE,
            )
        )
    ).one_or_none()
