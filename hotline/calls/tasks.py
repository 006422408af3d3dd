"""Work between calls: callbacks that are shown to agents whom no caller needs.

The engine decides who is shown which (:mod:`hotline.acd.tasks`). A call comes before a callback
that is only shown; one that was begun goes on undisturbed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline import events
from hotline.acd import model as acd
from hotline.calls.model import AgentTakesTask, Outcome, TaskInput, TaskOver, TasksDue

if TYPE_CHECKING:
    from hotline.calls.core import CallCore

_PREFIX = "callback:"


def take(core: CallCore, given: TaskInput, now: float, out: Outcome) -> None:
    """Take in what is to be done between calls, and what becomes of it."""
    match given:
        case TasksDue():
            _due(core, given, now, out)
        case AgentTakesTask():
            if task_of(core, given.agent_id) == given.task_id:
                core.ask(acd.TaskStarted(_name(given.task_id)), now, out)
            else:
                out.ignored.append(f"{given.agent_id} takes a task that is not shown to them")
        case TaskOver():
            core.ask(acd.TaskDone(_name(given.task_id)), now, out)


def task_of(core: CallCore, agent_id: str) -> int | None:
    """The callback that an agent is shown or works on."""
    rows = (row for row in core.engine.tasks() if row.agent_id == agent_id)
    return next((_number(row.task_id) for row in rows), None)


def begun(core: CallCore) -> tuple[int, ...]:
    """The callbacks that agents work on."""
    return tuple(_number(row.task_id) for row in core.engine.tasks() if row.stage == "started")


def offered(command: acd.OfferTask) -> events.TaskOffered:
    """What the journal is told of a callback that an agent is shown."""
    return events.TaskOffered(command.agent_id, _number(command.task_id))


def withdrawn(command: acd.TaskWithdrawn) -> events.TaskWithdrawn:
    """What the journal is told of a callback that an agent is shown no more."""
    return events.TaskWithdrawn(command.agent_id, _number(command.task_id), command.why)


def _due(core: CallCore, given: TasksDue, now: float, out: Outcome) -> None:
    due = {_name(task_id): since for task_id, since in given.since}
    known = {row.task_id: row for row in core.engine.tasks()}
    needs = (acd.Need(given.skill),)
    told: list[acd.Input] = [
        acd.TaskGone(name)
        for name, row in known.items()
        if name not in due and row.stage != "started"
    ]
    told += [
        acd.TaskWaits(name, core.routing.home, since, needs)
        for name, since in due.items()
        if name not in known
    ]
    if told:
        core.ask_together(told, now, out)


def _name(task_id: int) -> str:
    return f"{_PREFIX}{task_id}"


def _number(name: str) -> int:
    return int(name.removeprefix(_PREFIX))
