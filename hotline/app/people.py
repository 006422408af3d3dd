"""Those who work here: their logins, their pauses, their day, what their screens ask for."""

from __future__ import annotations

from hotline.app.calls import CallParts
from hotline.app.ground import Ground
from hotline.calls import model
from hotline.cti.desk import AgentDesk
from hotline.cti.pauses import PauseReasons
from hotline.registry.desks.shipped_texts import seed_texts
from hotline.registry.desks.texts import TextTemplates
from hotline.storage.day import DayProjection
from hotline.storage.tables import UserRow
from hotline.storage.users import Users


class PeopleParts:
    """The agents' desk counts from the start's moment; catch up with the day before it is shown."""

    def __init__(self, ground: Ground, calls: CallParts) -> None:
        config, clock = ground.config, ground.clock
        self._ground = ground
        self._calls = calls
        self.users = Users(
            ground.database,
            clock,
            extensions=config.pbx.extension_numbers(),
            demo=config.hotline.demo,
            on_user=self._know,
        )
        self.pause_reasons = PauseReasons(ground.journal)
        self.day = DayProjection(config.zone, clock.now())
        self.desk = AgentDesk(
            calls.calls,
            self.day,
            ground.lookups,
            clock,
            lambda: ground.journal.last_seq,
            targets=calls.targets,
            third_ring_s=config.handover.ring_seconds,
            reasons=self.pause_reasons,
            park_open_to=config.handover.park_open_to,
        )

    async def open(self) -> None:
        """Let the calls know who may take them; in the demo there are people, and texts to
        insert."""
        if self._ground.config.hotline.demo:
            await self.users.seed_demo()
            await seed_texts(TextTemplates(self._ground.database, self._ground.clock))
        else:
            await self.users.retire_demo()
        for row in await self._ground.lookups.agents():
            if row.extension:
                known = model.AgentKnown(row.user_id, row.name, row.extension)
                self._calls.core.handle(known, self._ground.clock.now())

    def _know(self, row: UserRow) -> None:
        calls = self._calls
        if row.role == "agent" and row.active and row.extension:
            calls.calls.post(model.AgentKnown(row.user_id, row.name, row.extension))
        elif row.user_id in calls.core.people.by_id:
            calls.calls.post(model.AgentAsks(row.user_id, "offline"))
