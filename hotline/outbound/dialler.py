"""Places the calls that staff ask for, and keeps others away from them meanwhile."""

from __future__ import annotations

import re
from typing import Protocol

from hotline import events
from hotline.callback.bringing import Brought
from hotline.callback.placing import Errand, Line, Placer
from hotline.outbound.model import OutboundRefused, Wanted
from hotline.outbound.service import OutboundDesk
from hotline.registry.forms import dialable
from hotline.registry.model import Actor
from hotline.storage.numbers import canonical

CHANNEL_ID = re.compile(r"ob-\d+")


class KeepsFree(Protocol):
    """Keeps callers away from an agent (:class:`hotline.cti.calling_out.CallingOut`)."""

    async def begin(self, user_id: str) -> None:
        """They are about to call somebody. Raises :class:`hotline.cti.desk.NotNow`."""

    async def over(self, user_id: str) -> None:
        """Their call is over, or never began."""


class OutboundDialler(Placer):
    """Rings whoever asks, and then the citizen."""

    def __init__(self, desk: OutboundDesk, line: Line, keeps_free: KeepsFree) -> None:
        super().__init__(
            desk,
            line,
            channels=CHANNEL_ID,
            intent=events.OutboundDialled,
            refusal=OutboundRefused,
        )
        self._desk = desk
        self._keeps_free = keeps_free

    async def call(self, wanted: Wanted, by: Actor, extension: str | None) -> None:
        """Ring ``by`` at their ``extension``, then the citizen; returns when Asterisk has been
        asked. How it goes on is journalled.

        Raises :class:`OutboundRefused`, :class:`hotline.cti.desk.NotNow`,
        :class:`~hotline.storage.database.DatabaseUnavailable`.
        """
        if not dialable(canonical(wanted.phone)):
            raise OutboundRefused("outbound.no_number")

        async def intend() -> Errand:
            await self._keeps_free.begin(by.user_id)
            try:
                return await self._desk.dialled(wanted, by)
            except BaseException:
                await self._keeps_free.over(by.user_id)
                raise

        await self.place(extension, intend)

    async def hang_up(self, by: Actor) -> None:
        """End the call that ``by`` has placed. Raises :class:`OutboundRefused`."""
        await self.end(await self._own(by))

    async def hold(self, by: Actor) -> None:
        """Let its citizen hear music. Raises :class:`OutboundRefused`."""
        await self.hold_call(await self._own(by))

    async def take_back(self, by: Actor) -> None:
        """End that music. Raises :class:`OutboundRefused`."""
        await self.take_back_call(await self._own(by))

    async def bring(self, by: Actor) -> Brought:
        """Make its citizen a caller of ours, whom ``by`` talks with. Raises
        :class:`OutboundRefused`."""
        return await self.bring_call(await self._desk.citizen(by), by)

    async def _own(self, by: Actor) -> str:
        own = await self._desk.own(by.user_id)
        if own is None:
            raise OutboundRefused("callback.no_call")
        return own.call_id
