"""The parts with which callers are heard while they are on the line: built and started as one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import structlog

from hotline.clock import Clock
from hotline.config import Config
from hotline.recording.watching import Redirects, ReportWatch
from hotline.speech.ears import Ears
from hotline.speech.listening import Listener
from hotline.telephony.ami import AmiEvent
from hotline.telephony.audiosocket import AudioSocketServer, Listens
from hotline.telephony.overhearing import Overhearer, Spies

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where it is reached, not bound

_log = structlog.get_logger(__name__)


class HearingPbx(Spies, Redirects, Protocol):
    """What hearing needs of a PBX."""


class Hearing:
    """``overhearer`` carries callers' speech here; ``listener`` hears words in it, ``reports``
    whether a report is spoken loudly enough."""

    def __init__(
        self,
        config: Config,
        reactor: Listens,
        clock: Clock,
        pbx: HearingPbx,
        on_fault: Callable[[str], None],
    ) -> None:
        host = config.pbx.audio_host
        self.server = AudioSocketServer(
            reactor, clock, host=host, port=config.pbx.audio_port, on_fault=on_fault
        )
        self.overhearer = Overhearer(self.server, pbx, _EVERYWHERE.get(host, host))
        menus = config.speech.menus
        self.ears = Ears(clock, config.speech.model if menus else "")
        self.listener = Listener(
            clock=clock,
            ears=self.ears,
            overhearer=self.overhearer,
            language=config.speech.language,
            on=menus,
        )
        self.reports = ReportWatch(self.overhearer, pbx, config.report.quiet_seconds)
        self._needed = config.hears_callers

    async def start(self) -> None:
        """Start what the configuration asks for. Calls go on without what cannot be started."""
        if not self._needed:
            return
        try:
            await self.server.start()
        except OSError as error:
            _log.error("hearing.not_started", why=str(error))
        await self.ears.start()

    def on_event(self, event: AmiEvent) -> None:
        """Take in what the PBX tells."""
        self.reports.on_event(event)

    async def stop(self) -> None:
        """End everything; listenings are told."""
        await self.reports.stop()
        await self.ears.stop()
        await self.server.stop()
