"""What the roster of the plan in force says of the next hour: who goes home, and who comes. Pure.

Nobody is held to the roster, so it is asked only for changes: whoever should be here and is not, or
is still here after the shift, is taken as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, tzinfo

from hotline.acd.views import AgentRow
from hotline.clock import local
from hotline.routing.model import RoutingPlan
from hotline.routing.roster import Span, rostered
from hotline.routing.rules import Routing
from hotline.waiting.estimate import HORIZON_S, Changes
from hotline.waiting.looking import serving


class ShiftChanges:
    """The plan in force and the agents are asked for each time; a day's spans are kept."""

    def __init__(
        self,
        routing: Callable[[], Routing],
        agents: Callable[[], Iterable[AgentRow]],
        zone: tzinfo,
    ) -> None:
        self._routing = routing
        self._agents = agents
        self._zone = zone
        self._plan: RoutingPlan | None = None
        self._day: date | None = None
        self._spans: Mapping[str, Sequence[Span]] = {}

    def __call__(self, queue: str, now: float) -> Changes:
        """What changes in a queue after ``now``; nothing where there is no roster."""
        routing = self._routing()
        if not routing.plan.roster:
            return Changes()
        own = {
            agent_id: spans
            for agent_id, spans in self._spans_of(routing.plan, now).items()
            if queue in routing.served_by(agent_id).queues
        }
        here = {row.agent_id for row in self._agents() if serving((row,), queue, now)}
        return changes(own, here, now)

    def _spans_of(self, plan: RoutingPlan, now: float) -> Mapping[str, Sequence[Span]]:
        # With it come the spans of the day before: the hour may go over midnight.
        day = local(now + HORIZON_S, self._zone).date()
        if plan is not self._plan or day != self._day:
            self._plan, self._day = plan, day
            self._spans = rostered(plan, day, self._zone)
        return self._spans


def changes(spans: Mapping[str, Sequence[Span]], here: Collection[str], now: float) -> Changes:
    """In how many seconds agents go home and others come; ``here`` are those who take calls."""
    leaving: list[float] = []
    coming: list[float] = []
    for agent_id, own in spans.items():
        ahead = [span for span in own if span[1] > now]
        if agent_id in here and ahead:
            leaving.append(ahead[0][1] - now)
            ahead = ahead[1:]
        coming += (begin - now for begin, _ in ahead if begin > now)
    return Changes(_soon(leaving), _soon(coming))


def _soon(seconds: Iterable[float]) -> tuple[float, ...]:
    return tuple(sorted(after for after in seconds if after <= HORIZON_S))
