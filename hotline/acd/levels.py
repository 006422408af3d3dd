"""The service levels of all queues, and which callers they still expect."""

from __future__ import annotations

from typing import Protocol

from hotline.acd.book import RuleBook
from hotline.acd.level import Level


class Counted(Protocol):
    """What is asked of a call here."""

    call_id: str
    queue: str
    since: float
    counted: bool


class Levels:
    """Counts each caller once, in the queue they wait in when answered or late."""

    def __init__(self, rules: RuleBook) -> None:
        self._rules = rules
        self._levels: dict[str, Level] = {}
        self._calls: dict[str, tuple[Counted, Level]] = {}

    def of(self, queue: str) -> Level:
        """The level of a queue."""
        if queue not in self._levels:
            self._levels[queue] = Level(self._rules.of(queue))
        return self._levels[queue]

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
            level.due.set(call.call_id, call.since + level.rules.target_s)
            self._calls[call.call_id] = call, level

    def answered(self, call: Counted, now: float) -> None:
        """The caller has an agent."""
        if level := self.drop(call):
            level.count(now, within=now <= call.since + level.rules.target_s)
            call.counted = True

    def drop(self, call: Counted) -> Level | None:
        """The caller waits no longer and does not count; the level that expected them."""
        _, level = self._calls.pop(call.call_id, (None, None))
        if level:
            level.due.set(call.call_id, None)
        return level

    def settle(self, now: float) -> None:
        """Bring every level to this instant."""
        for level in self._levels.values():
            for call_id in level.settle(now):
                self._calls.pop(call_id)[0].counted = True
