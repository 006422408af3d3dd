"""Cases and citizens: the registry, the knowledge base, storms, callers, callbacks, messages."""

from __future__ import annotations

from hotline.app.ground import Ground
from hotline.callback.model import CallbackRules
from hotline.callback.planning import CallbackPlanner
from hotline.callback.service import CallbackDesk
from hotline.callers.facts import CallerFacts
from hotline.callers.service import CallerDesk
from hotline.knowledge.room import KnowledgeRoom
from hotline.messages.service import Outbox
from hotline.registry.room import CaseRoom
from hotline.storage.passages import Passages
from hotline.storm.service import StormDesk


class RegistryParts:
    """What is kept about matters and those who call about them. ``open`` it before it is asked."""

    def __init__(self, ground: Ground) -> None:
        config, journal, clock = ground.config, ground.journal, ground.clock
        rules = CallbackRules.of(config)
        self._clock = clock
        self.cases = CaseRoom.of(config, ground.database, journal, clock, CallbackPlanner(rules))
        self.registry = self.cases.registry
        self.knowledge = KnowledgeRoom.of(config, journal, clock, self.cases)
        self.storm = StormDesk(journal, self.registry, clock)
        self.callers = CallerDesk(journal, lambda now: self.storm.active(now) is not None)
        self.caller_facts = CallerFacts(self.callers, journal, config.queue.first_agent_days)
        self.callbacks = CallbackDesk(journal, self.registry, rules)
        self.outbox = Outbox.of(config, journal, ground.database, clock)
        self.passages = Passages(ground.database, journal, clock)

    async def open(self) -> None:
        """Read what the database keeps.

        Raises :class:`hotline.storage.database.DatabaseUnavailable`.
        """
        await self.cases.open()
        await self.knowledge.base.open()
        await self.storm.load()
        await self.callers.load()
        await self.caller_facts.load(self._clock.now())
