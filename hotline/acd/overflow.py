"""Callers who are sent elsewhere: by wait, length, nobody on duty, a breached target, a limit.

Looked at after matching, since an agent who is free at this very instant is better than any
other place.
"""

from __future__ import annotations

from collections.abc import Callable

from hotline.acd.agents import Roster
from hotline.acd.book import RuleBook
from hotline.acd.call import Call
from hotline.acd.levels import Levels
from hotline.acd.model import Command, Need, Overflowed, OverflowRule, OverflowWhen, OverflowWhy
from hotline.acd.queues import Lines

LAST_RESORT = "report"


class Overflow:
    """Applies the overflow rules of all queues."""

    def __init__(
        self,
        rules: RuleBook,
        lines: Lines,
        roster: Roster,
        levels: Levels,
        say: Callable[[Command], None],
    ) -> None:
        self._rules = rules
        self._lines = lines
        self._roster = roster
        self._levels = levels
        self._say = say

    def apply(self, now: float) -> None:
        """Send away whom a rule sends away at this instant."""
        for call in self._lines.closed():
            self._send(call, LAST_RESORT, "nobody", now)
        for call_id in self._lines.overflows.take_due(now):
            if late := self._lines.get(call_id):
                self._send(late, self._by_wait(late), "wait", now)
        for queue in self._rules.with_nobody:
            self._by_nobody(queue, now)
        for queue in self._rules.with_target:
            self._by_target(queue, now)
        self._turn_away(now)

    def next_instant(self, now: float) -> float | None:
        """When the next caller is sent away because nobody is there or the target is breached.

        The rule by wait has its own timers (:attr:`hotline.acd.queues.Lines.overflows`).
        """
        if not (self._rules.with_nobody or self._rules.with_target):
            return None
        instants = [self._next_nobody(queue) for queue in self._rules.with_nobody]
        instants += [self._next_target(queue, now) for queue in self._rules.with_target]
        return min((at for at in instants if at is not None), default=None)

    def _by_wait(self, call: Call) -> str:
        rules = self._rules.of(call.queue)
        waits = [rule for rule in rules.overflow if rule.when == "wait"]
        rule = min(waits, key=lambda rule: rule.value, default=None)
        return rule.to if rule and rule.value <= rules.overflow_s else LAST_RESORT

    def _by_nobody(self, queue: str, now: float) -> None:
        rule = self._first(queue, "nobody")
        for call in self._unmanned(queue):
            if call.entered + rule.value <= now:
                self._send(call, rule.to, "nobody", now)

    def _next_nobody(self, queue: str) -> float | None:
        value = self._first(queue, "nobody").value
        return min((call.entered + value for call in self._unmanned(queue)), default=None)

    def _unmanned(self, queue: str) -> list[Call]:
        """The waiting calls that nobody signed on could ever take."""
        missing = {
            requires
            for requires in self._lines.requirements(queue)
            if not self._on_duty(queue, requires)
        }
        if not missing:
            return []
        return [call for call in self._lines.calls(queue) if call.requires in missing]

    def _on_duty(self, queue: str, requires: tuple[Need, ...]) -> bool:
        agents = (self._roster.get(agent_id) for agent_id in self._roster.members(queue))
        return any(agent.meets(requires) for agent in agents if agent)

    def _by_target(self, queue: str, now: float) -> None:
        if not self._levels.of(queue).now().breached:
            return
        rule = self._first(queue, "target")
        for call in list(self._lines.calls(queue)):
            if call.entered + rule.value <= now:
                self._send(call, rule.to, "target", now)

    def _next_target(self, queue: str, now: float) -> float | None:
        value = self._first(queue, "target").value
        first = min((call.entered for call in self._lines.calls(queue)), default=None)
        if first is None:
            return None
        return self._levels.of(queue).when(True, now, max(now, first + value))

    def _first(self, queue: str, when: OverflowWhen) -> OverflowRule:
        rules = (rule for rule in self._rules[queue].overflow if rule.when == when)
        return min(rules, key=lambda rule: rule.value)

    def _turn_away(self, now: float) -> None:
        """Send newcomers away who found too many waiting, the least urgent first."""
        newcomers = self._lines.take_fresh()
        if not newcomers:
            return
        fresh = [self._lines.get(call_id) for call_id in newcomers]
        calls = [call for call in fresh if call and call.stage == "waiting"]
        calls.sort(key=lambda call: (call.rank, call.call_id), reverse=True)
        for call in calls:
            others = len(self._lines.waiting(call.queue)) - 1
            rules = self._rules[call.queue]
            for rule in rules.overflow:
                if rule.when == "length" and others >= rule.value:
                    self._send(call, rule.to, "length", now)
                    break
            else:
                if rules.limit and others >= rules.limit:
                    self._send(call, LAST_RESORT, "full", now)

    def _send(self, call: Call, to: str, why: OverflowWhy, now: float) -> None:
        self._lines.take(call, "left")
        self._say(Overflowed(call.call_id, call.queue, now - call.since, to, why))
