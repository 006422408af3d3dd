"""Callers who are sent elsewhere and tasks between calls: whether the rules are kept."""

from __future__ import annotations

from hotline.acd.model import OfferTask, Overflowed, TaskWithdrawn
from tests.acd.judging import Judge
from tests.acd.promises import P_OVERFLOW, P_TASK
from tests.acd.seen import SeenCall, SeenTask


class Elsewhere(Judge):
    """Looks at overflows and tasks."""

    def _rules_due(self, call: SeenCall, at: float) -> list[tuple[str, str]]:
        """The reasons and places to which the rules of time send a waiting call now."""
        if call.queue not in self.rules:
            return [("nobody", "report")]
        rules = self.rules[call.queue]
        by_wait = {rule.value: rule.to for rule in rules.overflow if rule.when == "wait"}
        soonest = min([rules.overflow_s, *by_wait])
        due = []
        if call.entered + soonest <= at:
            due.append(("wait", by_wait.get(soonest, "report")))
        for rule in rules.overflow:
            if call.entered + rule.value > at:
                continue
            if rule.when == "nobody" and not self._on_duty(call):
                due.append(("nobody", rule.to))
            if rule.when == "target" and self.level.breached(call.queue, at):
                due.append(("target", rule.to))
        return due

    def _on_duty(self, call: SeenCall) -> bool:
        works = [agent.work for agent in self.agents.values()]
        return any(call.queue in work.queues and work.meets(call.requires) for work in works)

    def _no_room(self, call_id: str) -> list[tuple[str, str]]:
        """The reasons and places to which a newcomer is sent who finds so many waiting."""
        call = self.calls[call_id]
        if call_id not in self.fresh or call.queue not in self.rules:
            return []
        others = sum(other.queue == call.queue for _, other in self.waiting()) - 1
        rules = self.rules[call.queue]
        full = [("full", "report")] if rules.limit and others >= rules.limit else []
        by_length = (r for r in rules.overflow if r.when == "length" and others >= r.value)
        return [*full, *(("length", rule.to) for rule in by_length)]

    def is_sent(self, sent: Overflowed, at: float) -> bool:
        """Whether a rule sends the caller there now."""
        call = self.calls[sent.call_id]
        places = [*self._rules_due(call, at), *self._no_room(sent.call_id)]
        return (sent.why, sent.to) in places and sent.waited_s == at - call.since

    def look_for_overflows(self, at: float) -> None:
        """No rule sends away anybody who still waits."""
        for call_id, call in self.waiting():
            due = self._rules_due(call, at) + self._no_room(call_id)
            self.expect(not due, P_OVERFLOW, (call_id, due))
        self.fresh.clear()

    def _spare(self, queue: str) -> list[str]:
        """The ready agents of a queue who have no task."""
        taken = {task.agent_id for task in self.tasks.values()}
        return [
            agent_id
            for agent_id, agent in self.agents.items()
            if agent.now.state == "ready" and queue in agent.queues and agent_id not in taken
        ]

    def see_task(self, offer: OfferTask, at: float) -> None:
        """A task is offered."""
        task = self.tasks[offer.task_id]
        rules, spare = self.rules[task.queue], self._spare(task.queue)
        safe = not self.level.breached(task.queue, at)
        self.expect(safe and len(spare) > rules.task_spare, P_TASK, (offer, spare))
        waiting = [row for row in self._tasks_waiting(task.queue) if self._able(row, spare)]
        oldest = all(task.since <= other.since for other in waiting)
        self.expect(task.stage == "waiting" and oldest, P_TASK, (offer, task))
        asked = SeenCall(task.queue, 0, task.since, requires=task.requires)
        able = self._able(task, spare)
        best = min(able, key=lambda it: self.rank(it, asked, rules.strategy, at), default="")
        self.expect(best == offer.agent_id, P_TASK, (offer, best))
        task.stage, task.agent_id = "offered", offer.agent_id

    def see_task_back(self, back: TaskWithdrawn) -> None:
        """An offered task is taken back."""
        task = self.tasks[back.task_id]
        right = (task.stage, task.agent_id) == ("offered", back.agent_id)
        agent = self.agents.get(back.agent_id)
        called = agent is not None and agent.now.state in ("offered", "talking")
        self.expect(right and (back.why == "call") <= called, P_TASK, back)
        task.stage, task.agent_id = "waiting", ""
        if back.why == "gone":
            del self.tasks[back.task_id]

    def look_at_tasks(self, at: float) -> None:
        """Tasks wait only where agents are few or calls late; each agent has at most one."""
        for queue in self.rules:
            spare = self._spare(queue)
            able = [row for row in self._tasks_waiting(queue) if self._able(row, spare)]
            if able and not self.level.breached(queue, at):
                few = len(spare) <= self.rules[queue].task_spare
                self.expect(few, P_TASK, f"a task of {queue} waits")
        for task_id, task in list(self.tasks.items()):
            agent = self.agents.get(task.agent_id)
            state = agent.now.state if agent else "offline"
            if task.stage == "offered":
                kept = agent is not None and task.queue in agent.queues and state == "ready"
                self.expect(kept, P_TASK, (task_id, task))
            lost = task.stage == "waiting" and task.queue not in self.rules
            if lost or (task.stage == "started" and state != "on_task"):
                del self.tasks[task_id]
        for agent_id, agent in self.agents.items():
            mine = [it for it in self.tasks.values() if it.agent_id == agent_id]
            busy = [it for it in mine if it.stage == "started"]
            right = len(mine) <= 1 and len(busy) == int(agent.now.state == "on_task")
            self.expect(right, P_TASK, (agent.now, mine))

    def _able(self, task: SeenTask, agents: list[str]) -> list[str]:
        return [name for name in agents if self.agents[name].work.meets(task.requires)]

    def _tasks_waiting(self, queue: str) -> list[SeenTask]:
        return [it for it in self.tasks.values() if it.queue == queue and it.stage == "waiting"]
