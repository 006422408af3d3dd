"""The exchange's parts, built and run together."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache

from hotline import secrets
from hotline.clock import Clock
from hotline.config import Config
from hotline.registry.exchange.call_news import CallNews
from hotline.registry.exchange.delivery import Courier
from hotline.registry.exchange.importing import Importer
from hotline.registry.exchange.inbox import Inbox
from hotline.registry.exchange.outbox import Outbox
from hotline.registry.exchange.peers import PeerDesk
from hotline.registry.exchange.sending import HttpSender, Sender
from hotline.registry.exchange.stuck import StuckDesk
from hotline.registry.exchange.tickets import TicketReader
from hotline.registry.service import CaseRegistry
from hotline.registry.taxonomy.chosen import Classes
from hotline.storage.journal import Journal


@dataclass(frozen=True, slots=True)
class ExchangeBase:
    """What the registry needs before it can be built: the peers, and who hears of every change."""

    peers: PeerDesk
    outbox: Outbox

    @classmethod
    def of(
        cls, config: Config, journal: Journal, clock: Clock, state_name: Callable[[str], str]
    ) -> ExchangeBase:
        """The base as it is configured."""
        # Read when the first peer is made: who exchanges nothing needs no key.
        key = cache(lambda: secrets.load_or_make(config).key)
        peers = PeerDesk(journal, clock, config.zone, key)
        return cls(peers, Outbox(peers, config.zone, state_name))


@dataclass(frozen=True, slots=True)
class ExchangeRoom:
    """Everything that exchanges cases."""

    peers: PeerDesk
    courier: Courier
    inbox: Inbox
    importer: Importer
    stuck: StuckDesk
    sender: Sender
    call_news: CallNews

    @classmethod
    def of(
        cls,
        base: ExchangeBase,
        *,
        config: Config,
        journal: Journal,
        clock: Clock,
        registry: CaseRegistry,
        classes: Classes,
        sender: Sender | None = None,
    ) -> ExchangeRoom:
        """The room as it is configured. Nothing is read yet: see :meth:`open`."""
        carrier = sender or HttpSender(clock, config.exchange.local_hosts)
        reader = TicketReader(classes, clock, config.zone)
        courier = Courier(
            journal=journal,
            clock=clock,
            zone=config.zone,
            peers=base.peers,
            sender=carrier,
            dice=random.Random(),  # noqa: S311 - spreads tries, hides nothing
        )
        return cls(
            peers=base.peers,
            courier=courier,
            inbox=Inbox(journal, base.peers, registry, reader),
            importer=Importer(
                journal=journal,
                peers=base.peers,
                registry=registry,
                reader=reader,
                most_rows=config.exchange.import_rows,
            ),
            stuck=StuckDesk(journal, courier),
            sender=carrier,
            call_news=CallNews(
                journal,
                base.peers,
                tell_numbers=config.crm.tell_numbers,
                wake=courier.wake,
            ),
        )

    async def open(self) -> None:
        """Read the peers, and take in what was held when we went down.

        Raises :class:`hotline.storage.database.DatabaseUnavailable`.
        """
        await self.peers.load()
        await self.inbox.open()

    def jobs(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """What runs for ever, by name."""
        return {
            "exchange": self._deliver,
            "imports": self.importer.run,
            "call_news": self.call_news.run,
        }

    async def _deliver(self) -> None:
        try:
            await self.courier.run()
        except asyncio.CancelledError:
            await self.sender.close()
            raise
