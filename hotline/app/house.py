"""All parts together, built in the order in which they need each other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from hotline.app.calls import CallParts
from hotline.app.ground import Ground
from hotline.app.ivr import IvrParts
from hotline.app.people import PeopleParts
from hotline.app.placing import PlacingParts
from hotline.app.registry import RegistryParts
from hotline.app.routing import RoutingParts
from hotline.app.telephony import TelephonyParts
from hotline.clock import Clock
from hotline.config import Config
from hotline.telephony.ami import AmiEvent
from hotline.telephony.snapshot import PbxSnapshot


class House:
    """What the PBX tells goes to ``on_event``, ``on_up`` and ``on_down``."""

    def __init__(
        self,
        config: Config,
        clock: Clock,
        reactor: Any,
        *,
        on_event: Callable[[AmiEvent], None],
        on_up: Callable[[PbxSnapshot], Awaitable[None]],
        on_down: Callable[[str], None],
    ) -> None:
        self.ground = Ground(config, clock)
        self.telephony = TelephonyParts(
            self.ground, reactor, on_event=on_event, on_up=on_up, on_down=on_down
        )
        self.registry = RegistryParts(self.ground)
        self.calls = CallParts(self.ground, self.telephony)
        self.placing = PlacingParts(self.ground, self.telephony, self.registry, self.calls)
        self.ivr = IvrParts(self.ground, self.telephony, self.registry, self.calls)
        self.routing = RoutingParts(self.ground, self.calls, self.ivr)
        self.people = PeopleParts(self.ground, self.calls)
