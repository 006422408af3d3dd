"""The parts started and stopped in order, and what the PBX tells handed to them."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from typing import Any

import structlog

from hotline import events
from hotline.app.house import House
from hotline.app.jobs import start_jobs, start_speech
from hotline.app.web import start_web
from hotline.calls import model, wire
from hotline.clock import Clock
from hotline.config import Config
from hotline.storage.day import catch_up
from hotline.storage.journal import JournalUnavailable
from hotline.telephony.ami import AmiEvent
from hotline.telephony.keys import Keypads
from hotline.telephony.snapshot import PbxSnapshot

# How long a start waits for the PBX before it answers calls without having seen it.
FIRST_SIGHT_S = 3.0

logger = structlog.get_logger(__name__)


class Controller:
    """The controller. ``run`` starts its parts, calls ``on_ready``, waits for ``stop`` and ends
    them in turn."""

    def __init__(
        self, config: Config, clock: Clock, reactor: Any, on_ready: Callable[[], None]
    ) -> None:
        self._on_ready = on_ready
        self._clock = clock
        self._node = config.pbx.node
        self._keypads = Keypads()
        self.house = House(
            config,
            clock,
            reactor,
            on_event=self._on_event,
            on_up=self._on_up,
            on_down=self._on_down,
        )
        self._seen = asyncio.Event()
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Ask :meth:`run` to end."""
        self._stop.set()

    async def run(self) -> None:
        """Serve until :meth:`stop`."""
        async with AsyncExitStack() as stack:
            await self._open(stack)
            await self._take_over(stack)
            await self._serve(stack)
            # What a start has made stays, and need not be looked through each time.
            gc.freeze()
            self._on_ready()
            logger.info("controller.ready")
            await self._stop.wait()
            logger.info("controller.stopping")
            try:
                await self.house.ground.journal.append(events.ControllerStopped())
            except JournalUnavailable as error:
                logger.warning("controller.stop_not_journalled", why=str(error))

    # --- starting, in order -------------------------------------------------------------

    async def _open(self, stack: AsyncExitStack) -> None:
        """Open the database, and take in what the journal knew."""
        house = self.house
        stack.push_async_callback(house.ground.database.close)
        await house.ground.journal.open()
        await house.routing.open()
        await house.registry.open()
        await house.people.pause_reasons.load()
        await house.ivr.ivr.open()
        now = self._clock.now()
        last_at = await house.calls.remember_states(now)
        await house.people.open()
        await house.calls.begin(now, last_at)

    async def _take_over(self, stack: AsyncExitStack) -> None:
        """See the PBX before any of its callers is answered.

        They are listened to before: who is fetched back asks at once.
        """
        house = self.house
        await house.calls.calls.start()
        stack.push_async_callback(house.calls.calls.stop)
        await house.telephony.start(stack)
        await house.ivr.agi.start()
        stack.push_async_callback(house.ivr.agi.stop)
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_SIGHT_S):
                await self._seen.wait()
        house.ivr.answers.set()

    async def _serve(self, stack: AsyncExitStack) -> None:
        """Start what lives beside the calls."""
        # Callers do not wait for the day to be counted.
        await catch_up(self.house.people.day, self.house.ground.journal)
        await start_jobs(self.house, stack)
        await start_speech(self.house, stack)
        await start_web(self.house, stack)

    # --- the PBX ------------------------------------------------------------------------

    def _on_event(self, event: AmiEvent) -> None:
        if not self._keypads.is_news(event):
            return
        house = self.house
        house.placing.on_event(event)
        house.telephony.hearing.on_event(event)
        given = wire.read(self._node, event)
        if given is None or (self._stop.is_set() and isinstance(given, model.InFallback)):
            # Callers whom our end sends to the dialplan's own path are the next controller's.
            return
        house.calls.calls.post(given)
        house.ivr.ivr.see(given)

    async def _on_up(self, snapshot: PbxSnapshot) -> None:
        house = self.house
        house.ground.metrics.ami_up.labels(self._node).set(1)
        await house.calls.calls.tell(model.PbxSeen(snapshot))
        house.placing.on_up(snapshot)
        house.ivr.ivr.callers.forget_ended()
        self._seen.set()

    def _on_down(self, why: str) -> None:
        self.house.ground.metrics.ami_up.labels(self._node).set(0)
        self.house.calls.calls.post(model.PbxUnseen(why))
