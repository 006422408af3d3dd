"""The calls: who waits for which queue, since when, and who would not take them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from hotline.acd.model import BOTTOM_PRIORITY, TOP_PRIORITY, CallWaits, QueueRules, RestoreOffer
from hotline.acd.ordered import Deadlines, Ordered, Rank
from hotline.acd.views import WaitingRow

GONE_MEMORY_S = 3600.0
"""How long a call that hung up is known to be gone, so that a late report cannot revive it."""


@dataclass(slots=True)
class Call:
    """One call until it is gone.

    ``left`` means that it waits no longer (overflowed, or its talk ended) but may come back.
    ``ask_again`` holds the agents who refused or missed it, each with the instant from which
    they may be asked again if nobody else can take it.
    """

    call_id: str
    queue: str
    priority: int
    since: float
    stage: Literal["waiting", "offered", "talking", "left"] = "left"
    agent_id: str = ""
    offer_id: str = ""
    offers: int = 0
    ask_again: dict[str, float] = field(default_factory=dict)


class Lines:
    """Every known call, indexed by what decisions ask for."""

    def __init__(
        self, rules: Mapping[str, QueueRules], order: Callable[[Call, QueueRules], Rank]
    ) -> None:
        self._rules = rules
        self._order = order
        self._calls: dict[str, Call] = {}
        self._gone: dict[str, float] = {}
        self._waiting = {queue: Ordered() for queue in rules}
        self._refused: dict[str, set[str]] = {queue: set() for queue in rules}
        self.overflows = Deadlines()

    def has_queue(self, queue: str) -> bool:
        """Whether there is such a queue."""
        return queue in self._rules

    def get(self, call_id: str) -> Call | None:
        """The call, None when unknown or gone."""
        return self._calls.get(call_id)

    def is_gone(self, call_id: str) -> bool:
        """Whether the caller is known to have hung up."""
        return call_id in self._gone

    def know(self, call_id: str, queue: str, since: float) -> Call:
        """The call, remembered from now until it is gone."""
        return self._calls.setdefault(call_id, Call(call_id, queue, 0, since))

    def recall(self, event: CallWaits | RestoreOffer, now: float) -> Call:
        """The call that the input describes, with what is remembered of it beside what is new."""
        call = self.know(event.call_id, event.queue, event.since)
        call.queue = event.queue
        call.priority = min(max(event.priority, BOTTOM_PRIORITY), TOP_PRIORITY)
        call.since = min(event.since, now)
        call.offers = max(call.offers, event.offers)
        for agent_id in event.refused_by:
            call.ask_again.setdefault(agent_id, now + self._rules[call.queue].ring_s)
        return call

    def forget(self, call_id: str, now: float) -> Call | None:
        """The caller hung up: the call, when it was known, taken out everywhere."""
        while self._gone and now - (oldest := next(iter(self._gone.items())))[1] > GONE_MEMORY_S:
            del self._gone[oldest[0]]
        self._gone[call_id] = now
        call = self._calls.pop(call_id, None)
        if call is not None:
            self._unindex(call)
        return call

    def wait(self, call: Call) -> None:
        """Put the call into its queue, at the place its priority and waiting time give it."""
        call.stage, call.agent_id, call.offer_id = "waiting", "", ""
        rules = self._rules[call.queue]
        self._waiting[call.queue].put(call.call_id, self._order(call, rules))
        if call.ask_again:
            self._refused[call.queue].add(call.call_id)
        self.overflows.set(call.call_id, call.since + rules.overflow_s)

    def take(
        self, call: Call, stage: Literal["offered", "talking", "left"], agent_id: str = ""
    ) -> None:
        """Take the call out of its queue, for an agent or for good."""
        self._unindex(call)
        call.stage, call.agent_id, call.offer_id = stage, agent_id, ""

    def waiting(self, queue: str) -> Ordered:
        """The calls of a queue that nobody is being offered, the next one first."""
        return self._waiting[queue]

    def refused(self, queue: str) -> Iterator[Call]:
        """The waiting calls of a queue that somebody refused or missed, in no order."""
        return (self._calls[call_id] for call_id in self._refused[queue])

    def rows(self) -> tuple[WaitingRow, ...]:
        """Every call without an agent, those being offered included, the next one first."""
        held = [call for call in self._calls.values() if call.stage in ("waiting", "offered")]
        held.sort(key=lambda call: (self._order(call, self._rules[call.queue]), call.call_id))
        return tuple(_row(call) for call in held)

    def _unindex(self, call: Call) -> None:
        if call.stage == "waiting":
            self._waiting[call.queue].drop(call.call_id)
            self._refused[call.queue].discard(call.call_id)
            self.overflows.set(call.call_id, None)


def _row(call: Call) -> WaitingRow:
    return WaitingRow(
        call_id=call.call_id,
        queue=call.queue,
        priority=call.priority,
        since=call.since,
        offered_to=call.agent_id,
        offers=call.offers,
        refused_by=tuple(call.ask_again),
    )
