"""The rules in force, and the last ones of queues that are no more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hotline.acd.rules import QueueRules

DEFAULT = QueueRules()


class RuleBook(Mapping[str, QueueRules]):
    """The queues there are, with their rules.

    :meth:`of` also knows queues that vanished: an offer or a talk that began in one ends by the
    rules it began under. Where a restart has lost them, the defaults apply.
    """

    def __init__(self, rules: Mapping[str, QueueRules]) -> None:
        self._rules: dict[str, QueueRules] = {}
        self._ever: dict[str, QueueRules] = {}
        self._patience_s: dict[str, float] = {}
        self.use(rules)

    def use(self, rules: Mapping[str, QueueRules]) -> None:
        """Let these rules be in force, and name every queue there is."""
        self._rules = dict(rules)
        self._ever.update(rules)
        self._patience_s.update({name: _patience_s(of) for name, of in rules.items()})
        self.with_nobody = tuple(name for name in rules if _watches(rules[name], "nobody"))
        self.with_target = tuple(name for name in rules if _watches(rules[name], "target"))

    def of(self, queue: str) -> QueueRules:
        """The rules of a queue, its last ones when it is no more."""
        return self._ever.get(queue, DEFAULT)

    def patience_s(self, queue: str) -> float:
        """How long a caller waits in a queue before a rule of time sends them elsewhere."""
        return self._patience_s.get(queue, DEFAULT.overflow_s)

    def __getitem__(self, queue: str) -> QueueRules:
        return self._rules[queue]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)

    def __contains__(self, queue: object) -> bool:
        return queue in self._rules


def _patience_s(rules: QueueRules) -> float:
    waits = [rule.value for rule in rules.overflow if rule.when == "wait"]
    return min([rules.overflow_s, *waits])


def _watches(rules: QueueRules, when: str) -> bool:
    return any(rule.when == when for rule in rules.overflow)
