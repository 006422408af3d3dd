"""Calls that are placed: to citizens who are called back, by staff, and for recording prompts."""

from __future__ import annotations

from hotline.app.calls import CallParts
from hotline.app.ground import Ground
from hotline.app.registry import RegistryParts
from hotline.app.telephony import TelephonyParts
from hotline.callback.dialler import CallbackDialler, DialSettings
from hotline.callback.placing import Line
from hotline.cti.calling_out import CallingOut
from hotline.floor.room import Floor
from hotline.ivr.shelf import PromptShelf
from hotline.ivr.studio import Studio
from hotline.outbound.dialler import OutboundDialler
from hotline.outbound.service import OutboundDesk
from hotline.telephony.ami import AmiEvent
from hotline.telephony.snapshot import PbxSnapshot


class PlacingParts:
    """Who places calls. They are given what the PBX tells."""

    def __init__(
        self,
        ground: Ground,
        telephony: TelephonyParts,
        registry: RegistryParts,
        calls: CallParts,
    ) -> None:
        config, journal, clock = ground.config, ground.journal, ground.clock
        settings = DialSettings.of(config)
        self.dialler = CallbackDialler(
            desk=registry.callbacks,
            pbx=telephony.pbx,
            pbx_up=telephony.up,
            journal=journal,
            clock=clock,
            settings=settings,
            callers=calls.calls,
        )
        keeps_free = CallingOut(calls.calls, clock, config.queue.wrap_up_seconds)
        outbound = OutboundDesk(journal, config.pbx.node, keeps_free.over)
        line = Line(telephony.pbx, telephony.up, journal, clock, settings, calls.calls)
        self.outbound_dialler = OutboundDialler(outbound, line, keeps_free)
        self.floor = Floor.of(journal, outbound, self.outbound_dialler)
        self.prompts = PromptShelf.of(config, journal, clock)
        self.studio = Studio(
            self.prompts,
            telephony.pbx,
            telephony.up,
            clock,
            recordings=config.recording.dir,
            number=config.hotline.number,
        )

    def on_event(self, event: AmiEvent) -> None:
        """Take in what happens on the PBX."""
        self.dialler.on_event(event)
        self.outbound_dialler.on_event(event)
        self.studio.on_event(event)

    def on_up(self, snapshot: PbxSnapshot) -> None:
        """Take in what lives on the PBX after a connect."""
        self.dialler.on_up(snapshot)
        self.outbound_dialler.on_up(snapshot)
        self.studio.on_up(snapshot)
