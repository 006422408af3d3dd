"""What callers are led through: the flows in force, their waits, and the door they come in by."""

from __future__ import annotations

import asyncio

from hotline.app.calls import CallParts
from hotline.app.ground import Ground
from hotline.app.registry import RegistryParts
from hotline.app.telephony import TelephonyParts
from hotline.handover.connecting import Connecting
from hotline.ivr.report_desk import ReportDesk
from hotline.ivr.room import Ivr
from hotline.ivr.settling import Settling
from hotline.telephony.fastagi import FastAgiServer
from hotline.telephony.session import AgiSession
from hotline.waiting.service import Waits


class IvrParts:
    """Callers are answered once ``answers`` is set."""

    def __init__(
        self,
        ground: Ground,
        telephony: TelephonyParts,
        registry: RegistryParts,
        calls: CallParts,
    ) -> None:
        config, clock = ground.config, ground.clock
        self.waits = Waits(
            calls.calls,
            ground.journal,
            ground.database,
            clock,
            offer_report=bool(config.queue.report_key),
        )
        self.ivr = Ivr(
            config=config,
            clock=clock,
            database=ground.database,
            journal=ground.journal,
            calls=calls.calls,
            pbx=telephony.pbx,
            calendar=ground.calendar,
            storm=registry.storm,
            facts=registry.caller_facts,
            settling=_settling(ground, registry),
            connecting=Connecting(calls.targets, calls.thirds, config.handover.ring_seconds),
            reports=_reports(ground, registry, calls),
            listener=telephony.hearing.listener,
            waits=self.waits,
        )
        self.agi = FastAgiServer(
            clock,
            host=config.pbx.agi_host,
            port=config.pbx.agi_port,
            handler=self._answer,
            on_fault=lambda _kind: ground.metrics.agi_faults.inc(),
            call_of=lambda env: f"{config.pbx.node}-{env.variables.get('agi_uniqueid', '')}",
        )
        self.answers = asyncio.Event()

    async def _answer(self, session: AgiSession) -> None:
        await self.answers.wait()
        await self.ivr.callers(session)


def _settling(ground: Ground, registry: RegistryParts) -> Settling:
    return Settling(
        progress=registry.cases.progress,
        storm=registry.storm,
        clock=ground.clock,
        zone=ground.config.zone,
        webhook_hosts=ground.config.flows.webhook_hosts,
    )


def _reports(ground: Ground, registry: RegistryParts, calls: CallParts) -> ReportDesk:
    return ReportDesk(
        calls=calls.calls,
        cases=registry.registry,
        clock=ground.clock,
        recordings=ground.config.recording.dir,
        sends_messages=registry.outbox.reaches,
    )
