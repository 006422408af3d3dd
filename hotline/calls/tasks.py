"""Work between calls: callbacks and verifications, shown to agents whom no caller needs.

The engine decides who is shown which (:mod:`hotline.acd.tasks`). A call comes before a task that
is only shown; one that was begun goes on undisturbed. A task's id is its kind and its number:
``callback:7``, ``verification:2026112000001`` (the case's).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline import events
from hotline.acd import model as acd
from hotline.calls.model import AgentTakesTask, Outcome, TaskInput, TaskOver, TasksDue

if TYPE_CHECKING:
    from hotline.calls.core import CallCore

CALLBACK = "callback"
VERIFICATION = "verification"
KINDS = (CALLBACK, VERIFICATION)


def task_id_of(kind: str, number: str) -> str:
    """A task's id."""
    return f"{kind}:{number}"


def kind_of(task_id: str) -> str:
    """What kind of work a task is: one of :data:`KINDS`."""
    return task_id.partition(":")[0]


def number_of(task_id: str) -> str:
    """The number of a task's callback or case."""
    return task_id.partition(":")[2]


def take(core: CallCore, given: TaskInput, now: float, out: Outcome) -> None:
    """Take in what is to be done between calls, and what becomes of it."""
    match given:
        case TasksDue():
            _due(core, given, now, out)
        case AgentTakesTask():
            if task_of(core, given.agent_id) == given.task_id:
                core.ask(acd.TaskStarted(given.task_id), now, out)
            else:
                out.ignored.append(f"{given.agent_id} takes a task that is not shown to them")
        case TaskOver():
            core.ask(acd.TaskDone(given.task_id), now, out)


def task_of(core: CallCore, agent_id: str) -> str | None:
    """The task that an agent is shown or works on."""
    rows = core.engine.tasks()
    return next((row.task_id for row in rows if row.agent_id == agent_id), None)


def begun(core: CallCore, kind: str | None = None) -> tuple[str, ...]:
    """The tasks that agents work on, of one kind or of all."""
    ids = (row.task_id for row in core.engine.tasks() if row.stage == "started")
    return tuple(task_id for task_id in ids if kind in (None, kind_of(task_id)))


def offered(command: acd.OfferTask) -> events.TaskOffered:
    """What the journal is told of a task that an agent is shown."""
    return events.TaskOffered(command.agent_id, command.task_id)


def withdrawn(command: acd.TaskWithdrawn) -> events.TaskWithdrawn:
    """What the journal is told of a task that an agent is shown no more."""
    return events.TaskWithdrawn(command.agent_id, command.task_id, command.why)


def _due(core: CallCore, given: TasksDue, now: float, out: Outcome) -> None:
    due = {task.task_id: task for task in given.tasks}
    known = {row.task_id: row for row in core.engine.tasks() if kind_of(row.task_id) == given.kind}
    at_work = {task_id for task_id, row in known.items() if row.stage == "started"}
    core.due = {
        task_id: task
        for task_id, task in core.due.items()
        if kind_of(task_id) != given.kind or task_id in at_work
    } | due
    needs = (acd.Need(given.skill),)
    told: list[acd.Input] = [
        acd.TaskGone(task_id) for task_id in known if task_id not in due and task_id not in at_work
    ]
    told += [
        acd.TaskWaits(task_id, core.routing.home, task.since, needs)
        for task_id, task in due.items()
        if task_id not in known
    ]
    if told:
        core.ask_together(told, now, out)
