"""The service levels of all queues, and which callers they still expect."""

from __future__ import annotations

from typing import Protocol

from hotline.acd.book import RuleBook
from hotline.acd.level import Level
from hotline.acd.model import RestoreLevel
from hotline.acd.ordered import Deadlines


class Counted(Protocol):
    """What is asked of a call here."""

    call_id: str
    queue: str
    since: float
    counted: bool


class Levels:
    """Counts each caller once, in the queue they wait in when answered or late.

    Who hangs up, or is sent elsewhere, before the target passes does not count.
    """

    def __init__(self, rules: RuleBook) -> None:
        self._rules = rules
        self._levels: dict[str, Level] = {}
        self._calls: dict[str, tuple[Counted, Level]] = {}
        self._due = Deadlines()
        self.now = 0.0

    def of(self, queue: str) -> Level:
        """The level of a queue, as of now."""
        if queue not in self._levels:
            self._levels[queue] = Level(self._rules.of(queue))
        level = self._levels[queue]
        level.slide(self.now)
        return level

    def restore(self, event: RestoreLevel, now: float) -> str:
        """Take in what was counted before a restart; why that cannot be, empty when it can."""
        if event.queue not in self._rules:
            return f"there is no queue {event.queue!r}"
        level = self.of(event.queue)
        if level.now().counted:
            return "callers were counted since the start"
        level.restore(event.counted)
        return ""

    def use_rules(self) -> None:
        """The rules have changed: what was counted stays, what is expected follows them."""
        for queue, level in self._levels.items():
            level.use(self._rules.of(queue))
        for call, _ in list(self._calls.values()):
            self.expect(call)

    def expect(self, call: Counted) -> None:
        """The caller waits for an agent; late ones are counted when they are late."""
        self.drop(call)
        if not call.counted:
            level = self.of(call.queue)
            due = call.since + level.rules.target_s
            level.due.set(call.call_id, due)
            self._due.set(call.call_id, due)
            self._calls[call.call_id] = call, level

    def answered(self, call: Counted, at: float) -> None:
        """The caller has had an agent since ``at``."""
        _, level = self._calls.get(call.call_id, (None, None))
        if level and at <= call.since + level.rules.target_s:
            self._forget(call.call_id)
            self._settle(at)
            level.count(at, within=True)
            call.counted = True
        else:
            self._settle(at)

    def drop(self, call: Counted) -> None:
        """The caller waits no longer, and counts only if late by now."""
        if call.call_id in self._calls:
            self.settle()
            self._forget(call.call_id)

    def settle(self) -> None:
        """Count who is late by now."""
        self._settle(self.now)

    def _settle(self, now: float) -> None:
        while (at := self._due.first()) is not None and at <= now:
            call_id = next(iter(self._due.take_due(at)))
            call, level = self._calls[call_id]
            self._forget(call_id)
            call.counted = True
            level.count(at, within=False)

    def _forget(self, call_id: str) -> None:
        if found := self._calls.pop(call_id, None):
            found[1].due.set(call_id, None)
            self._due.set(call_id, None)
