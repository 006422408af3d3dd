"""The callbacks as lists and rates: read from the tables, nothing is counted in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.callback.held import held_now
from hotline.callback.model import LEAST_SATISFIED, NoSuchTask, State
from hotline.registry.lifecycle import Action
from hotline.registry.model import Case
from hotline.storage.database import Database
from hotline.storage.numbers import variants
from hotline.storage.records import storable
from hotline.storage.tables import CallbackTaskRow, CaseRow, JournalRow, UserRow

View = Literal["due", "again", "later", "done"]
VIEWS: tuple[View, ...] = ("due", "again", "later", "done")

SORTS: Mapping[str, ColumnElement[Any]] = {
    "due_at": CallbackTaskRow.due_at.expression,
    "done_at": CallbackTaskRow.done_at.expression,
    "case_number": CallbackTaskRow.case_number.expression,
    "attempts": CallbackTaskRow.attempts.expression,
}
# The steps whose reason tells what was done about the matter.
_DONE_ABOUT_IT = frozenset({Action.FEEDBACK, Action.CLOSE})


@dataclass(frozen=True, slots=True)
class Task:
    """A callback as it is shown; see :class:`hotline.storage.tables.CallbackTaskRow`.

    ``claimed_name`` is whose it is, empty for nobody's. ``what_was_done`` is what the handling
    unit reported, or the answer that was given at once; empty when nobody wrote it down.
    """

    task_id: int
    phone: str
    state: str
    due_at: float
    claimed_by: str | None
    claimed_name: str
    attempts: int
    unreached: int
    last_outcome: str | None
    call_id: str | None
    reached: bool | None
    solved: bool | None
    satisfaction: int | None
    why_not: str
    recording: str | None
    done_at: float | None
    case: Case
    what_was_done: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which callbacks a list shows: ``due`` (unfinished and due, or under way), ``again`` (rung in
    vain, whenever they are due), ``later`` or ``done``; ``text`` is looked for in the case's
    number, place and description, and as a whole telephone number."""

    view: View = "due"
    text: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is sorted, by one of :data:`SORTS`, and which part of it is wanted."""

    sort: str = "due_at"
    descending: bool = False
    offset: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Rates:
    """What 响应率, 解决率 and 满意率 are computed from, over callbacks done in a time.

    ``finished`` counts those that were reached or given up; withdrawn ones are in none.
    响应率 = reached / finished, 解决率 = solved / reached, 满意率 = satisfied / reached, where
    基本满意 and better is satisfied. Who was not reached is neither solved nor satisfied.
    """

    finished: int
    reached: int
    solved: int
    satisfied: int


class Worklist:
    """Reads the callbacks of ``database``.

    Each method raises :class:`hotline.storage.database.DatabaseUnavailable`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, wanted: Wanted, now: float, order: Order = Order()
    ) -> tuple[Sequence[Task], int]:
        """One part of a list, and how many callbacks the whole list has."""
        conditions = list(_conditions(wanted, now))
        column = SORTS[order.sort]
        query = (
            _tasks()
            .where(*conditions)
            .order_by(column.desc() if order.descending else column, CallbackTaskRow.task_id)
            .offset(order.offset)
            .limit(order.limit)
        )
        count = select(func.count()).select_from(CallbackTaskRow).join(CaseRow).where(*conditions)
        async with self._database.session() as session:
            total = await session.scalar(count)
            return await _shown(session, query), total or 0

    async def counts(self, now: float) -> Mapping[View, int]:
        """How many callbacks each view has."""
        counts: dict[View, int] = {}
        async with self._database.session() as session:
            for view in VIEWS:
                conditions = _conditions(Wanted(view), now)
                query = select(func.count()).select_from(CallbackTaskRow).where(*conditions)
                counts[view] = await session.scalar(query) or 0
        return counts

    async def task(self, task_id: int) -> Task:
        """One callback. Raises :class:`NoSuchTask`."""
        async with self._database.session() as session:
            found = await _shown(session, _tasks().where(CallbackTaskRow.task_id == task_id))
        if not found:
            raise NoSuchTask(task_id)
        return found[0]

    async def stage_since(self, task: Task) -> float | None:
        """When the callback's call came to where it stands; None when it has had none."""
        if task.call_id is None:
            return None
        query = select(func.max(JournalRow.at)).where(
            JournalRow.call_id == task.call_id, JournalRow.kind.startswith("Callback")
        )
        async with self._database.session() as session:
            return await session.scalar(query)

    async def why_held(self, task: Task) -> str:
        """Why the citizen of the callback's call hears music; empty when they do not, or nobody
        talks."""
        if task.call_id is None or task.last_outcome is not None:
            return ""
        async with self._database.session() as session:
            return await held_now(session, task.call_id)

    async def in_hand(self, user_id: str) -> Sequence[Task]:
        """What somebody has begun and not finished: they talk, or answers are due."""
        query = _tasks().where(
            CallbackTaskRow.claimed_by == user_id, CallbackTaskRow.state != State.DONE
        )
        async with self._database.session() as session:
            return await _shown(session, query.order_by(CallbackTaskRow.due_at))

    async def rates(self, since: float, until: float, by: str = "") -> Rates:
        """The counts of the callbacks done from ``since`` to before ``until`` (Unix seconds), by
        everybody or by one."""
        task = CallbackTaskRow
        whose = (task.claimed_by == by,) if by else ()
        query = select(
            func.count(),
            _count_if(task.reached.is_(True)),
            _count_if(task.solved.is_(True)),
            _count_if(task.satisfaction >= LEAST_SATISFIED),
        ).where(task.reached.is_not(None), task.done_at >= since, task.done_at < until, *whose)
        async with self._database.session() as session:
            finished, reached, solved, satisfied = (await session.execute(query)).one()
        return Rates(finished, reached, solved, satisfied)


