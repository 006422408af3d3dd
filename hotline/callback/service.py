"""The callbacks' desk: who rings whom, how it ended, and what the citizen said.

Every change writes the task and its events in one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from hotline import events
from hotline.callback.bringing import Citizen
from hotline.callback.model import (
    IN_VAIN,
    LIVING,
    TO_BE_ANSWERED,
    Answers,
    CallbackRefused,
    CallbackRules,
    Dialling,
    NoSuchTask,
    Outcome,
    State,
    checked,
)
from hotline.registry import lifecycle
from hotline.registry.model import SYSTEM, Actor
from hotline.registry.service import CaseRegistry
from hotline.registry.similar.linking import root_of
from hotline.storage.journal import Journal, Transaction
from hotline.storage.tables import CallbackTaskRow, CaseRow

# Answers may be given during the talk, so the state alone does not tell that a call is up.
_UP = select(CallbackTaskRow).where(
    CallbackTaskRow.call_id.is_not(None), CallbackTaskRow.last_outcome.is_(None)
)


class CallbackDesk:
    """Keeps the callbacks. Each method raises
    :class:`hotline.storage.database.DatabaseUnavailable` when there is no database."""

    def __init__(self, journal: Journal, registry: CaseRegistry, rules: CallbackRules) -> None:
        self._journal = journal
        self._registry = registry
        self._rules = rules

    # --- the call -------------------------------------------------------------------------

    async def dialled(self, task_id: int, by: Actor) -> Dialling:
        """Claim a callback and write down that its citizen will be rung.

        Nobody else can ring the same citizen until this call has ended, whichever case it is
        about. Raises :class:`NoSuchTask`, :class:`CallbackRefused`.
        """
        async with self._journal.transaction() as tx:
            task = await _task(tx, task_id)
            _check_may_dial(task, by)
            await _check_lines(tx, task, by)
            task.attempts += 1
            channel_id = f"cb-{task.task_id}-{task.attempts}"
            task.call_id = f"{self._rules.node}-{channel_id}"
            task.state, task.claimed_by, task.last_outcome = State.DIALLING, by.user_id, None
            intent = (task.task_id, task.attempts, by.user_id, task.call_id)
            tx.add(events.CallbackDialled(task.case_number, *intent))
            return Dialling(
                task.task_id, task.case_number, task.phone, task.call_id, channel_id, tx.now
            )

    async def call_of(self, task_id: int, by: Actor) -> str:
        """The id of the call that ``by`` has placed for a callback and that is up.

        Raises :class:`NoSuchTask`, :class:`CallbackRefused`.
        """
        async with self._journal.database.session() as session:
            task = await session.get(CallbackTaskRow, task_id)
        if task is None:
            raise NoSuchTask(task_id)
        if not _is_up(task):
            raise CallbackRefused("callback.no_call")
        if task.claimed_by != by.user_id:
            raise CallbackRefused("callback.taken")
        return task.call_id or ""

    async def citizen(self, task_id: int, by: Actor) -> Citizen:
        """Whom the call of a callback is with. Raises as :meth:`call_of` does."""
        call_id = await self.call_of(task_id, by)
        async with self._journal.database.session() as session:
            task = await session.get_one(CallbackTaskRow, task_id)
        return Citizen(call_id, task.phone, task.case_number)

    async def progressed(self, call_id: str, stage: State) -> None:
        """The call has come so far. Calls that are not under way are ignored, and so is a step
        back."""
        async with self._journal.transaction() as tx:
            task = await _task_of_call(tx, call_id)
            if task is None or task.state not in LIVING[: LIVING.index(stage)]:
                return
            task.state = stage
            tx.add(events.CallbackProgressed(task.case_number, task.task_id, call_id, stage))

    async def ended(self, call_id: str, outcome: Outcome, talked_s: float | None = None) -> None:
        """The call is over; one that was over already is left as it is.

        ``talked_s`` is None when that is unknown or nobody talked. Answers that were given
        during the talk stay. No answer from a phone that was never seen to ring is a failure of
        the line, not the citizen's.
        """
        async with self._journal.transaction() as tx:
            task = await _task_of_call(tx, call_id)
            if task is not None and _is_up(task):
                self._end(tx, task, outcome, talked_s)

    async def gone(self, call_id: str) -> None:
        """The call's channel is gone and nobody said how it ended: staff never answered, or
        what said so was lost."""
        async with self._journal.transaction() as tx:
            task = await _task_of_call(tx, call_id)
            if task is not None and _is_up(task):
                unanswered = task.state == State.DIALLING
                outcome = Outcome.STAFF_UNREACHABLE if unanswered else Outcome.UNKNOWN
                self._end(tx, task, outcome, None)

    async def living(self) -> Sequence[str]:
        """The ids of the calls that are up, as far as we know."""
        async with self._journal.database.session() as session:
            return [task.call_id or "" for task in await session.scalars(_UP)]

    async def talker(self, call_id: str) -> str | None:
        """Who has placed a call that is up; None when it is over."""
        async with self._journal.database.session() as session:
            query = select(CallbackTaskRow).where(CallbackTaskRow.call_id == call_id)
            task = (await session.scalars(query)).one_or_none()
        return task.claimed_by if task is not None and _is_up(task) else None

    def _end(
        self, tx: Transaction, task: CallbackTaskRow, outcome: Outcome, talked_s: float | None
    ) -> None:
        if outcome is Outcome.NO_ANSWER and task.state == State.CONNECTING:
            outcome = Outcome.FAILED
        task.last_outcome = outcome
        call_id = task.call_id or ""
        tx.add(events.CallbackEnded(task.case_number, task.task_id, call_id, outcome, talked_s))
        if task.state not in LIVING:
            return
        if outcome in TO_BE_ANSWERED:
            task.state = State.ASKED
        elif outcome in IN_VAIN:
            self._in_vain(tx, task, SYSTEM)
        else:
            _give_back(task)

    # --- the answers ----------------------------------------------------------------------

    async def answer(self, task_id: int, answers: Answers, by: Actor) -> State:
        """Keep what the citizen said; returns where the callback stands then.

        Not solved or not satisfied opens the case again with the reason given. Not reached
        makes it due again, until it was tried often enough. Raises :class:`NoSuchTask`,
        :class:`CallbackRefused`, :class:`hotline.registry.model.BadForm`.
        """
        answers = checked(answers)
        async with self._journal.transaction() as tx:
            task = await _task(tx, task_id)
            _check_may_answer(task, by)
            if not answers.reached:
                self._in_vain(tx, task, by)
                return State(task.state)
            task.state, task.done_at, task.claimed_by = State.DONE, tx.now, by.user_id
            task.reached, task.solved = True, answers.solved
            task.satisfaction, task.why_not = answers.satisfaction, answers.why_not
            tx.add(_surveyed(task, answers, by))
            await self._take_up_again(tx, task, answers, by)
            return State.DONE

    async def _take_up_again(
        self, tx: Transaction, task: CallbackTaskRow, answers: Answers, by: Actor
    ) -> None:
        asked_about = await tx.session.get_one(CaseRow, task.case_number)
        # A merged case's matter is dealt with in the one that it was merged into.
        case = await root_of(tx.session, asked_about)
        if not answers.is_complaint or case.state != lifecycle.State.CLOSED:
            return
        # The case's callback is done before the case asks whether one is still open.
        await tx.session.flush()
        await self._registry.move_in(tx, case, lifecycle.Action.REOPEN, by, answers.why_not)

    def _in_vain(self, tx: Transaction, task: CallbackTaskRow, by: Actor) -> None:
        task.unreached += 1
        is_last = task.unreached >= self._rules.attempts
        if is_last:
            task.state, task.reached, task.done_at = State.DONE, False, tx.now
        else:
            _give_back(task)
            task.due_at = tx.now + self._rules.retry_s
        if is_last or by is not SYSTEM:
            tx.add(_surveyed(task, Answers(reached=False), by))


def _check_may_dial(task: CallbackTaskRow, by: Actor) -> None:
    if task.state == State.DONE:
        raise CallbackRefused("callback.done")
    if _is_up(task) or not _is_theirs(task, by):
        raise CallbackRefused("callback.taken")


async def _check_lines(tx: Transaction, task: CallbackTaskRow, by: Actor) -> None:
    """One call a citizen and one a member of staff."""
    for other in await tx.session.scalars(_UP):
        if other.claimed_by == by.user_id:
            raise CallbackRefused("callback.you_are_talking")
        if other.phone == task.phone:
            raise CallbackRefused("callback.citizen_is_talking")


def _check_may_answer(task: CallbackTaskRow, by: Actor) -> None:
    if task.state == State.DONE:
        raise CallbackRefused("callback.done")
    if not _is_theirs(task, by):
        raise CallbackRefused("callback.taken")
    if task.state in LIVING and task.state != State.TALKING:
        raise CallbackRefused("callback.still_ringing")


def _is_up(task: CallbackTaskRow) -> bool:
    return task.call_id is not None and task.last_outcome is None


def _is_theirs(task: CallbackTaskRow, by: Actor) -> bool:
    return task.claimed_by in {None, by.user_id} or by.role == "supervisor"


def _give_back(task: CallbackTaskRow) -> None:
    task.state, task.claimed_by = State.OPEN, None


def _surveyed(task: CallbackTaskRow, answers: Answers, by: Actor) -> events.CallbackSurveyed:
    return events.CallbackSurveyed(
        task.case_number,
        task.task_id,
        by.user_id,
        answers.reached,
        answers.solved,
        answers.satisfaction,
        answers.why_not,
    )


async def _task(tx: Transaction, task_id: int) -> CallbackTaskRow:
    task = await tx.session.get(CallbackTaskRow, task_id)
    if task is None:
        raise NoSuchTask(task_id)
    return task


async def _task_of_call(tx: Transaction, call_id: str) -> CallbackTaskRow | None:
    query = select(CallbackTaskRow).where(CallbackTaskRow.call_id == call_id)
    return (await tx.session.scalars(query)).one_or_none()
