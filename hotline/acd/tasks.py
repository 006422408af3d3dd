"""Tasks between calls: callbacks and verifications for agents whom no caller needs.

A task is offered only while its queue's service level is not breached and ``task_spare`` ready
agents of the queue without a task are left. Its agent stays ready: a call takes them, and the
task back. Once started, a task is theirs until it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass
from typing import Literal

from hotline.acd.agents import Agent, Roster
from hotline.acd.book import RuleBook
from hotline.acd.levels import Levels
from hotline.acd.model import (
    Command,
    Need,
    OfferTask,
    TaskDone,
    TaskEnd,
    TaskGone,
    TaskStarted,
    TaskWaits,
    TaskWithdrawn,
)
from hotline.acd.ordered import Ordered
from hotline.acd.strategies import WAYS
from hotline.acd.views import TaskRow

NO_SUCH_TASK = "there is no such task"


@dataclass(slots=True)
class Task:
    """One task until it is done or gone."""

    task_id: str
    queue: str
    since: float
    requires: tuple[Need, ...] = ()
    stage: Literal["waiting", "offered", "started"] = "waiting"
    agent_id: str = ""


class Tasks:
    """Every task, and the agents who have one. Each function that applies an input returns why
    it cannot apply, empty when it did."""

    def __init__(
        self, rules: RuleBook, roster: Roster, levels: Levels, say: Callable[[Command], None]
    ) -> None:
        self._rules = rules
        self._roster = roster
        self._levels = levels
        self._say = say
        self._tasks: dict[str, Task] = {}
        self._waiting: dict[str, Ordered] = {}
        self._of_agent: dict[str, Task] = {}

    def waits(self, event: TaskWaits, now: float) -> str:
        """A new task."""
        if event.queue not in self._rules:
            return f"there is no queue {event.queue!r}"
        if event.task_id in self._tasks:
            return "the task is known already"
        task = Task(event.task_id, event.queue, event.since, event.requires)
        self._tasks[event.task_id] = task
        self._wait(task)
        return ""

    def gone(self, event: TaskGone, now: float) -> str:
        """Forget a task that nobody has started."""
        task = self._tasks.get(event.task_id)
        if task is None:
            return NO_SUCH_TASK
        if task.stage == "started":
            return "the task is being worked on"
        if task.stage == "offered":
            self._withdraw(task, "gone")
        self._forget(task)
        return ""

    def started(self, event: TaskStarted, now: float) -> str:
        """The agent whom it is offered to is busy with it."""
        task = self._tasks.get(event.task_id)
        agent = self._roster.get(task.agent_id) if task else None
        if task is None or agent is None or task.stage != "offered" or agent.state != "ready":
            return "the task is not offered to anybody"
        task.stage = "started"
        self._roster.become(agent, "on_task", now, call_id=task.task_id)
        return ""

    def done(self, event: TaskDone, now: float) -> str:
        """The agent is free again, or becomes what they asked for."""
        task = self._tasks.get(event.task_id)
        agent = self._roster.get(task.agent_id) if task else None
        if task is None or agent is None or task.stage != "started":
            return "nobody works on the task"
        self._forget(task)
        if agent.state == "on_task":
            self._roster.release(agent, now)
        return ""

    def restore(self, task_id: str, agent: Agent, now: float) -> None:
        """An agent who worked on it before a restart still does."""
        queue = next(iter(agent.queues), "")
        task = self._tasks.setdefault(task_id, Task(task_id, queue, agent.since))
        if task.stage == "waiting" and task.queue in self._waiting:
            self._waiting[task.queue].drop(task_id)
        task.stage, task.agent_id = "started", agent.agent_id
        self._of_agent[agent.agent_id] = task

    def give_way(self) -> None:
        """Take offered tasks back from agents who have a call or are no longer ready."""
        if not self._tasks:
            return
        for task in list(self._of_agent.values()):
            agent = self._roster.get(task.agent_id)
            state = agent.state if agent else "offline"
            if task.stage == "started" and state != "on_task":
                self._forget(task)
            elif task.stage == "offered" and task.queue not in self._rules:
                self._withdraw(task, "gone")
            elif task.stage == "offered" and not self._may_keep(task, agent):
                self._withdraw(task, "call" if state in ("offered", "talking") else "left")
        for queue in [queue for queue in self._waiting if queue not in self._rules]:
            for task_id in list(self._waiting.pop(queue)):
                self._forget(self._tasks[task_id])

    def offer(self, now: float) -> None:
        """Offer what waits, the oldest of each queue first."""
        if not self._tasks:
            return
        for queue, waiting in self._waiting.items():
            in_vain: set[tuple[Need, ...]] = set()
            while free := self._spared(queue):
                task = self._first(waiting, in_vain)
                if task is None:
                    break
                agent = self._who(task, free, now)
                if agent is None:
                    # One that requires less may still find somebody.
                    in_vain.add(task.requires)
                    continue
                waiting.drop(task.task_id)
                task.stage, task.agent_id = "offered", agent.agent_id
                self._of_agent[agent.agent_id] = task
                self._say(OfferTask(task.task_id, agent.agent_id))

    def next_instant(self, now: float) -> float | None:
        """When a breached service level will be safe again for a task that waits for it."""
        if not self._tasks:
            return None
        instants = [
            self._levels.of(queue).when(False, now, now)
            for queue, waiting in self._waiting.items()
            if len(waiting) and self._levels.of(queue).now().breached and self._finds(queue)
        ]
        return min((at for at in instants if at is not None), default=None)

    def rows(self) -> tuple[TaskRow, ...]:
        """Every task, the oldest first."""
        ordered = sorted(self._tasks.values(), key=lambda task: (task.since, task.task_id))
        return tuple(TaskRow(t.task_id, t.queue, t.since, t.stage, t.agent_id) for t in ordered)

    def _may_keep(self, task: Task, agent: Agent | None) -> bool:
        return (
            agent is not None
            and agent.state == "ready"
            and task.queue in agent.queues
            and agent.meets(task.requires)
        )

    def _finds(self, queue: str) -> bool:
        """Whether a task of the queue would find somebody if the service level were safe."""
        free = self._free(queue)
        tasks = {self._tasks[task_id].requires for task_id in self._waiting[queue]}
        met = any(agent.meets(requires) for requires in tasks for agent in free)
        return met and len(free) > self._rules[queue].task_spare

    def _spared(self, queue: str) -> list[Agent]:
        """Whom calls can spare now: nobody when the service level is not safe."""
        if not len(self._waiting[queue]) or self._levels.of(queue).now().breached:
            return []
        free = self._free(queue)
        return free if len(free) > self._rules[queue].task_spare else []

    def _first(self, waiting: Ordered, in_vain: Set[tuple[Need, ...]]) -> Task | None:
        tasks = (self._tasks[task_id] for task_id in waiting)
        return next((task for task in tasks if task.requires not in in_vain), None)

    def _who(self, task: Task, free: list[Agent], now: float) -> Agent | None:
        queue = task.queue
        rank = WAYS[self._rules[queue].strategy].rank
        return min(
            (agent for agent in free if agent.meets(task.requires)),
            key=lambda agent: (
                -agent.weight(queue),
                rank(agent, task.requires, now),
                agent.agent_id,
            ),
            default=None,
        )

    def _free(self, queue: str) -> list[Agent]:
        agents = (self._roster.get(agent_id) for agent_id in self._roster.ready(queue))
        return [agent for agent in agents if agent and agent.agent_id not in self._of_agent]

    def _wait(self, task: Task) -> None:
        task.stage, task.agent_id = "waiting", ""
        self._waiting.setdefault(task.queue, Ordered()).put(task.task_id, (task.since,))

    def _withdraw(self, task: Task, why: TaskEnd) -> None:
        self._say(TaskWithdrawn(task.task_id, task.agent_id, why))
        del self._of_agent[task.agent_id]
        self._wait(task)

    def _forget(self, task: Task) -> None:
        del self._tasks[task.task_id]
        if task.stage == "waiting" and task.queue in self._waiting:
            self._waiting[task.queue].drop(task.task_id)
        elif task.agent_id:
            self._of_agent.pop(task.agent_id, None)