def _count_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _conditions(wanted: Wanted, now: float) -> Iterator[ColumnElement[bool]]:
    task = CallbackTaskRow
    match wanted.view:
        case "due":
            yield task.state != State.DONE
            yield or_(task.due_at <= now, task.state != State.OPEN)
        case "again":
            yield task.state == State.OPEN
            yield task.unreached > 0
        case "later":
            yield task.state == State.OPEN
            yield task.due_at > now
        case "done":
            yield task.state == State.DONE
            yield task.reached.is_not(None)
    if words := storable(wanted.text).strip():
        searched = (CaseRow.case_number, CaseRow.address, CaseRow.description)
        holds = [column.icontains(words, autoescape=True) for column in searched]
        yield or_(*holds, task.phone.in_(variants(words)))


def _tasks() -> Select[CallbackTaskRow, CaseRow, str]:
    return (
        select(CallbackTaskRow, CaseRow, UserRow.name)
        .join(CaseRow, CaseRow.case_number == CallbackTaskRow.case_number)
        .outerjoin(UserRow, UserRow.user_id == CallbackTaskRow.claimed_by)
    )


async def _shown(session: AsyncSession, query: Select[CallbackTaskRow, CaseRow, str]) -> list[Task]:
    found = (await session.execute(query)).all()
    done = await _what_was_done(session, {case.case_number for _, case, _ in found})
    return [
        _task(task, case, name or task.claimed_by or "", done.get(task.case_number, ""))
        for task, case, name in found
    ]


async def _what_was_done(session: AsyncSession, case_numbers: set[str]) -> Mapping[str, str]:
    """The newest reason given at a feedback or a closing, by case number."""
    moves = await session.scalars(
        select(JournalRow)
        .where(JournalRow.case_number.in_(case_numbers), JournalRow.kind == "CaseMoved")
        .order_by(JournalRow.seq)
    )
    return {
        str(move.case_number): str(move.data["why"])
        for move in moves
        if move.data["action"] in _DONE_ABOUT_IT and move.data["why"]
    }


def _task(row: CallbackTaskRow, of: CaseRow, claimed_name: str, what_was_done: str) -> Task:
    return Task(
        task_id=row.task_id,
        phone=row.phone,
        state=row.state,
        due_at=row.due_at,
        claimed_by=row.claimed_by,
        claimed_name=claimed_name,
        attempts=row.attempts,
        unreached=row.unreached,
        last_outcome=row.last_outcome,
        call_id=row.call_id,
        reached=row.reached,
        solved=row.solved,
        satisfaction=row.satisfaction,
        why_not=row.why_not,
        recording=row.recording,
        done_at=row.done_at,
        case=Case.of(of),
        what_was_done=what_was_done,
    )
