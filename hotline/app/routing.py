"""The routing plan in force, by which calls are shared, and the gate before the next one."""

from __future__ import annotations

from hotline.acd.engine import Engine
from hotline.app.calls import CallParts
from hotline.app.ground import Ground
from hotline.app.ivr import IvrParts
from hotline.routing.configured import configured_library
from hotline.routing.gate import Gate
from hotline.routing.model import PublishedPlan
from hotline.routing.rules import PlanInForce, Routing


class RoutingParts:
    """``open`` it before the first call."""

    def __init__(self, ground: Ground, calls: CallParts, ivr: IvrParts) -> None:
        self._ground = ground
        self._calls = calls
        self.plans = configured_library(ground.config, ground.journal, ivr.ivr.library.snapshot)
        self.gate = Gate(ground.config, self.plans, ground.database, ground.clock)

    async def open(self) -> None:
        """Share calls by the plan in force, also in the hotline's very first decision."""
        await self.plans.open()
        routing = self._routing(self.plans.current)
        core = self._calls.core
        core.routing = routing
        core.engine = Engine(routing.rules())
        await self._ground.calendar.serve(routing.plan.by_queue)
        self.plans.told.append(self._share_by)

    async def _share_by(self, published: PublishedPlan) -> None:
        self._calls.calls.post(PlanInForce(self._routing(published)))
        await self._ground.calendar.serve(published.plan.by_queue)

    def _routing(self, published: PublishedPlan) -> Routing:
        return Routing(published.plan, self._ground.config.queue.name)
