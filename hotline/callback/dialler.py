"""Places the callbacks' calls (:mod:`hotline.callback.placing`)."""

from __future__ import annotations

from collections.abc import Callable

from hotline import events
from hotline.callback import wire
from hotline.callback.bringing import Brought, Callers
from hotline.callback.model import CallbackRefused
from hotline.callback.placing import DialSettings, Errand, Line, Placer
from hotline.callback.service import CallbackDesk
from hotline.clock import Clock
from hotline.registry.model import Actor
from hotline.storage.journal import Journal
from hotline.telephony.pbx import Places

__all__ = ["CallbackDialler", "DialSettings"]


class CallbackDialler(Placer):
    """Rings staff and then the citizen of a callback."""

    def __init__(
        self,
        *,
        desk: CallbackDesk,
        pbx: Places,
        pbx_up: Callable[[], bool],
        journal: Journal,
        clock: Clock,
        settings: DialSettings,
        callers: Callers | None = None,
    ) -> None:
        super().__init__(
            desk,
            Line(pbx, pbx_up, journal, clock, settings, callers),
            channels=wire.CHANNEL_ID,
            intent=events.CallbackDialled,
            refusal=CallbackRefused,
        )
        self._desk = desk

    async def call(self, task_id: int, by: Actor, extension: str | None) -> None:
        """Ring ``by`` at their ``extension``, then the citizen; returns when Asterisk has been
        asked. How it goes on is journalled.

        Raises :class:`hotline.callback.model.NoSuchTask`, :class:`CallbackRefused`,
        :class:`~hotline.storage.database.DatabaseUnavailable`.
        """

        async def intend() -> Errand:
            dialling = await self._desk.dialled(task_id, by)
            return Errand(
                dialling.call_id,
                dialling.channel_id,
                dialling.phone,
                dialling.case_number,
                str(dialling.task_id),
                dialling.at,
            )

        await self.place(extension, intend)

    async def hang_up(self, task_id: int, by: Actor) -> None:
        """End the call of a callback that ``by`` has placed.

        Raises :class:`hotline.callback.model.NoSuchTask`, :class:`CallbackRefused`.
        """
        await self.end(await self._desk.call_of(task_id, by))

    async def hold(self, task_id: int, by: Actor) -> None:
        """Let the citizen of a callback that ``by`` has placed hear music.

        Raises :class:`hotline.callback.model.NoSuchTask`, :class:`CallbackRefused`.
        """
        await self.hold_call(await self._desk.call_of(task_id, by))

    async def take_back(self, task_id: int, by: Actor) -> None:
        """End that music. Raises as :meth:`hold` does."""
        await self.take_back_call(await self._desk.call_of(task_id, by))

    async def bring(self, task_id: int, by: Actor) -> Brought:
        """Make the citizen of a callback that ``by`` has placed a caller of ours, whom they talk
        with. Raises as :meth:`hold` does."""
        return await self.bring_call(await self._desk.citizen(task_id, by), by)
