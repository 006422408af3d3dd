"""The lines of the queues: every known call, indexed by what decisions ask for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from typing import Literal

from hotline.acd.book import RuleBook
from hotline.acd.call import Admits, Call, ring_at
from hotline.acd.levels import Levels
from hotline.acd.model import (
    BOTTOM_PRIORITY,
    TOP_PRIORITY,
    CallWaits,
    Need,
    QueueRules,
    RestoreOffer,
)
from hotline.acd.ordered import Deadlines, Ordered, Rank
from hotline.acd.policy import call_order
from hotline.acd.views import WaitingRow

GONE_MEMORY_S = 3600.0
"""How long a call that hung up is known to be gone, so that a late report cannot revive it."""


class Lines:
    """Every known call, indexed by what decisions ask for."""

    def __init__(self, rules: RuleBook, levels: Levels) -> None:
        self._rules = rules
        self._levels = levels
        self._calls: dict[str, Call] = {}
        self._gone: dict[str, float] = {}
        self._waiting: defaultdict[str, Ordered] = defaultdict(Ordered)
        self._lines: defaultdict[str, dict[Admits, Ordered]] = defaultdict(dict)
        self._heads: defaultdict[str, Ordered] = defaultdict(Ordered)
        self._refused: defaultdict[str, set[str]] = defaultdict(set)
        self._requires: defaultdict[str, Counter[tuple[Need, ...]]] = defaultdict(Counter)
        self._reserved: dict[str, None] = {}
        self._moved: dict[str, None] = {}
        self._astray: dict[str, None] = {}
        self._fresh: dict[str, None] = {}
        self.overflows = Deadlines()
        self.steps = Deadlines()

    def has_queue(self, queue: str) -> bool:
        """Whether there is such a queue."""
        return queue in self._rules

    def known_queues(self, queues: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
        """Those that exist, each once, and a sentence about those that do not."""
        known = tuple(dict.fromkeys(queue for queue in queues if queue in self._rules))
        unknown = ", ".join(repr(queue) for queue in queues if queue not in known)
        return known, f"there is no queue {unknown}; the others apply" if unknown else ""

    def get(self, call_id: str) -> Call | None:
        """The call, None when unknown or gone."""
        return self._calls.get(call_id)

    def is_gone(self, call_id: str) -> bool:
        """Whether the caller is known to have hung up."""
        return call_id in self._gone

    def know(self, call_id: str, queue: str, since: float) -> Call:
        """The call, remembered from now until it is gone."""
        return self._calls.setdefault(call_id, Call(call_id, queue, 0, since, entered=since))

    def recall(self, event: CallWaits | RestoreOffer, now: float) -> Call:
        """The call that the input describes, with what is remembered of it beside what is new."""
        call = self.know(event.call_id, event.queue, event.since)
        call.queue = event.queue
        call.priority = min(max(event.priority, BOTTOM_PRIORITY), TOP_PRIORITY)
        call.since = min(event.since, now)
        call.entered = call.since if event.entered is None else min(event.entered, now)
        call.offers = max(call.offers, event.offers)
        call.requires, call.prefers = _needs(event.requires), _needs(event.prefers)
        call.first_agent = event.first_agent
        call.counted = call.counted or event.counted
        if event.refused_by:
            ring_s = self._rules.of(call.queue).ring_s
            since = dict(zip(event.refused_by, event.refused_at, strict=False))
            for agent_id in event.refused_by:
                refused = min(now, since.get(agent_id, now))
                call.ask_again.setdefault(agent_id, refused + ring_s)
        self._levels.expect(call)
        return call

    def forget(self, call_id: str, now: float) -> Call | None:
        """The caller hung up: the call, when it was known, taken out everywhere."""
        while self._gone and now - (oldest := next(iter(self._gone.items())))[1] > GONE_MEMORY_S:
            del self._gone[oldest[0]]
        self._gone[call_id] = now
        call = self._calls.pop(call_id, None)
        if call is not None:
            self._unindex(call)
            self._levels.drop(call)
        return call

    def wait(self, call: Call, now: float) -> None:
        """Put the call into its queue, at the place its priority and waiting time give it."""
        rules = self._rules.of(call.queue)
        call.stage, call.agent_id, call.offer_id = "waiting", "", ""
        call.rank = call_order(call.since, call.priority, rules)
        call.reserved = bool(
            call.first_agent
            and call.first_agent not in call.ask_again
            and call.entered + rules.first_s > now
        )
        self._waiting[call.queue].put(call.call_id, call.rank)
        self._requires[call.queue][call.requires] += 1
        self._place(call, rules, now)
        if call.queue not in self._rules:
            self._astray[call.call_id] = None
        self.overflows.set(call.call_id, call.entered + self._rules.patience_s(call.queue))

    def come(self, event: CallWaits, now: float) -> None:
        """Take a caller in, who is turned away later in this decision if there is no room."""
        call = self.recall(event, now)
        self.wait(call, now)
        if not event.admitted:
            self._fresh[call.call_id] = None

    def take_fresh(self) -> list[str]:
        """The calls that came without a place since this was last asked."""
        if not self._fresh:
            return []
        fresh, self._fresh = list(self._fresh), {}
        return fresh

    def take(
        self, call: Call, stage: Literal["offered", "talking", "left"], agent_id: str = ""
    ) -> None:
        """Take the call out of its queue, for an agent or for good."""
        self._unindex(call)
        if stage == "left":
            self._levels.drop(call)
        call.stage, call.agent_id, call.offer_id = stage, agent_id, ""

    def step(self, now: float) -> None:
        """Widen the rings and end the reservations whose time has come."""
        for call_id in self.steps.take_due(now):
            call = self._calls[call_id]
            rules = self._rules.of(call.queue)
            call.reserved = call.reserved and call.entered + rules.first_s > now
            self._displace(call)
            self._place(call, rules, now)

    def release(self, call: Call, now: float) -> None:
        """Keep the call for its first agent no longer."""
        call.reserved = False
        self._displace(call)
        self._place(call, self._rules.of(call.queue), now)

    def reorder(self, now: float) -> None:
        """The rules have changed: every waiting call goes where they put it."""
        for call in [call for call in self._calls.values() if call.stage == "waiting"]:
            reserved = call.reserved
            self._unindex(call)
            self.wait(call, now)
            if call.reserved and not reserved:
                self.release(call, now)

    def take_moved(self) -> list[Call]:
        """The waiting calls that came, or whom others may take, since this was last asked."""
        if not self._moved:
            return []
        moved, self._moved = self._moved, {}
        calls = (self._calls.get(call_id) for call_id in moved)
        return [call for call in calls if call and call.stage == "waiting"]

    def reserved(self) -> list[Call]:
        """The waiting calls that are kept for their first agent."""
        if not self._reserved:
            return []
        return [self._calls[call_id] for call_id in self._reserved]

    def waiting(self, queue: str) -> Ordered:
        """The calls of a queue that nobody is being offered, the next one first."""
        return self._waiting[queue]

    def calls(self, queue: str) -> Iterator[Call]:
        """The same as calls."""
        return (self._calls[call_id] for call_id in self._waiting[queue])

    def heads(self, queue: str) -> Iterator[Call]:
        """Of the waiting calls whom nobody refused, the next one of each kind, in order.

        Of calls that admit the same agents only the first can be next, so that an agent looks at
        as many calls as there are kinds.
        """
        return (self._calls[call_id] for call_id in self._heads[queue])

    def requirements(self, queue: str) -> list[tuple[Need, ...]]:
        """What the waiting calls of a queue require, each set once."""
        return list(self._requires[queue])

    def refused(self, queue: str) -> Iterator[Call]:
        """The waiting calls of a queue that somebody refused or missed, in no order."""
        return (self._calls[call_id] for call_id in self._refused.get(queue, ()))

    def with_refusals(self) -> Collection[str]:
        """The queues in which somebody refused or missed a waiting call."""
        return self._refused.keys()

    def closed(self) -> list[Call]:
        """The waiting calls of queues that are no more, in the order they were put there."""
        if not self._astray:
            return []
        return [self._calls[call_id] for call_id in self._astray]

    def rows(self) -> tuple[WaitingRow, ...]:
        """Every call without an agent, those being offered included, the next one first."""
        held = [call for call in self._calls.values() if call.stage in ("waiting", "offered")]
        held.sort(key=lambda call: (self._order(call), call.call_id))
        return tuple(_row(call) for call in held)

    def _order(self, call: Call) -> Rank:
        return call_order(call.since, call.priority, self._rules.of(call.queue))

    def _place(self, call: Call, rules: QueueRules, now: float) -> None:
        call.ring = ring_at(call, rules, now)
        ring = rules.rings[call.ring] if rules.rings else None
        call.admits = Admits(
            call.requires,
            call.prefers if ring and ring.preferred and not call.reserved else (),
            ring.weight if ring and not call.reserved else 1,
            call.first_agent if call.reserved else "",
        )
        if call.ask_again:
            self._refused[call.queue].add(call.call_id)
        else:
            self._line_up(call)
        if call.reserved:
            self._reserved[call.call_id] = None
        changes = [call.entered + ring.after_s for ring in rules.rings[call.ring + 1 :][:1]]
        if call.reserved:
            changes.append(call.entered + rules.first_s)
        self.steps.set(call.call_id, min(changes) if changes else None)
        self._moved[call.call_id] = None

    def _line_up(self, call: Call) -> None:
        line, heads = self._lines[call.queue].setdefault(call.admits, Ordered()), self._heads
        was = line.row(0)
        line.put(call.call_id, call.rank)
        head = line.row(0)
        if head != was and head is not None:
            if was is not None:
                heads[call.queue].drop(was[1])
            heads[call.queue].put(call.call_id, call.rank)

    def _displace(self, call: Call) -> None:
        if refused := self._refused.get(call.queue):
            refused.discard(call.call_id)
            if not refused:
                del self._refused[call.queue]
        self._reserved.pop(call.call_id, None)
        lines, heads = self._lines[call.queue], self._heads[call.queue]
        line = lines.get(call.admits)
        if line is None or call.call_id not in line:
            return
        line.drop(call.call_id)
        if call.call_id in heads:
            heads.drop(call.call_id)
            if head := line.row(0):
                heads.put(head[1], head[0])
        if not len(line):
            del lines[call.admits]

    def _unindex(self, call: Call) -> None:
        if call.stage != "waiting":
            return
        self._displace(call)
        self._waiting[call.queue].drop(call.call_id)
        self._astray.pop(call.call_id, None)
        self.overflows.set(call.call_id, None)
        self.steps.set(call.call_id, None)
        left = self._requires[call.queue]
        left[call.requires] -= 1
        if not left[call.requires]:
            del left[call.requires]


def _needs(needs: tuple[Need, ...]) -> tuple[Need, ...]:
    # Sorted, so that calls that need the same stand in one line.
    return tuple(sorted(needs, key=lambda need: (need.skill, need.level)))


def _row(call: Call) -> WaitingRow:
    return WaitingRow(
        call_id=call.call_id,
        queue=call.queue,
        priority=call.priority,
        since=call.since,
        offered_to=call.agent_id,
        offers=call.offers,
        refused_by=tuple(call.ask_again),
        requires=call.requires,
        prefers=call.prefers,
        first_agent=call.first_agent,
        entered=call.entered,
        ring=call.ring,
        reserved_for=call.first_agent if call.reserved else "",
    )
