"""The wire to the PBX, and the passwords of web phones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

from hotline import secrets
from hotline.app.ground import Ground
from hotline.phones.logins import PhoneLogins
from hotline.speech.hearing import Hearing
from hotline.telephony.ami import AmiEvent, AmiLink
from hotline.telephony.pbx import Pbx
from hotline.telephony.snapshot import PbxSnapshot


class TelephonyParts:
    """What the PBX tells goes to ``on_event``, ``on_up`` and ``on_down``, as :class:`AmiLink`
    says."""

    def __init__(
        self,
        ground: Ground,
        reactor: Any,
        *,
        on_event: Callable[[AmiEvent], None],
        on_up: Callable[[PbxSnapshot], Awaitable[None]],
        on_down: Callable[[str], None],
    ) -> None:
        config = ground.config
        self._ground = ground
        self.link = AmiLink(
            config.pbx.node,
            host=config.pbx.ami_host,
            port=config.pbx.ami_port,
            user=config.pbx.ami_user,
            secret=ground.secrets.ami,
            clock=ground.clock,
            on_event=on_event,
            on_up=on_up,
            on_down=on_down,
        )
        self.pbx = Pbx(self.link)
        self.phone_logins = PhoneLogins(ground.database, self.link, ground.clock)
        self.hearing = Hearing(
            config,
            reactor,
            ground.clock,
            self.pbx,
            lambda _kind: ground.metrics.audio_faults.inc(),
        )

    def up(self) -> bool:
        """Whether the PBX can be asked for something."""
        return self.link.up

    async def start(self, stack: AsyncExitStack) -> None:
        """Reach the PBX, and hear those who are on the line."""
        await self.link.start()
        stack.push_async_callback(self.link.stop)
        await self.hearing.start()
        stack.push_async_callback(self.hearing.stop)

    async def phone_password(self, extension: str, session_id: str) -> str:
        """A web phone's: of this login where the PBX is ours, else the one in its files."""
        if self._ground.config.pbx.mode == "managed":
            return await self.phone_logins.give(extension, session_id)
        return secrets.sip_password(self._ground.secrets.key, extension)
