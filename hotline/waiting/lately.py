"""What a queue's last callers and agents did: how long talk and wrap-up took, who hung up. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from hotline import events
from hotline.waiting.estimate import Recent

KEPT_TIMES = 200
HANG_UPS_OF_S = 3600.0
MEAN_OF_S = 3600.0


class Lately:
    """Fed with the journal's records in their order."""

    def __init__(self) -> None:
        self._handling: deque[float] = deque(maxlen=KEPT_TIMES)
        self._began: dict[str, float] = {}
        # Each caller who stopped waiting: when, after how long, and whether they hung up.
        self._waits: deque[tuple[float, float, bool]] = deque()

    def apply(self, event: events.Event, at: float) -> None:
        """Take one event in."""
        match event:
            case events.AgentStateChanged():
                self._agent(event.agent_id, event.state, event.since)
            case events.CallAnswered(waited_s=waited):
                self._waits.append((at, waited, False))
            case events.CallAbandoned(waited_s=waited):
                self._waits.append((at, waited, True))

    def _agent(self, agent_id: str, state: str, since: float) -> None:
        if state == "talking":
            self._began.setdefault(agent_id, since)
        elif state != "wrap_up" and (began := self._began.pop(agent_id, None)) is not None:
            self._handling.append(max(0.0, since - began))

    def recent(self, now: float, waiting_s: Sequence[float] = ()) -> Recent:
        """What is known now; ``waiting_s`` is how long those wait who still do."""
        self._forget(now)
        waited = sum(wait for _, wait, _ in self._waits) + sum(waiting_s)
        hung_up = sum(1 for _, _, gone in self._waits if gone)
        return Recent.of(self._handling, hung_up / waited if waited > 0 else 0.0)

    def mean_wait(self, now: float) -> float | None:
        """The last hour's mean wait until the answer, which a plain hotline would tell; None when
        nobody was answered."""
        self._forget(now)
        waits = [wait for at, wait, gone in self._waits if not gone and at > now - MEAN_OF_S]
        return sum(waits) / len(waits) if waits else None

    def _forget(self, now: float) -> None:
        while self._waits and self._waits[0][0] < now - HANG_UPS_OF_S:
            self._waits.popleft()
