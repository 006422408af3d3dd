"""The floor's parts together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from hotline.callback.bringing import Brought
from hotline.floor.help import HelpDesk
from hotline.floor.messages import MessageDesk
from hotline.outbound.model import Wanted
from hotline.outbound.promises import PromiseDesk
from hotline.outbound.service import OutboundDesk
from hotline.registry.model import Actor
from hotline.storage.journal import Journal


class PlacesCalls(Protocol):
    """Places calls that staff ask for (:class:`hotline.outbound.dialler.OutboundDialler`)."""

    async def call(self, wanted: Wanted, by: Actor, extension: str | None) -> None:
        """Ring ``by`` at their extension, then the citizen.

        Raises :class:`hotline.outbound.model.OutboundRefused`,
        :class:`hotline.cti.desk.NotNow`.
        """

    async def hang_up(self, by: Actor) -> None:
        """End the call that they have placed.

        Raises :class:`hotline.outbound.model.OutboundRefused`.
        """

    async def hold(self, by: Actor) -> None:
        """Let its citizen hear music. Raises as :meth:`hang_up` does."""

    async def take_back(self, by: Actor) -> None:
        """End that music. Raises as :meth:`hang_up` does."""

    async def bring(self, by: Actor) -> Brought:
        """Make its citizen a caller of ours. Raises as :meth:`hang_up` does."""


@dataclass(frozen=True, slots=True)
class Floor:
    """What the pages ask of the floor."""

    help: HelpDesk
    messages: MessageDesk
    promises: PromiseDesk
    outbound: OutboundDesk
    dialler: PlacesCalls

    @classmethod
    def of(cls, journal: Journal, outbound: OutboundDesk, dialler: PlacesCalls) -> Floor:
        """On this journal, with who places the calls."""
        return cls(HelpDesk(journal), MessageDesk(journal), PromiseDesk(journal), outbound, dialler)
